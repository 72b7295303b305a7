//! Attribute definitions, which are nearly the same in both versions of the format.

use std::collections::{HashMap, HashSet};

use super::fields::{Fields, Sink, literal};
use crate::{
    model::{
        Attribute, AttributeType, Deprecation, EnumType, Literal, Member, Stability, ValueType,
        code_generation,
    },
    yaml::{Mark, Node},
};

/// Reads a definition whose key is in the field `key_name`, after the group's `prefix`.
pub(super) fn definition(
    fields: &mut Fields<'_>,
    key_name: &'static str,
    prefix: &str,
    sink: &mut Sink,
) -> Option<Attribute> {
    let key = prefixed(prefix, &fields.required(key_name, sink)?);
    if !fields.bounded(&key, sink) {
        return None;
    }
    fields.subject = key.clone();
    let annotations = annotations(fields, sink);
    let r#type = match fields.get("type") {
        Some(node) => attribute_type(node, &key, &annotations, sink),
        None => {
            fields.missing("type", sink);
            None
        }
    };
    let brief = match key_name {
        // The older form allowed deprecated names without a brief.
        "id" => fields.text("brief", sink),
        _ => fields.required("brief", sink),
    };
    let note = fields.text("note", sink).unwrap_or_default();
    let examples = examples(fields);
    let (stability, deprecated) = standing(fields, sink);
    Some(Attribute {
        key,
        r#type: r#type?,
        brief: brief.unwrap_or_default(),
        note,
        examples,
        stability: stability.unwrap_or(Stability::Development),
        deprecated,
        annotations,
        position: sink.position(fields.at),
    })
}

/// Returns the name with the prefix of its group, which registries used up to 1.26.
pub(super) fn prefixed(prefix: &str, name: &str) -> String {
    match prefix {
        "" => name.to_owned(),
        prefix => format!("{prefix}.{name}"),
    }
}

/// Reads `stability` and `deprecated`. Up to 1.24, the former could also mean deprecated.
pub(super) fn standing(
    fields: &mut Fields<'_>,
    sink: &mut Sink,
) -> (Option<Stability>, Option<Deprecation>) {
    let stability = stability(fields, sink);
    let deprecated = deprecated(fields, sink);
    let retired = (stability == Some(Stability::Deprecated)).then(|| Deprecation::Uncategorized {
        note: String::new(),
    });
    (stability, deprecated.or(retired))
}

/// Former names of levels, still found in older registries.
const FORMER: [(&str, Stability); 2] = [
    ("experimental", Stability::Development),
    ("deprecated", Stability::Deprecated),
];

pub(super) fn stability(fields: &mut Fields<'_>, sink: &mut Sink) -> Option<Stability> {
    let text = fields.get("stability").and_then(Node::text);
    let former = FORMER.iter().find(|(name, _)| text == Some(name));
    match former {
        Some((_, stability)) => Some(*stability),
        None => fields.choice("stability", &Stability::NAMES, sink),
    }
}

pub(super) fn examples(fields: &mut Fields<'_>) -> Vec<Literal> {
    match fields.get("examples").map(literal) {
        Some(Literal::List(items)) => items,
        Some(single) => vec![single],
        None => Vec::new(),
    }
}

pub(super) fn annotations(fields: &mut Fields<'_>, sink: &mut Sink) -> Vec<(String, Literal)> {
    match fields
        .get("annotations")
        .map(|node| (node.at, literal(node)))
    {
        Some((_, Literal::Map(entries))) => entries,
        Some((at, _)) => {
            let problem = "`annotations` is not a map";
            sink.report(
                at,
                &fields.subject,
                problem,
                "write it as `name: value` lines",
            );
            Vec::new()
        }
        None => Vec::new(),
    }
}

pub(super) fn deprecated(fields: &mut Fields<'_>, sink: &mut Sink) -> Option<Deprecation> {
    let node = fields.get("deprecated")?;
    if let Literal::Boolean(_) = literal(node) {
        let problem = "`deprecated` does not say why";
        let remedy = "write a note, or `{reason: renamed, renamed_to: ...}`";
        sink.report(node.at, &fields.subject, problem, remedy);
        return None;
    }
    // In older registries it is only the note.
    if let Some(note) = node.text() {
        return Some(Deprecation::Uncategorized {
            note: note.trim_end().to_owned(),
        });
    }
    let mut inner = Fields::of(node, &fields.subject, sink)?;
    let reason = inner.required("reason", sink)?;
    let note = inner.text("note", sink).unwrap_or_default();
    let renamed_to = inner.text("renamed_to", sink);
    let (at, subject) = (inner.at, inner.subject.clone());
    inner.finish(sink);
    match (reason.as_str(), renamed_to) {
        ("renamed", Some(to)) => Some(Deprecation::Renamed { to, note }),
        ("renamed", None) => {
            let problem = "renamed, but not to what";
            sink.report(at, &subject, problem, "add `renamed_to: ...`");
            None
        }
        ("obsoleted", _) => Some(Deprecation::Obsoleted { note }),
        ("uncategorized" | "unspecified", _) => Some(Deprecation::Uncategorized { note }),
        (other, _) => {
            let problem = format!("`{other}` is not a reason to deprecate");
            sink.report(
                at,
                &subject,
                problem,
                "use one of renamed, obsoleted, uncategorized",
            );
            None
        }
    }
}

