//! Deliveries of one message.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    Attempts, Batch, Node,
    material::{Material, Placed, by_place},
};
use crate::{
    facts::{Facts, Outcome, Role},
    span::{Span, SpanRef},
};

/// The identity of a message for the purpose of attempts: deliveries with equal identity are
/// attempts at the same work.
type Message<'a> = (&'a str, &'a str, Option<&'a str>);

/// Returns the messages of the trace with notable deliveries, in the order of their first node, and
/// links the nodes to them.
pub(super) fn find(material: &Material, batches: &[Batch], nodes: &mut [Node]) -> Vec<Attempts> {
    let spoken_for = spoken_for(batches);
    let mut deliveries: HashMap<Message<'_>, Vec<&Arc<Span>>> = HashMap::new();
    let mut messages: Vec<Option<Message<'_>>> = Vec::with_capacity(material.spans.len());
    for (index, span) in material.spans.iter().enumerate() {
        let is_delivery = match material.role(index) {
            Role::Record => true,
            Role::Invocation | Role::Batch => !spoken_for.contains(&span.id()),
            _ => false,
        };
        let message = is_delivery.then(|| message(span)).flatten();
        if let Some(message) = message {
            deliveries.entry(message).or_default().push(span);
        }
        messages.push(message);
    }

    let mut found = Vec::new();
    let mut indices: HashMap<Message<'_>, Option<usize>> = HashMap::new();
    for Placed { index, place } in by_place(material) {
        let Some(message) = messages.get(index).copied().flatten() else {
            continue;
        };
        let index = *indices.entry(message).or_insert_with(|| {
            found.push(attempts(message, deliveries.remove(&message)?)?);
            Some(found.len() - 1)
        });
        if let Some(node) = nodes.get_mut(place) {
            node.attempts = index;
        }
    }
    found
}

/// Invocations whose messages have their own spans, and the invocations above such spans.
fn spoken_for(batches: &[Batch]) -> HashSet<SpanRef> {
    let with_records = batches.iter().filter(|batch| !batch.records.is_empty());
    with_records
        .flat_map(|batch| {
            let above = batch.invocation.as_ref().and_then(|span| {
                Some(SpanRef {
                    trace: span.trace_id,
                    span: span.parent?,
                })
            });
            [Some(batch.id), above].into_iter().flatten()
        })
        .collect()
}

/// A queue delivers a message to one consumer, and to the next queue if that fails. From any other
/// source each consumer has its own delivery.
fn message(span: &Span) -> Option<Message<'_>> {
    let facts = Facts::of(span);
    let id = facts.message_id.filter(|id| !id.is_empty())?;
    let system = facts.system.unwrap_or("unknown");
    let is_queue = matches!(
        system,
        "aws_sqs" | "rabbitmq" | "activemq" | "jms" | "servicebus"
    );
    Some((system, id, (!is_queue).then_some(facts.function)))
}

fn attempts(message: Message<'_>, mut deliveries: Vec<&Arc<Span>>) -> Option<Attempts> {
    deliveries.sort_by_key(|span| (span.start, span.end));
    let last = Facts::of(deliveries.last()?);
    let open = last.outcome != Outcome::Ok;
    let is_again = last.attempt.is_some_and(|attempt| attempt > 1);
    if deliveries.len() < 2 && !open && !is_again {
        return None;
    }
    let (system, message_id, _) = message;
    Some(Attempts {
        system: system.to_owned(),
        message_id: message_id.to_owned(),
        deliveries: deliveries.into_iter().map(Arc::clone).collect(),
        open,
    })
}
