//! The code that a user of `tracing` writes by hand if a rival does not do it: attributes on the invocation's
//! span, and a span for each record that continues the record's trace.

use opentelemetry::global;
use opentelemetry::propagation::Extractor;
use rival_harness::{SqsMessage, events};
use std::sync::Arc;
use tracing::{Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Returns a function that adds those of the eighteen attributes that are not the rival's `own` to the
/// current span. Their values are constants, which is the cheapest way.
pub fn attributes(own: &[&str]) -> impl Fn() + Clone + Send + 'static {
    let missing: Arc<[_]> = events::missing(own).into();
    move || {
        let span = Span::current();
        for (key, value) in &*missing {
            span.set_attribute(*key, *value);
        }
    }
}

/// Runs `work` in a span that continues the trace of `message`.
pub fn record(message: &SqsMessage, work: &dyn Fn()) {
    let span = info_span!(
        "process orders",
        otel.kind = "consumer",
        messaging.system = "aws_sqs",
        messaging.operation.name = "process",
        messaging.operation.type = "process",
        messaging.destination.name = "orders",
        messaging.message.id = message.message_id.as_deref(),
        messaging.message.body.size = message.body.as_ref().map_or(0, String::len),
    );
    let parent =
        global::get_text_map_propagator(|propagator| propagator.extract(&Carrier(message)));
    let _ = span.set_parent(parent);
    span.in_scope(work);
}

struct Carrier<'a>(&'a SqsMessage);

impl Extractor for Carrier<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.message_attributes.get(key)?.string_value.as_deref()
    }

    fn keys(&self) -> Vec<&str> {
        self.0
            .message_attributes
            .keys()
            .map(String::as_str)
            .collect()
    }
}
