//! A span as it was recorded, decoded and owned.

mod decode;
mod id;
mod request;
mod value;

use std::sync::Arc;

pub use id::{SpanId, SpanRef, TraceId};
pub use request::Decoded;
pub use value::{Attribute, Attributes, Value};

/// A span, with what it shares with its neighbors.
///
/// Nothing of OTLP's `Span` is left out. Ids that have not the length the specification asks for are
/// all zeros here, and such a span stays.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Span {
    /// Trace it belongs to; zeros where it names none that is valid.
    pub trace_id: TraceId,
    /// Its own id; zeros where it has none that is valid.
    pub span_id: SpanId,
    /// Span it is below, of the same trace; `None` for a root.
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
    /// Nanoseconds since 1970; before `start` where a clock was set back.
    pub end: u64,
    /// Status.
    pub status: Status,
    /// Description of an error.
    pub status_message: String,
    /// Attributes, in their order.
    pub attributes: Attributes,
    /// Attributes that did not fit.
    pub dropped_attributes: u32,
    /// Events, in their order.
    pub events: Vec<Event>,
    /// Events that did not fit.
    pub dropped_events: u32,
    /// Links, in their order.
    pub links: Vec<Link>,
    /// Links that did not fit.
    pub dropped_links: u32,
    /// What recorded it.
    pub resource: Arc<Resource>,
    /// The instrumentation that recorded it.
    pub scope: Arc<Scope>,
    /// Times it came, exactly as it is: delivery is at least once.
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
    /// Attributes, in their order.
    pub attributes: Attributes,
    /// Attributes that did not fit.
    pub dropped_attributes: u32,
}

/// A link of a span to another one, of whatever trace.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Link {
    /// The span it leads to.
    pub to: SpanRef,
    /// The header `tracestate` of that one.
    pub trace_state: String,
    /// Attributes, in their order.
    pub attributes: Attributes,
    /// Attributes that did not fit.
    pub dropped_attributes: u32,
    /// `flags` of OTLP, as [`Span::flags`].
    pub flags: u32,
}

/// What recorded spans: a function, a service.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Resource {
    /// Attributes, in their order.
    pub attributes: Attributes,
    /// Attributes that did not fit.
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
    /// Attributes, in their order.
    pub attributes: Attributes,
    /// Attributes that did not fit.
    pub dropped_attributes: u32,
    /// URL of the schema.
    pub schema_url: String,
}

impl Span {
    /// Returns its trace and its own id.
    #[must_use]
    pub const fn id(&self) -> SpanRef {
        SpanRef {
            trace: self.trace_id,
            span: self.span_id,
        }
    }

    /// Returns nanoseconds from start to end, 0 where it ends before it starts.
    #[must_use]
    pub const fn duration(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}