fn attribute_type(
    node: &Node,
    key: &str,
    annotations: &[(String, Literal)],
    sink: &mut Sink,
) -> Option<AttributeType> {
    if let Some(text) = node.text() {
        let inner = text.strip_prefix("template[");
        let (name, template) = match inner.and_then(|inner| inner.strip_suffix(']')) {
            Some(inner) => (inner, true),
            None => (text, false),
        };
        let found = ValueType::NAMES.iter().find(|(known, _)| *known == name);
        return match found {
            Some((_, value)) if template => Some(AttributeType::Template(*value)),
            Some((_, value)) => Some(AttributeType::Value(*value)),
            None => {
                let names: Vec<&str> = ValueType::NAMES.iter().map(|(name, _)| *name).collect();
                let remedy = format!("use one of {}, template[...]", names.join(", "));
                sink.report(node.at, key, format!("unknown type `{text}`"), remedy);
                None
            }
        };
    }
    let mut fields = Fields::of(node, key, sink)?;
    let items = fields.list("members", sink);
    // Registries older than the present format close an enum this way.
    let custom = fields.flag("allow_custom_values", sink).unwrap_or(true);
    fields.finish(sink);
    let mut members: Vec<(Mark, Member)> = items
        .iter()
        .filter_map(|item| member(item, key, sink).map(|member| (item.at, member)))
        .collect();
    let value_type = members_type(node.at, key, &mut members, sink)?;
    Some(AttributeType::Enum(EnumType {
        value_type,
        open: custom && !code_generation(annotations, "closed"),
        members: members.into_iter().map(|(_, member)| member).collect(),
    }))
}

pub(super) fn member(node: &Node, key: &str, sink: &mut Sink) -> Option<Member> {
    let mut fields = Fields::of(node, key, sink)?;
    let id = fields.identifier("id", sink);
    let value = fields.get("value").map(literal);
    let brief = fields.text("brief", sink).unwrap_or_default();
    let note = fields.text("note", sink).unwrap_or_default();
    let (stability, deprecated) = standing(&mut fields, sink);
    let annotations = annotations(&mut fields, sink);
    let excluded = code_generation(&annotations, "exclude");
    fields.finish(sink);
    let id = id?;
    Some(Member {
        value: value.unwrap_or_else(|| Literal::String(id.clone())),
        id,
        brief,
        note,
        stability: stability.unwrap_or(Stability::Development),
        deprecated,
        excluded,
    })
}

/// Returns the type that all members share, and reports duplicate members.
fn members_type(
    at: Mark,
    key: &str,
    members: &mut [(Mark, Member)],
    sink: &mut Sink,
) -> Option<ValueType> {
    let of = |value: &Literal| match value {
        Literal::String(_) => Some(ValueType::String),
        Literal::Int(_) => Some(ValueType::Int),
        Literal::Double(number) if number.is_finite() => Some(ValueType::Double),
        Literal::Boolean(_) => Some(ValueType::Boolean),
        _ => None,
    };
    if members
        .iter()
        .any(|(_, member)| of(&member.value) == Some(ValueType::Double))
    {
        for (_, member) in members.iter_mut() {
            member.value = match member.value {
                // `1` beside `1.5` is `1.0`.
                Literal::Int(number) => Literal::Double(number as f64),
                // `-0.0` equals `0.0` and must be found as such.
                Literal::Double(number) => Literal::Double(number + 0.0),
                ref other => other.clone(),
            };
        }
    }
    let Some((_, first)) = members.first() else {
        let remedy = "add at least one to `members`";
        sink.report(at, key, "an enum without members", remedy);
        return None;
    };
    let shared = of(&first.value);
    for (at, member) in members.iter() {
        if shared.is_none() || of(&member.value) != shared {
            let subject = format!("{key}.{}", member.id);
            let problem = format!("the value {} does not fit the other members", member.value);
            let remedy = "give all members texts, or all numbers, or all truth values; `.inf` and \
                          `.nan` are none";
            sink.report(*at, &subject, problem, remedy);
            return None;
        }
    }
    repeated(key, members, sink);
    shared
}

/// Reports duplicate members. A renamed member keeps its value.
fn repeated(key: &str, members: &[(Mark, Member)], sink: &mut Sink) {
    let mut ids: HashSet<&str> = HashSet::new();
    let mut values: HashMap<String, &str> = HashMap::new();
    for (at, member) in members {
        let value = member.value.to_string();
        let current = member.deprecated.is_none();
        let same = values.get(&value).filter(|_| current).copied();
        let earlier = ids
            .contains(member.id.as_str())
            .then_some(member.id.as_str())
            .or(same);
        if let Some(earlier) = earlier {
            let problem = format!("repeats the member `{earlier}`");
            let remedy = "remove one of the two, or tell them apart";
            sink.report(*at, &format!("{key}.{}", member.id), problem, remedy);
        }
        ids.insert(&member.id);
        if current {
            values.entry(value).or_insert(&member.id);
        }
    }
}
