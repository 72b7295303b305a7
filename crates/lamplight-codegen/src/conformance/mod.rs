//! Whether what was recorded is what the registry says.

mod definition;
#[cfg(feature = "otlp")]
mod otlp;
mod recorded;
mod report;
#[cfg(feature = "sdk")]
mod sdk;

use std::collections::BTreeMap;

use crate::load::fields::nearest;
use crate::model::{
    AttributeType, AttributeUse, Deprecation, EnumType, Literal, RequirementLevel, Signal,
    Stability, ValueType,
};
use crate::registry::Registry;
use definition::Definition;

#[cfg(feature = "otlp")]
pub use otlp::OtlpError;
pub use recorded::{RecordedAttribute, RecordedSpan};
pub use report::{Finding, FindingKind, Level, Report};
#[cfg(feature = "sdk")]
pub use sdk::CheckingExporter;

/// Compares recorded spans with a registry.
///
/// Every attribute of spans, events and links has to be declared, not deprecated, of the declared
/// type, and if its values are known, one of these. A span is compared with the definitions it
/// fits: required attributes, kind and name. How a span is known to be of a type is told by an
/// annotation of the definition, which other tools ignore:
///
/// ```yaml
/// annotations:
///   conformance:
///     # Values a span of the type has; "*" stands for any. `kind` may be among them.
///     match: {messaging.operation.type: process}
///     # Kinds allowed beside that of the definition.
///     kinds: [consumer, internal]
///     # The name, compared if all its keys were recorded; by default the definition's own note,
///     # if that is such a pattern.
///     name: "{messaging.operation.name} {messaging.destination.name}"
/// ```
///
/// An attribute that is deprecated is no violation on a span whose definition still lists it. One
/// that is `sampling_relevant` has to be there when the span starts, if at all; that is known of
/// spans whose start was noted, see [`CheckingExporter::at_start`].
#[derive(Debug, Clone)]
pub struct Checker {
    registry: Registry,
    definitions: Vec<Definition>,
    /// Prefixes of template attributes, which end in a dot.
    templates: BTreeMap<String, String>,
    /// Keys and namespaces that are not looked at.
    ignored: Vec<String>,
}

impl Checker {
    /// A checker that goes by `registry`.
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

    /// Goes by the registry's dependencies too, as if all they declare were the registry's own: for
    /// a program whose libraries have registries of theirs. By default only what the registry takes
    /// over from them, by `ref` or `imports`, is known.
    pub fn with_dependencies(self) -> Self {
        Self {
            ignored: self.ignored,
            ..Self::new(self.registry.with_dependencies())
        }
    }

    /// Leaves alone the attribute `name` and all in the namespace of that name: what somebody
    /// else's instrumentation records, such as `target` of `tracing-opentelemetry`, or a test for
    /// itself. By default nothing is left alone.
    pub fn with_ignored(mut self, name: impl Into<String>) -> Self {
        self.ignored.push(name.into());
        self
    }

    /// The registry the checker goes by.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Checks spans from wherever they were recorded.
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
        // What a fitting refinement says takes the place of what it refines.
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

    /// What samplers are to see has to be there when they are asked. A template is there with its
    /// keys; each of them is looked at.
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

    /// Whether a recorded key is the attribute, or one of the template.
    fn is_of(&self, key: &str, used: &AttributeUse) -> bool {
        key.strip_prefix(&used.key).is_some_and(|rest| {
            rest.is_empty()
                || (rest.starts_with('.') && self.templates.contains_key(&format!("{}.", used.key)))
        })
    }

