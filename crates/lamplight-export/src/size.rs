//! Estimates of the memory of a waiting span.

use opentelemetry::{
    Array, InstrumentationScope, KeyValue, Value,
    trace::{SpanContext, Status},
};
use opentelemetry_sdk::trace::SpanData;

/// The overhead of an allocator per block, including rounding.
const BLOCK: usize = 16;

/// Returns the estimated memory of `span` in bytes: the span itself, all its strings and lists, and the
/// allocator's overhead for each.
///
/// Data from outside, such as a `tracestate`, and error descriptions are included: a bound in bytes holds
/// only if nothing that can be long is left out.
pub fn span_size(span: &SpanData) -> usize {
    let events = span.events.events.iter().map(|event| {
        text(event.name.len()) + attributes(&event.attributes, event.attributes.capacity())
    });
    let links = span.links.links.iter().map(|link| {
        trace_state(&link.span_context) + attributes(&link.attributes, link.attributes.capacity())
    });
    let description = match &span.status {
        Status::Error { description } => text(description.len()),
        _ => 0,
    };
    size_of::<SpanData>()
        + text(span.name.len())
        + description
        + trace_state(&span.span_context)
        + attributes(&span.attributes, span.attributes.capacity())
        + list::<opentelemetry::trace::Event>(span.events.events.capacity())
        + events.sum::<usize>()
        + list::<opentelemetry::trace::Link>(span.links.links.capacity())
        + links.sum::<usize>()
        + scope(&span.instrumentation_scope)
}

fn text(length: usize) -> usize {
    if length == 0 { 0 } else { length + BLOCK }
}

fn list<T>(capacity: usize) -> usize {
    text(capacity.saturating_mul(size_of::<T>()))
}

fn attributes(attributes: &[KeyValue], capacity: usize) -> usize {
    list::<KeyValue>(capacity) + attributes.iter().map(contents).sum::<usize>()
}

/// Returns the heap memory of an attribute.
fn contents(attribute: &KeyValue) -> usize {
    let value = match &attribute.value {
        Value::String(value) => text(value.as_str().len()),
        Value::Array(Array::Bool(values)) => list::<bool>(values.capacity()),
        Value::Array(Array::I64(values)) => list::<i64>(values.capacity()),
        Value::Array(Array::F64(values)) => list::<f64>(values.capacity()),
        Value::Array(Array::String(values)) => {
            let texts = values.iter().map(|value| text(value.as_str().len()));
            list::<opentelemetry::StringValue>(values.capacity()) + texts.sum::<usize>()
        }
        _ => 0,
    };
    // Keys are almost always constants, but that cannot be determined here.
    attribute.key.as_str().len() + value
}

/// Returns the memory of a trace state: two strings per member, in a ring buffer with up to twice the needed
/// capacity.
fn trace_state(context: &SpanContext) -> usize {
    const MEMBER: usize = 2 * 2 * size_of::<String>();
    let members = context.trace_state().into_iter();
    members
        .map(|(key, value)| MEMBER + text(key.len()) + text(value.len()))
        .sum()
}

/// Returns the memory of a scope, of which every span has a copy.
fn scope(scope: &InstrumentationScope) -> usize {
    let count = scope.attributes().count();
    list::<KeyValue>(count) + scope.attributes().map(contents).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::tests::span;
    use opentelemetry::trace::{Event, Link, TraceFlags, TraceState};
    use std::time::SystemTime;

    fn added(change: impl FnOnce(&mut SpanData)) -> usize {
        let plain = span("plain");
        let mut changed = plain.clone();
        change(&mut changed);
        span_size(&changed) - span_size(&plain)
    }

    #[test]
    fn whatever_can_be_long_is_weighed() {
        const LONG: usize = 10_000;
        let long = || "x".repeat(LONG);
        let state = |count| {
            let members = (0..count).map(|number| (format!("k{number}"), "v".repeat(200)));
            TraceState::from_key_value(members).unwrap()
        };
        let with_state = |state| {
            let (trace, span) = (1_u128.into(), 2_u64.into());
            SpanContext::new(trace, span, TraceFlags::SAMPLED, true, state)
        };
        let attribute = || KeyValue::new("key", long());
        let weights = [
            added(|span| span.name = long().into()),
            added(|span| span.status = Status::error(long())),
            added(|span| span.attributes.push(attribute())),
            added(|span| {
                let texts = vec![opentelemetry::StringValue::from(long())];
                span.attributes
                    .push(KeyValue::new("key", Value::Array(texts.into())));
            }),
            added(|span| {
                let event = Event::new("event", SystemTime::UNIX_EPOCH, vec![attribute()], 0);
                span.events.events.push(event);
            }),
            added(|span| {
                let event = Event::new(long(), SystemTime::UNIX_EPOCH, vec![], 0);
                span.events.events.push(event);
            }),
            added(|span| span.span_context = with_state(state(50))),
            added(|span| {
                let link = Link::new(with_state(state(50)), vec![], 0);
                span.links.links.push(link);
            }),
            added(|span| {
                let link = Link::new(with_state(state(0)), vec![attribute()], 0);
                span.links.links.push(link);
            }),
            added(|span| {
                span.instrumentation_scope = InstrumentationScope::builder("scope")
                    .with_attributes([attribute()])
                    .build();
            }),
        ];
        for (number, weight) in weights.into_iter().enumerate() {
            assert!(
                (LONG - 16..3 * LONG).contains(&weight),
                "{number}: {weight}"
            );
        }
    }
}
