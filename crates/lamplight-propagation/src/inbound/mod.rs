//! Extraction of context from the events that a function receives.
//!
//! [`EventExtractor::extract`] reads the bytes of an invocation once and returns everything a span needs at
//! its start: the source of the event, the remote parent or the links, the baggage, a name, and the
//! attributes of the semantic conventions. It never fails: for bytes that it cannot read, the source is
//! [`Source::Unknown`].
//!
//! ```
//! use lamplight_propagation::inbound::{EventExtractor, RawInvocation, Source};
//! use opentelemetry::trace::TraceContextExt;
//!
//! let body = br#"{
//!     "detail-type": "OrderPlaced", "source": "shop",
//!     "detail": {"_otel": {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}
//! }"#;
//! let incoming = EventExtractor::new().extract(&RawInvocation::new(body, "orders"));
//! assert_eq!(incoming.source, Source::EventBridge);
//! let parent = incoming.parent.span().span_context().clone();
//! assert_eq!(parent.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
//! ```
//!
//! # Precedence of contexts
//!
//! The caller's context comes first: the client context, then the context at the top of the payload (`_otel`,
//! `fireflyHeaders`, a `traceparent` member, and `headers` if the event's service has no member of that
//! name), whatever event the caller passes on. If there is one, the event's own context becomes a link;
//! otherwise it counts. X-Ray headers are used according to [`XRayPolicy`]. An event with one context makes
//! it the parent. A batch gives one link per record, and each record's own span continues the record's trace
//! (`EventExtractor::record`, with one feature per source).

mod batch;
mod config;
mod explain;
mod extract;
mod findings;
mod inferred;
mod items;
mod members;
mod path;
mod policy;
#[cfg(feature = "_records")]
mod record;
mod search;
mod source;

use std::{borrow::Cow, sync::Arc};

use lamplight_semconv::faas::FaasTrigger;
use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanKind},
};

use self::config::Config;
pub use self::{
    config::{MAX_LINKS, RecordPolicy, Trust, UnknownRecordPolicy, UnknownXRayPolicy, XRayPolicy},
    explain::{Explanation, Note, NoteReason},
    inferred::InferredSpan,
    items::{BatchItems, ItemId},
    source::{
        Source,
        http::{ClientAddress, UnknownClientAddress},
    },
};

#[cfg(feature = "_records")]
#[cfg_attr(
    docsrs,
    doc(cfg(any(
        feature = "records-dynamodb",
        feature = "records-kafka",
        feature = "records-kinesis",
        feature = "records-sns",
        feature = "records-sqs"
    )))
)]
pub use self::record::{Record, RecordContext};

/// An invocation as the runtime receives it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RawInvocation<'a> {
    /// The event as it was received.
    pub body: &'a [u8],
    /// The name of the function, used as the name of spans without a better one.
    pub function_name: &'a str,
    /// The client context: JSON, as the Runtime API returns it (not base64).
    pub client_context: Option<&'a str>,
    /// The tracing header of the invocation (`Lambda-Runtime-Trace-Id`).
    pub xray_trace_id: Option<&'a str>,
}

impl<'a> RawInvocation<'a> {
    /// Returns an invocation without a client context and without a tracing header.
    pub fn new(body: &'a [u8], function_name: &'a str) -> Self {
        Self {
            body,
            function_name,
            client_context: None,
            xray_trace_id: None,
        }
    }

    /// Sets the client context, as JSON.
    #[must_use]
    pub fn with_client_context(mut self, client_context: Option<&'a str>) -> Self {
        self.client_context = client_context;
        self
    }

    /// Sets the tracing header.
    #[must_use]
    pub fn with_xray_trace_id(mut self, xray_trace_id: Option<&'a str>) -> Self {
        self.xray_trace_id = xray_trace_id;
        self
    }
}

/// The start values of an invocation's span.
#[derive(Debug)]
#[non_exhaustive]
pub struct Incoming {
    /// The source of the event.
    pub source: Source,
    /// The value of `faas.trigger`; also among the attributes.
    pub trigger: FaasTrigger,
    /// `{method} {route}` for HTTP with a route, else the name of the function.
    pub span_name: Cow<'static, str>,
    /// Always `SERVER`: records of a batch get `CONSUMER` spans of their own.
    pub span_kind: SpanKind,
    /// The remote span and the baggage to continue; empty when there is none.
    pub parent: Context,
    /// Other spans that this invocation originates from; at most [`MAX_LINKS`], or the number set by
    /// [`EventExtractor::with_link_limit`].
    pub links: Vec<Link>,
    /// The number of links left out because of that limit.
    pub dropped_links: u32,
    /// The attributes that the semantic conventions define for the start of the span.
    pub attributes: Vec<KeyValue>,
    /// The records of the batch, as the function's response may name them.
    pub items: BatchItems,
    /// True if another function passed the event on with Invoke; the event's journey ended at that function.
    passed_on: bool,
}

/// An extractor of context from events. Cheap to clone; build it once.
///
/// See the [module docs](self).
#[derive(Debug, Clone, Default)]
pub struct EventExtractor {
    config: Arc<Config>,
}