    fn attribute(
        &self,
        span: &str,
        key: &str,
        value: &Literal,
        listed: &[&Signal],
        report: &mut Report,
    ) {
        let is_in = |name: &String| {
            key.strip_prefix(name.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if self.ignored.iter().any(is_in) {
            return;
        }
        let template = || {
            let ends = key
                .match_indices('.')
                .map(|(dot, _)| key.get(..=dot).unwrap_or_default());
            ends.into_iter()
                .find_map(|prefix| self.templates.get(prefix))
        };
        let declared = match self.registry.attribute(key) {
            Some(found) if !matches!(found.r#type, AttributeType::Template(_)) => Some(found),
            _ => template().and_then(|key| self.registry.attribute(key)),
        };
        let Some(declared) = declared else {
            let similar = match self.templates.contains_key(&format!("{key}.")) {
                true => Some(format!("{key}.<key>")),
                false => {
                    let known: Vec<&str> =
                        self.registry.attributes().map(|a| a.key.as_str()).collect();
                    nearest(key, &known).map(str::to_owned)
                }
            };
            report.add(Finding::new(
                span,
                key,
                FindingKind::UndeclaredAttribute { similar },
            ));
            return;
        };
        let is_listed = listed.iter().any(|signal| {
            signal
                .attributes
                .iter()
                .any(|used| used.key == declared.key)
        });
        if let Some(reason) = declared.deprecated.as_ref().filter(|_| !is_listed) {
            let remedy = reason.to_string();
            report.add(Finding::new(
                span,
                key,
                FindingKind::DeprecatedAttribute { remedy },
            ));
        }
        if !matches!(
            declared.stability,
            Stability::Stable | Stability::Deprecated
        ) {
            let stability = declared.stability;
            report.add(Finding::new(
                span,
                key,
                FindingKind::NotStable { stability },
            ));
        }
        if !has_type(value, declared.r#type.value_type()) {
            let expected = declared.r#type.value_type().to_string();
            let recorded = type_name(value).to_owned();
            let kind = FindingKind::WrongType { expected, recorded };
            report.add(Finding::new(span, key, kind));
        } else if let AttributeType::Enum(members) = &declared.r#type {
            member(span, key, value, members, report);
        }
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

fn member(span: &str, key: &str, value: &Literal, members: &EnumType, report: &mut Report) {
    let mut found = members
        .members
        .iter()
        .filter(|member| member.value == *value);
    let Some(first) = found.next() else {
        let level = if members.open {
            Level::Information
        } else {
            Level::Violation
        };
        let kind = FindingKind::UnknownValue {
            value: value.to_string(),
        };
        report.add(Finding::new(span, key, kind).at(level));
        return;
    };
    // A value that was given a second name is not deprecated itself.
    let deprecated: Option<&Deprecation> = first.deprecated.as_ref();
    if let Some(reason) = deprecated.filter(|_| found.all(|other| other.deprecated.is_some())) {
        let kind = FindingKind::DeprecatedValue {
            value: value.to_string(),
            remedy: reason.to_string(),
        };
        report.add(Finding::new(span, key, kind));
    }
}

fn has_type(value: &Literal, r#type: ValueType) -> bool {
    let all = |is_item: fn(&Literal) -> bool| match value {
        Literal::List(items) => items.iter().all(is_item),
        _ => false,
    };
    match r#type {
        ValueType::Any => true,
        ValueType::String => matches!(value, Literal::String(_)),
        ValueType::Int => matches!(value, Literal::Int(_)),
        ValueType::Double => matches!(value, Literal::Double(_)),
        ValueType::Boolean => matches!(value, Literal::Boolean(_)),
        ValueType::StringArray => all(|item| matches!(item, Literal::String(_))),
        ValueType::IntArray => all(|item| matches!(item, Literal::Int(_))),
        ValueType::DoubleArray => all(|item| matches!(item, Literal::Double(_))),
        ValueType::BooleanArray => all(|item| matches!(item, Literal::Boolean(_))),
    }
}

fn type_name(value: &Literal) -> &'static str {
    match value {
        Literal::Null => "nothing",
        Literal::Boolean(_) => "boolean",
        Literal::Int(_) => "int",
        Literal::Double(_) => "double",
        Literal::String(_) => "string",
        Literal::Map(_) => "map",
        Literal::List(items) => match items.first() {
            Some(Literal::Boolean(_)) => "boolean[]",
            Some(Literal::Int(_)) => "int[]",
            Some(Literal::Double(_)) => "double[]",
            Some(Literal::String(_)) => "string[]",
            _ => "list",
        },
    }
}
