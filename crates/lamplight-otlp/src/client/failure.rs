//! Failures of requests.

use std::{error::Error, fmt, time::Duration};

use http::StatusCode;

/// The maximum number of logged characters of a message from an endpoint.
const MAX_SAID: usize = 200;

/// The reason a request was not accepted.
#[derive(Debug, Clone)]
pub struct Failure {
    kind: FailureKind,
    what: String,
}

/// The kind of a failure, which determines the advice to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// The endpoint is overloaded.
    Busy,
    /// The endpoint has no room, and no time for a retry: `RESOURCE_EXHAUSTED` without `RetryInfo`.
    Exhausted,
    /// The endpoint has an internal error.
    Faulty,
    /// The endpoint requires other credentials or permissions.
    Forbidden,
    /// The answer over gRPC is so long that its status, which comes last, was not read.
    LongAnswer,
    /// The path does not exist.
    NotFound,
    /// The server does not support OTLP over this protocol, or considers the request invalid.
    NotOtlp,
    /// The proxy rejected the request.
    Proxy,
    /// The answer is a redirect. Redirects are not followed, because requests may contain secrets.
    Redirect,
    /// The connection was refused.
    Refused,
    /// There is no Tokio runtime.
    NoRuntime,
    /// The timeout expired.
    Timeout,
    /// TLS could not be negotiated.
    Tls,
    /// The request is too large.
    TooLarge,
    /// The host name could not be resolved.
    UnknownHost,
    /// Any other failure.
    Other,
}

/// Words in an error that determine its kind; the first match wins. They come from the operating system and
/// the underlying crates.
const WORDS: [(&[&str], FailureKind); 6] = [
    (
        &["tunnel error: proxy auth", "tunnel error: unsucc"],
        FailureKind::Proxy,
    ),
    (&["onnection refused"], FailureKind::Refused),
    (&["dns error", "failed to lookup"], FailureKind::UnknownHost),
    (
        &[
            "certificate",
            "InvalidContentType",
            "tls",
            "TLS",
            "HandshakeFailure",
            "received fatal alert",
        ],
        FailureKind::Tls,
    ),
    (&["timed out"], FailureKind::Timeout),
    (
        &[
            "invalid HTTP version",
            "unexpected message",
            "http2 error",
            "error parsing",
        ],
        FailureKind::NotOtlp,
    ),
];

impl Failure {
    pub(super) fn new(kind: FailureKind, what: String) -> Self {
        Self { kind, what }
    }

    /// Returns the failure for an answer with this status and the message `said`.
    pub(super) fn of_status(status: StatusCode, said: &str) -> Self {
        let kind = match status.as_u16() {
            300..=399 => FailureKind::Redirect,
            401 | 403 => FailureKind::Forbidden,
            404 | 405 => FailureKind::NotFound,
            407 => FailureKind::Proxy,
            413 => FailureKind::TooLarge,
            429 | 503 => FailureKind::Busy,
            400..=499 => FailureKind::NotOtlp,
            500..=599 => FailureKind::Faulty,
            _ => FailureKind::Other,
        };
        Self::new(kind, answered(&format!("status {status}"), said))
    }

    /// Returns the failure for a request without an answer.
    pub(super) fn of_error(error: &(dyn Error + 'static)) -> Self {
        let what = causes(error);
        let is_of =
            |(words, _): &&(&[&str], FailureKind)| words.iter().any(|word| what.contains(word));
        let kind = WORDS
            .iter()
            .find(is_of)
            .map_or(FailureKind::Other, |(_, kind)| *kind);
        Self { kind, what }
    }

    /// Returns the failure for a request without an answer after this time.
    pub(super) fn unanswered(after: Duration) -> Self {
        let what = format!("no answer within {after:?} (timeout)");
        Self::new(FailureKind::Timeout, what)
    }

    pub(super) fn without_runtime() -> Self {
        let what = "it was to be sent outside a Tokio runtime, such as #[tokio::main]";
        Self::new(FailureKind::NoRuntime, what.to_owned())
    }

    /// Returns the kind of the failure.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }
}

/// The reason, on one line and without secrets.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for Failure {}

/// Returns the description of an answer.
pub(super) fn answered(with: &str, said: &str) -> String {
    match said {
        "" => format!("answered with {with}"),
        said => format!("answered with {with}: {said:?}"),
    }
}

/// Returns the beginning of a text from outside: at most 200 printable characters on one line.
pub fn words(text: &str) -> String {
    let is_visible = |c: char| c.is_ascii_graphic() || c.is_alphanumeric();
    let mut words = String::new();
    let mut length = 0;
    for word in text
        .split(|c| !is_visible(c))
        .filter(|word| !word.is_empty())
    {
        let room = MAX_SAID.saturating_sub(length);
        if word.chars().count() >= room {
            words.extend(word.chars().take(room).chain(['.', '.']));
            break;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
        length = words.chars().count();
    }
    words
}

/// Returns an error and its sources, without repetitions.
fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let inner = error.to_string();
        if !text.contains(&inner) {
            text = format!("{text}: {inner}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_is_short_and_visible() {
        assert_eq!(words("  two\r\n\twords\u{202e}\u{0} "), "two words");
        assert_eq!(words("größer, 日本"), "größer, 日本");
        let long = words(&"word ".repeat(10_000));
        assert!(long.starts_with("word word"), "{long}");
        for text in ["x".repeat(1 << 20), "ab ".repeat(1 << 20)] {
            let length = words(&text).chars().count();
            assert!((190..=MAX_SAID + 3).contains(&length), "{length}");
        }
    }
}
