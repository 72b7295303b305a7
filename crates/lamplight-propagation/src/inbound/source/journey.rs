//! The journey of an event, from the timestamps that managed services leave in it.
//!
//! It is a separate search, so that only its users pay for it.

use super::{
    eventbridge::Published,
    message::{self, Body, Message},
    records::RecordSource,
    sns::Notification,
};
use crate::{
    inbound::{
        inferred::InferredSpan,
        members::RecordMembers,
        search::{MAX_DEPTH, MAX_NESTED},
    },
    json::{Text, Value},
};

/// Adds the spans of a batch of one, from the function outwards.
pub(super) fn of_batch<S: RecordSource>(document: Value<'_>, spans: &mut Vec<InferredSpan>) {
    let records = match document.is_object() {
        true => document.get("Records"),
        false => Some(document),
    };
    let mut records = records.into_iter().flat_map(|it| it.elements());
    if let (Some(record), None) = (records.next(), records.next()) {
        let members = RecordMembers::read(record);
        of_message(&S::record(&members), 0, spans);
    }
}

/// Adds the spans of a message and of its content, from the function outwards.
pub(in crate::inbound) fn of_message<M: Message>(
    message: &M,
    depth: u8,
    spans: &mut Vec<InferredSpan>,
) {
    if M::SYSTEM.is_none() {
        return;
    }
    spans.extend(message::inferred_span(message));
    if let Some(Body::Text(text)) = message.body() {
        nested(text, depth, spans);
    }
}

/// Adds the spans of the event inside a message.
fn nested(text: Text<'_>, depth: u8, spans: &mut Vec<InferredSpan>) {
    if depth >= MAX_DEPTH || text.raw().len() > MAX_NESTED {
        return;
    }
    let Some(document) = text.document().filter(Value::is_object) else {
        return;
    };
    if let Some(notification) = Notification::in_document(document) {
        of_message(&notification, depth + 1, spans);
    } else if let Some(event) = Published::in_document(document) {
        of_message(&event, depth + 1, spans);
    }
}
