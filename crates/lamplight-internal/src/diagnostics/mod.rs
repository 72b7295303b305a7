//! Log lines of Lamplight about itself: one line per cause, in the function's own log.
//!
//! A telemetry library that logs on every invocation becomes the cost it was meant to explain. A cause is
//! therefore reported the first time it occurs in a process; repetitions are counted where they occur
//! (`QueueSnapshot`).
//!
//! No line shows the user and password of a URL, nor its query, which may contain a key, and every message is
//! on one line. A panic of a subscriber is caught.

use std::{
    io::Write,
    panic::{AssertUnwindSafe, catch_unwind},
    str::FromStr,
    sync::{
        Mutex,
        atomic::{AtomicU8, Ordering},
    },
};

use tracing::{Level, dispatcher, subscriber::NoSubscriber};

use crate::sync::lock;

/// The causes that were reported in this process, each with its subject.
static REPORTED: Mutex<Vec<(Box<str>, Box<str>)>> = Mutex::new(Vec::new());

/// The log level of Lamplight's own lines, for the whole process.
static LEVEL: AtomicU8 = AtomicU8::new(NOT_SET);

/// No level has been set, so the default level applies.
const NOT_SET: u8 = u8::MAX;

/// The maximum level of Lamplight's log lines about itself. The filter of a `tracing` subscriber applies in
/// addition. Other log lines are not affected.
///
/// Parsed from `none`, `error`, `warn`, `info` or `debug`, as in `OTEL_LOG_LEVEL`. The specification defines
/// no values; these are common to OpenTelemetry SDKs. Default: `info`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[non_exhaustive]
pub enum LogLevel {
    /// No lines.
    None,
    /// No lines either: faults of telemetry never stop the function, so they are warnings.
    Error,
    /// Faults, with advice.
    Warn,
    /// Also good news, such as a destination that is reachable again.
    #[default]
    Info,
    /// Also debugging hints, on standard error if there is no subscriber.
    Debug,
}

impl FromStr for LogLevel {
    type Err = UnknownLogLevel;

    fn from_str(text: &str) -> Result<Self, UnknownLogLevel> {
        match text {
            "none" => Ok(Self::None),
            "error" => Ok(Self::Error),
            "warn" => Ok(Self::Warn),
            "info" => Ok(Self::Info),
            "debug" => Ok(Self::Debug),
            _ => Err(UnknownLogLevel::new()),
        }
    }
}

crate::unknown_name_error! {
    /// Error returned when parsing an unknown log level name.
    UnknownLogLevel, "log level", ["none", "error", "warn", "info", "debug"]
}

/// Sets the level of Lamplight's log lines about itself in this process.
pub fn set_level(level: LogLevel) {
    LEVEL.store(level as u8, Ordering::Relaxed);
}

/// Sets the level unless one is set, and returns whether it did: a level set in code, or set earlier, takes
/// precedence.
pub fn set_default_level(level: LogLevel) -> bool {
    let set = LEVEL.compare_exchange(NOT_SET, level as u8, Ordering::Relaxed, Ordering::Relaxed);
    set.is_ok()
}

fn is_on(level: LogLevel) -> bool {
    match LEVEL.load(Ordering::Relaxed) {
        NOT_SET => LogLevel::default() >= level,
        set => set >= level as u8,
    }
}

/// Logs `message` as a warning, unless `cause` was logged before in this process.
///
/// `message` describes the fault and the remedy. It is sent to `tracing` (target `lamplight`) if a subscriber
/// accepts warnings of this target, otherwise written to standard error, which Lambda forwards to CloudWatch
/// Logs: the default filter of many subscribers accepts errors only, and a user who loses telemetry should
/// know. A filter that rejects even errors, such as `lamplight=off`, is respected, and so is one that depends
/// on the current span.
pub fn warn_once(cause: &str, message: impl FnOnce() -> String) {
    warn_once_of(cause, "", message);
}

