use aws_sdk_sns::operation::publish::{PublishInput, PublishOutput};
use aws_sdk_sns::operation::publish_batch::{PublishBatchInput, PublishBatchOutput};
use aws_sdk_sns::types::MessageAttributeValue;
use aws_smithy_runtime_api::client::interceptors::context::{Input, Output};
use lamplight_semconv::aws;
use lamplight_semconv::lamplight;
use lamplight_semconv::messaging::operation::MessagingOperationType;
use lamplight_semconv::messaging::{self, MessagingSystem};
use opentelemetry::KeyValue;
use opentelemetry::trace::Link;

use super::attributes::{self, Attributes};
use super::{Injection, Request, count};
use crate::Lamplight;
use crate::call::Call;
use crate::carrier::Carrier;
use crate::error::Failure;

attributes::attribute!(MessageAttributeValue);

pub(super) fn request<'a>(operation: &str, input: &'a mut Input) -> Option<&'a mut dyn Request> {
    Some(match operation {
        "Publish" => input.downcast_mut::<PublishInput>()? as &mut dyn Request,
        "PublishBatch" => input.downcast_mut::<PublishBatchInput>()?,
        _ => return None,
    })
}

pub(super) fn response(operation: &str, output: &Output, call: &mut Call) -> Option<Failure> {
    match operation {
        "Publish" => {
            let id = output.downcast_ref::<PublishOutput>()?.message_id()?;
            call.set(messaging::message::id(id.to_owned()));
        }
        "PublishBatch" => {
            let output = output.downcast_ref::<PublishBatchOutput>()?;
            if let ([sent], []) = (output.successful(), output.failed())
                && let Some(id) = sent.message_id()
            {
                call.set(messaging::message::id(id.to_owned()));
            }
            let failed = output.failed().iter();
            call.failed_entries(failed.map(|entry| {
                let which = lamplight::aws::entry::id(entry.id().to_owned());
                (Some(entry.code()), Some(which))
            }));
        }
        _ => {}
    }
    None
}

fn describe(topic: Option<&str>, attributes: &mut Vec<KeyValue>) {
    attributes.push(messaging::system(MessagingSystem::AwsSns));
    attributes.push(messaging::operation::name("publish"));
    attributes.push(messaging::operation::r#type(MessagingOperationType::Send));
    if let Some(arn) = topic {
        attributes.push(aws::sns::topic::arn(arn.to_owned()));
        if let Some(name) = arn.rsplit(':').next() {
            attributes.push(messaging::destination::name(name.to_owned()));
        }
    }
}

/// How many bytes a request of this size may still grow by.
fn room(injection: &Injection<'_>, size: usize) -> usize {
    injection.limit(Carrier::SnsAttributes).saturating_sub(size)
}

fn message_size(
    message: &str,
    subject: Option<&str>,
    attributes: &Attributes<MessageAttributeValue>,
) -> usize {
    message.len() + subject.map_or(0, str::len) + attributes::size(attributes)
}

/// The topic of a message. A phone and a device's endpoint are no topics: they cannot continue a
/// trace, and who they are is nobody's business.
fn topic(input: &PublishInput) -> Option<&str> {
    let is_topic = |arn: &&str| !arn.contains(":endpoint/");
    input
        .topic_arn()
        .or_else(|| input.target_arn().filter(is_topic))
}

fn publish_size(input: &PublishInput) -> usize {
    message_size(
        input.message().unwrap_or_default(),
        input.subject(),
        &input.message_attributes,
    )
}

impl Request for PublishInput {
    fn attributes(&self, _region: Option<&str>, attributes: &mut Vec<KeyValue>) {
        describe(topic(self), attributes);
    }

    fn is_send(&self) -> bool {
        true
    }

    fn is_sensitive(&self) -> bool {
        topic(self).is_none()
    }

    fn own_contexts(&self, _lamplight: &Lamplight) -> Vec<Link> {
        attributes::own_context(&self.message_attributes)
            .into_iter()
            .collect()
    }

    fn has_room(&self, injection: &Injection<'_>) -> bool {
        let room = room(injection, publish_size(self));
        topic(self).is_some_and(|topic| injection.allows(Carrier::SnsAttributes, topic))
            && attributes::has_room(&self.message_attributes, room)
    }

    fn inject(&mut self, injection: &Injection<'_>) {
        if topic(self).is_some_and(|topic| injection.allows(Carrier::SnsAttributes, topic)) {
            let room = room(injection, publish_size(self));
            let carrier = Carrier::SnsAttributes;
            attributes::inject(&mut self.message_attributes, injection, carrier, room);
        }
    }
}

fn batch_size(batch: &PublishBatchInput) -> usize {
    let entries = batch.publish_batch_request_entries().iter();
    let sizes = entries
        .map(|entry| message_size(entry.message(), entry.subject(), &entry.message_attributes));
    sizes.sum()
}

impl Request for PublishBatchInput {
    fn attributes(&self, _region: Option<&str>, attributes: &mut Vec<KeyValue>) {
        describe(self.topic_arn(), attributes);
        let messages = self.publish_batch_request_entries().len();
        attributes.push(messaging::batch::message_count(count(messages)));
    }

    fn is_send(&self) -> bool {
        true
    }

    fn own_contexts(&self, _lamplight: &Lamplight) -> Vec<Link> {
        let entries = self.publish_batch_request_entries().iter();
        entries
            .filter_map(|entry| attributes::own_context(&entry.message_attributes))
            .collect()
    }

    fn has_room(&self, injection: &Injection<'_>) -> bool {
        let room = room(injection, batch_size(self));
        let entries = self.publish_batch_request_entries();
        injection.allows(Carrier::SnsAttributes, self.topic_arn().unwrap_or_default())
            && entries
                .iter()
                .any(|entry| attributes::has_room(&entry.message_attributes, room))
    }

    fn inject(&mut self, injection: &Injection<'_>) {
        if !injection.allows(Carrier::SnsAttributes, self.topic_arn().unwrap_or_default()) {
            return;
        }
        // The limit is on the messages of the request together.
        let mut room = room(injection, batch_size(self));
        for entry in self.publish_batch_request_entries.iter_mut().flatten() {
            let carrier = Carrier::SnsAttributes;
            let attributes = &mut entry.message_attributes;
            room -= attributes::inject(attributes, injection, carrier, room).min(room);
        }
    }
}
