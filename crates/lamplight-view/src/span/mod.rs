//! The data model of a recorded span.

mod decode;
mod id;
mod request;
mod value;

use std::sync::Arc;

pub use id::{SpanId, SpanRef, TraceId};
pub use request::Decoded;
pub use value::{Attribute, Attributes, Value};

/// A span, with data that it shares with others.
///
/// It contains all of OTLP's `Span`. Ids of invalid length are represented as zeros, and such a
/// span is kept.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Span {
    /// The id of its trace; zeros if invalid.
    pub trace_id: TraceId,
    /// Its own id; zeros if invalid.
    pub span_id: SpanId,
    /// The id of its parent in the same trace; `None` for a root.
    pub parent: Option<SpanId>,
    /// The header `tracestate`.
    pub trace_state: String,
    /// `flags` of OTLP: W3C trace flags, and whether the parent is remote.
    pub flags: u32,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: Kind,
    /// Nanoseconds since 1970.
    pub start: u64,
    /// Nanoseconds since 1970; before `start` if a clock was set back.
    pub end: u64,
    /// Status.
    pub status: Status,
    /// Description of an error.
    pub status_message: String,
    /// Attributes, in order.
    pub attributes: Attributes,
    /// Number of dropped attributes.
    pub dropped_attributes: u32,
    /// Events, in order.
    pub events: Vec<Event>,
    /// Number of dropped events.
    pub dropped_events: u32,
    /// Links, in order.
    pub links: Vec<Link>,
    /// Number of dropped links.
    pub dropped_links: u32,
    /// The source that recorded it.
    pub resource: Arc<Resource>,
    /// The instrumentation that recorded it.
    pub scope: Arc<Scope>,
    /// Number of times it arrived unchanged, since delivery is at least once.
    pub times: u32,
}

/// `SpanKind` of OTLP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs)]
pub enum Kind {
    #[default]
    Unspecified,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

impl Kind {
    /// Returns its name in OTLP, without `SPAN_KIND_`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "UNSPECIFIED",
            Self::Internal => "INTERNAL",
            Self::Server => "SERVER",
            Self::Client => "CLIENT",
            Self::Producer => "PRODUCER",
            Self::Consumer => "CONSUMER",
        }
    }
}

/// `StatusCode` of OTLP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs)]
pub enum Status {
    #[default]
    Unset,
    Ok,
    Error,
}

/// An event of a span.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// Nanoseconds since 1970.
    pub time: u64,
    /// Name.
    pub name: String,
    /// Attributes, in order.
    pub attributes: Attributes,
    /// Number of dropped attributes.
    pub dropped_attributes: u32,
}

/// A link from a span to another span of any trace.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Link {
    /// The linked span.
    pub to: SpanRef,
    /// The `tracestate` of the linked span.
    pub trace_state: String,
    /// Attributes, in order.
    pub attributes: Attributes,
    /// Number of dropped attributes.
    pub dropped_attributes: u32,
    /// `flags` of OTLP, as [`Span::flags`].
    pub flags: u32,
}

/// The source of spans: a function or a service.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Resource {
    /// Attributes, in order.
    pub attributes: Attributes,
    /// Number of dropped attributes.
    pub dropped_attributes: u32,
    /// URL of the schema.
    pub schema_url: String,
}

/// An instrumentation scope.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Scope {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Attributes, in order.
    pub attributes: Attributes,
    /// Number of dropped attributes.
    pub dropped_attributes: u32,
    /// URL of the schema.
    pub schema_url: String,
}

impl Span {
    /// Returns the id of its trace and its own id.
    #[must_use]
    pub const fn id(&self) -> SpanRef {
        SpanRef {
            trace: self.trace_id,
            span: self.span_id,
        }
    }

    /// Returns its duration in nanoseconds; 0 if it ends before it starts.
    #[must_use]
    pub const fn duration(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}
