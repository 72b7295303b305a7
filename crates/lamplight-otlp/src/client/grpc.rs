//! OTLP over gRPC: one unary call, which is an HTTP/2 request with a frame around its message and a status
//! after the answer.
//!
//! Specification: <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>.

use std::time::{Duration, SystemTime};

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use percent_encoding::percent_decode;

use super::{
    answer::{self, Answer},
    failure::{Failure, FailureKind, answered, words},
    received::{End, Received},
    secrets::Secrets,
};
use crate::{PartialSuccess, RpcStatus};

/// The size of the header of a message: a compression flag and the length.
const FRAME: usize = 5;

const STATUS: &str = "grpc-status";
const MESSAGE: &str = "grpc-message";
const DETAILS: &str = "grpc-status-details-bin";

/// Base64 in which padding is optional.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The names of the gRPC status codes, by number:
/// <https://github.com/grpc/grpc/blob/master/doc/statuscodes.md>.
const CODES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// Phrases that servers use for a message above their size limit. gRPC has no code of its own for this: most
/// servers use RESOURCE_EXHAUSTED, which also means a quota, and tonic uses OUT_OF_RANGE.
const TOO_LARGE: [&str; 4] = [
    "larger than max",
    "too large",
    "exceeds maximum size",
    "exceeds the maximum",
];

/// Returns a message with its frame header.
pub(super) fn frame(message: &[u8], is_compressed: bool) -> Bytes {
    let mut framed = Vec::with_capacity(FRAME + message.len());
    framed.push(u8::from(is_compressed));
    // A longer message would not fit into memory, and no endpoint accepts it.
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    framed.extend(length.to_be_bytes());
    framed.extend(message);
    framed.into()
}

/// Returns the message of an answer.
fn unframed(body: &[u8]) -> &[u8] {
    let Some(([0, length @ ..], message)) = body.split_first_chunk::<FRAME>() else {
        return &[];
    };
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    message.get(..length).unwrap_or_default()
}

/// Returns the value of the header that gives the server the timeout, which has at most eight digits.
pub(super) fn timeout(timeout: Duration) -> String {
    format!("{}m", timeout.as_millis().min(99_999_999))
}

/// Returns the meaning of the answer to a call, which was read at `now`.
///
/// Specification: <https://opentelemetry.io/docs/specs/otlp/#failures>.
pub(super) fn of_call(received: &Received, secrets: &Secrets, now: SystemTime) -> Answer {
    // In an answer without a message, they are among the headers.
    let trailers = match received.trailers.contains_key(STATUS) {
        true => &received.trailers,
        false => &received.headers,
    };
    let Some(code) = trailers.get(STATUS) else {
        return without_status(received, secrets, now);
    };
    let code = code
        .to_str()
        .ok()
        .and_then(|code| code.parse::<usize>().ok());
    let details = details(trailers);
    let said = match trailers.get(MESSAGE) {
        Some(said) => percent_decode(said.as_bytes())
            .decode_utf8_lossy()
            .into_owned(),
        None => details.message.clone(),
    };
    match code {
        Some(0) => Answer::Accepted(PartialSuccess::from_protobuf(unframed(&received.body))),
        code => of_code(
            code.unwrap_or(2),
            &secrets.hidden(said),
            details.retry_delay,
        ),
    }
}

/// Returns the meaning of a status code. <https://opentelemetry.io/docs/specs/otlp/#failures> defines the
/// retryable codes; RESOURCE_EXHAUSTED is retryable if the server sends a delay.
fn of_code(code: usize, said: &str, retry_delay: Option<Duration>) -> Answer {
    let name = CODES.get(code).copied().unwrap_or("UNKNOWN");
    let is_too_large = TOO_LARGE.iter().any(|words| said.contains(words));
    let kind = match name {
        "UNAUTHENTICATED" | "PERMISSION_DENIED" => FailureKind::Forbidden,
        "UNIMPLEMENTED" => FailureKind::NotFound,
        "INVALID_ARGUMENT" | "NOT_FOUND" | "ALREADY_EXISTS" | "FAILED_PRECONDITION" => {
            FailureKind::NotOtlp
        }
        "RESOURCE_EXHAUSTED" | "OUT_OF_RANGE" if is_too_large => FailureKind::TooLarge,
        "RESOURCE_EXHAUSTED" if retry_delay.is_none() => FailureKind::Exhausted,
        "RESOURCE_EXHAUSTED" | "UNAVAILABLE" => FailureKind::Busy,
        "DEADLINE_EXCEEDED" => FailureKind::Timeout,
        "INTERNAL" | "UNKNOWN" | "DATA_LOSS" => FailureKind::Faulty,
        _ => FailureKind::Other,
    };
    let failure = Failure::new(kind, answered(&format!("gRPC status {name}"), &words(said)));
    match name {
        _ if kind == FailureKind::TooLarge => Answer::TooLarge(failure),
        "CANCELLED" | "DEADLINE_EXCEEDED" | "ABORTED" | "OUT_OF_RANGE" | "UNAVAILABLE"
        | "DATA_LOSS" => Answer::Retryable(failure, retry_delay),
        "RESOURCE_EXHAUSTED" if retry_delay.is_some() => Answer::Retryable(failure, retry_delay),
        _ => Answer::Rejected(failure),
    }
}

/// Returns the meaning of an answer without a gRPC status. It comes from a proxy, from another kind of
/// server, or was truncated.
///
/// The HTTP status is used instead, but only a gRPC status can report that something was accepted:
/// <https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md>. The status for a request that
/// is too large, which has no gRPC code, has the same meaning as over HTTP.
fn without_status(received: &Received, secrets: &Secrets, now: SystemTime) -> Answer {
    if !received.status.is_success() {
        return answer::of_http(received, secrets, now);
    }
    let rejected = |kind, what: String| Answer::Rejected(Failure::new(kind, what));
    match (received.status, received.end) {
        (StatusCode::OK, End::Broken) => {
            let what = "the answer broke off before its status".to_owned();
            Answer::Retryable(Failure::new(FailureKind::Other, what), None)
        }
        (StatusCode::OK, End::TooLong) => rejected(
            FailureKind::LongAnswer,
            "answered with more than 4 MiB, behind which its status is".to_owned(),
        ),
        (StatusCode::OK, End::Whole) => rejected(
            FailureKind::NotOtlp,
            "answered without a gRPC status".to_owned(),
        ),
        (status, _) => rejected(
            FailureKind::NotOtlp,
            format!("answered with status {status} and without a gRPC status"),
        ),
    }
}

fn details(trailers: &HeaderMap) -> RpcStatus {
    let details = trailers.get(DETAILS);
    let details = details.and_then(|details| BASE64.decode(details.as_bytes()).ok());
    RpcStatus::from_protobuf(&details.unwrap_or_default())
}
