//! Flushes after invocations, as reported by the next one of the same environment.

use std::sync::Arc;

use lamplight_semconv::{faas, lamplight};
use lamplight_view::{
    journey::{Journey, Journeys},
    span::{Attribute, Span, TraceId, Value},
};

use crate::make::{Make, TRACE, id, span};

const OTHER: TraceId = TraceId([7; 16]);

trait Recorded {
    /// Sets the environment that recorded it.
    fn by(self, instance: &str) -> Make;
    /// Sets the flush before it, in milliseconds.
    fn held(self, milliseconds: f64) -> Make;
}

impl Recorded for Make {
    fn by(self, instance: &str) -> Make {
        let attribute = Attribute {
            key: faas::INSTANCE.to_owned(),
            value: Value::String(instance.to_owned()),
        };
        self.with(|span: &mut Span| {
            Arc::make_mut(&mut span.resource)
                .attributes
                .0
                .push(attribute);
        })
    }

    fn held(self, milliseconds: f64) -> Make {
        let key = lamplight::previous_flush::DURATION_MS;
        self.invocation().set(key, Value::Double(milliseconds))
    }
}

fn journey(spans: impl IntoIterator<Item = Make>) -> Journey {
    Journeys::new(spans.into_iter().map(Make::made)).journey(TRACE)
}

fn flush(journey: &Journey, number: u64) -> Option<u64> {
    journey.nodes[journey.find(id(number)).unwrap()].flush
}

#[test]
fn the_next_invocation_of_the_same_environment_tells_of_the_flush() {
    let spans = || {
        [
            span("a", 1, 0, 10).by("one").invocation(),
            span("a", 2, 2, 5).by("one").below(1),
            span("a", 3, 15, 20).by("two").of(OTHER).held(1.0),
            span("b", 4, 16, 20).by("one").of(OTHER).held(2.0),
            span("a", 5, 40, 50).by("one").of(OTHER).held(8.5),
            span("a", 6, 60, 70).by("one").of(OTHER).held(3.0),
        ]
    };
    let told = journey(spans());
    assert_eq!(flush(&told, 1), Some(8_500_000));
    assert_eq!(flush(&told, 2), None, "it is no invocation");
    // Nothing waited for it.
    let alone = journey(spans().into_iter().take(2));
    assert_eq!(flush(&alone, 1), None);
    assert_eq!(told.end, alone.end);
    let critical = |it: &Journey| {
        it.nodes
            .iter()
            .map(|node| node.critical)
            .collect::<Vec<_>>()
    };
    assert_eq!(critical(&told), critical(&alone));
}

#[test]
fn what_tells_of_another_flush_or_of_none_is_not_taken() {
    // The next one was not held, or began while this one was running; or environments are unknown.
    let first = || span("a", 1, 0, 10).invocation();
    let later = |held| span("a", 2, 40, 50).of(OTHER).held(held);
    let between = span("a", 3, 20, 30).by("one").of(OTHER).invocation();
    let told = journey([first().by("one"), between, later(8.5).by("one")]);
    assert_eq!(flush(&told, 1), None);
    let during = span("a", 3, 5, 30).by("one").of(OTHER).held(4.0);
    let told = journey([first().by("one"), during, later(8.5).by("one")]);
    assert_eq!(flush(&told, 1), Some(8_500_000));
    assert_eq!(flush(&journey([first(), later(8.5)]), 1), None);
    for odd in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
        let told = journey([first().by("one"), later(odd).by("one")]);
        assert_eq!(flush(&told, 1), None, "{odd}");
    }
}
