//! Reading context out of what a function receives.
//!
//! [`EventExtractor::extract`] takes one look at the bytes of an invocation and gives everything a span
//! needs at its start: where the event comes from, the remote parent or the links, the baggage, a
//! name and the attributes of the semantic conventions. It never fails: of bytes that make no
//! sense, the source is [`Source::Unknown`].
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
//! # Which context counts
//!
//! Whoever called comes first: the client context, then what the caller put at the top of the payload
//! (`_otel`, `fireflyHeaders`, `traceparent` itself, `headers` where no service has such a member),
//! whatever event it passes on. The event's own context counts where there is none of these, else it
//! becomes a link. Then X-Ray as [`XRayPolicy`] says. An event with one context makes it the parent; a
//! batch gives a link a record, and each record's own span continues the record's trace (a feature
//! each source, `EventExtractor::record`).

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

/// What the runtime knows of an invocation.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RawInvocation<'a> {
    /// The event as it came over the wire.
    pub body: &'a [u8],
    /// The name of the function, which names spans that have no better name.
    pub function_name: &'a str,
    /// The client context, JSON as the Runtime API hands it out (not base64).
    pub client_context: Option<&'a str>,
    /// The tracing header of the invocation (`Lambda-Runtime-Trace-Id`).
    pub xray_trace_id: Option<&'a str>,
}

impl<'a> RawInvocation<'a> {
    /// An invocation without client context and tracing header.
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

/// Everything a span needs to start with.
#[derive(Debug)]
#[non_exhaustive]
pub struct Incoming {
    /// Where the event comes from.
    pub source: Source,
    /// The value of `faas.trigger`; also among the attributes.
    pub trigger: FaasTrigger,
    /// `{method} {route}` for HTTP with a route, else the name of the function.
    pub span_name: Cow<'static, str>,
    /// Always `SERVER`: records of a batch get `CONSUMER` spans of their own.
    pub span_kind: SpanKind,
    /// The remote span and the baggage to continue; empty when there is none.
    pub parent: Context,
    /// Other spans this invocation comes from, at most [`MAX_LINKS`], or as many as
    /// [`EventExtractor::with_link_limit`] says.
    pub links: Vec<Link>,
    /// How many links there would be beyond that.
    pub dropped_links: u32,
    /// What the semantic conventions want of a span at its start.
    pub attributes: Vec<KeyValue>,
    /// The records, as the function's answer may name them.
    pub items: BatchItems,
    /// Somebody passed the event on by Invoke: what it says of its way ended there.
    passed_on: bool,
}

/// Finds context in events. Cheap to clone; build it once.
///
/// See the [module docs](self).
#[derive(Debug, Clone, Default)]
pub struct EventExtractor {
    config: Arc<Config>,
}
