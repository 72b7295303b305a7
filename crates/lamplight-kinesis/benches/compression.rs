//! The saving of each compression level for a record, and its cost.
//!
//! `cargo bench -p lamplight-kinesis --all-features --bench compression` prints the table by which the levels
//! of [`lamplight_kinesis::Compression`] were chosen. The spans are those of `cargo demo`: `demo.records` is
//! every fourteenth record of a run with 200 orders, in base64.
//!
//! `-- NAME LEVEL SPANS` compresses one batch once and prints nothing else, for a profiler that counts
//! instructions; `-- none 0 SPANS` is the same without compression.

// Benches fail by panicking.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    hint::black_box,
    io::Write,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest, trace::v1::ScopeSpans,
};
use prost::Message;

/// The measuring time of each figure.
const MEASURE: Duration = Duration::from_millis(150);

/// Spans of one record: of a trace (as they were sent), of a few invocations, of many. The last
/// repeats some spans, with other ids.
const SIZES: [usize; 3] = [0, 10, 100];

const LEVELS: [(&str, &[i32]); 2] = [("gzip", &[1, 3, 6, 9]), ("zstd", &[-3, 1, 3, 6, 9])];

fn main() {
    // Cargo adds `--bench`.
    let arguments: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    if let [name, level, spans] = arguments.as_slice() {
        let (level, spans) = (level.parse().unwrap(), spans.parse().unwrap());
        for batch in batches(spans).iter().take(1) {
            black_box(compress(name, level, black_box(batch)));
        }
        return;
    }
    println!("| spans a record | bytes | codec | level | bytes after | ratio | time |");
    println!("|---|---|---|---|---|---|---|");
    for spans in SIZES {
        let batches = batches(spans);
        let before = mean(batches.iter().map(Vec::len), batches.len());
        for (name, levels) in LEVELS {
            for level in levels {
                let packed = batches.iter().map(|b| compress(name, *level, b).len());
                let after = mean(packed, batches.len());
                let time = time(name, *level, &batches);
                let spans = match spans {
                    0 => "as sent".to_owned(),
                    spans => spans.to_string(),
                };
                println!(
                    "| {spans} | {before:.0} | {name} | {level} | {after:.0} | {:.2} | {time:.1?} |",
                    before / after
                );
            }
        }
    }
}

fn mean(sizes: impl Iterator<Item = usize>, count: usize) -> f64 {
    sizes.sum::<usize>() as f64 / count as f64
}

/// The records of the demo as they were sent, or all their spans in records of `spans`.
fn batches(spans: usize) -> Vec<Vec<u8>> {
    let text = include_str!("demo.records");
    let sent: Vec<_> = text
        .lines()
        .map(|line| STANDARD.decode(line).unwrap())
        .collect();
    if spans == 0 {
        return sent;
    }
    // One function has one resource; what is merged here is what it would have sent.
    let mut requests = sent
        .iter()
        .map(|record| ExportTraceServiceRequest::decode(record.as_slice()).unwrap());
    let mut first = requests.next().unwrap();
    let target = first.resource_spans.first_mut().unwrap();
    let mut all = Vec::new();
    for scope in target.scope_spans.drain(..) {
        all.extend(
            scope
                .spans
                .into_iter()
                .map(|span| (scope.scope.clone(), span)),
        );
    }
    for scope in requests
        .flat_map(|r| r.resource_spans)
        .flat_map(|r| r.scope_spans)
    {
        all.extend(
            scope
                .spans
                .into_iter()
                .map(|span| (scope.scope.clone(), span)),
        );
    }
    // As often as it takes for a full batch; ids that repeat far apart are beyond what a small
    // window of a compressor sees, so they are made different all the same.
    let count = all.len();
    let mut number = 0u64;
    let mut next = || {
        let (scope, mut span) = all.get(number as usize % count).unwrap().clone();
        number += 1;
        let salt = (number / count as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for id in [
            &mut span.trace_id,
            &mut span.span_id,
            &mut span.parent_span_id,
        ] {
            for (byte, salt) in id.iter_mut().zip(salt.to_le_bytes().iter().cycle()) {
                *byte ^= salt;
            }
        }
        (scope, span)
    };
    let batches = (count / spans).max(1);
    (0..batches)
        .map(|_| {
            let mut request = first.clone();
            let target = request.resource_spans.first_mut().unwrap();
            for _ in 0..spans {
                let (scope, span) = next();
                let known = target.scope_spans.iter_mut().find(|s| s.scope == scope);
                match known {
                    Some(known) => known.spans.push(span),
                    None => target.scope_spans.push(ScopeSpans {
                        scope,
                        spans: vec![span],
                        ..Default::default()
                    }),
                }
            }
            request.encode_to_vec()
        })
        .collect()
}

fn compress(name: &str, level: i32, data: &[u8]) -> Vec<u8> {
    match name {
        "none" => data.to_vec(),
        "gzip" => {
            let level = flate2::Compression::new(level.unsigned_abs());
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
            encoder.write_all(data).unwrap();
            encoder.finish().unwrap()
        }
        _ => zstd::bulk::compress(data, level).unwrap(),
    }
}

/// The time of one record: that of the fastest round over all of them.
fn time(name: &str, level: i32, batches: &[Vec<u8>]) -> Duration {
    let began = Instant::now();
    let mut best = Duration::MAX;
    while began.elapsed() < MEASURE {
        let round = Instant::now();
        for batch in batches {
            black_box(compress(name, level, black_box(batch)));
        }
        best = best.min(round.elapsed());
    }
    best / u32::try_from(batches.len()).unwrap()
}
