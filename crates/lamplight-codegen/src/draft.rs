//! Drafts: the contents of registry files, before names are resolved.

use std::collections::HashMap;

use crate::{
    error::Position,
    model::{Attribute, Deprecation, Details, Literal, RequirementLevel, Stability},
};

/// The contents of the files of one registry.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) signals: Vec<DraftSignal>,
    pub(crate) imports: Vec<Import>,
    /// Attributes that are copies of others under a group's prefix, each with the key of the original.
    pub(crate) embedded: Vec<(String, AttributeRef)>,
    /// Requirement levels given in definitions, for the references to them.
    pub(crate) levels: HashMap<String, RequirementLevel>,
}

/// Items of a dependency to take over, by pattern.
#[derive(Debug)]
pub(crate) struct Import {
    /// Prefix of the sort of signal, as [`Details::prefix`] gives it.
    pub(crate) prefix: &'static str,
    pub(crate) pattern: String,
    pub(crate) position: Position,
}

/// A signal whose references have not been resolved.
#[derive(Debug, Clone)]
pub(crate) struct DraftSignal {
    pub(crate) id: String,
    /// The recorded name; a refinement takes it from its base.
    pub(crate) name: Option<String>,
    pub(crate) details: DraftDetails,
    pub(crate) brief: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) stability: Option<Stability>,
    pub(crate) deprecated: Option<Deprecation>,
    pub(crate) annotations: Vec<(String, Literal)>,
    pub(crate) parent: Option<Parent>,
    pub(crate) uses: Vec<Use>,
    pub(crate) entity_associations: Vec<(String, Position)>,
    /// True if signals with the same name are merged: groups of the older form may share one.
    pub(crate) joins: bool,
    pub(crate) position: Position,
}

/// Details of a signal; those of a refinement come from its base.
#[derive(Debug, Clone)]
pub(crate) enum DraftDetails {
    Given(Details),
    /// A refinement of such a signal, with the span name it may replace.
    Refined {
        like: Details,
        span_name: Option<String>,
    },
}

/// A signal from which attributes are inherited.
#[derive(Debug, Clone)]
pub(crate) struct Parent {
    pub(crate) id: String,
    pub(crate) position: Position,
    /// True for a refinement, which specializes the signal; an extension only shares attributes.
    pub(crate) refined: bool,
}

/// One item of a signal's list of attributes.
#[derive(Debug, Clone)]
pub(crate) enum Use {
    Attribute(Box<AttributeRef>),
    Group {
        id: String,
        position: Position,
    },
    /// Another signal, whose attributes are included unless this one already has them.
    Include {
        id: String,
        position: Position,
    },
}

/// A reference to an attribute, with its overrides.
#[derive(Debug, Clone)]
pub(crate) struct AttributeRef {
    pub(crate) key: String,
    pub(crate) requirement_level: Option<RequirementLevel>,
    pub(crate) sampling_relevant: Option<bool>,
    pub(crate) brief: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) examples: Vec<Literal>,
    pub(crate) stability: Option<Stability>,
    pub(crate) deprecated: Option<Deprecation>,
    pub(crate) position: Position,
}
