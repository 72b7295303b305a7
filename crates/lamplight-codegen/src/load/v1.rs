//! The older form of the format: `groups` of all sorts, with attributes defined inside them.

use super::{
    body,
    fields::{Fields, Sink},
    signal,
};
use crate::{
    draft::{Draft, DraftDetails, Parent, Use},
    model::{Details, SpanKind},
    yaml::{Node, Yaml},
};

const SORTS: [(&str, Sort); 8] = [
    ("attribute_group", Sort::AttributeGroup),
    ("span", Sort::Span),
    ("event", Sort::Event),
    ("metric", Sort::Metric),
    ("metric_group", Sort::AttributeGroup),
    ("entity", Sort::Entity),
    ("resource", Sort::Entity),
    ("scope", Sort::AttributeGroup),
];

#[derive(Clone, Copy)]
enum Sort {
    AttributeGroup,
    Span,
    Event,
    Metric,
    Entity,
}

pub(super) fn read(fields: &mut Fields<'_>, draft: &mut Draft, sink: &mut Sink) {
    for item in fields.list("groups", sink) {
        group(item, draft, sink);
    }
    signal::imports(fields, draft, sink);
}

fn group(node: &Node, draft: &mut Draft, sink: &mut Sink) -> Option<()> {
    let mut fields = Fields::of(node, "", sink)?;
    let id = fields.identifier("id", sink)?;
    fields.subject = id.clone();
    // A group without a type has always meant a span.
    let sort = match fields.get("type") {
        Some(_) => fields.choice("type", &SORTS, sink)?,
        None => Sort::Span,
    };
    let extends = fields.get("extends");
    let prefix = fields.text("prefix", sink).unwrap_or_default();
    if !fields.bounded(&prefix, sink) {
        return None;
    }
    let mut uses = signal::uses("attributes", &prefix, &mut fields, draft, sink);
    uses.extend(constraints(&mut fields, sink));
    fields.get("display_name");
    let name = name(sort, &id, prefix, &mut fields, sink);
    let details = details(sort, &id, &mut fields, sink);
    let others = [
        "span_kind",
        "events",
        "body",
        "metric_name",
        "instrument",
        "unit",
    ];
    let why = "says nothing in a group of this type";
    fields.misplaced(&others, why, sink);
    let mut signal = signal::common(id, DraftDetails::Given(details?), &mut fields, sink);
    signal.name = name;
    signal.uses = uses;
    signal.joins = true;
    signal.parent = extends.and_then(|node| {
        let position = sink.position(node.at);
        Some(Parent {
            id: node.text()?.to_owned(),
            position,
            refined: false,
        })
    });
    fields.finish(sink);
    draft.signals.push(signal);
    Some(())
}

/// Reads the recorded name.
fn name(
    sort: Sort,
    id: &str,
    prefix: String,
    fields: &mut Fields<'_>,
    sink: &mut Sink,
) -> Option<String> {
    // For other sorts, it is only used in documents.
    let is_named = fields.get("name").is_some();
    match sort {
        Sort::AttributeGroup => Some(id.to_owned()),
        Sort::Span => Some(id.strip_prefix("span.").unwrap_or(id).to_owned()),
        // Up to 1.26, an event without a name had the prefix of its attributes as its name.
        Sort::Event if !is_named && !prefix.is_empty() => Some(prefix),
        Sort::Event => fields.identifier("name", sink),
        Sort::Metric => fields.identifier("metric_name", sink),
        Sort::Entity if is_named => fields.identifier("name", sink),
        Sort::Entity => Some(id.strip_prefix("entity.").unwrap_or(id).to_owned()),
    }
}

/// Reads the fields that only groups of this sort have.
fn details(sort: Sort, id: &str, fields: &mut Fields<'_>, sink: &mut Sink) -> Option<Details> {
    Some(match sort {
        Sort::AttributeGroup => Details::AttributeGroup,
        Sort::Span => {
            for event in fields.list("events", sink) {
                if event.text().is_none() {
                    sink.report(event.at, id, "not the name of an event", "name an event");
                }
            }
            let kind = fields.choice("span_kind", &SpanKind::NAMES, sink);
            Details::Span {
                kind: kind.unwrap_or(SpanKind::Internal),
                name: String::new(),
            }
        }
        Sort::Event => {
            if let Some(node) = fields.get("body") {
                body::check(node, id, sink);
            }
            Details::Event
        }
        Sort::Metric => Details::Metric {
            instrument: signal::instrument(fields, sink)?,
            unit: fields.required("unit", sink)?,
        },
        Sort::Entity => Details::Entity,
    })
}

/// Reads the constraints of registries up to 1.25. `any_of` requires one of several attributes, so that none
/// of them is required by itself; `include` adds the attributes of another group.
fn constraints(fields: &mut Fields<'_>, sink: &mut Sink) -> Vec<Use> {
    let mut included = Vec::new();
    for item in fields.list("constraints", sink) {
        let Some(mut inner) = Fields::of(item, &fields.subject, sink) else {
            continue;
        };
        for choice in inner.list("any_of", sink) {
            let is_named = match &choice.value {
                Yaml::List(keys) => keys.iter().all(|key| key.text().is_some()),
                _ => choice.text().is_some(),
            };
            if !is_named {
                let remedy = "name one, or list several";
                sink.report(choice.at, &fields.subject, "not an attribute", remedy);
            }
        }
        if let Some(id) = inner.text("include", sink) {
            let position = sink.position(item.at);
            included.push(Use::Include { id, position });
        }
        inner.finish(sink);
    }
    included
}