/// Logs `message` like [`warn_once`], but once for each subject `of` which `cause` can hold; there must be
/// few.
pub fn warn_once_of(cause: &str, of: &str, message: impl FnOnce() -> String) {
    if is_first(cause, of) {
        warn(cause, message);
    }
}

/// Logs `message` as a debugging hint, unless `cause` was logged before in this process. There may be no
/// fault at all, so it is written only if a subscriber accepts it or the level is [`LogLevel::Debug`]. Below
/// [`LogLevel::Info`], it is never written.
pub fn hint_once(cause: &str, message: impl FnOnce() -> String) {
    if !is_on(LogLevel::Info) {
        return;
    }
    if is_on(LogLevel::Debug) && nobody_listens() && is_first(cause, "") {
        return guarded(|| write("DEBUG", cause, &message()));
    }
    if tracing::enabled!(target: "lamplight", Level::DEBUG) && is_first(cause, "") {
        tracing::debug!(target: "lamplight", cause, "{}", message());
    }
}

/// Returns whether `cause` is reported for the first time for this subject.
fn is_first(cause: &str, of: &str) -> bool {
    let mut reported = lock(&REPORTED);
    let mut known = reported.iter();
    let is_first = !known.any(|known| (&*known.0, &*known.1) == (cause, of));
    if is_first {
        reported.push((cause.into(), of.into()));
    }
    is_first
}

/// Logs `message` as a warning, each time.
pub fn warn(cause: &str, message: impl FnOnce() -> String) {
    if !is_on(LogLevel::Warn) {
        return;
    }
    guarded(|| {
        // This comes first: a level that another thread's subscriber accepts counts as accepted here.
        if nobody_listens() {
            write("WARN", cause, &message());
        } else if tracing::enabled!(target: "lamplight", Level::WARN) {
            let message = one_line(&message());
            tracing::warn!(target: "lamplight", cause, "{message}");
        } else if tracing::enabled!(target: "lamplight", Level::ERROR) {
            write("WARN", cause, &message());
        }
    });
}

/// Logs `message` as good news, each time.
pub fn notice(cause: &str, message: impl FnOnce() -> String) {
    if !is_on(LogLevel::Info) {
        return;
    }
    guarded(|| {
        if nobody_listens() {
            write("INFO", cause, &message());
        } else if tracing::enabled!(target: "lamplight", Level::INFO) {
            let message = one_line(&message());
            tracing::info!(target: "lamplight", cause, "{message}");
        }
    });
}

/// Returns `text` without the user, the password and the query of the URLs in it, on one line.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        let url = after.split(char::is_whitespace).next().unwrap_or_default();
        line.extend([before, "://", &without_secrets(url)]);
        rest = after.strip_prefix(url).unwrap_or_default();
    }
    line.push_str(rest);
    line.replace(char::is_control, " ")
}

/// Returns the part of a URL that may be shown. `url` begins after the scheme.
fn without_secrets(url: &str) -> String {
    // Passwords may contain any character, including those that end a host.
    let (user, rest) = match url.rsplit_once('@') {
        Some((_, rest)) => ("REDACTED@", rest),
        None => ("", url),
    };
    let Some((path, query)) = rest.split_once('?') else {
        return format!("{user}{rest}");
    };
    // Closing punctuation is not part of the URL.
    let secret = query.trim_end_matches(['"', '\'', ')', ']', '>', '`', ',', ';', ':', '.']);
    let closing = query.strip_prefix(secret).unwrap_or_default();
    let secret = if secret.is_empty() { "" } else { "REDACTED" };
    format!("{user}{path}?{secret}{closing}")
}

/// Returns whether there is no subscriber, or none that can be called now.
fn nobody_listens() -> bool {
    dispatcher::get_default(|dispatch| dispatch.is::<NoSubscriber>())
}

/// Writes a line to standard error in one piece. Does nothing if standard error is closed.
fn write(level: &str, cause: &str, message: &str) {
    let line = format!("{level} lamplight [{cause}] {}\n", one_line(message));
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

fn guarded(log: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(log));
}

#[cfg(test)]
mod tests;
