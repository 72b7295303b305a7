//! Attribute definitions, which both versions of the format write nearly alike.

use super::fields::{Fields, Sink, literal};
use crate::model::{
    Attribute, AttributeType, Deprecation, EnumType, Literal, Member, Stability, ValueType,
    code_generation,
};
use crate::yaml::{Mark, Node};

/// Reads a definition whose key stands in the field `key_name`.
pub(super) fn definition(
    fields: &mut Fields<'_>,
    key_name: &'static str,
    sink: &mut Sink,
) -> Option<Attribute> {
    let key = fields.required(key_name, sink)?;
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
        // The older form let deprecated names go without.
        "id" => fields.text("brief", sink),
        _ => fields.required("brief", sink),
    };
    let note = fields.text("note", sink).unwrap_or_default();
    let examples = examples(fields);
    let stability = stability(fields, sink);
    let deprecated = deprecated(fields, sink);
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

pub(super) fn stability(fields: &mut Fields<'_>, sink: &mut Sink) -> Option<Stability> {
    // The former name of `development`, still found in older registries.
    if fields.get("stability").and_then(Node::text) == Some("experimental") {
        return Some(Stability::Development);
    }
    fields.choice("stability", &Stability::NAMES, sink)
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
    // Older registries give the note alone.
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
        let (name, template) = match text.strip_prefix("template[") {
            Some(inner) => (inner.strip_suffix(']').unwrap_or(inner), true),
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
    let members: Vec<(Mark, Member)> = items
        .iter()
        .filter_map(|item| member(item, key, sink).map(|member| (item.at, member)))
        .collect();
    let value_type = members_type(node.at, key, &members, sink)?;
    Some(AttributeType::Enum(EnumType {
        value_type,
        open: custom && !code_generation(annotations, "closed"),
        members: members.into_iter().map(|(_, member)| member).collect(),
    }))
}

fn member(node: &Node, key: &str, sink: &mut Sink) -> Option<Member> {
    let mut fields = Fields::of(node, key, sink)?;
    let id = fields.required("id", sink);
    let value = fields.get("value").map(|value| (value.at, literal(value)));
    let brief = fields.text("brief", sink).unwrap_or_default();
    let note = fields.text("note", sink).unwrap_or_default();
    let stability = stability(&mut fields, sink).unwrap_or(Stability::Development);
    let deprecated = deprecated(&mut fields, sink);
    let annotations = annotations(&mut fields, sink);
    let excluded = code_generation(&annotations, "exclude");
    let value = match value {
        Some((_, value)) => value,
        None => {
            fields.missing("value", sink);
            return None;
        }
    };
    fields.finish(sink);
    Some(Member {
        id: id?,
        value,
        brief,
        note,
        stability,
        deprecated,
        excluded,
    })
}

/// The type all members share; also finds members that are given twice.
fn members_type(
    at: Mark,
    key: &str,
    members: &[(Mark, Member)],
    sink: &mut Sink,
) -> Option<ValueType> {
    let of = |value: &Literal| match value {
        Literal::String(_) => Some(ValueType::String),
        Literal::Int(_) => Some(ValueType::Int),
        Literal::Boolean(_) => Some(ValueType::Boolean),
        _ => None,
    };
    let Some((_, first)) = members.first() else {
        sink.report(
            at,
            key,
            "an enum without members",
            "add at least one to `members`",
        );
        return None;
    };
    let shared = of(&first.value);
    for (index, (at, member)) in members.iter().enumerate() {
        let subject = format!("{key}.{}", member.id);
        if shared.is_none() || of(&member.value) != shared {
            let problem = format!("the value {} does not fit the other members", member.value);
            let remedy = "give all members texts, or all integers, or all truth values";
            sink.report(*at, &subject, problem, remedy);
            return None;
        }
        for (_, earlier) in members.iter().take(index) {
            // A member that was renamed keeps its value.
            let replaced = earlier.deprecated.is_some() || member.deprecated.is_some();
            if earlier.id == member.id || earlier.value == member.value && !replaced {
                let problem = format!("repeats the member `{}`", earlier.id);
                sink.report(
                    *at,
                    &subject,
                    problem,
                    "remove one of the two, or tell them apart",
                );
            }
        }
    }
    shared
}
