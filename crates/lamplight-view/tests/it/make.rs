//! Handmade spans.

use std::sync::Arc;

use lamplight_semconv::{faas, messaging};
use lamplight_view::{
    journey::{Around, Journey},
    span::{Attribute, Kind, Link, Resource, Span, SpanId, SpanRef, TraceId, Value},
};

/// The trace of most tests.
pub(crate) const TRACE: TraceId = TraceId([0xab; 16]);

/// The start of their times, in nanoseconds since 1970.
pub(crate) const BEGIN: u64 = 1_700_000_000_000_000_000;

pub(crate) fn id(number: u64) -> SpanId {
    SpanId(number.to_be_bytes())
}

/// A span of the trace under construction.
pub(crate) struct Make(Span);

/// Returns the `number`th span of [`TRACE`], of a function, from one millisecond to another.
pub(crate) fn span(function: &str, number: u64, from: u64, to: u64) -> Make {
    let mut resource = Resource::default();
    resource.attributes.0.push(Attribute {
        key: faas::NAME.to_owned(),
        value: Value::String(function.to_owned()),
    });
    let mut span = Span::empty(Arc::new(resource), Arc::default());
    span.trace_id = TRACE;
    span.span_id = id(number);
    span.name = format!("{function} {number}");
    span.kind = Kind::Internal;
    (span.start, span.end) = (BEGIN + from * 1_000_000, BEGIN + to * 1_000_000);
    Make(span)
}

impl Make {
    pub(crate) fn below(mut self, parent: u64) -> Self {
        self.0.parent = Some(id(parent));
        self
    }

    pub(crate) fn of(mut self, trace: TraceId) -> Self {
        self.0.trace_id = trace;
        self
    }

    pub(crate) fn kind(mut self, kind: Kind) -> Self {
        self.0.kind = kind;
        self
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Span)) -> Self {
        change(&mut self.0);
        self
    }

    pub(crate) fn text(self, key: &str, value: &str) -> Self {
        self.set(key, Value::String(value.to_owned()))
    }

    pub(crate) fn set(mut self, key: &str, value: Value) -> Self {
        self.0.attributes.0.push(Attribute {
            key: key.to_owned(),
            value,
        });
        self
    }

    pub(crate) fn link(mut self, trace: TraceId, number: u64) -> Self {
        let span = id(number);
        self.0.links.push(Link::new(SpanRef { trace, span }));
        self
    }

    /// An invocation.
    pub(crate) fn invocation(self) -> Self {
        let id = self.0.span_id.to_string();
        self.kind(Kind::Server).text(faas::INVOCATION_ID, &id)
    }

    /// Something sent to a queue, topic or bus.
    pub(crate) fn sends(self, system: &str, destination: &str) -> Self {
        self.kind(Kind::Producer)
            .text(messaging::SYSTEM, system)
            .text(messaging::destination::NAME, destination)
    }

    /// Work on a message.
    pub(crate) fn handles(self, system: &str, destination: &str, message: &str) -> Self {
        self.kind(Kind::Consumer)
            .text(messaging::SYSTEM, system)
            .text(messaging::destination::NAME, destination)
            .text(messaging::message::ID, message)
    }

    pub(crate) fn made(self) -> Span {
        self.0
    }
}

/// The journey of [`TRACE`] among spans.
pub(crate) fn journey(spans: impl IntoIterator<Item = Make>) -> Journey {
    let spans = spans.into_iter().map(Make::made);
    let (spans, related) = spans.partition(|span| span.trace_id == TRACE);
    Journey::new(
        TRACE,
        Around {
            spans,
            related,
            ..Around::default()
        },
    )
}
