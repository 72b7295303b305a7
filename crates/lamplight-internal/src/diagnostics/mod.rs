//! Log lines of Lamplight about itself: one line per cause, on the function's own log.
//!
//! A telemetry library that logs on every invocation becomes the bill it was meant to explain, so a
//! cause is reported the first time it happens in a process; what goes on happening is counted where
//! it happens (`QueueSnapshot`).
//!
//! No line shows the user and password of a URL, nor its query, which can hold a key, and none is
//! broken in two. A subscriber that panics harms nobody.

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

/// The causes that were reported in this process, each with what it was reported of.
static REPORTED: Mutex<Vec<(Box<str>, Box<str>)>> = Mutex::new(Vec::new());

/// The lines of Lamplight about itself that are written, for the whole process.
static LEVEL: AtomicU8 = AtomicU8::new(NOT_SET);

/// As long as nobody has set a level, the default one counts.
const NOT_SET: u8 = u8::MAX;

/// The lines about itself that Lamplight writes, at most: what a subscriber of `tracing` filters out is
/// not written either. Nothing else in a log depends on it.
///
/// A setting can be written as in `OTEL_LOG_LEVEL`: `none`, `error`, `warn`, `info`, `debug`. The
/// specification names no values; these are what SDKs have in common. Default: `info`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[non_exhaustive]
pub enum LogLevel {
    /// None.
    None,
    /// None either: whatever is wrong with telemetry, the function goes on, so that it is a warning.
    Error,
    /// What is wrong, and what to do about it.
    Warn,
    /// Also good news, such as a destination that is back.
    #[default]
    Info,
    /// Also what helps to debug, on standard error where there is no subscriber.
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

/// Sets which lines about itself Lamplight writes in this process from now on.
pub fn set_level(level: LogLevel) {
    LEVEL.store(level as u8, Ordering::Relaxed);
}

/// Sets the level unless one is set, and returns whether it did: a level in code, and whoever comes
/// first, win.
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

/// Logs `message` as a warning unless `cause` was logged before in this process.
///
/// `message` says what is wrong and what to do. It goes to `tracing` (target `lamplight`) where a
/// subscriber takes warnings of this target, else to standard error, which Lambda forwards to
/// CloudWatch Logs: the default filter of many subscribers takes errors only, and whoever loses
/// telemetry wants to know. A filter that takes not even errors, such as `lamplight=off`, is obeyed,
/// and one that decides by the span around a line is taken at its word.
pub fn warn_once(cause: &str, message: impl FnOnce() -> String) {
    warn_once_of(cause, "", message);
}

/// As [`warn_once`], once for each of the few things that `cause` can be true `of`.
pub fn warn_once_of(cause: &str, of: &str, message: impl FnOnce() -> String) {
    if is_first(cause, of) {
        warn(cause, message);
    }
}

/// Logs `message` for those who debug, unless `cause` was logged before in this process. It may be
/// no mistake at all, so without a subscriber that wants it nothing is written, unless
/// [`LogLevel::Debug`] asks for it. Below [`LogLevel::Info`] nothing is written at all.
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

/// Returns whether `cause` is reported for the first time `of` this.
fn is_first(cause: &str, of: &str) -> bool {
    let mut reported = lock(&REPORTED);
    let mut known = reported.iter();
    let is_first = !known.any(|known| (&*known.0, &*known.1) == (cause, of));
    if is_first {
        reported.push((cause.into(), of.into()));
    }
    is_first
}

/// Logs `message` as a warning, every time.
pub fn warn(cause: &str, message: impl FnOnce() -> String) {
    if !is_on(LogLevel::Warn) {
        return;
    }
    guarded(|| {
        // First, since what another thread's subscriber takes counts as taken here.
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

/// Logs `message` as good news, every time.
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

/// Returns what may be shown of a URL, which begins behind its scheme here.
fn without_secrets(url: &str) -> String {
    // Passwords may have any character, also those that end a host.
    let (user, rest) = match url.rsplit_once('@') {
        Some((_, rest)) => ("REDACTED@", rest),
        None => ("", url),
    };
    let Some((path, query)) = rest.split_once('?') else {
        return format!("{user}{rest}");
    };
    // What closes a sentence or a bracket is not the URL's.
    let secret = query.trim_end_matches(['"', '\'', ')', ']', '>', '`', ',', ';', ':', '.']);
    let closing = query.strip_prefix(secret).unwrap_or_default();
    let secret = if secret.is_empty() { "" } else { "REDACTED" };
    format!("{user}{path}?{secret}{closing}")
}

/// Returns whether there is no subscriber, or none that can be asked now.
fn nobody_listens() -> bool {
    dispatcher::get_default(|dispatch| dispatch.is::<NoSubscriber>())
}

/// Writes a line to standard error, in one piece, and does without where that is closed.
fn write(level: &str, cause: &str, message: &str) {
    let line = format!("{level} lamplight [{cause}] {}\n", one_line(message));
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

fn guarded(log: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(log));
}

#[cfg(test)]
mod tests;
