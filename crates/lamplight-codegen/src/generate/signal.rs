//! Generated Rust for spans, events and metrics: their names, and functions that take the required values.

use std::collections::{BTreeMap, BTreeSet};

use super::{attribute::parameter, layout::Source, names};
use crate::{
    model::{Attribute, AttributeType, AttributeUse, Details, RequirementLevel, Signal, ValueType},
    registry::Registry,
};

/// Writes the module `name` with the signals of one sort, unless there are none.
pub(super) fn module(
    name: &str,
    registry: &Registry,
    is_wanted: fn(&Details) -> bool,
    out: &mut Source,
) {
    let mut root = Level::default();
    for signal in registry.signals.iter().filter(|signal| !signal.excluded()) {
        if is_wanted(&signal.details) {
            root.insert(signal);
        }
    }
    root.children(registry, 1, name, out);
}

/// One level of the signals' names.
#[derive(Default)]
struct Level<'r> {
    signal: Option<&'r Signal>,
    levels: BTreeMap<&'r str, Level<'r>>,
}

impl<'r> Level<'r> {
    fn insert(&mut self, signal: &'r Signal) {
        let mut level = self;
        for segment in signal.id.split('.') {
            level = level.levels.entry(segment).or_default();
        }
        level.signal = Some(signal);
    }

    /// `depth` is the number of modules between here and the root of the generated code.
    fn children(&self, registry: &Registry, depth: usize, path: &str, out: &mut Source) {
        for (name, level) in &self.levels {
            let path = format!("{path}.{name}");
            out.gap();
            match level.signal {
                Some(signal) => documentation(signal, registry, out),
                None => {
                    let namespace = path.split_once('.').map_or("", |(_, rest)| rest);
                    out.own_docs(&format!("`{namespace}.*`"));
                }
            }
            out.open(&format!("pub mod {} {{", names::function(name)));
            if let Some(signal) = level.signal {
                items(signal, registry, depth + 1, out);
            }
            level.children(registry, depth + 1, &path, out);
            out.close("}");
        }
    }
}

/// The maximum number of signals named in the comment of an attribute.
const MAX_USAGES: usize = 6;

/// Returns, for each attribute required by a span, event or metric, a sentence about that.
pub(super) fn usages(registry: &Registry) -> BTreeMap<&str, String> {
    let mut found: BTreeMap<&str, BTreeMap<usize, Vec<String>>> = BTreeMap::new();
    for signal in &registry.signals {
        if matches!(signal.details, Details::AttributeGroup | Details::Entity) {
            continue;
        }
        let name = format!(
            "{} `{}`",
            signal.details.prefix().trim_end_matches('.'),
            signal.id
        );
        for used in &signal.attributes {
            let rank = used.requirement_level.rank();
            if rank <= 1 {
                let levels = found.entry(used.key.as_str()).or_default();
                levels.entry(rank).or_default().push(name.clone());
            }
        }
    }
    let sentences = found.into_iter().map(|(key, levels)| {
        let parts: Vec<String> = levels
            .into_iter()
            .map(|(rank, names)| {
                let how = if rank == 0 {
                    "Required by"
                } else {
                    "Conditionally required by"
                };
                let beyond = names.len().saturating_sub(MAX_USAGES);
                let mut list: Vec<String> = names.into_iter().take(MAX_USAGES).collect();
                if beyond > 0 {
                    list.push(format!("{beyond} more"));
                }
                format!("{how} {}.", list.join(", "))
            })
            .collect();
        (key, parts.join(" "))
    });
    sentences.collect()
}

fn documentation(signal: &Signal, registry: &Registry, out: &mut Source) {
    let mut text = match signal.brief.is_empty() {
        true => format!("`{}`.", signal.id),
        false => signal.brief.clone(),
    };
    if !signal.note.is_empty() {
        text.push_str(&format!("\n\n{}", signal.note));
    }
    match &signal.details {
        Details::Span { kind, name } => {
            text.push_str(&format!("\n\nKind: {kind}."));
            if !name.is_empty() {
                text.push_str(&format!(" Name: {name}"));
            }
        }
        Details::Metric { instrument, .. } => {
            text.push_str(&format!("\n\nInstrument: {instrument}."));
        }
        Details::Event | Details::Entity | Details::AttributeGroup => {}
    }
    text.push_str(&format!("\n\nStability: {}.", signal.stability));
    if let Some(deprecation) = &signal.deprecated {
        text.push_str(&format!("\n\nDeprecated: {deprecation}"));
    }
    let mut uses: Vec<&AttributeUse> = signal.attributes.iter().collect();
    uses.sort_by_key(|used| used.requirement_level.rank());
    for (index, used) in uses.iter().enumerate() {
        let level = &used.requirement_level;
        let what = registry
            .attribute(&used.key)
            .map_or("", |found| found.brief.as_str());
        let brief = if used.brief.is_empty() {
            what
        } else {
            &used.brief
        };
        let line = brief.split_whitespace().collect::<Vec<_>>().join(" ");
        let gap = if index == 0 { "\n\n" } else { "\n" };
        text.push_str(&format!("{gap}- `{}` ({level}): {line}", used.key));
    }
    out.docs(&text);
}

