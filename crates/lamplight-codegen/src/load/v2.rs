//! The newer form of the format, `file_format: definition/2`: one list for each sort.

use super::{
    attribute,
    fields::{Fields, Sink},
    signal,
};
use crate::{
    draft::{Draft, DraftDetails, DraftSignal, Parent},
    model::{Details, SpanKind},
    yaml::Node,
};

pub(super) fn read(fields: &mut Fields<'_>, draft: &mut Draft, sink: &mut Sink) {
    for item in fields.list("attributes", sink) {
        let Some(mut inner) = Fields::of(item, "", sink) else {
            continue;
        };
        let defined = attribute::definition(&mut inner, "key", "", sink);
        inner.finish(sink);
        draft.attributes.extend(defined);
    }
    let lists: [(&'static str, Reader); 9] = [
        ("attribute_groups", attribute_group),
        ("spans", span),
        ("events", event),
        ("metrics", metric),
        ("entities", entity),
        ("span_refinements", |fields, draft, sink| {
            let like = Details::Span {
                kind: SpanKind::Internal,
                name: String::new(),
            };
            refinement(like, fields, draft, sink)
        }),
        ("event_refinements", |fields, draft, sink| {
            refinement(Details::Event, fields, draft, sink)
        }),
        ("metric_refinements", |fields, draft, sink| {
            let like = Details::Metric {
                instrument: String::new(),
                unit: String::new(),
            };
            refinement(like, fields, draft, sink)
        }),
        ("entity_refinements", |fields, draft, sink| {
            refinement(Details::Entity, fields, draft, sink)
        }),
    ];
    for (name, reader) in lists {
        for item in fields.list(name, sink) {
            let Some(mut inner) = Fields::of(item, name, sink) else {
                continue;
            };
            if let Some(own) = inner.peek(&["id", "type", "name"]) {
                inner.subject = own.to_owned();
            }
            let read = reader(&mut inner, draft, sink);
            // A signal without a valid name has been reported, and its other fields were not read.
            if let Some(read) = read {
                inner.finish(sink);
                draft.signals.push(read);
            }
        }
    }
    signal::imports(fields, draft, sink);
}

type Reader = fn(&mut Fields<'_>, &mut Draft, &mut Sink) -> Option<DraftSignal>;

/// Reads the fields that all definitions have, with the recorded name in the field `id_name`.
fn define(
    id_name: &'static str,
    details: Details,
    fields: &mut Fields<'_>,
    draft: &mut Draft,
    sink: &mut Sink,
) -> Option<DraftSignal> {
    let id = fields.identifier(id_name, sink)?;
    fields.subject = id.clone();
    let opt_in = [("recommended", ()), ("opt_in", ())];
    fields.choice("requirement_level", &opt_in, sink);
    let mut read = signal::common(id.clone(), DraftDetails::Given(details), fields, sink);
    read.name = Some(id);
    if !matches!(read.details, DraftDetails::Given(Details::Entity)) {
        read.uses = signal::uses("attributes", "", fields, draft, sink);
    }
    Some(read)
}

fn require(read: &DraftSignal, fields: &Fields<'_>, sink: &mut Sink) {
    if read.brief.is_none() {
        fields.missing("brief", sink);
    }
    if read.stability.is_none() {
        fields.missing("stability", sink);
    }
}

fn attribute_group(
    fields: &mut Fields<'_>,
    draft: &mut Draft,
    sink: &mut Sink,
) -> Option<DraftSignal> {
    let visibility = fields.choice("visibility", &[("internal", false), ("public", true)], sink);
    let read = define("id", Details::AttributeGroup, fields, draft, sink)?;
    match visibility {
        Some(true) => require(&read, fields, sink),
        Some(false) => {}
        None if fields.get("visibility").is_none() => fields.missing("visibility", sink),
        None => {}
    }
    Some(read)
}

fn span(fields: &mut Fields<'_>, draft: &mut Draft, sink: &mut Sink) -> Option<DraftSignal> {
    let name = span_name(fields, sink);
    if name.is_none() {
        fields.missing("name", sink);
    }
    let kind = fields.choice("kind", &SpanKind::NAMES, sink);
    if fields.get("kind").is_none() {
        fields.missing("kind", sink);
    }
    let kind = kind.unwrap_or(SpanKind::Internal);
    let details = Details::Span {
        kind,
        name: name.unwrap_or_default(),
    };
    let read = define("type", details, fields, draft, sink)?;
    require(&read, fields, sink);
    Some(read)
}

fn span_name(fields: &mut Fields<'_>, sink: &mut Sink) -> Option<String> {
    let node = fields.get("name")?;
    let mut inner = Fields::of(node, &fields.subject, sink)?;
    let note = inner.required("note", sink);
    inner.finish(sink);
    note
}

fn event(fields: &mut Fields<'_>, draft: &mut Draft, sink: &mut Sink) -> Option<DraftSignal> {
    let read = define("name", Details::Event, fields, draft, sink)?;
    require(&read, fields, sink);
    Some(read)
}

fn metric(fields: &mut Fields<'_>, draft: &mut Draft, sink: &mut Sink) -> Option<DraftSignal> {
    let instrument = signal::instrument(fields, sink)?;
    let unit = fields.required("unit", sink)?;
    let read = define(
        "name",
        Details::Metric { instrument, unit },
        fields,
        draft,
        sink,
    )?;
    require(&read, fields, sink);
    Some(read)
}

fn entity(fields: &mut Fields<'_>, draft: &mut Draft, sink: &mut Sink) -> Option<DraftSignal> {
    let mut read = define("type", Details::Entity, fields, draft, sink)?;
    if fields.get("identity").is_none() {
        fields.missing("identity", sink);
    }
    read.uses = signal::uses("identity", "", fields, draft, sink);
    read.uses
        .extend(signal::uses("description", "", fields, draft, sink));
    require(&read, fields, sink);
    Some(read)
}

fn refinement(
    like: Details,
    fields: &mut Fields<'_>,
    draft: &mut Draft,
    sink: &mut Sink,
) -> Option<DraftSignal> {
    let id = fields.identifier("id", sink)?;
    fields.subject = id.clone();
    let parent: Option<&Node> = fields.get("ref");
    let Some((at, target)) = parent.and_then(|node| Some((node.at, node.text()?))) else {
        fields.missing("ref", sink);
        return None;
    };
    let parent = Parent {
        id: target.to_owned(),
        position: sink.position(at),
        refined: true,
    };
    let is_span = matches!(like, Details::Span { .. });
    let is_entity = matches!(like, Details::Entity);
    let span_name = if is_span {
        span_name(fields, sink)
    } else {
        None
    };
    let details = DraftDetails::Refined { like, span_name };
    let mut read = signal::common(id, details, fields, sink);
    read.parent = Some(parent);
    read.uses = if is_entity {
        let mut uses = signal::uses("identity", "", fields, draft, sink);
        uses.extend(signal::uses("description", "", fields, draft, sink));
        uses
    } else {
        signal::uses("attributes", "", fields, draft, sink)
    };
    Some(read)
}
