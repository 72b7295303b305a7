//! The fallback to standard output while Kinesis is unavailable.

use std::io::{self, Write, stdout};

use base64::{Engine, engine::general_purpose::STANDARD};
use lamplight_export::{Delivery, OtlpEncoder};
use lamplight_internal::environment::Environment;
use opentelemetry_sdk::trace::SpanData;
use serde_json::json;

use crate::{
    Compression, PartitionKey,
    records::{Format, Limits, records},
};

/// The longest line that CloudWatch Logs does not split; a split payload is lost.
const LONGEST_LINE: usize = 256 * 1_024;

/// An upper bound of the size of a line without its payload.
const FRAME: usize = 1_024;

/// Storing logs costs more than the microseconds of the fastest level.
#[cfg(feature = "gzip")]
const COMPRESSION: (Compression, &str) = (Compression::Gzip, "gzip");
#[cfg(not(feature = "gzip"))]
const COMPRESSION: (Compression, &str) = (Compression::None, "identity");

/// Writes `spans` to standard output, in lines that CloudWatch Logs keeps whole.
pub(crate) fn print(encoder: &OtlpEncoder, spans: Vec<SpanData>) -> Delivery {
    write(encoder, spans, &mut stdout().lock())
}

fn write(encoder: &OtlpEncoder, spans: Vec<SpanData>, out: &mut impl Write) -> Delivery {
    let format = Format {
        encoder: encoder.clone(),
        compression: COMPRESSION.0,
        // One key for all spans, so that as many as fit share a line.
        key: PartitionKey::Random,
    };
    let limits = Limits {
        // Base64 turns three bytes into four.
        record_bytes: (LONGEST_LINE - FRAME) / 4 * 3,
        request_bytes: usize::MAX,
        request_records: usize::MAX,
    };
    let (records, failed) = records(&format, &limits, spans);
    let mut delivery = Delivery::failed(failed);
    for record in records {
        match write_line(&record.data, out) {
            Ok(()) => delivery.delivered += record.spans.len(),
            Err(_) => delivery.returned.extend(record.spans),
        }
    }
    delivery
}

/// Writes one line in the format of the OTLP stdout exporters. Their readers require every member.
fn write_line(payload: &[u8], out: &mut impl Write) -> io::Result<()> {
    let line = json!({
        "__otel_otlp_stdout": concat!("lamplight-kinesis@", env!("CARGO_PKG_VERSION")),
        "source": source(),
        "endpoint": "http://localhost:4318/v1/traces",
        "method": "POST",
        "content-type": "application/x-protobuf",
        "content-encoding": COMPRESSION.1,
        "headers": {},
        "payload": STANDARD.encode(payload),
        "base64": true,
    });
    // The whole line in one write, so that lines of other threads do not interleave.
    out.write_all(format!("{line}\n").as_bytes())
}

/// Returns the name of the service, determined like in the other exporters of this format.
fn source() -> String {
    let environment = Environment::of_process();
    ["OTEL_SERVICE_NAME", "AWS_LAMBDA_FUNCTION_NAME"]
        .into_iter()
        .find_map(|name| environment.get(name))
        .unwrap_or_else(|| "unknown-service".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::tests::span;
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use opentelemetry_sdk::Resource;
    use prost::Message;
    use serde_json::Value;
    use std::io::Read;

    fn encoder() -> OtlpEncoder {
        OtlpEncoder::new(&Resource::builder_empty().build())
    }

    /// Reads a line as forwarders from CloudWatch Logs to OTLP do: every member must be present and of its
    /// type, and the payload is decoded according to the members.
    fn forwarded(line: &str) -> ExportTraceServiceRequest {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| {
            line[name]
                .as_str()
                .unwrap_or_else(|| panic!("{name}: {line}"))
        };
        assert!(text("__otel_otlp_stdout").contains('@'));
        assert!(!text("source").is_empty());
        assert!(text("endpoint").ends_with("/v1/traces"));
        assert_eq!(text("method"), "POST");
        assert_eq!(text("content-type"), "application/x-protobuf");
        assert!(line["headers"].as_object().unwrap().is_empty());
        assert_eq!(line["base64"], true);
        let payload = STANDARD.decode(text("payload")).unwrap();
        let request = match text("content-encoding") {
            "gzip" => {
                let mut unpacked = Vec::new();
                let mut decoder = flate2::read::GzDecoder::new(payload.as_slice());
                decoder.read_to_end(&mut unpacked).unwrap();
                unpacked
            }
            "identity" => payload,
            unknown => panic!("{unknown}"),
        };
        ExportTraceServiceRequest::decode(request.as_slice()).unwrap()
    }

    fn spans(request: ExportTraceServiceRequest) -> usize {
        let scopes = request
            .resource_spans
            .into_iter()
            .flat_map(|r| r.scope_spans);
        scopes.map(|scope| scope.spans.len()).sum()
    }

    #[test]
    fn a_forwarder_reads_the_line() {
        let mut out = Vec::new();
        let outcome = write(&encoder(), vec![span(1, 2, 10), span(3, 4, 10)], &mut out);
        assert_eq!(outcome.delivered, 2);
        let text = String::from_utf8(out).unwrap();
        let [line] = text.lines().collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(spans(forwarded(line)), 2);
    }

    #[test]
    fn no_line_is_longer_than_cloudwatch_keeps() {
        let mut out = Vec::new();
        let mut random = fastrand::Rng::with_seed(1);
        // Only incompressible data is long.
        let batch = (1..=40).map(|id| {
            let mut span = span(1, id, 0);
            let noise: String = (0..30_000).map(|_| random.alphanumeric()).collect();
            span.attributes = vec![opentelemetry::KeyValue::new("noise", noise)];
            span
        });
        let outcome = write(&encoder(), batch.collect(), &mut out);
        assert_eq!((outcome.delivered, outcome.failed), (40, 0));
        let text = String::from_utf8(out).unwrap();
        assert!(text.lines().count() > 1);
        assert!(text.lines().all(|line| line.len() <= LONGEST_LINE));
        assert_eq!(
            text.lines()
                .map(|line| spans(forwarded(line)))
                .sum::<usize>(),
            40
        );
    }

    #[test]
    fn what_cannot_be_written_is_handed_back() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let outcome = write(&encoder(), vec![span(1, 2, 10)], &mut Closed);
        assert_eq!((outcome.delivered, outcome.returned.len()), (0, 1));
    }
}
