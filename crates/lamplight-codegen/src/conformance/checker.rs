//! The checker, which finds the definitions that match a recorded span, and the deviations from them.

use std::collections::BTreeMap;

use super::{
    definition::Definition,
    recorded::{RecordedAttribute, RecordedSpan},
    report::{Finding, FindingKind, Report},
};
use crate::{
    model::{AttributeType, AttributeUse, RequirementLevel, Signal},
    registry::Registry,
};

/// A checker that compares recorded spans with a registry.
///
/// Every attribute of spans, events and links must be declared, not deprecated, of the declared type, and, if
/// its values are known, have one of these. A span is compared with the definitions that match it: required
/// attributes, kind and name. The matching spans of a definition are described by an annotation, which other
/// tools ignore:
///
/// ```yaml
/// annotations:
///   conformance:
///     # Values a span of the type has; "*" stands for any. `kind` may be among them.
///     match: {messaging.operation.type: process}
///     # Kinds allowed in addition to that of the definition.
///     kinds: [consumer, internal]
///     # The name, compared if all its keys were recorded; by default the definition's own note,
///     # if that is such a pattern.
///     name: "{messaging.operation.name} {messaging.destination.name}"
/// ```
///
/// A deprecated attribute is no violation on a span whose definition still lists it. A `sampling_relevant`
/// attribute must not be added after the start of a span; this is checked for spans whose start was recorded,
/// see [`CheckingExporter::at_start`](crate::CheckingExporter::at_start).
#[derive(Debug, Clone)]
pub struct Checker {
    pub(super) registry: Registry,
    definitions: Vec<Definition>,
    /// Prefixes of template attributes, which end in a dot.
    pub(super) templates: BTreeMap<String, String>,
    /// Keys and namespaces that are not checked.
    pub(super) ignored: Vec<String>,
}

