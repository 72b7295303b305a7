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
    /// Always recorded under a condition, told in words.
    ConditionallyRequired(String),
    /// Recorded unless there is a reason not to; the words may be empty.
    Recommended(String),
    /// Recorded only if a user asked for it; the words may be empty.
    OptIn(String),
}

impl RequirementLevel {
    /// Returns the place of the level in lists that begin with what is needed most.
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
    /// Whether it has to be there when a span starts, for samplers to see.
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
    /// Where it is used.
    pub position: Position,
}

/// Kind of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpanKind {
    /// A request that is sent.
    Client,
    /// A request that is answered.
    Server,
    /// A message that is sent.
    Producer,
    /// A message that is worked on.
    Consumer,
    /// Anything that does not leave the process.
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
        /// How its name is formed, in words or as `{key} {key}`; may be empty.
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
    /// Something telemetry is about.
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

/// A span, event, metric, entity or group of attributes, with everything it inherits.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Signal {
    /// Name that no other signal of its sort has: the type of a span or entity, the name of an
    /// event or metric, the identifier of a group or of a refinement.
    pub id: String,
    /// Name that is recorded, which a refinement shares with what it refines.
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
    /// Entities it is about; any one of them.
    pub entity_associations: Vec<String>,
    /// The signal it refines, if it is a refinement.
    pub refines: Option<String>,
    /// Where it is defined.
    pub position: Position,
}

impl Signal {
    /// Returns whether generated code leaves the signal out.
    pub fn excluded(&self) -> bool {
        code_generation(&self.annotations, "exclude")
    }
}
