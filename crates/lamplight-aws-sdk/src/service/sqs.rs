mod receive;

use aws_sdk_sqs::operation::change_message_visibility::ChangeMessageVisibilityInput;
use aws_sdk_sqs::operation::change_message_visibility_batch::{
    ChangeMessageVisibilityBatchInput, ChangeMessageVisibilityBatchOutput,
};
use aws_sdk_sqs::operation::delete_message::DeleteMessageInput;
use aws_sdk_sqs::operation::delete_message_batch::{
    DeleteMessageBatchInput, DeleteMessageBatchOutput,
};
use aws_sdk_sqs::operation::receive_message::{ReceiveMessageInput, ReceiveMessageOutput};
use aws_sdk_sqs::operation::send_message::{SendMessageInput, SendMessageOutput};
use aws_sdk_sqs::operation::send_message_batch::{SendMessageBatchInput, SendMessageBatchOutput};
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, MessageAttributeValue, SendMessageBatchRequestEntry,
};
use aws_smithy_runtime_api::client::interceptors::context::Output;
use lamplight_semconv::aws;
use lamplight_semconv::lamplight;
use lamplight_semconv::messaging::operation::MessagingOperationType as Operation;
use lamplight_semconv::messaging::{self, MessagingSystem};
use opentelemetry::KeyValue;
use opentelemetry::trace::Link;

use super::attributes::{self, Attributes};
use super::{Cargo, Injection, Places, Request, count, requests, without_user};
use crate::LamplightInterceptor;
use crate::call::Call;
use crate::carrier::{Carrier, Destination};
use crate::error::Failure;

attributes::attribute!(MessageAttributeValue);

requests! {
    "SendMessage" SendMessageInput;
    "SendMessageBatch" SendMessageBatchInput;
    "ReceiveMessage" ReceiveMessageInput;
    "DeleteMessage" DeleteMessageInput;
    "DeleteMessageBatch" DeleteMessageBatchInput;
    "ChangeMessageVisibility" ChangeMessageVisibilityInput;
    "ChangeMessageVisibilityBatch" ChangeMessageVisibilityBatchInput;
}

pub(super) fn response(
    operation: &str,
    output: &Output,
    lamplight: &LamplightInterceptor,
    call: &mut Call,
) -> Option<Failure> {
    match operation {
        "SendMessage" => {
            let id = output.downcast_ref::<SendMessageOutput>()?.message_id()?;
            call.set(messaging::message::id(id.to_owned()));
        }
        "SendMessageBatch" => {
            let output = output.downcast_ref::<SendMessageBatchOutput>()?;
            if let ([sent], []) = (output.successful(), output.failed()) {
                call.set(messaging::message::id(sent.message_id().to_owned()));
            }
            refused(output.failed(), call);
        }
        "ReceiveMessage" => {
            let messages = output.downcast_ref::<ReceiveMessageOutput>()?.messages();
            call.set(messaging::batch::message_count(count(messages.len())));
            if let [message] = messages
                && let Some(id) = message.message_id()
            {
                call.set(messaging::message::id(id.to_owned()));
            }
            for message in messages {
                let Some(origin) = crate::sqs::message_origin(&lamplight.extractor, message) else {
                    continue;
                };
                let id = message
                    .message_id()
                    .map(|id| messaging::message::id(id.to_owned()));
                call.link(&origin, id.into_iter().collect());
            }
        }
        "DeleteMessageBatch" => {
            refused(
                output.downcast_ref::<DeleteMessageBatchOutput>()?.failed(),
                call,
            );
        }
        "ChangeMessageVisibilityBatch" => {
            refused(
                output
                    .downcast_ref::<ChangeMessageVisibilityBatchOutput>()?
                    .failed(),
                call,
            );
        }
        _ => {}
    }
    None
}

fn refused(entries: &[BatchResultErrorEntry], call: &mut Call) {
    let which = |entry: &BatchResultErrorEntry| lamplight::aws::entry::id(entry.id().to_owned());
    call.failed_entries(
        entries
            .iter()
            .map(|entry| (Some(entry.code()), Some(which(entry)))),
    );
}

/// What every operation on a queue has.
fn describe(
    queue_url: Option<&str>,
    name: &'static str,
    kind: Option<Operation>,
    to: &mut Vec<KeyValue>,
) {
    to.push(messaging::system(MessagingSystem::AwsSqs));
    to.push(messaging::operation::name(name));
    to.extend(kind.map(messaging::operation::r#type));
    if let Some(url) = queue_url {
        let url = without_user(url);
        let path = url.split(['?', '#']).next().unwrap_or_default();
        if let Some(queue) = path.trim_end_matches('/').rsplit('/').next() {
            to.push(messaging::destination::name(queue.to_owned()));
        }
        to.push(aws::sqs::queue::url(path.to_owned()));
    }
}

/// The largest message to this queue.
fn limit(lamplight: &LamplightInterceptor, queue_url: Option<&str>) -> usize {
    let queue = queue_url.unwrap_or_default();
    let to = Destination::new(Carrier::SqsAttributes, queue);
    lamplight.limits.of(to)
}

/// Whether the user wants context in the messages to this queue.
fn is_wanted(lamplight: &LamplightInterceptor, queue_url: Option<&str>) -> bool {
    let queue = queue_url.unwrap_or_default();
    lamplight.allows(Destination::new(Carrier::SqsAttributes, queue))
}

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

    fn cargo(&self, lamplight: &LamplightInterceptor, traceparent: &str) -> Option<Cargo> {
        Some(Cargo {
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

    fn cargo(&self, lamplight: &LamplightInterceptor, traceparent: &str) -> Option<Cargo> {
        let messages = || self.entries().iter().map(|entry| &entry.message_attributes);
        Some(Cargo {
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

/// The largest request, whose messages count together, where one may have `limit` bytes.
fn batch_limit(lamplight: &LamplightInterceptor, limit: usize) -> usize {
    lamplight.limits.of_request(Carrier::SqsAttributes, limit)
}

/// How many bytes the request may still grow by.
fn batch_room(
    lamplight: &LamplightInterceptor,
    limit: usize,
    batch: &SendMessageBatchInput,
) -> usize {
    batch_limit(lamplight, limit).saturating_sub(batch_size(batch))
}

macro_rules! settling {
    ($($input:ty, $name:literal, $kind:expr;)+) => {$(
        impl Request for $input {
            fn attributes(&self, _region: Option<&str>, attributes: &mut Vec<KeyValue>) {
                describe(self.queue_url(), $name, $kind, attributes);
            }
        }
    )+};
}

macro_rules! settling_batch {
    ($($input:ty, $name:literal, $kind:expr;)+) => {$(
        impl Request for $input {
            fn attributes(&self, _region: Option<&str>, attributes: &mut Vec<KeyValue>) {
                describe(self.queue_url(), $name, $kind, attributes);
                attributes.push(messaging::batch::message_count(count(self.entries().len())));
            }
        }
    )+};
}

settling! {
    DeleteMessageInput, "delete", Some(Operation::Settle);
    ChangeMessageVisibilityInput, "change_visibility", None;
}

settling_batch! {
    DeleteMessageBatchInput, "delete", Some(Operation::Settle);
    ChangeMessageVisibilityBatchInput, "change_visibility", None;
}
