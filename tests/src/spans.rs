//! Received spans, in which every key must occur once.

use lamplight_test_rig::spans::{self, Span, from_traces};

use crate::conventions;

/// Returns the spans of an OTLP request in protobuf.
pub fn decode(bytes: &[u8]) -> Vec<Span> {
    sound(spans::decode(bytes).unwrap())
}

/// Returns the spans of an OTLP request in JSON, which must conform to the registry.
pub fn decode_json(text: &str) -> Vec<Span> {
    conventions::assert_conforms([text.as_bytes()]);
    sound(from_traces(serde_json::from_str(text).unwrap()))
}

fn sound(spans: Vec<Span>) -> Vec<Span> {
    for span in &spans {
        let repeated = &span.repeated_keys;
        assert!(repeated.is_empty(), "keys are there twice: {repeated:?}");
    }
    spans
}
