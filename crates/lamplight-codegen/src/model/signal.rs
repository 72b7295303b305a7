//! Spans, events, metrics, entities, and the attributes they use.

use std::fmt;

use super::{
    attribute::{Deprecation, Stability},
    literal::{Literal, code_generation},
};
use crate::error::Position;

/// Requirement level of an attribute in a signal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequirementLevel {
    /// Always recorded.
    Required,
    /// Always recorded under a condition, given as text.
    ConditionallyRequired(String),
    /// Recorded unless there is a reason not to; the text may be empty.
    Recommended(String),
    /// Recorded only if a user enables it; the text may be empty.
    OptIn(String),
}

impl RequirementLevel {
    /// Returns the rank of the level in lists that begin with required attributes.
    pub(crate) fn rank(&self) -> usize {
        match self {
            Self::Required => 0,
            Self::ConditionallyRequired(_) => 1,
            Self::Recommended(_) => 2,
            Self::OptIn(_) => 3,
        }
    }
}

impl fmt::Display for RequirementLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Required => "required",
            Self::ConditionallyRequired(_) => "conditionally required",
            Self::Recommended(_) => "recommended",
            Self::OptIn(_) => "opt-in",
        })
    }
}

/// An attribute as one signal uses it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AttributeUse {
    /// The attribute's key.
    pub key: String,
    /// Its requirement level.
    pub requirement_level: RequirementLevel,
    /// True if it must be present when a span starts, so that samplers see it.
    pub sampling_relevant: bool,
    /// Its meaning for this signal.
    pub brief: String,
    /// Further notes; may be empty.
    pub note: String,
    /// Example values; may be empty.
    pub examples: Vec<Literal>,
    /// Its stability in this signal.
    pub stability: Stability,
    /// The deprecation, if it should not be used here.
    pub deprecated: Option<Deprecation>,
    /// The place of the use.
    pub position: Position,
}

/// Kind of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpanKind {
    /// Sending of a request.
    Client,
    /// Handling of a request.
    Server,
    /// Sending of a message.
    Producer,
    /// Processing of a message.
    Consumer,
    /// Work that does not leave the process.
    Internal,
}

impl SpanKind {
    pub(crate) const NAMES: [(&'static str, Self); 5] = [
        ("client", Self::Client),
        ("server", Self::Server),
        ("producer", Self::Producer),
        ("consumer", Self::Consumer),
        ("internal", Self::Internal),
    ];
}

impl fmt::Display for SpanKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES
            .iter()
            .find(|(_, kind)| kind == self)
            .map(|(name, _)| *name);
        f.write_str(name.unwrap_or("internal"))
    }
}

/// Properties of one sort of signal.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Details {
    /// A list of attributes that signals share.
    AttributeGroup,
    /// A span.
    Span {
        /// Its kind.
        kind: SpanKind,
        /// The form of its name, in prose or as `{key} {key}`; may be empty.
        name: String,
    },
    /// An event.
    Event,
    /// A metric.
    Metric {
        /// `counter`, `updowncounter`, `gauge` or `histogram`.
        instrument: String,
        /// Unit in the notation of the Unified Code for Units of Measure.
        unit: String,
    },
    /// An object that telemetry describes.
    Entity,
}

impl Details {
    /// Returns the prefix that identifiers of such signals have in the older form of the format.
    pub(crate) fn prefix(&self) -> &'static str {
        match self {
            Self::AttributeGroup => "attribute_group.",
            Self::Span { .. } => "span.",
            Self::Event => "event.",
            Self::Metric { .. } => "metric.",
            Self::Entity => "entity.",
        }
    }

    /// Returns whether the two are of one sort.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// A span, event, metric, entity or group of attributes, with everything that it inherits.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Signal {
    /// A name that is unique among signals of its sort: the type of a span or entity, the name of an event or
    /// metric, the identifier of a group or of a refinement.
    pub id: String,
    /// The recorded name, which a refinement shares with its base.
    pub name: String,
    /// The properties of its sort.
    pub details: Details,
    /// Its meaning, in a sentence.
    pub brief: String,
    /// Further notes; may be empty.
    pub note: String,
    /// Its stability.
    pub stability: Stability,
    /// The deprecation, if it should not be used.
    pub deprecated: Option<Deprecation>,
    /// Settings for tools.
    pub annotations: Vec<(String, Literal)>,
    /// Its attributes, inherited ones first.
    pub attributes: Vec<AttributeUse>,
    /// The entities it describes; one of them is enough.
    pub entity_associations: Vec<String>,
    /// The signal it refines, if it is a refinement.
    pub refines: Option<String>,
    /// The place of the definition.
    pub position: Position,
}

impl Signal {
    /// Returns whether the signal is excluded from generated code.
    pub fn excluded(&self) -> bool {
        code_generation(&self.annotations, "exclude")
    }
}
