//! Memory has a bound, whatever comes.

use std::sync::Arc;

use lamplight_relay::engine::{Engine, Output, Reason, Settings};
use prost::Message;

use super::records::{TestSpan, at, raw, request, rules, shard, span, trace_id};

fn engine(max_bytes: usize) -> Engine {
    let mut settings = Settings::default();
    settings.max_bytes = max_bytes;
    let mut engine = Engine::new(settings, Arc::new(rules()));
    engine.open(shard(), None, &[[]; 0]).unwrap();
    engine
}

/// Lets outputs go, and returns how many there were.
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
        // As spans of another record would be.
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
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

    let max = 2 << 20;
    let mut engine = engine(max);
    let template = request(&(0..50).map(|id| span(1, id)).collect::<Vec<_>>());
    let template = ExportTraceServiceRequest::decode(&template[..]).unwrap();
    let (mut next, mut largest): (u64, usize) = (1, 0);
    for sequence in 1..=4_000 {
        let mut request = template.clone();
        for span in &mut request.resource_spans[0].scope_spans[0].spans {
            let mut id = trace_id(1);
            id[..8].copy_from_slice(&next.to_be_bytes());
            span.trace_id = id.to_vec();
            next += 1;
        }
        engine.push(
            &shard(),
            raw(sequence, sequence, "key-1", request.encode_to_vec()),
            &mut (),
        );
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
