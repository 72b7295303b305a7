//! Limits of exported spans that the SDK does not apply.

use std::time::Duration;

use lamplight_internal::environment::Environment;
use lamplight_semconv as semconv;
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanProcessor},
};

/// The maximum length of an attribute value, in characters. Default: no limit. Specification:
/// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#attribute-limits>.
pub const OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: &str = "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT";

/// The same for spans; takes precedence over [`OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`].
pub const OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: &str = "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT";

/// A span processor that applies the rules for attributes that the SDK does not implement: strings are
/// truncated to a limit, and if an attribute was set several times, the last value wins, on spans, events and
/// links. It also adds links that were left out by an invocation to the dropped links count of OTLP.
///
/// It is placed in front of another processor. The number of attributes is limited by the SDK itself
/// (`OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT`, default 128), which counts those it drops.
///
/// ```
/// use lamplight_export::{ExporterSink, SpanQueue};
/// use lamplight_lambda::AttributeLimitProcessor;
/// use opentelemetry::trace::{Span, Tracer, TracerProvider};
/// use opentelemetry::KeyValue;
/// use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let exporter = InMemorySpanExporter::default();
/// let queue = SpanQueue::new(ExporterSink::new(exporter.clone()));
/// let processor = AttributeLimitProcessor::new(queue.clone()).with_value_length(5);
/// let provider = SdkTracerProvider::builder().with_span_processor(processor).build();
///
/// let mut span = provider.tracer("example").start("query");
/// span.set_attribute(KeyValue::new("db.query.text", "SELECT 1"));
/// span.end();
/// queue.flush().await;
///
/// let spans = exporter.get_finished_spans().unwrap();
/// assert_eq!(spans[0].attributes[0].value.as_str(), "SELEC");
/// # }
/// ```
#[derive(Debug)]
pub struct AttributeLimitProcessor<P> {
    next: P,
    value_length: Option<usize>,
}

impl<P: SpanProcessor> AttributeLimitProcessor<P> {
    /// Returns a processor with the limits of the environment, in front of `next`.
    pub fn new(next: P) -> Self {
        let environment = Environment::of_process();
        let limit = |name| usize::try_from(environment.number(name, 0, "no limit")?).ok();
        Self {
            next,
            value_length: limit(OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT)
                .or_else(|| limit(OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT)),
        }
    }

    /// Truncates values after this many characters. Default: [`OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT`],
    /// otherwise [`OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`], otherwise no limit.
    #[must_use]
    pub fn with_value_length(mut self, characters: usize) -> Self {
        self.value_length = Some(characters);
        self
    }

    fn apply(&self, span: &mut SpanData) {
        keep_last(&mut span.attributes);
        count_links_left_out(span);
        for event in &mut span.events.events {
            keep_last(&mut event.attributes);
        }
        for link in &mut span.links.links {
            keep_last(&mut link.attributes);
        }
        let Some(limit) = self.value_length else {
            return;
        };
        let events = span.events.events.iter_mut();
        let of_events = events.flat_map(|event| &mut event.attributes);
        let links = span.links.links.iter_mut();
        let of_links = links.flat_map(|link| &mut link.attributes);
        for attribute in span.attributes.iter_mut().chain(of_events).chain(of_links) {
            shorten(&mut attribute.value, limit);
        }
    }
}

/// Adds the links that were never passed to the SDK, which counts only those it drops itself.
fn count_links_left_out(span: &mut SpanData) {
    let key = semconv::lamplight::links::DROPPED;
    let left_out = span.attributes.iter().find(|it| it.key.as_str() == key);
    if let Some(Value::I64(count)) = left_out.map(|it| &it.value) {
        let count = u32::try_from(*count).unwrap_or_default();
        span.links.dropped_count = span.links.dropped_count.saturating_add(count);
    }
}

impl<P: SpanProcessor> SpanProcessor for AttributeLimitProcessor<P> {
    fn on_start(&self, span: &mut Span, cx: &Context) {
        self.next.on_start(span, cx);
    }

    fn on_end(&self, mut span: SpanData) {
        self.apply(&mut span);
        self.next.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.next.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.next.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.next.set_resource(resource);
    }
}

/// Keeps the last value of each attribute. Spans have few attributes, so a linear search is faster than a
/// table, and does not allocate; for most keys, their [`mark`] shows that no other is the same.
fn keep_last(attributes: &mut Vec<KeyValue>) {
    let (mut kept, mut marks) = (0, 0_u64);
    while kept < attributes.len() {
        let (before, rest) = attributes.split_at_mut(kept);
        let Some(next) = rest.first_mut() else { break };
        let mark = mark(next.key.as_str());
        let known = match marks & mark {
            0 => None,
            _ => before.iter_mut().find(|known| known.key == next.key),
        };
        marks |= mark;
        match known {
            Some(known) => {
                std::mem::swap(&mut known.value, &mut next.value);
                attributes.remove(kept);
            }
            None => kept += 1,
        }
    }
}

