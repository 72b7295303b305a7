//! Explanation of the result of an extraction.

use std::fmt;

use opentelemetry::{
    Context, KeyValue, Value as Attribute,
    baggage::BaggageExt as _,
    trace::{SpanKind, TraceContextExt as _},
};
use serde_json::{Map, Value, json};

use super::Incoming;
use crate::w3c::{BaggageError, TraceparentError, TracestateError, fields::Fields};

/// The result of [`EventExtractor::explain`](super::EventExtractor::explain): the result of
/// [`extract`](super::EventExtractor::extract), and the place where each part of it was found.
#[derive(Debug)]
#[non_exhaustive]
pub struct Explanation {
    /// The result of the extraction.
    pub incoming: Incoming,
    /// The place of the parent: a JSON path, in which nested bodies are joined by ` > `.
    pub parent_carrier: Option<String>,
    /// The place of each link, in the order of the links.
    pub link_carriers: Vec<String>,
    /// Everything that was found but not used.
    pub notes: Vec<Note>,
}

impl Explanation {
    /// Returns the explanation as one JSON object with the members `source`, `trigger`, `span`, `parent`,
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

/// A value that was found but not used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Note {
    /// The place of the value, written as in [`Explanation::parent_carrier`].
    pub carrier: String,
    /// The reason it was not used.
    pub reason: NoteReason,
}

/// The reason a value was not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoteReason {
    /// The Kinesis Producer Library has packed this many records into one; each of them is searched.
    Aggregated(u32),
    /// The member of the baggage at this position, from 1, is left out; the others are used.
    Baggage(u32, BaggageError),
    /// The client context is not a JSON object.
    ClientContext,
    /// The body is nested more deeply than the search goes.
    Depth,
    /// The value is in a format that is not read, see [`Propagators`](crate::Propagators).
    LeftOut,
    /// This many records with context have no link, because of the link limit.
    LinksDropped(u32),
    /// The baggage comes from an untrusted caller.
    UntrustedBaggage,
    /// The parent comes from an untrusted caller; it became a link.
    UntrustedParent,
    /// The nested body is larger than the search limit.
    Size,
    /// The `traceparent` is invalid, and so its `tracestate` is ignored too.
    Traceparent(TraceparentError),
    /// The `tracestate` is invalid; the `traceparent` is used without it.
    Tracestate(TracestateError),
    /// The X-Ray header has no sampling decision, or one not to record the trace.
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
            Self::Depth => f.write_str("depth limit: nested deeper than the search limit"),
            Self::LeftOut => f.write_str("left out: OTEL_PROPAGATORS does not name this format"),
            Self::LinksDropped(count) => write!(f, "link limit: {count} more records have context"),
            Self::UntrustedBaggage => f.write_str("baggage ignored: this source is not trusted"),
            Self::UntrustedParent => {
                f.write_str("linked, not continued: this source is not trusted")
            }
            Self::Size => {
                f.write_str("size limit: the nested body is larger than the search limit")
            }
            Self::Traceparent(error) => write!(f, "invalid traceparent: {error}"),
            Self::Tracestate(error) => write!(f, "invalid tracestate: {error}"),
            Self::XRayNotSampled => f.write_str("X-Ray header ignored: it has no Sampled=1"),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.carrier, self.reason)
    }
}

/// The notes and places collected during a search.
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
