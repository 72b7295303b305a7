//! Calls of gRPC, which are requests of HTTP.

use http::{HeaderMap, header::CONTENT_TYPE};

/// The names of statuses, by their numbers from 1 on.
const NAMES: [&str; 16] = [
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

/// Returns whether a request is a call of gRPC.
pub(crate) fn is_call(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes());
    kind.is_some_and(|kind| kind.starts_with(b"application/grpc"))
}

/// Returns the name of the error in the head of a response, where a server puts it that answers with
/// nothing else. Otherwise it comes behind the body.
pub(crate) fn error(headers: &HeaderMap) -> Option<&'static str> {
    let status = headers.get("grpc-status")?.to_str().ok()?;
    match status.parse::<usize>() {
        Ok(0) => None,
        Ok(number) => Some(NAMES.get(number - 1).copied().unwrap_or("UNKNOWN")),
        Err(_) => Some("UNKNOWN"),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_status_in_the_head_has_its_name() {
        for (status, expected) in [
            ("0", None),
            ("1", Some("CANCELLED")),
            ("5", Some("NOT_FOUND")),
            ("16", Some("UNAUTHENTICATED")),
            ("17", Some("UNKNOWN")),
            ("99999999999999999999999", Some("UNKNOWN")),
            ("-1", Some("UNKNOWN")),
            ("", Some("UNKNOWN")),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-status", HeaderValue::from_static(status));
            assert_eq!(error(&headers), expected, "{status}");
        }
        assert_eq!(error(&HeaderMap::new()), None);
    }
}
