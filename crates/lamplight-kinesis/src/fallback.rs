//! Spans on standard output, for when Kinesis is away.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lamplight_export::OtlpEncoder;
use opentelemetry_sdk::trace::SpanData;
use serde_json::json;
use std::io::{Write, stdout};

/// Writes `spans` as one line in the shape of the OTLP stdout exporters.
pub(crate) fn write_line(encoder: &OtlpEncoder, spans: &[SpanData]) -> std::io::Result<()> {
    let mut line = line(encoder, spans);
    line.push('\n');
    stdout().lock().write_all(line.as_bytes())
}

fn line(encoder: &OtlpEncoder, spans: &[SpanData]) -> String {
    let line = json!({
        "__otel_otlp_stdout": concat!("lamplight-kinesis@", env!("CARGO_PKG_VERSION")),
        "source": std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default(),
        "endpoint": "http://localhost:4318/v1/traces",
        "method": "POST",
        "content-type": "application/x-protobuf",
        "headers": {},
        "payload": STANDARD.encode(encoder.encode(spans)),
        "base64": true,
    });
    line.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_sdk::Resource;

    #[test]
    fn the_payload_of_the_line_is_the_otlp_request() {
        let encoder = OtlpEncoder::new(&Resource::builder_empty().build());
        let span = crate::records::tests::span(1, 2, 10);
        let line: serde_json::Value =
            serde_json::from_str(&line(&encoder, std::slice::from_ref(&span))).unwrap();
        let payload = STANDARD.decode(line["payload"].as_str().unwrap()).unwrap();
        assert_eq!(payload, encoder.encode(&[span]));
        assert!(line["__otel_otlp_stdout"].is_string());
        assert_eq!(line["base64"], true);
    }
}
