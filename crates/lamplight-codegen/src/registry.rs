//! A loaded registry.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use crate::{
    error::Diagnostic,
    model::{Attribute, Details, Signal, is_private},
};

/// A registry of semantic conventions, loaded and validated.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) schema_url: String,
    pub(crate) attributes: BTreeMap<String, Attribute>,
    pub(crate) signals: Vec<Signal>,
    /// Keys of the dependencies, with which new names must not collide.
    pub(crate) dependency_keys: BTreeSet<String>,
    /// Recommendations about merged groups.
    pub(crate) joined: Vec<Diagnostic>,
    pub(crate) sources: Vec<PathBuf>,
    pub(crate) dependencies: Vec<Registry>,
}

impl Registry {
    /// Returns the registry's name; empty if its manifest gives none.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the registry's description; empty if its manifest gives none.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Returns the schema URL of the registry's names; empty if its manifest has none.
    pub fn schema_url(&self) -> &str {
        &self.schema_url
    }

    /// Returns the attributes in the order of their keys: those that the registry defines, and those of its
    /// dependencies to which it refers.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.values()
    }

    /// Returns the attribute with this key.
    pub fn attribute(&self, key: &str) -> Option<&Attribute> {
        self.attributes.get(key)
    }

    /// Returns the spans, events, metrics, entities and attribute groups, in the order of the files.
    pub fn signals(&self) -> impl Iterator<Item = &Signal> {
        self.signals.iter()
    }

    /// Returns the span of this type, or the refinement of a span with this identifier.
    pub fn span(&self, id: &str) -> Option<&Signal> {
        let is_span = |signal: &&Signal| matches!(signal.details, Details::Span { .. });
        self.signals
            .iter()
            .filter(is_span)
            .find(|signal| signal.id == id)
    }

    /// Returns the event of this name.
    pub fn event(&self, name: &str) -> Option<&Signal> {
        let is_event = |signal: &&Signal| matches!(signal.details, Details::Event);
        self.signals
            .iter()
            .filter(is_event)
            .find(|signal| signal.id == name)
    }

    /// Returns the files of the registry and of all its dependencies.
    pub(crate) fn all_sources(&self) -> Vec<&Path> {
        let inner = self.dependencies.iter().flat_map(Self::all_sources);
        let own = self.sources.iter().map(PathBuf::as_path);
        own.chain(inner).collect()
    }

    /// Returns the registry with everything visible of its dependencies as its own.
    pub(crate) fn with_dependencies(mut self) -> Self {
        for dependency in std::mem::take(&mut self.dependencies) {
            let dependency = dependency.with_dependencies();
            for (key, attribute) in dependency.attributes {
                if !is_private(&attribute.annotations) {
                    self.attributes.entry(key).or_insert(attribute);
                }
            }
            for signal in dependency.signals {
                let is_same =
                    |own: &Signal| own.id == signal.id && own.details.is_like(&signal.details);
                if !is_private(&signal.annotations) && !self.signals.iter().any(is_same) {
                    self.signals.push(signal);
                }
            }
        }
        self
    }
}