fn items(signal: &Signal, registry: &Registry, depth: usize, out: &mut Source) {
    let required: Vec<&Attribute> = signal
        .attributes
        .iter()
        .filter(|used| used.requirement_level == RequirementLevel::Required)
        .filter_map(|used| registry.attribute(&used.key))
        .filter(|attribute| !attribute.excluded())
        .filter(|attribute| !matches!(attribute.r#type, AttributeType::Template(_)))
        .collect();
    if !required.is_empty() {
        imports(&required, out);
    }
    let name = format!("{:?}", signal.name);
    match &signal.details {
        Details::Span { .. } => {
            out.gap();
            out.own_docs("Type of the span.");
            out.assign("pub const TYPE: &str =", &name);
        }
        Details::Metric { unit, .. } => {
            out.gap();
            out.own_docs("Name of the metric.");
            out.assign("pub const NAME: &str =", &name);
            out.gap();
            out.own_docs("Unit of the metric.");
            out.assign("pub const UNIT: &str =", &format!("{unit:?}"));
            let description = signal
                .brief
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            out.gap();
            out.own_docs("Description of the metric.");
            out.assign("pub const DESCRIPTION: &str =", &format!("{description:?}"));
        }
        Details::Event | Details::Entity | Details::AttributeGroup => {
            out.gap();
            out.own_docs("Name of the event.");
            out.assign("pub const NAME: &str =", &name);
        }
    }
    let early: Vec<String> = signal
        .attributes
        .iter()
        .filter(|used| used.sampling_relevant)
        .map(|used| format!("{:?}", used.key))
        .collect();
    if !early.is_empty() {
        out.gap();
        out.own_docs("Keys of the attributes that must be present when a span starts, so that samplers see them.");
        out.array("pub const SAMPLING_RELEVANT: &[&str] = &", &early, ";");
    }
    if !required.is_empty() {
        function(&required, depth, out);
    }
}

fn imports(required: &[&Attribute], out: &mut Source) {
    let mut needed = BTreeSet::from(["KeyValue"]);
    for attribute in required {
        match &attribute.r#type {
            AttributeType::Value(ValueType::String | ValueType::StringArray) => {
                needed.insert("StringValue");
            }
            AttributeType::Value(ValueType::Any) => {
                needed.insert("Value");
            }
            _ => {}
        }
    }
    let needed: Vec<&str> = needed.into_iter().collect();
    match needed.as_slice() {
        [only] => out.line(&format!("use ::opentelemetry::{only};")),
        _ => out.line(&format!("use ::opentelemetry::{{{}}};", needed.join(", "))),
    }
}

/// Writes a function that takes the values of all required attributes, so that none can be omitted.
fn function(required: &[&Attribute], depth: usize, out: &mut Source) {
    let root = "super::".repeat(depth);
    let mut taken = BTreeSet::new();
    let mut parameters = Vec::new();
    let mut bindings = Vec::new();
    for attribute in required {
        let mut name = attribute.key.replace('.', "_");
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        let mut segments: Vec<&str> = attribute.key.split('.').collect();
        let last = names::function(segments.pop().unwrap_or_default());
        let module: String = segments
            .iter()
            .map(|segment| format!("{}::", names::function(segment)))
            .collect();
        let r#type = match &attribute.r#type {
            AttributeType::Enum(_) => {
                format!("{root}{module}{}", names::enumeration(&attribute.key))
            }
            AttributeType::Value(r#type) | AttributeType::Template(r#type) => {
                parameter(*r#type).0.to_owned()
            }
        };
        parameters.push(format!("{name}: {type}"));
        bindings.push((name, format!("{root}{module}{last}")));
    }
    out.gap();
    out.own_docs("Returns the required attributes, none of which can be omitted.");
    if required
        .iter()
        .any(|attribute| attribute.deprecated.is_some())
    {
        out.line("#[allow(deprecated)]");
    }
    if required.len() > 7 {
        out.line("#[allow(clippy::too_many_arguments)]");
    }
    out.function(
        "pub fn required",
        &parameters,
        &format!("[KeyValue; {}]", required.len()),
    );
    for (name, constructor) in &bindings {
        out.assign_call(&format!("let {name} ="), constructor, name);
    }
    let names: Vec<String> = bindings.into_iter().map(|(name, _)| name).collect();
    out.array("", &names, "");
    out.close("}");
}
