//! The parts of signals that are the same in both versions of the format.

use super::{
    attribute,
    fields::{Fields, Sink},
};
use crate::{
    draft::{AttributeRef, Draft, DraftDetails, DraftSignal, Import, Use},
    model::{Details, RequirementLevel},
    yaml::{Node, Yaml},
};

/// Reads the fields that all signals have. The caller reads sort, parent and details.
pub(super) fn common(
    id: String,
    details: DraftDetails,
    fields: &mut Fields<'_>,
    sink: &mut Sink,
) -> DraftSignal {
    let (stability, deprecated) = attribute::standing(fields, sink);
    DraftSignal {
        name: None,
        details,
        brief: fields.text("brief", sink),
        note: fields.text("note", sink),
        stability,
        deprecated,
        annotations: attribute::annotations(fields, sink),
        parent: None,
        uses: Vec::new(),
        entity_associations: entity_associations(fields, sink),
        joins: false,
        position: sink.position(fields.at),
        id,
    }
}

/// Reads the list `name` of references. Definitions in it are added to the draft, with the group's `prefix`
/// before their keys.
pub(super) fn uses(
    name: &'static str,
    prefix: &str,
    fields: &mut Fields<'_>,
    draft: &mut Draft,
    sink: &mut Sink,
) -> Vec<Use> {
    let items = fields.list(name, sink);
    items
        .iter()
        .filter_map(|item| one_use(item, prefix, &fields.subject, draft, sink))
        .collect()
}

fn one_use(
    node: &Node,
    prefix: &str,
    subject: &str,
    draft: &mut Draft,
    sink: &mut Sink,
) -> Option<Use> {
    let mut fields = Fields::of(node, subject, sink)?;
    let position = sink.position(node.at);
    if let Some(id) = fields.text("ref_group", sink) {
        fields.finish(sink);
        return Some(Use::Group { id, position });
    }
    let requirement_level = requirement_level(&mut fields, sink);
    let sampling_relevant = fields.flag("sampling_relevant", sink);
    // Neither affects recorded data: a label for documents, and the role in an entity.
    fields.get("tag");
    let roles = [("identifying", ()), ("descriptive", ())];
    fields.choice("role", &roles, sink);
    if fields.get("id").is_some() {
        let defined = attribute::definition(&mut fields, "id", prefix, sink);
        fields.finish(sink);
        let defined = defined?;
        if let Some(level) = &requirement_level {
            draft.levels.insert(defined.key.clone(), level.clone());
        }
        let reference = AttributeRef {
            key: defined.key.clone(),
            requirement_level,
            sampling_relevant,
            brief: None,
            note: None,
            examples: Vec::new(),
            stability: None,
            deprecated: None,
            position,
        };
        draft.attributes.push(defined);
        return Some(Use::Attribute(Box::new(reference)));
    }
    let key = fields.required("ref", sink);
    let is_embedded = fields.flag("prefix", sink).unwrap_or(false);
    let (stability, deprecated) = attribute::standing(&mut fields, sink);
    let mut reference = AttributeRef {
        key: key.unwrap_or_default(),
        requirement_level,
        sampling_relevant,
        brief: fields.text("brief", sink),
        note: fields.text("note", sink),
        examples: attribute::examples(&mut fields),
        stability,
        deprecated,
        position,
    };
    attribute::annotations(&mut fields, sink);
    if is_embedded && prefix.is_empty() {
        let remedy = "give the group a `prefix`, or remove it here";
        sink.report(
            node.at,
            subject,
            "`prefix` in a group that has none",
            remedy,
        );
    }
    fields.finish(sink);
    if reference.key.is_empty() {
        return None;
    }
    if is_embedded {
        let of = std::mem::take(&mut reference.key);
        reference.key = attribute::prefixed(prefix, &of);
        draft.embedded.push((of, reference.clone()));
    }
    Some(Use::Attribute(Box::new(reference)))
}

