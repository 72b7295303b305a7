//! SNS: messages published to topics, phones and devices.

use aws_sdk_sns::{
    operation::{
        publish::{PublishInput, PublishOutput},
        publish_batch::{PublishBatchInput, PublishBatchOutput},
    },
    types::{MessageAttributeValue, PublishBatchRequestEntry},
};
use aws_smithy_runtime_api::client::interceptors::context::Output;
use lamplight_semconv::{
    aws, lamplight,
    messaging::{self, MessagingSystem, operation::MessagingOperationType},
};
use opentelemetry::{KeyValue, trace::Link};

use super::{
    attributes::{self, Attributes},
    batch::{count, record_refused},
    definition::Service,
    injection::Injection,
    macros::requests,
    places::Places,
    request::{OutgoingMessages, Request},
};
use crate::{
    LamplightInterceptor,
    call::Call,
    carrier::{Carrier, Destination},
    error::Failure,
};

attributes::attribute!(MessageAttributeValue);

/// A part that only the ARN of a device endpoint has.
const ENDPOINT: &str = ":endpoint/";

pub(super) const SERVICE: Service = Service {
    request,
    request_mut,
    response,
    ..Service::new("SNS")
};

requests! {
    "Publish" PublishInput;
    "PublishBatch" PublishBatchInput;
}

fn response(
    operation: &str,
    output: &Output,
    _lamplight: &LamplightInterceptor,
    call: &mut Call,
) -> Option<Failure> {
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
            let refused = output.failed().iter().map(|entry| {
                let which = lamplight::aws::entry::id(entry.id().to_owned());
                (Some(entry.code()), Some(which))
            });
            record_refused(refused, call);
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

/// Returns the size limit of a message to this topic, in bytes.
fn limit(lamplight: &LamplightInterceptor, topic: Option<&str>) -> usize {
    let topic = topic.unwrap_or_default();
    let to = Destination::new(Carrier::SnsAttributes, topic);
    lamplight.limits.of(to)
}

/// Returns whether context is enabled for messages to this topic.
fn is_wanted(lamplight: &LamplightInterceptor, topic: Option<&str>) -> bool {
    topic.is_some_and(|topic| lamplight.allows(Destination::new(Carrier::SnsAttributes, topic)))
}

fn message_size(
    message: &str,
    subject: Option<&str>,
    attributes: &Attributes<MessageAttributeValue>,
) -> usize {
    message.len() + subject.map_or(0, str::len) + attributes::size(attributes)
}

/// Returns the topic of a message, from either of the two fields. Phones and device endpoints are not topics:
/// they cannot continue a trace, and their addresses are private.
fn topic(input: &PublishInput) -> Option<&str> {
    let is_topic = |arn: &&str| !arn.contains(ENDPOINT);
    let arns = [input.topic_arn(), input.target_arn()];
    arns.into_iter().flatten().find(is_topic)
}

/// Returns whether a message has a text for each protocol. SNS accepts attributes with it, but delivers none.
fn is_structured(structure: Option<&str>) -> bool {
    structure.is_some_and(|structure| structure.eq_ignore_ascii_case("json"))
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

    fn is_sensitive(&self) -> bool {
        topic(self).is_none()
    }

    fn existing_contexts(&self, _lamplight: &LamplightInterceptor) -> Vec<Link> {
        attributes::existing_context(&self.message_attributes)
            .into_iter()
            .collect()
    }

    fn places<'a>(&self, lamplight: &'a LamplightInterceptor) -> Places<'a> {
        let wanted = is_wanted(lamplight, topic(self)) && !is_structured(self.message_structure());
        let room = limit(lamplight, topic(self)).saturating_sub(publish_size(self));
        Places::in_attributes(wanted, attributes::has_room(&self.message_attributes, room))
    }

    fn inject(&mut self, injection: &Injection<'_>, places: &Places<'_>) {
        if places.in_attributes {
            let other = injection.for_filters();
            let injection = other.as_ref().unwrap_or(injection);
            let limit = limit(injection.lamplight, topic(self));
            let room = limit.saturating_sub(publish_size(self));
            let carrier = Carrier::SnsAttributes;
            attributes::inject(&mut self.message_attributes, injection, carrier, room);
        }
    }

    fn outgoing(
        &self,
        lamplight: &LamplightInterceptor,
        traceparent: &str,
    ) -> Option<OutgoingMessages> {
        Some(OutgoingMessages {
            carrier: Carrier::SnsAttributes,
            limit: limit(lamplight, topic(self)),
            carrying: attributes::carries(&self.message_attributes, traceparent).into(),
            bytes: publish_size(self),
            is_crowded: attributes::is_crowded(&self.message_attributes, traceparent),
        })
    }
}