impl Checker {
    /// Returns a checker for `registry`.
    pub fn new(registry: Registry) -> Self {
        let definitions = registry.signals().filter_map(Definition::of).collect();
        let templates = registry
            .attributes()
            .filter(|attribute| matches!(attribute.r#type, AttributeType::Template(_)))
            .map(|attribute| (format!("{}.", attribute.key), attribute.key.clone()))
            .collect();
        Self {
            registry,
            definitions,
            templates,
            ignored: Vec::new(),
        }
    }

    /// Accepts everything declared by the registry's dependencies, too, for a program whose libraries have
    /// registries of their own. By default, only the parts of them that the registry uses by `ref` or
    /// `imports` are accepted.
    pub fn with_dependencies(self) -> Self {
        Self {
            ignored: self.ignored,
            ..Self::new(self.registry.with_dependencies())
        }
    }

    /// Ignores the attribute `name` and all attributes in the namespace of that name, such as `target` of
    /// `tracing-opentelemetry`, or the attributes that a test records. By default nothing is ignored.
    pub fn with_ignored(mut self, name: impl Into<String>) -> Self {
        self.ignored.push(name.into());
        self
    }

    /// Returns the registry that spans are compared with.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Checks recorded spans from any source.
    pub fn check_recorded<'s>(&self, spans: impl IntoIterator<Item = &'s RecordedSpan>) -> Report {
        let mut report = Report::default();
        for span in spans {
            self.span(span, &mut report);
        }
        report
    }

    /// Checks attributes that belong to no span, such as a resource's, under the name `owner`.
    pub fn check_attributes(&self, owner: &str, attributes: &[RecordedAttribute]) -> Report {
        let mut report = Report::default();
        for (key, value) in attributes {
            self.attribute(owner, key, value, &[], &mut report);
        }
        report
    }

    fn span(&self, span: &RecordedSpan, report: &mut Report) {
        let fitting: Vec<&Definition> = self
            .definitions
            .iter()
            .filter(|definition| definition.fits(span))
            .collect();
        // A matching refinement takes precedence over the definition it refines.
        let refined = |id: &str| {
            fitting
                .iter()
                .any(|other| other.signal.refines.as_deref() == Some(id))
        };
        let fitting: Vec<&Definition> = fitting
            .iter()
            .copied()
            .filter(|found| !refined(&found.signal.id))
            .collect();
        let ids: Vec<&str> = fitting
            .iter()
            .map(|found| found.signal.id.as_str())
            .collect();
        report.add_span(&ids);
        if fitting.is_empty() {
            report.add(Finding::new(&span.name, "", FindingKind::UnknownSpan));
        }

        let listed: Vec<&Signal> = fitting
            .iter()
            .map(|definition| &definition.signal)
            .collect();
        for (key, value) in &span.attributes {
            self.attribute(&span.name, key, value, &listed, report);
        }
        for definition in &fitting {
            self.definition(span, definition, report);
        }
        for (name, attributes) in &span.events {
            self.event(&span.name, name, attributes, report);
        }
        for (key, value) in span.links.iter().flatten() {
            self.attribute(&span.name, key, value, &listed, report);
        }
    }

    fn definition(&self, span: &RecordedSpan, definition: &Definition, report: &mut Report) {
        let id = definition.signal.id.as_str();
        let kind_fits = span
            .kind
            .is_some_and(|kind| definition.kinds.contains(&kind));
        if !kind_fits {
            let expected: Vec<String> = definition.kinds.iter().map(ToString::to_string).collect();
            let kind = FindingKind::WrongKind {
                definition: id.to_owned(),
                expected: expected.join(" or "),
                recorded: span
                    .kind
                    .map_or("unspecified".to_owned(), |kind| kind.to_string()),
            };
            report.add(Finding::new(&span.name, "", kind));
        }
        if let Some(expected) = definition
            .name(span)
            .filter(|expected| *expected != span.name)
        {
            let kind = FindingKind::WrongName {
                definition: id.to_owned(),
                expected,
            };
            report.add(Finding::new(&span.name, "", kind));
        }
        deprecated_definition(&span.name, &definition.signal, "", report);
        self.requirements(&span.name, &definition.signal, &span.attributes, report);
        self.start(span, definition, report);
    }

    /// Reports attributes that samplers need but that were added after the start. A template is checked key
    /// by key.
    fn start(&self, span: &RecordedSpan, definition: &Definition, report: &mut Report) {
        let Some(at_start) = &span.at_start else {
            return;
        };
        for used in definition
            .signal
            .attributes
            .iter()
            .filter(|used| used.sampling_relevant)
        {
            let late = span
                .attributes
                .iter()
                .map(|(key, _)| key)
                .filter(|key| self.is_of(key, used) && !at_start.contains(key));
            for key in late {
                let definition = definition.signal.id.clone();
                report.add(Finding::new(
                    &span.name,
                    key,
                    FindingKind::SetAfterStart { definition },
                ));
            }
        }
    }

    fn event(&self, span: &str, name: &str, attributes: &[RecordedAttribute], report: &mut Report) {
        let definition = self.registry.event(name);
        match definition {
            Some(signal) => {
                deprecated_definition(span, signal, name, report);
                self.requirements(span, signal, attributes, report);
            }
            None => report.add(Finding::new(span, name, FindingKind::UndeclaredEvent)),
        }
        let listed: Vec<&Signal> = definition.into_iter().collect();
        for (key, value) in attributes {
            self.attribute(span, key, value, &listed, report);
        }
    }

    fn requirements(
        &self,
        span: &str,
        signal: &Signal,
        attributes: &[RecordedAttribute],
        report: &mut Report,
    ) {
        for used in &signal.attributes {
            if self.is_there(used, attributes) {
                continue;
            }
            let definition = signal.id.clone();
            let kind = match &used.requirement_level {
                RequirementLevel::Required => FindingKind::MissingRequired { definition },
                RequirementLevel::ConditionallyRequired(condition) => {
                    let condition = condition.clone();
                    FindingKind::MissingConditionallyRequired {
                        definition,
                        condition,
                    }
                }
                RequirementLevel::Recommended(_) => FindingKind::MissingRecommended { definition },
                RequirementLevel::OptIn(_) => continue,
            };
            report.add(Finding::new(span, &used.key, kind));
        }
    }

    fn is_there(&self, used: &AttributeUse, attributes: &[RecordedAttribute]) -> bool {
        attributes.iter().any(|(key, _)| self.is_of(key, used))
    }

    /// Returns whether a recorded key is the attribute, or one of the template.
    fn is_of(&self, key: &str, used: &AttributeUse) -> bool {
        key.strip_prefix(&used.key).is_some_and(|rest| {
            rest.is_empty()
                || (rest.starts_with('.') && self.templates.contains_key(&format!("{}.", used.key)))
        })
    }
}

fn deprecated_definition(span: &str, signal: &Signal, subject: &str, report: &mut Report) {
    if let Some(reason) = &signal.deprecated {
        let kind = FindingKind::DeprecatedDefinition {
            definition: signal.id.clone(),
            remedy: reason.to_string(),
        };
        report.add(Finding::new(span, subject, kind));
    }
}
