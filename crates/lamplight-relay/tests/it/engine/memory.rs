//! Memory is bounded for any input.

use std::sync::Arc;

use lamplight_relay::engine::{Engine, Output, Reason, Settings};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

use super::records::{TestSpan, at, raw, request, rules_that, shard, span, trace_id};

fn engine(max_bytes: usize) -> Engine {
    let mut settings = Settings::default();
    settings.max_bytes = max_bytes;
    let mut engine = Engine::new(settings, Arc::new(rules_that(false)));
    engine.open(shard(), None, &[[]; 0]).unwrap();
    engine
}

/// Returns a request of this number of traces with one small span each.
fn tiny(first: u64, count: u64) -> Vec<u8> {
    let spans: Vec<_> = (0..count).map(|id| span(1, id as u32)).collect();
    let mut request = ExportTraceServiceRequest::decode(&request(&spans)[..]).unwrap();
    let spans = request.resource_spans[0].scope_spans[0].spans.iter_mut();
    for (number, span) in (first..).zip(spans) {
        let mut id = trace_id(1);
        id[..8].copy_from_slice(&number.to_be_bytes());
        span.trace_id = id.to_vec();
    }
    request.encode_to_vec()
}

/// Settles outputs, and returns their number.
fn let_go(engine: &mut Engine) -> usize {
    let outputs = engine.take();
    for number in outputs.iter().flat_map(Output::numbers) {
        engine.settle(number);
    }
    while !engine.decisions(&shard()).is_empty() {}
    outputs.len()
}

fn early(engine: &Engine, reason: Reason) -> u64 {
    let decisions = engine.stats().decisions.iter();
    let of_reason = decisions.filter(|((.., of), _)| *of == reason);
    of_reason.map(|(_, count)| count).sum()
}

#[test]
fn a_giant_trace_takes_no_more_than_its_bound() {
    let mut engine = engine(64 << 20);
    let name = "x".repeat(20_000).leak();
    let mut largest = 0;
    for sequence in 1..2000 {
        let spans = [TestSpan {
            name,
            ..span(1, sequence as u32)
        }];
        engine.push(
            &shard(),
            raw(sequence, sequence, "key-1", request(&spans)),
            &mut (),
        );
        let_go(&mut engine);
        largest = largest.max(engine.shard_stats()[0].bytes);
    }
    assert!(largest <= (4 << 20) + 30_000, "{largest}");
    assert_eq!(early(&engine, Reason::TraceBytes), 1);
}

#[test]
fn a_trace_of_a_million_spans_is_decided_when_it_has_too_many() {
    let mut engine = engine(64 << 20);
    let spans: Vec<_> = (0..5_000).map(|id| span(1, id)).collect();
    let mut outputs = 0;
    for sequence in 1..=200 {
        let data = request(&spans);
        // As with spans of another record.
        let data = [data, vec![0x7a, 2, b'0', sequence as u8]].concat();
        engine.push(&shard(), raw(sequence, sequence, "key-1", data), &mut ());
        outputs += let_go(&mut engine);
    }
    assert_eq!(early(&engine, Reason::TraceSpans), 1);
    // There are many, which is a reason to keep them.
    assert_eq!(outputs, 198);
    assert_eq!(engine.stats().spans, 1_000_000);
}

#[test]
fn hundreds_of_thousands_of_tiny_traces_stay_within_the_bound_and_none_is_lost() {
    let max = 2 << 20;
    let mut engine = engine(max);
    let mut largest = 0;
    for sequence in 1..=4_000 {
        let data = tiny(sequence * 50, 50);
        engine.push(&shard(), raw(sequence, sequence, "key-1", data), &mut ());
        let_go(&mut engine);
        largest = largest.max(engine.shard_stats()[0].bytes);
    }
    assert!(largest <= max + 10_000, "{largest}");
    assert!(early(&engine, Reason::Bytes) > 100_000);
    engine.advance(&shard(), at(100_000));
    let_go(&mut engine);
    let decided: u64 = engine.stats().decisions.values().sum();
    assert_eq!(decided, 200_000);
    let stats = &engine.shard_stats()[0];
    assert_eq!((stats.bytes, stats.traces, stats.records), (0, 0, 0));
}

/// Without adaptive rules, which store the key of each trace. Records have 50 traces each, so that
/// the memory of records is small compared to that of traces.
#[test]
fn an_undecided_trace_takes_48_bytes_its_index_and_12_for_each_record_it_is_in() {
    const RECORDS: u64 = 2_000;
    let mut engine = engine(1 << 30);
    let records: Vec<_> = (0..RECORDS)
        .map(|sequence| {
            let data = tiny(sequence * 50, 50);
            raw(sequence + 1, 0, "key-1", data)
        })
        .collect();
    let used = allocation_counter::measure(|| {
        for record in records {
            engine.push(&shard(), record, &mut ());
        }
    });
    let traces = engine.shard_stats()[0].traces as i64;
    assert_eq!(traces, 50 * RECORDS as i64);
    let each = used.bytes_current as f64 / traces as f64;
    println!("{each:.1} bytes for each undecided trace");
    assert!((60.0..80.0).contains(&each), "{each}");
}