fn entry_size(entry: &PublishBatchRequestEntry) -> usize {
    message_size(entry.message(), entry.subject(), &entry.message_attributes)
}

fn batch_size(batch: &PublishBatchInput) -> usize {
    let entries = batch.publish_batch_request_entries().iter();
    entries.map(entry_size).sum()
}

/// Returns the size limit of the request, in which all messages count; one message may have `limit` bytes.
fn batch_limit(lamplight: &LamplightInterceptor, limit: usize) -> usize {
    lamplight.limits.of_request(Carrier::SnsAttributes, limit)
}

/// Returns the number of bytes by which the request may still grow.
fn batch_room(lamplight: &LamplightInterceptor, limit: usize, batch: &PublishBatchInput) -> usize {
    batch_limit(lamplight, limit).saturating_sub(batch_size(batch))
}

impl Request for PublishBatchInput {
    fn attributes(&self, _region: Option<&str>, attributes: &mut Vec<KeyValue>) {
        describe(batch_topic(self), attributes);
        let messages = self.publish_batch_request_entries().len();
        attributes.push(messaging::batch::message_count(count(messages)));
    }

    fn is_sensitive(&self) -> bool {
        batch_topic(self).is_none()
    }

    fn existing_contexts(&self, _lamplight: &LamplightInterceptor) -> Vec<Link> {
        let entries = self.publish_batch_request_entries().iter();
        entries
            .filter_map(|entry| attributes::existing_context(&entry.message_attributes))
            .collect()
    }

    fn places<'a>(&self, lamplight: &'a LamplightInterceptor) -> Places<'a> {
        let limit = limit(lamplight, batch_topic(self));
        let room = batch_room(lamplight, limit, self);
        let mut entries = self.publish_batch_request_entries().iter();
        Places::in_attributes(
            is_wanted(lamplight, batch_topic(self)),
            entries.any(|entry| {
                let most = limit.saturating_sub(entry_size(entry));
                !is_structured(entry.message_structure())
                    && attributes::has_room(&entry.message_attributes, room.min(most))
            }),
        )
    }

    fn inject(&mut self, injection: &Injection<'_>, places: &Places<'_>) {
        if !places.in_attributes {
            return;
        }
        let other = injection.for_filters();
        let injection = other.as_ref().unwrap_or(injection);
        let limit = limit(injection.lamplight, batch_topic(self));
        let room = batch_room(injection.lamplight, limit, self);
        let entries = self.publish_batch_request_entries.get_or_insert_default();
        let mut entries: Vec<_> = entries
            .iter_mut()
            .filter(|entry| !is_structured(entry.message_structure()))
            .collect();
        let messages = entries.iter_mut().map(|entry| {
            let most = limit.saturating_sub(entry_size(entry));
            (&mut entry.message_attributes, most)
        });
        let shares = attributes::shares(messages, injection, room);
        for (entry, share) in entries.into_iter().zip(shares) {
            let carrier = Carrier::SnsAttributes;
            attributes::inject(&mut entry.message_attributes, injection, carrier, share);
        }
    }

    fn outgoing(
        &self,
        lamplight: &LamplightInterceptor,
        traceparent: &str,
    ) -> Option<OutgoingMessages> {
        let entries = self.publish_batch_request_entries();
        let messages = || entries.iter().map(|entry| &entry.message_attributes);
        Some(OutgoingMessages {
            carrier: Carrier::SnsAttributes,
            limit: batch_limit(lamplight, limit(lamplight, batch_topic(self))),
            carrying: messages()
                .filter(|of| attributes::carries(of, traceparent))
                .count(),
            bytes: batch_size(self),
            is_crowded: messages().any(|of| attributes::is_crowded(of, traceparent)),
        })
    }
}

fn batch_topic(batch: &PublishBatchInput) -> Option<&str> {
    batch.topic_arn().filter(|arn| !arn.contains(ENDPOINT))
}
