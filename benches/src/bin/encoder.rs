//! Encodes batches of spans, for the report: `encoder WHAT SPANS count|time` or `encoder WHAT SPANS encode
//! TIMES`, where `WHAT` is `lamplight`, `prost` or `copy`.
//!
//! `opentelemetry-proto` consumes the spans it converts, so each time it receives a copy; `copy` measures the
//! cost of the copy, to be subtracted.

use std::{hint::black_box, process::ExitCode, time::Instant};

use allocation_counter::measure;
use lamplight_benches::{resource, spans};
use lamplight_export::OtlpEncoder;
use opentelemetry_proto::{
    tonic::collector::trace::v1::ExportTraceServiceRequest,
    transform::{
        common::tonic::ResourceAttributesWithSchema,
        trace::tonic::group_spans_by_resource_and_scope,
    },
};
use opentelemetry_sdk::trace::SpanData;
use prost::Message;
use serde_json::{Value, json};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args.as_slice() {
        [what, count, mode @ ..] => encoder(what)
            .zip(count.parse().ok())
            .and_then(|(encode, count)| run(&*encode, &spans(count), mode)),
        _ => None,
    };
    if let Some(result) = result {
        println!("{result}");
        return ExitCode::SUCCESS;
    }
    eprintln!("usage: encoder lamplight|prost|copy SPANS count|time|encode TIMES");
    ExitCode::FAILURE
}

/// A function that encodes the batch, with a copy of it that it may consume, and returns the size of the
/// output.
type Encode = Box<dyn Fn(&[SpanData], Vec<SpanData>) -> usize>;

fn encoder(what: &str) -> Option<Encode> {
    match what {
        "lamplight" => {
            let encoder = OtlpEncoder::new(&resource());
            Some(Box::new(move |batch, _| {
                black_box(encoder.encode(batch)).len()
            }))
        }
        "prost" => {
            let resource = ResourceAttributesWithSchema::from(&resource());
            Some(Box::new(move |_, copy| {
                let resource_spans = group_spans_by_resource_and_scope(copy, &resource);
                black_box(ExportTraceServiceRequest { resource_spans }.encode_to_vec()).len()
            }))
        }
        "copy" => Some(Box::new(|_, copy| black_box(copy).len())),
        _ => None,
    }
}

fn run(
    encode: &dyn Fn(&[SpanData], Vec<SpanData>) -> usize,
    batch: &[SpanData],
    mode: &[&str],
) -> Option<Value> {
    match mode {
        ["count"] => {
            let copy = batch.to_vec();
            let mut bytes = 0;
            let counted = measure(|| bytes = encode(batch, copy));
            Some(json!({
                "allocations": counted.count_total,
                "allocated": counted.bytes_total,
                "bytes": bytes,
            }))
        }
        ["time"] => {
            let mut nanos: Vec<_> = (0..31)
                .map(|_| {
                    let copy = batch.to_vec();
                    let start = Instant::now();
                    encode(batch, copy);
                    start.elapsed().as_nanos() as u64
                })
                .collect();
            nanos.sort_unstable();
            Some(json!({ "nanos": nanos.get(nanos.len() / 2) }))
        }
        ["encode", times] => {
            for _ in 0..times.parse::<u64>().ok()? {
                encode(batch, batch.to_vec());
            }
            Some(json!({}))
        }
        _ => None,
    }
}