pub(super) fn requirement_level(
    fields: &mut Fields<'_>,
    sink: &mut Sink,
) -> Option<RequirementLevel> {
    let node = fields.get("requirement_level")?;
    type Level = fn(String) -> RequirementLevel;
    let worded: [(&'static str, Level); 3] = [
        (
            "conditionally_required",
            RequirementLevel::ConditionallyRequired,
        ),
        ("recommended", RequirementLevel::Recommended),
        ("opt_in", RequirementLevel::OptIn),
    ];
    if let Yaml::Map(entries) = &node.value {
        let mut inner = Fields::of(node, &fields.subject, sink)?;
        let mut found: Vec<RequirementLevel> = worded
            .iter()
            .filter_map(|(name, level)| inner.text(name, sink).map(level))
            .collect();
        let level = found.pop();
        if !found.is_empty() || entries.is_empty() {
            let problem = "`requirement_level` is not exactly one level";
            sink.report(
                node.at,
                &inner.subject,
                problem,
                "write one, such as `opt_in: ...`",
            );
        }
        inner.finish(sink);
        return level;
    }
    let names = [("required", 0), ("recommended", 1), ("opt_in", 2)];
    match fields.choice("requirement_level", &names, sink)? {
        0 => Some(RequirementLevel::Required),
        1 => Some(RequirementLevel::Recommended(String::new())),
        _ => Some(RequirementLevel::OptIn(String::new())),
    }
}

/// Returns the entities of a signal, flattened: nesting only defines how many of them are needed.
fn entity_associations(
    fields: &mut Fields<'_>,
    sink: &mut Sink,
) -> Vec<(String, crate::error::Position)> {
    let mut found = Vec::new();
    let mut open: Vec<&Node> = fields
        .list("entity_associations", sink)
        .iter()
        .rev()
        .collect();
    while let Some(node) = open.pop() {
        match &node.value {
            Yaml::Scalar { text, .. } => found.push((text.clone(), sink.position(node.at))),
            Yaml::List(items) => open.extend(items.iter().rev()),
            Yaml::Map(entries) => {
                for (key, value) in entries.iter().rev() {
                    if matches!(key.text(), Some("one_of" | "all_of")) {
                        open.push(value);
                    } else {
                        let problem = "neither an entity nor `one_of` nor `all_of`";
                        sink.report(key.at, &fields.subject, problem, "name an entity");
                    }
                }
            }
        }
    }
    found
}

/// The maximum number of import patterns: each is compared with every signal of the dependencies.
const MAX_IMPORTS: usize = 1_000;

/// Reads `imports`, the same map in both versions.
pub(super) fn imports(fields: &mut Fields<'_>, draft: &mut Draft, sink: &mut Sink) {
    let Some(node) = fields.get("imports") else {
        return;
    };
    let Some(mut inner) = Fields::of(node, "imports", sink) else {
        return;
    };
    let sorts = [
        ("attribute_groups", Details::AttributeGroup.prefix()),
        ("entities", Details::Entity.prefix()),
        ("events", Details::Event.prefix()),
        ("metrics", "metric."),
        ("spans", "span."),
    ];
    for (name, prefix) in sorts {
        for item in inner.list(name, sink) {
            let position = sink.position(item.at);
            if draft.imports.len() == MAX_IMPORTS {
                let problem = format!("more than {MAX_IMPORTS} patterns");
                sink.report(
                    item.at,
                    "imports",
                    problem,
                    "write one with `*` for several",
                );
                return;
            }
            match item.text() {
                Some(pattern) if pattern.contains(['?', '[', '{']) => {
                    let problem = format!("`{pattern}`: `?`, `[` and `{{` stand for themselves");
                    let remedy = "write a pattern for each name, with `*` for any letters";
                    sink.report(item.at, "imports", problem, remedy);
                }
                Some(pattern) => {
                    draft.imports.push(Import {
                        prefix,
                        pattern: pattern.to_owned(),
                        position,
                    });
                }
                None => sink.report(item.at, "imports", "not a pattern", "write a name or `a.*`"),
            }
        }
    }
    inner.finish(sink);
}

/// Kinds of instruments a metric may name.
const INSTRUMENTS: [(&str, &str); 4] = [
    ("counter", "counter"),
    ("updowncounter", "updowncounter"),
    ("gauge", "gauge"),
    ("histogram", "histogram"),
];

/// Reads the instrument of a metric; its absence is a fault.
pub(super) fn instrument(fields: &mut Fields<'_>, sink: &mut Sink) -> Option<String> {
    if fields.get("instrument").is_none() {
        fields.missing("instrument", sink);
    }
    fields
        .choice("instrument", &INSTRUMENTS, sink)
        .map(str::to_owned)
}
