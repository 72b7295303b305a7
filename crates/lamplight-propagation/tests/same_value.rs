//! An event is its JSON value: the order of members, white space, and how characters are spelled, also in
//! names and in documents within strings, change nothing in what is read of it.
//!
//! Every golden event is written in many other ways, with the same value, and read again. Left as they
//! are: objects in which a name is there twice, which have no order that is right, and what is in base64,
//! which is no text of the event.

// Tests fail by panicking.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod goldens;
mod rewriting;

use std::{collections::BTreeMap, fmt::Write as _};

use goldens::{Golden, files};
use lamplight_propagation::{
    inbound::{EventExtractor, ItemId, RawInvocation},
    outbound::Fields,
};
use opentelemetry::KeyValue;
use rewriting::{Chance, Node, Style};
use serde_json::Value;

type Ids = BTreeMap<String, Option<ItemId>>;

/// Returns what is read of an invocation, with what has no order sorted.
fn read(extractor: &EventExtractor, invocation: &RawInvocation<'_>, ids: &Ids) -> String {
    let explained = extractor.explain(invocation);
    let incoming = &explained.incoming;
    let mut out = String::new();
    writeln!(out, "source {}", incoming.source).unwrap();
    writeln!(out, "trigger {}", incoming.trigger.as_str()).unwrap();
    writeln!(out, "name {}", incoming.span_name).unwrap();
    for attribute in sorted(&incoming.attributes) {
        writeln!(out, "attribute {attribute}").unwrap();
    }
    let parent = Fields::from_context(&incoming.parent);
    writeln!(out, "parent {:?} {parent:?}", explained.parent_carrier).unwrap();
    let passed_on = Fields::from_context(&extractor.context(invocation));
    writeln!(out, "passed on {passed_on:?}").unwrap();
    let links = incoming.links.iter().zip(&explained.link_carriers);
    let links = links.map(|(link, carrier)| {
        let attributes = sorted(&link.attributes);
        format!("link {carrier} {:?} {attributes:?}", link.span_context)
    });
    // Kafka and RabbitMQ give records by partition and by queue, which are members.
    let mut links: Vec<_> = links.collect();
    links.sort();
    for link in links {
        writeln!(out, "{link}").unwrap();
    }
    for span in extractor.inferred_spans(invocation, incoming) {
        let attributes = sorted(&span.attributes);
        let (name, at) = (span.span_name, span.started_at);
        writeln!(out, "inferred {name} {at:?} {attributes:?}").unwrap();
    }
    writeln!(out, "{} items", incoming.items.len()).unwrap();
    for (name, id) in ids {
        let again = incoming.items.delivered_again(&[*id]);
        writeln!(out, "{name}: {again:?}").unwrap();
    }
    out
}

fn sorted(attributes: &[KeyValue]) -> Vec<String> {
    let mut texts: Vec<_> = attributes
        .iter()
        .map(|it| format!("{} {:?}", it.key, it.value))
        .collect();
    texts.sort();
    texts
}

/// Returns what a function's answer could call the records.
fn item_ids(golden: &Golden) -> Ids {
    fn collect(value: &Value, ids: &mut Ids) {
        if let (Some(topic), Some(offset)) = (value["topic"].as_str(), value["offset"].as_i64()) {
            let partition = format!("{topic}-{}", value["partition"]);
            let id = ItemId::at_offset(&partition, offset);
            ids.insert(format!("{partition} {offset}"), id);
        }
        match value {
            Value::Array(elements) => elements.iter().for_each(|it| collect(it, ids)),
            Value::Object(members) => {
                for (name, value) in members {
                    let is_id = ["messageId", "sequenceNumber", "SequenceNumber", "eventID"];
                    if let Some(id) = value.as_str().filter(|_| is_id.contains(&name.as_str())) {
                        ids.insert(id.to_owned(), ItemId::named(id));
                    }
                    collect(value, ids);
                }
            }
            _ => {}
        }
    }

    let mut ids = BTreeMap::new();
    collect(&serde_json::from_str(golden.event.get()).unwrap(), &mut ids);
    ids
}

/// The first difference, if the event is read otherwise in any of its other forms.
fn difference(golden: &Golden, style: Style) -> Option<String> {
    let extractor = golden.settings.extractor();
    let ids = item_ids(golden);
    let expected = read(&extractor, &golden.invocation(golden.event.get()), &ids);
    let event = Node::parse(golden.event.get());
    let client_context = golden.client_context.as_deref().map(Node::parse);
    (0..style.variants).find_map(|seed| {
        let mut chance = Chance::new(seed);
        let text = event.write(style, &mut chance);
        let client_context = client_context
            .as_ref()
            .map(|it| it.write(style, &mut chance));
        let invocation = golden.invocation(&text);
        let invocation = invocation.with_client_context(client_context.as_deref());
        let found = read(&extractor, &invocation, &ids);
        let lines = expected.lines().zip(found.lines());
        let mut different = lines.filter(|(expected, found)| expected != found);
        let (expected, found) = match different.next() {
            None if found == expected => return None,
            lines => lines.unwrap_or_default(),
        };
        Some(format!(
            "expected {expected}\n   found {found}\n      in {text}"
        ))
    })
}

/// Writes every golden event in other ways, and reads it again.
fn holds(style: Style) {
    let mut wrong = String::new();
    for file in files() {
        if let Some(difference) = difference(&Golden::read(&file), style) {
            writeln!(wrong, "{}:\n{difference}", file.display()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn members_may_stand_in_any_order() {
    holds(Style::SHUFFLED);
}

#[test]
fn white_space_means_nothing() {
    holds(Style::SPACED);
}

#[test]
fn names_may_be_spelled_in_numbers() {
    holds(Style::NAMES);
}

#[test]
fn values_may_be_spelled_in_numbers() {
    holds(Style::VALUES);
}

#[test]
fn so_may_documents_in_strings() {
    holds(Style::NESTED);
}

#[test]
fn every_character_may_be_a_number() {
    holds(Style::WHOLE);
}

#[test]
fn all_of_that_may_be_done_at_once() {
    holds(Style::ALL);
}

/// The test of the tests: other forms have another text and the same value.
#[test]
fn what_is_written_anew_has_the_same_value() {
    for style in Style::EVERY {
        let mut changed = 0;
        for file in files() {
            let event = Node::parse(Golden::read(&file).event.get());
            let written = event.write(style, &mut Chance::new(1));
            assert_eq!(
                Node::parse(&written).sorted(),
                event.sorted(),
                "{style:?}: {written}"
            );
            changed += u32::from(written != event.write(Style::PLAIN, &mut Chance::new(1)));
        }
        assert!(changed > 8, "{style:?} changes {changed} events");
    }
}