/// Returns one bit, the same for equal keys.
fn mark(key: &str) -> u64 {
    let last = key.bytes().next_back().map_or(0, usize::from);
    1 << ((11 * last + key.len()) % 64)
}

fn shorten(value: &mut Value, limit: usize) {
    match value {
        Value::String(text) => shorten_text(text, limit),
        Value::Array(Array::String(texts)) => {
            for text in texts {
                shorten_text(text, limit);
            }
        }
        _ => {}
    }
}

fn shorten_text(text: &mut StringValue, limit: usize) {
    // A string has at most as many characters as bytes.
    if text.as_str().len() > limit && text.as_str().chars().nth(limit).is_some() {
        let short: String = text.as_str().chars().take(limit).collect();
        *text = short.into();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use lamplight_export::{ExporterSink, SpanQueue};
    use opentelemetry::trace::{Span as _, SpanContext, Tracer, TracerProvider};
    use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
    use proptest::prelude::*;

    use super::*;

    fn export(limit: Option<usize>, attributes: Vec<KeyValue>, count: u32) -> SpanData {
        let exporter = InMemorySpanExporter::default();
        let queue = SpanQueue::new(ExporterSink::new(exporter.clone()));
        let mut limits = AttributeLimitProcessor::new(queue.clone());
        limits.value_length = limit;
        let provider = SdkTracerProvider::builder()
            .with_max_attributes_per_span(count)
            .with_span_processor(limits)
            .build();
        let mut span = provider.tracer("test").start("span");
        span.set_attributes(attributes);
        span.add_event("event", vec![KeyValue::new("text", "äöüß")]);
        span.end();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(queue.flush());
        let mut spans = exporter.get_finished_spans().unwrap();
        spans.remove(0)
    }

    #[test]
    fn texts_are_cut_at_a_character_and_numbers_are_not() {
        let list = Value::Array(Array::String(vec!["abcde".into(), "äb".into()]));
        let attributes = vec![
            KeyValue::new("text", "äöüß"),
            KeyValue::new("list", list),
            KeyValue::new("number", 123_456),
        ];
        let span = export(Some(3), attributes, 128);
        let short = Value::Array(Array::String(vec!["abc".into(), "äb".into()]));
        let expected = [
            KeyValue::new("text", "äöü"),
            KeyValue::new("list", short),
            KeyValue::new("number", 123_456),
        ];
        assert_eq!(span.attributes, expected);
        let event = span.events.iter().next().unwrap();
        assert_eq!(event.attributes, [KeyValue::new("text", "äöü")]);
    }

    /// Common, "Attribute Collections": keys are unique by default, and "Attribute Limits" hold for
    /// collections of events and links too.
    #[test]
    fn events_and_links_have_unique_short_attributes_too() {
        let exporter = InMemorySpanExporter::default();
        let queue = SpanQueue::new(ExporterSink::new(exporter.clone()));
        let limits = AttributeLimitProcessor::new(queue.clone()).with_value_length(3);
        let provider = SdkTracerProvider::builder()
            .with_span_processor(limits)
            .build();
        let twice = || {
            let old = KeyValue::new("key", "first");
            vec![
                old,
                KeyValue::new("other", 1),
                KeyValue::new("key", "second"),
            ]
        };
        let mut span = provider.tracer("test").start("span");
        span.add_event("event", twice());
        span.add_link(SpanContext::NONE, twice());
        span.end();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(queue.flush());
        let span = exporter.get_finished_spans().unwrap().remove(0);
        let once = [KeyValue::new("key", "sec"), KeyValue::new("other", 1)];
        assert_eq!(span.events[0].attributes, once);
        assert_eq!(span.links[0].attributes, once);
    }

    #[test]
    fn what_is_beyond_the_count_is_counted() {
        let attributes = (0..200).map(|n| KeyValue::new(n.to_string(), n));
        let span = export(None, attributes.collect(), 128);
        assert_eq!(span.attributes.len(), 128);
        assert_eq!(span.dropped_attributes_count, 72);
    }

    proptest! {
        #[test]
        fn the_last_value_of_a_key_stays_once(pairs in proptest::collection::vec((0_u8..8, any::<i64>()), 0..40)) {
            let mut attributes: Vec<_> = pairs
                .iter()
                .map(|(key, value)| KeyValue::new(key.to_string(), *value))
                .collect();
            keep_last(&mut attributes);
            let expected: HashMap<_, _> = pairs.into_iter().collect();
            prop_assert_eq!(attributes.len(), expected.len());
            for (key, value) in expected {
                prop_assert!(attributes.contains(&KeyValue::new(key.to_string(), value)));
            }
        }
    }
}
