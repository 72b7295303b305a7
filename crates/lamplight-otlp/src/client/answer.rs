//! Answers of endpoints, and the resulting fate of the request.

use std::time::{Duration, SystemTime};

use http::{
    HeaderMap,
    header::{CONTENT_TYPE, RETRY_AFTER},
};

use super::{
    failure::{Failure, words},
    received::Received,
    secrets::Secrets,
};
use crate::{PartialSuccess, RpcStatus};

/// The answer to a request, in the terms of the
/// [specification](https://opentelemetry.io/docs/specs/otlp/#otlphttp-response).
#[derive(Debug)]
pub enum Answer {
    /// The request was accepted, except for the part rejected by a partial success. It must not be sent
    /// again.
    Accepted(PartialSuccess),
    /// The request was too large; a smaller one may be accepted.
    TooLarge(Failure),
    /// The request will never be accepted: the failure is not retryable.
    Rejected(Failure),
    /// The failure is retryable, after this delay if the endpoint specifies one.
    Retryable(Failure, Option<Duration>),
}

/// Returns the meaning of an answer over HTTP, which was read at `now`.
///
/// Specification: <https://opentelemetry.io/docs/specs/otlp/#otlphttp-response>.
pub(super) fn of_http(received: &Received, secrets: &Secrets, now: SystemTime) -> Answer {
    let Received {
        status,
        headers,
        body,
        ..
    } = received;
    if status.is_success() {
        return Answer::Accepted(match media_type(headers) == "application/json" {
            true => PartialSuccess::from_json(body),
            false => PartialSuccess::from_protobuf(body),
        });
    }
    let failure = Failure::of_status(*status, &said(headers, body, secrets));
    match status.as_u16() {
        413 => Answer::TooLarge(failure),
        // https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes
        429 | 502 | 503 | 504 => Answer::Retryable(failure, retry_after(headers, now)),
        _ => Answer::Rejected(failure),
    }
}

/// Returns the beginning of the reason in an answer. OTLP endpoints send it as protobuf, proxies as text.
fn said(headers: &HeaderMap, body: &[u8], secrets: &Secrets) -> String {
    let text = match media_type(headers).ends_with("protobuf") {
        true => RpcStatus::from_protobuf(body).message,
        false => String::from_utf8_lossy(body).into_owned(),
    };
    words(&secrets.hidden(text))
}

/// Returns the media type of the body, in lower case and without parameters (RFC 9110, section 8.3.1).
fn media_type(headers: &HeaderMap) -> String {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next();
    kind.unwrap_or_default().trim().to_ascii_lowercase()
}

/// Returns the pause that the endpoint requests: a number of seconds, or a time of day (RFC 9110, section
/// 10.2.3). The time is compared with the wall clock, which also advances while the environment is frozen.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number with more digits is too large to matter.
        return Some(value.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    until.duration_since(now).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderValue, StatusCode};

    fn received(status: u16, kind: &'static str, body: &[u8]) -> Received {
        let mut received = Received {
            status: StatusCode::from_u16(status).unwrap(),
            body: body.into(),
            ..Received::default()
        };
        let kind = HeaderValue::from_static(kind);
        received.headers.insert(CONTENT_TYPE, kind);
        received
    }

    /// The whole range: https://opentelemetry.io/docs/specs/otlp/#otlphttp-response.
    #[test]
    fn only_what_the_specification_calls_retryable_is_tried_again() {
        for status in 200..600 {
            let answer = of_http(
                &received(status, "text/plain", b"why"),
                &Secrets::default(),
                SystemTime::now(),
            );
            match (status, answer) {
                (200..300, Answer::Accepted(_)) => {}
                (413, Answer::TooLarge(_)) => {}
                (429 | 502 | 503 | 504, Answer::Retryable(_, None)) => {}
                (429 | 502 | 503 | 504 | 413 | 200..300, answer) => panic!("{status}: {answer:?}"),
                (_, Answer::Rejected(_)) => {}
                (_, answer) => panic!("{status}: {answer:?}"),
            }
        }
    }

    #[test]
    fn the_wait_is_a_number_of_seconds_or_a_time_of_day() {
        // Sun, 06 Nov 1994 08:49:37 GMT, as in RFC 9110, section 5.6.7.
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let after = |value: &'static str| {
            let mut received = received(503, "text/plain", b"");
            let value = HeaderValue::from_static(value);
            received.headers.insert(RETRY_AFTER, value);
            match of_http(&received, &Secrets::default(), now) {
                Answer::Retryable(_, after) => after,
                answer => panic!("{answer:?}"),
            }
        };
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(after("120"), seconds(120));
        assert_eq!(after(" 0 "), seconds(0));
        assert_eq!(after("99999999999999999999999"), Some(Duration::MAX));
        // Its three forms.
        assert_eq!(after("Sun, 06 Nov 1994 08:49:47 GMT"), seconds(10));
        assert_eq!(after("Sunday, 06-Nov-94 08:49:47 GMT"), seconds(10));
        assert_eq!(after("Sun Nov  6 08:49:47 1994"), seconds(10));
        for nothing in [
            "Sun, 06 Nov 1994 08:49:27 GMT",
            "-1",
            "1.5",
            "soon",
            "",
            "Sun, 99 Nov 1994 08:49:47 GMT",
        ] {
            assert_eq!(after(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_reason_is_read_as_what_it_is() {
        let said = |kind, body| {
            let received = received(400, kind, body);
            said(&received.headers, &received.body, &Secrets::default())
        };
        assert_eq!(said("text/html", b"<h1>No</h1>\r\n"), "<h1>No</h1>");
        assert_eq!(said("application/x-protobuf", b"\x12\x04nope"), "nope");
        assert_eq!(said("application/x-protobuf", b"plain"), "");
        let kind = "Application/X-Protobuf ; v=1";
        assert_eq!(said(kind, b"\x12\x04nope"), "nope");
        assert_eq!(
            said("application/json", b"{\"message\":1}"),
            "{\"message\":1}"
        );
    }

    #[test]
    fn a_partial_success_is_read_in_both_encodings() {
        let json = br#"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"old"}}"#;
        let protobuf = b"\x0a\x07\x08\x02\x12\x03old";
        for (kind, body) in [
            ("application/json; charset=utf-8", &json[..]),
            ("Application/JSON", json),
            ("application/x-protobuf", protobuf),
        ] {
            match of_http(
                &received(200, kind, body),
                &Secrets::default(),
                SystemTime::now(),
            ) {
                Answer::Accepted(partial) => {
                    assert_eq!(partial.rejected, 2, "{kind}");
                    assert_eq!(partial.error_message, "old", "{kind}");
                }
                answer => panic!("{answer:?}"),
            }
        }
    }
}
