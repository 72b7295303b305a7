//! Why extraction came to its result.

use std::fmt;

use opentelemetry::{
    Context, KeyValue, Value as Attribute,
    baggage::BaggageExt as _,
    trace::{SpanKind, TraceContextExt as _},
};
use serde_json::{Map, Value, json};

use super::Incoming;
use crate::w3c::{BaggageError, TraceparentError, TracestateError, fields::Fields};

/// The result of [`EventExtractor::explain`](super::EventExtractor::explain): what
/// [`extract`](super::EventExtractor::extract) gives, and where it was found.
#[derive(Debug)]
#[non_exhaustive]
pub struct Explanation {
    /// The result itself.
    pub incoming: Incoming,
    /// Where the parent was found: the JSON path, nested bodies joined by ` > `.
    pub parent_carrier: Option<String>,
    /// Where each link was found, in the order of the links.
    pub link_carriers: Vec<String>,
    /// What was there but not used.
    pub notes: Vec<Note>,
}

impl Explanation {
    /// The whole as one JSON object with the members `source`, `trigger`, `span`, `parent`,
    /// `links`, `baggage` and `notes`.
    pub fn to_json(&self) -> String {
        let incoming = &self.incoming;
        let fields = Fields::from_context(&incoming.parent);
        let parent = fields.traceparent().map(|traceparent| {
            json!({
                "traceparent": traceparent,
                "tracestate": fields.tracestate(),
                "carrier": self.parent_carrier,
            })
        });
        let carriers = self
            .link_carriers
            .iter()
            .map(Some)
            .chain(std::iter::repeat(None));
        let links = incoming.links.iter().zip(carriers).map(|(link, carrier)| {
            let cx = Context::new().with_remote_span_context(link.span_context.clone());
            json!({
                "traceparent": Fields::from_context(&cx).traceparent(),
                "carrier": carrier,
                "attributes": attributes(&link.attributes),
            })
        });
        let baggage = incoming.parent.baggage().iter();
        let baggage = baggage.map(|(key, (value, _))| (key.to_string(), json!(value.as_str())));
        json!({
            "source": incoming.source.as_str(),
            "trigger": incoming.trigger.as_str(),
            "span": {
                "name": incoming.span_name,
                "kind": kind(&incoming.span_kind),
                "attributes": attributes(&incoming.attributes),
            },
            "parent": parent,
            "links": links.collect::<Value>(),
            "baggage": baggage.collect::<Map<_, _>>(),
            "notes": self.notes.iter().map(|note| json!(note.to_string())).collect::<Value>(),
        })
        .to_string()
    }
}

fn attributes(attributes: &[KeyValue]) -> Map<String, Value> {
    attributes
        .iter()
        .map(|attribute| {
            let value = match &attribute.value {
                Attribute::Bool(value) => json!(value),
                Attribute::I64(value) => json!(value),
                Attribute::F64(value) => json!(value),
                other => json!(other.as_str()),
            };
            (attribute.key.to_string(), value)
        })
        .collect()
}

fn kind(kind: &SpanKind) -> &'static str {
    match kind {
        SpanKind::Client => "CLIENT",
        SpanKind::Consumer => "CONSUMER",
        SpanKind::Internal => "INTERNAL",
        SpanKind::Producer => "PRODUCER",
        SpanKind::Server => "SERVER",
    }
}

/// Something that was there but not used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Note {
    /// Where, as in [`Explanation::parent_carrier`].
    pub carrier: String,
    /// Why not.
    pub reason: NoteReason,
}

/// Why something was not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoteReason {
    /// The Kinesis Producer Library has put so many records into one; each of them is searched.
    Aggregated(u32),
    /// A member of the baggage is left out, by its position from 1, the others are used.
    Baggage(u32, BaggageError),
    /// The client context is not a JSON object.
    ClientContext,
    /// A body within a body within a body: deeper than is looked.
    Depth,
    /// It is in a format that is not to be read, see [`Propagators`](crate::Propagators).
    LeftOut,
    /// More records with context than links: this many have none.
    LinksDropped(u32),
    /// The baggage comes from a caller that is not trusted.
    UntrustedBaggage,
    /// The parent comes from a caller that is not trusted; it is a link.
    UntrustedParent,
    /// A nested body is larger than is looked into.
    Size,
    /// The `traceparent` is invalid, so the `tracestate` does not count either.
    Traceparent(TraceparentError),
    /// The `tracestate` is invalid, the `traceparent` is used without it.
    Tracestate(TracestateError),
    /// The X-Ray header says nothing, or that its trace is not recorded.
    XRayNotSampled,
}

impl fmt::Display for NoteReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aggregated(count) => write!(
                f,
                "aggregated: {count} records of the Kinesis Producer Library in one"
            ),
            Self::Baggage(position, error) => {
                write!(f, "member {position} of the baggage left out: {error}")
            }
            Self::ClientContext => f.write_str("client context is not a JSON object"),
            Self::Depth => f.write_str("depth limit: nested deeper than is looked"),
            Self::LeftOut => f.write_str("left out: OTEL_PROPAGATORS does not name this format"),
            Self::LinksDropped(count) => write!(f, "link limit: {count} more records have context"),
            Self::UntrustedBaggage => f.write_str("baggage ignored: this source is not trusted"),
            Self::UntrustedParent => {
                f.write_str("linked, not continued: this source is not trusted")
            }
            Self::Size => f.write_str("size limit: nested body is larger than is looked into"),
            Self::Traceparent(error) => write!(f, "invalid traceparent: {error}"),
            Self::Tracestate(error) => write!(f, "invalid tracestate: {error}"),
            Self::XRayNotSampled => f.write_str("X-Ray header ignored: it does not say Sampled=1"),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.carrier, self.reason)
    }
}

/// What is written down on the way.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) parent_carrier: Option<String>,
    pub(super) link_carriers: Vec<String>,
    pub(super) notes: Vec<Note>,
}

impl Log {
    pub(super) fn explain(self, incoming: Incoming) -> Explanation {
        Explanation {
            incoming,
            parent_carrier: self.parent_carrier,
            link_carriers: self.link_carriers,
            notes: self.notes,
        }
    }
}
