//! Failures of exports: where to, why, and what to look at.

use std::{error::Error, time::Duration};

use http::StatusCode;

use crate::environment::Endpoint;

/// The most characters that are logged of what an endpoint says.
const MAX_SAID: usize = 200;

/// Why spans were not taken.
#[derive(Debug)]
pub(super) struct Failure {
    kind: Kind,
    what: String,
}

/// The kind of a failure, which decides what is advised.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Busy,
    #[cfg(feature = "exporter-otlp-grpc")]
    Exhausted,
    Faulty,
    Forbidden,
    NotFound,
    NotOtlp,
    Proxy,
    Redirect,
    Refused,
    Silent,
    Timeout,
    Tls,
    TooLarge,
    UnknownHost,
    Other,
}

/// The first of these words in an error tells its kind: they are those of the operating system and
/// of the crates below.
const WORDS: [(&[&str], Kind); 6] = [
    (
        &["tunnel error: proxy auth", "tunnel error: unsucc"],
        Kind::Proxy,
    ),
    (&["onnection refused"], Kind::Refused),
    (&["dns error", "failed to lookup"], Kind::UnknownHost),
    (
        &[
            "certificate",
            "InvalidContentType",
            "tls",
            "TLS",
            "HandshakeFailure",
            "received fatal alert",
        ],
        Kind::Tls,
    ),
    (&["timed out"], Kind::Timeout),
    (
        &[
            "invalid HTTP version",
            "unexpected message",
            "http2 error",
            "error parsing",
        ],
        Kind::NotOtlp,
    ),
];

impl Failure {
    pub(super) fn new(kind: Kind, what: String) -> Self {
        Self { kind, what }
    }

    /// Returns the failure of an answer with this status, which says `said`.
    pub(super) fn of_status(status: StatusCode, said: &str) -> Self {
        let kind = match status.as_u16() {
            300..=399 => Kind::Redirect,
            401 | 403 => Kind::Forbidden,
            404 | 405 => Kind::NotFound,
            407 => Kind::Proxy,
            413 => Kind::TooLarge,
            429 | 503 => Kind::Busy,
            400..=499 => Kind::NotOtlp,
            500..=599 => Kind::Faulty,
            _ => Kind::Other,
        };
        Self::new(kind, answered(&format!("status {status}"), said))
    }

    /// Returns the failure of a request without an answer.
    pub(super) fn of_error(error: &(dyn Error + 'static)) -> Self {
        let what = causes(error);
        let is_of = |(words, _): &&(&[&str], Kind)| words.iter().any(|word| what.contains(word));
        let kind = WORDS
            .iter()
            .find(is_of)
            .map_or(Kind::Other, |(_, kind)| *kind);
        Self { kind, what }
    }

    /// Returns the failure of a request without an answer for so long.
    pub(super) fn unanswered(after: Duration) -> Self {
        let what = format!("no answer within {after:?} (timeout)");
        Self::new(Kind::Timeout, what)
    }

    pub(super) fn without_runtime() -> Self {
        let what = "spans were flushed outside a Tokio runtime, such as #[tokio::main]";
        Self::new(Kind::Silent, what.to_owned())
    }

    /// Returns where and why, and what to do.
    pub(super) fn text(&self, endpoint: &Endpoint) -> String {
        let Self { kind, what } = self;
        match kind.remedy(endpoint.variable()) {
            remedy if remedy.is_empty() => format!("{endpoint}: {what}"),
            remedy => format!("{endpoint}: {what}; {remedy}"),
        }
    }

    /// Returns a name for what is said once.
    pub(super) fn cause(&self) -> &'static str {
        match self.kind {
            Kind::Busy => "export-throttled",
            #[cfg(feature = "exporter-otlp-grpc")]
            Kind::Exhausted => "export-exhausted",
            Kind::Faulty => "export-faulty",
            Kind::Forbidden => "export-forbidden",
            Kind::NotFound | Kind::Redirect => "export-not-found",
            Kind::NotOtlp => "export-refused",
            Kind::TooLarge => "export-too-large",
            _ => "export-failed",
        }
    }
}

impl Kind {
    fn remedy(self, variable: &str) -> String {
        match self {
            Self::Silent => String::new(),
            Self::Busy => format!("if it lasts, give what {variable} names more capacity"),
            #[cfg(feature = "exporter-otlp-grpc")]
            Self::Exhausted => format!(
                "what {variable} names has no room for them, and does not say when to try again: \
                 check its quota"
            ),
            Self::Faulty => {
                format!("the fault is in what {variable} names, or behind it: see the log there")
            }
            Self::Forbidden => {
                "check OTEL_EXPORTER_OTLP_HEADERS, which has to say who you are".to_owned()
            }
            Self::NotFound if variable.contains("TRACES") => format!(
                "check {variable}, which is used as it is: over HTTP its path is usually /v1/traces"
            ),
            Self::NotFound => format!(
                "check {variable} and OTEL_EXPORTER_OTLP_PROTOCOL: over HTTP the path /v1/traces is \
                 appended; for another, set OTEL_EXPORTER_OTLP_TRACES_ENDPOINT to the whole URL"
            ),
            Self::Redirect => {
                format!("set {variable} to where it leads: redirections are not followed")
            }
            Self::TooLarge => {
                "it was too large even by itself: raise the limit of the endpoint, or \
                 set OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT"
                    .to_owned()
            }
            Self::NotOtlp => format!(
                "check {variable} and OTEL_EXPORTER_OTLP_PROTOCOL: is this an OTLP endpoint of that \
                 protocol?"
            ),
            Self::Proxy => "check HTTPS_PROXY and HTTP_PROXY, or name the endpoint's host in \
                 NO_PROXY"
                .to_owned(),
            Self::Refused => format!(
                "check {variable}: nothing listens there, or another protocol's port was meant"
            ),
            Self::UnknownHost => format!(
                "check the host in {variable}, and whether the function's VPC resolves names"
            ),
            Self::Tls => format!(
                "check the scheme of {variable}, without which gRPC uses TLS, the certificates that \
                 vouch for it (OTEL_EXPORTER_OTLP_CERTIFICATE, SSL_CERT_FILE) and the client's"
            ),
            Self::Timeout => format!(
                "check {variable}, the function's network (VPC, security groups) and \
                 OTEL_EXPORTER_OTLP_TIMEOUT, which is in milliseconds"
            ),
            Self::Other => format!("check {variable} and the function's network"),
        }
    }
}

/// Returns what an endpoint answered.
pub(super) fn answered(with: &str, said: &str) -> String {
    match said {
        "" => format!("answered with {with}"),
        said => format!("answered with {with}: {said:?}"),
    }
}

/// Returns how a text of others begins, as far as it can be seen.
pub(super) fn words(text: &str) -> String {
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

/// Returns an error with the errors behind it, each one once.
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
