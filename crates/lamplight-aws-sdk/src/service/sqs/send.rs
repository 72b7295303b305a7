//! Sending of messages that carry context.

use aws_sdk_sqs::{
    operation::{send_message::SendMessageInput, send_message_batch::SendMessageBatchInput},
    types::{MessageAttributeValue, SendMessageBatchRequestEntry},
};
use lamplight_semconv::messaging::{self, operation::MessagingOperationType as Operation};
use opentelemetry::{KeyValue, trace::Link};

use super::queue::{describe, is_wanted, limit};
use crate::{
    LamplightInterceptor,
    carrier::Carrier,
    service::{
        attributes::{self, Attributes},
        batch::count,
        injection::Injection,
        places::Places,
        request::{OutgoingMessages, Request},
    },
};

attributes::attribute!(MessageAttributeValue);

fn message_size(body: &str, attributes: &Attributes<MessageAttributeValue>) -> usize {
    body.len() + attributes::size(attributes)
}

fn size(message: &SendMessageInput) -> usize {
    let body = message.message_body().unwrap_or_default();
    message_size(body, &message.message_attributes)
}

impl Request for SendMessageInput {
    fn attributes(&self, _region: Option<&str>, attributes: &mut Vec<KeyValue>) {
        describe(self.queue_url(), "send", Some(Operation::Send), attributes);
    }

    fn existing_contexts(&self, _lamplight: &LamplightInterceptor) -> Vec<Link> {
        attributes::existing_context(&self.message_attributes)
            .into_iter()
            .collect()
    }

    fn places<'a>(&self, lamplight: &'a LamplightInterceptor) -> Places<'a> {
        let wanted = is_wanted(lamplight, self.queue_url());
        let room = limit(lamplight, self.queue_url()).saturating_sub(size(self));
        Places::in_attributes(wanted, attributes::has_room(&self.message_attributes, room))
    }

    fn inject(&mut self, injection: &Injection<'_>, places: &Places<'_>) {
        if places.in_attributes {
            let limit = limit(injection.lamplight, self.queue_url());
            let room = limit.saturating_sub(size(self));
            let carrier = Carrier::SqsAttributes;
            attributes::inject(&mut self.message_attributes, injection, carrier, room);
        }
    }

    fn outgoing(
        &self,
        lamplight: &LamplightInterceptor,
        traceparent: &str,
    ) -> Option<OutgoingMessages> {
        Some(OutgoingMessages {
            carrier: Carrier::SqsAttributes,
            limit: limit(lamplight, self.queue_url()),
            carrying: attributes::carries(&self.message_attributes, traceparent).into(),
            bytes: size(self),
            is_crowded: attributes::is_crowded(&self.message_attributes, traceparent),
        })
    }
}

impl Request for SendMessageBatchInput {
    fn attributes(&self, _region: Option<&str>, attributes: &mut Vec<KeyValue>) {
        describe(self.queue_url(), "send", Some(Operation::Send), attributes);
        attributes.push(messaging::batch::message_count(count(self.entries().len())));
    }

    fn existing_contexts(&self, _lamplight: &LamplightInterceptor) -> Vec<Link> {
        let entries = self.entries().iter();
        entries
            .filter_map(|entry| attributes::existing_context(&entry.message_attributes))
            .collect()
    }

    fn places<'a>(&self, lamplight: &'a LamplightInterceptor) -> Places<'a> {
        let limit = limit(lamplight, self.queue_url());
        let room = batch_room(lamplight, limit, self);
        let mut entries = self.entries().iter();
        Places::in_attributes(
            is_wanted(lamplight, self.queue_url()),
            entries.any(|entry| {
                let most = limit.saturating_sub(entry_size(entry));
                attributes::has_room(&entry.message_attributes, room.min(most))
            }),
        )
    }

    fn inject(&mut self, injection: &Injection<'_>, places: &Places<'_>) {
        if !places.in_attributes {
            return;
        }
        let limit = limit(injection.lamplight, self.queue_url());
        let room = batch_room(injection.lamplight, limit, self);
        let entries = self.entries.get_or_insert_default();
        let messages = entries.iter_mut().map(|entry| {
            let most = limit.saturating_sub(entry_size(entry));
            (&mut entry.message_attributes, most)
        });
        let shares = attributes::shares(messages, injection, room);
        for (entry, share) in entries.iter_mut().zip(shares) {
            let carrier = Carrier::SqsAttributes;
            attributes::inject(&mut entry.message_attributes, injection, carrier, share);
        }
    }

    fn outgoing(
        &self,
        lamplight: &LamplightInterceptor,
        traceparent: &str,
    ) -> Option<OutgoingMessages> {
        let messages = || self.entries().iter().map(|entry| &entry.message_attributes);
        Some(OutgoingMessages {
            carrier: Carrier::SqsAttributes,
            limit: batch_limit(lamplight, limit(lamplight, self.queue_url())),
            carrying: messages()
                .filter(|of| attributes::carries(of, traceparent))
                .count(),
            bytes: batch_size(self),
            is_crowded: messages().any(|of| attributes::is_crowded(of, traceparent)),
        })
    }
}

fn entry_size(entry: &SendMessageBatchRequestEntry) -> usize {
    message_size(entry.message_body(), &entry.message_attributes)
}

fn batch_size(batch: &SendMessageBatchInput) -> usize {
    batch.entries().iter().map(entry_size).sum()
}

/// Returns the size limit of the request, in which all messages count; one message may have `limit` bytes.
fn batch_limit(lamplight: &LamplightInterceptor, limit: usize) -> usize {
    lamplight.limits.of_request(Carrier::SqsAttributes, limit)
}

/// Returns the number of bytes by which the request may still grow.
fn batch_room(
    lamplight: &LamplightInterceptor,
    limit: usize,
    batch: &SendMessageBatchInput,
) -> usize {
    batch_limit(lamplight, limit).saturating_sub(batch_size(batch))
}
