//! OTLP over gRPC: one unary call, which is a request of HTTP/2 with a frame around its message and
//! its status behind the answer.
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

/// The bytes before a message: whether it is compressed, and its length.
const FRAME: usize = 5;

const STATUS: &str = "grpc-status";
const MESSAGE: &str = "grpc-message";
const DETAILS: &str = "grpc-status-details-bin";

/// Padding may be left out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The codes of gRPC, by number:
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

/// What servers say of a message that is longer than they take. None has a code of its own for it:
/// most say RESOURCE_EXHAUSTED, which means a quota too, and tonic OUT_OF_RANGE.
const TOO_LARGE: [&str; 4] = [
    "larger than max",
    "too large",
    "exceeds maximum size",
    "exceeds the maximum",
];

/// Returns a message with what stands before it.
pub(super) fn frame(message: &[u8], is_compressed: bool) -> Bytes {
    let mut framed = Vec::with_capacity(FRAME + message.len());
    framed.push(u8::from(is_compressed));
    // A longer one is not held in memory, and no endpoint takes it.
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

/// Returns the header that tells the server for how long it is waited for, at most eight digits.
pub(super) fn timeout(timeout: Duration) -> String {
    format!("{}m", timeout.as_millis().min(99_999_999))
}

/// Returns what the answer to a call means, which was read at `now`.
///
/// Specification: <https://opentelemetry.io/docs/specs/otlp/#failures>.
pub(super) fn of_call(received: &Received, secrets: &Secrets, now: SystemTime) -> Answer {
    // Those of an answer without a message are in front.
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

/// https://opentelemetry.io/docs/specs/otlp/#failures says which codes are worth another try, and
/// that RESOURCE_EXHAUSTED is where the server says when.
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

/// Returns what an answer without a status means, which is none of a gRPC server: of something on the way, of
/// another kind of server, or one that broke off.
///
/// The status of HTTP stands in for it, and none but that of gRPC says that anything was accepted:
/// <https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md>. That of a request that is too
/// large, which has no code of gRPC, means what it does over HTTP.
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
