//! What a request is to the interceptor: what it says, where context goes, and what may become of it.

use std::borrow::Cow;

use lamplight_propagation::outbound::Fields;
use opentelemetry::trace::{Link, SpanContext, TraceContextExt as _};
use opentelemetry::{Context, KeyValue};

use super::json;
use crate::LamplightInterceptor;
use crate::carrier::{Carrier, Destination};

/// An operation's input, as far as this crate knows it.
pub(crate) trait Request {
    /// Adds what the convention asks for and is known before the call.
    fn attributes(&self, region: Option<&str>, attributes: &mut Vec<KeyValue>);

    /// Whether a service's words about this request may quote what must not be recorded.
    fn is_sensitive(&self) -> bool {
        false
    }

    /// Links to the contexts that the user has put into the messages, which stay as they are.
    fn existing_contexts(&self, _lamplight: &LamplightInterceptor) -> Vec<Link> {
        Vec::new()
    }

    /// The places for context in the messages that this sends.
    fn places<'a>(&self, _lamplight: &'a LamplightInterceptor) -> Places<'a> {
        Places::default()
    }

    /// Puts context wherever there is room for it.
    fn inject(&mut self, _injection: &Injection<'_>, _places: &Places<'_>) {}

    /// Asks the service for the context that messages in its answer carry.
    fn ask(&mut self, _lamplight: &LamplightInterceptor) {}

    /// The messages that this sends, as far as an interceptor may change them.
    fn cargo(&self, _lamplight: &LamplightInterceptor, _traceparent: &str) -> Option<Cargo> {
        None
    }
}

/// The places for context in the messages of a request. They are found before there is a span,
/// since its kind depends on them and has to be known when it starts.
#[derive(Debug, Default)]
pub(crate) struct Places<'a> {
    /// The user wants context in the messages' attributes.
    pub(crate) in_attributes: bool,
    /// The place in each message that may be a JSON text.
    pub(crate) in_texts: Vec<json::Place<'a>>,
    /// A `traceparent` has room in at least one message: what makes a span a producer's.
    pub(crate) are_enough: bool,
}

impl Places<'_> {
    /// Places in attributes, if the user wants context there.
    pub(crate) fn in_attributes(wanted: bool, enough: bool) -> Self {
        Self {
            in_attributes: wanted,
            in_texts: Vec::new(),
            are_enough: wanted && enough,
        }
    }
}

/// Messages about to be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cargo {
    pub(crate) carrier: Carrier,
    /// How many messages carry the context that was asked for.
    pub(crate) carrying: usize,
    /// The size of all of them, as the service counts it.
    pub(crate) bytes: usize,
    /// The largest size that the service takes.
    pub(crate) limit: usize,
    /// A message has more attributes than may be sent, but not without its context.
    pub(crate) is_crowded: bool,
}

/// A context about to be written, and the settings that say where.
pub(crate) struct Injection<'a> {
    pub(crate) lamplight: &'a LamplightInterceptor,
    fields: Fields,
}

impl<'a> Injection<'a> {
    /// Of a call's span where `parent` is current. `None` where neither has anything to say.
    pub(crate) fn new(
        lamplight: &'a LamplightInterceptor,
        parent: &Context,
        span: &SpanContext,
    ) -> Option<Self> {
        let cx = within(parent, span);
        let fields = Fields::of(&cx, &lamplight.propagators);
        let has_xray = lamplight.xray && cx.span().span_context().is_valid();
        (has_xray || !fields.is_empty()).then_some(Self { lamplight, fields })
    }

    /// What is to be written.
    pub(crate) fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The same for messages that filter policies are compared with, if they need other fields.
    pub(crate) fn for_filters(&self) -> Option<Self> {
        Some(Self {
            lamplight: self.lamplight,
            fields: self.fields.for_filters()?,
        })
    }

    /// Whether the user wants context on this carrier to this destination.
    pub(crate) fn allows(&self, carrier: Carrier, destination: &str) -> bool {
        self.lamplight
            .allows(Destination::new(carrier, destination))
    }
}

/// The context with this span in it, if it is one.
pub(crate) fn within<'a>(parent: &'a Context, span: &SpanContext) -> Cow<'a, Context> {
    if span.is_valid() {
        Cow::Owned(parent.with_remote_span_context(span.clone()))
    } else {
        Cow::Borrowed(parent)
    }
}
