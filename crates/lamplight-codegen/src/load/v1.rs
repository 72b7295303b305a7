//! The older form of the format: `groups` of every sort, attributes defined inside them.

use super::draft::{Draft, DraftDetails, Parent};
use super::fields::{Fields, Sink};
use super::signal;
use crate::model::{Details, SpanKind};
use crate::yaml::Node;

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
    let id = fields.required("id", sink)?;
    fields.subject = id.clone();
    // A group without a type has always meant a span.
    let sort = match fields.get("type") {
        Some(_) => fields.choice("type", &SORTS, sink)?,
        None => Sort::Span,
    };
    let extends = fields.get("extends");
    let uses = signal::uses("attributes", &mut fields, draft, sink);
    fields.get("display_name");
    let name = match sort {
        Sort::AttributeGroup => {
            // Only for documents.
            fields.get("name");
            Some(id.clone())
        }
        Sort::Span => Some(id.strip_prefix("span.").unwrap_or(&id).to_owned()),
        Sort::Event => {
            // Its fields are not attributes, so nothing here depends on them.
            fields.get("body");
            fields.required("name", sink)
        }
        Sort::Metric => fields.required("metric_name", sink),
        Sort::Entity => Some(
            fields
                .text("name", sink)
                .unwrap_or_else(|| id.strip_prefix("entity.").unwrap_or(&id).to_owned()),
        ),
    };
    let details = match sort {
        Sort::AttributeGroup => Details::AttributeGroup,
        Sort::Span => {
            for event in fields.list("events", sink) {
                if event.text().is_none() {
                    sink.report(event.at, &id, "not the name of an event", "name an event");
                }
            }
            match fields.choice("span_kind", &SpanKind::NAMES, sink) {
                Some(kind) => Details::Span {
                    kind,
                    name: String::new(),
                },
                None => Details::Span {
                    kind: SpanKind::Internal,
                    name: String::new(),
                },
            }
        }
        Sort::Event => Details::Event,
        Sort::Metric => Details::Metric {
            instrument: super::instrument(&mut fields, sink)?,
            unit: fields.required("unit", sink)?,
        },
        Sort::Entity => Details::Entity,
    };
    let mut signal = signal::common(id, DraftDetails::Given(details), &mut fields, sink);
    signal.name = name;
    signal.uses = uses;
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
