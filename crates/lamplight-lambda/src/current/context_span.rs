//! The representation of this crate's spans in contexts.

use std::{borrow::Cow, time::SystemTime};

use opentelemetry::{
    KeyValue,
    trace::{Span, SpanContext, Status},
};

use super::SpanHandle;
use crate::span::ActiveSpan;

/// The span of a handle in a context, where any code can write to it and read its identity. If an invocation
/// has a span for its event, it is the event's span.
#[derive(Debug)]
pub(crate) struct ContextSpan(SpanHandle);

impl ContextSpan {
    pub(crate) fn new(handle: SpanHandle) -> Self {
        Self(handle)
    }

    fn span(&self) -> Option<&ActiveSpan> {
        self.0.span().map(ActiveSpan::innermost)
    }

    fn write(&self, write: impl FnOnce(&mut opentelemetry_sdk::trace::Span)) {
        if let Some(span) = self.span() {
            span.write(write);
        }
    }
}

impl Span for ContextSpan {
    fn add_event_with_timestamp<N>(
        &mut self,
        name: N,
        timestamp: SystemTime,
        attributes: Vec<KeyValue>,
    ) where
        N: Into<Cow<'static, str>>,
    {
        let name = name.into();
        self.write(|span| span.add_event_with_timestamp(name, timestamp, attributes));
    }

    fn span_context(&self) -> &SpanContext {
        static NONE: SpanContext = SpanContext::NONE;
        self.span().map_or(&NONE, ActiveSpan::span_context)
    }

    fn is_recording(&self) -> bool {
        self.span().is_some_and(ActiveSpan::is_recording)
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        self.write(|span| span.set_attribute(attribute));
    }

    fn set_status(&mut self, status: Status) {
        self.write(|span| span.set_status(status));
    }

    fn update_name<N>(&mut self, new_name: N)
    where
        N: Into<Cow<'static, str>>,
    {
        let name = new_name.into();
        self.write(|span| span.update_name(name));
    }

    fn add_link(&mut self, span_context: SpanContext, attributes: Vec<KeyValue>) {
        self.write(|span| span.add_link(span_context, attributes));
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        if let Some(span) = self.span() {
            span.end(timestamp);
        }
    }
}
