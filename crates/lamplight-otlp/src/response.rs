//! The response messages of OTLP endpoints.

use std::time::Duration;

use serde_json::Value;

use crate::Fields;

/// The rejected part of an otherwise accepted request: `ExportTracePartialSuccess` and
/// `ExportMetricsPartialSuccess`.
///
/// Specification: <https://opentelemetry.io/docs/specs/otlp/#partial-success>.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct PartialSuccess {
    /// The number of spans or data points that were rejected permanently.
    pub rejected: u64,
    /// The reason, or another message from the endpoint. Empty if there is none.
    pub error_message: String,
}

impl PartialSuccess {
    /// Reads an `ExportTraceServiceResponse` or `ExportMetricsServiceResponse`. A malformed message counts as
    /// complete success.
    pub fn from_protobuf(response: &[u8]) -> Self {
        // A message in several parts is their concatenation, in which the last value of each field counts.
        let parts: Vec<u8> = Fields::new(response).bytes(1).flatten().copied().collect();
        let fields = Fields::new(&parts);
        Self {
            // The type is signed; a negative number counts as zero.
            rejected: u64::try_from(fields.number(1) as i64).unwrap_or_default(),
            error_message: fields.text(2),
        }
    }

    /// Reads a response like [`from_protobuf`](Self::from_protobuf), but from JSON, which some endpoints send
    /// in answer to any request.
    pub fn from_json(response: &[u8]) -> Self {
        let response: Value = serde_json::from_slice(response).unwrap_or_default();
        let member = |name| response.get("partialSuccess")?.get(name);
        let rejected = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
        Self {
            rejected: member("rejectedSpans")
                .or_else(|| member("rejectedDataPoints"))
                .and_then(rejected)
                .unwrap_or_default(),
            error_message: member("errorMessage")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

/// The reason an OTLP endpoint rejected a request: `google.rpc.Status`, the body of an answer over HTTP and
/// the trailer `grpc-status-details-bin` over gRPC.
///
/// Specification: <https://opentelemetry.io/docs/specs/otlp/#failures-1>,
/// <https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-throttling>.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct RpcStatus {
    /// The reason. Empty if there is none.
    pub message: String,
    /// `google.rpc.RetryInfo`: the delay before the request may be repeated. `None` if the endpoint does not
    /// specify one.
    pub retry_delay: Option<Duration>,
}

impl RpcStatus {
    /// Reads a message. A malformed one counts as empty.
    pub fn from_protobuf(status: &[u8]) -> Self {
        let status = Fields::new(status);
        let retry_info = status
            .bytes(3)
            .map(Fields::new)
            .find(|detail| detail.text(1).ends_with("/google.rpc.RetryInfo"));
        Self {
            message: status.text(2),
            retry_delay: retry_info.map(retry_delay),
        }
    }
}

/// Returns the delay of a `RetryInfo` in a `google.protobuf.Any`.
fn retry_delay(detail: Fields<'_>) -> Duration {
    let info = detail.bytes(2).last().unwrap_or_default();
    let delay = Fields::new(info).bytes(1).last().unwrap_or_default();
    let delay = Fields::new(delay);
    let part = |number| u64::try_from(delay.number(number) as i64).unwrap_or_default();
    Duration::from_secs(part(1)).saturating_add(Duration::from_nanos(part(2)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::collector::trace::v1::{
        ExportTracePartialSuccess, ExportTraceServiceResponse,
    };
    use proptest::prelude::*;
    use prost::Message;

    proptest! {
        #[test]
        fn a_partial_success_is_read_as_it_was_written(
            rejected_spans in any::<i64>(),
            error_message in ".{0,40}",
        ) {
            let partial_success = Some(ExportTracePartialSuccess {
                rejected_spans,
                error_message: error_message.clone(),
            });
            let response = ExportTraceServiceResponse { partial_success };
            let expected = PartialSuccess {
                rejected: u64::try_from(rejected_spans).unwrap_or_default(),
                error_message,
            };
            let protobuf = response.encode_to_vec();
            prop_assert_eq!(&PartialSuccess::from_protobuf(&protobuf), &expected);
            if rejected_spans >= 0 {
                let json = serde_json::to_vec(&response).unwrap();
                prop_assert_eq!(&PartialSuccess::from_json(&json), &expected);
            }
        }

        #[test]
        fn what_is_no_response_says_nothing_and_ends(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let _ = PartialSuccess::from_protobuf(&bytes);
            let _ = PartialSuccess::from_json(&bytes);
            let _ = RpcStatus::from_protobuf(&bytes);
        }
    }

    #[test]
    fn data_points_are_rejected_as_spans_are() {
        let json = br#"{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"old"}}"#;
        assert_eq!(PartialSuccess::from_json(json).rejected, 3);
        let protobuf = b"\x0a\x07\x08\x03\x12\x03old";
        assert_eq!(PartialSuccess::from_protobuf(protobuf).rejected, 3);
    }

    #[test]
    fn everything_was_taken_where_nothing_is_said() {
        for response in [&b""[..], b"{}", b"ok", b"<html>", b"[]"] {
            assert_eq!(
                PartialSuccess::from_protobuf(response),
                PartialSuccess::default()
            );
            assert_eq!(
                PartialSuccess::from_json(response),
                PartialSuccess::default()
            );
        }
    }

    #[test]
    fn the_delay_of_a_retry_info_is_found_among_the_details() {
        let retry_info = b"\x0a\x28type.googleapis.com/google.rpc.RetryInfo\x12\x0a\x0a\x08\x08\x02\x10\x80\xca\xb5\xee\x01";
        let other = b"\x0a\x0etype.x/y.z/Foo\x12\x00";
        let mut status = b"\x08\x08\x12\x04busy".to_vec();
        for detail in [&other[..], retry_info] {
            status.extend([0x1a, u8::try_from(detail.len()).unwrap()]);
            status.extend(detail);
        }
        let expected = RpcStatus {
            message: "busy".to_owned(),
            retry_delay: Some(Duration::from_millis(2_500)),
        };
        assert_eq!(RpcStatus::from_protobuf(&status), expected);
        let without = RpcStatus::from_protobuf(b"\x08\x08\x12\x04busy");
        assert_eq!(without.retry_delay, None);
    }
}
