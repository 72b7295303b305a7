//! SNS: notifications, delivered to the function or inside an SQS message.

use std::{borrow::Cow, time::SystemTime};

use lamplight_semconv::{aws::sns::topic, messaging::MessagingSystem};
use opentelemetry::KeyValue;

use super::{
    Source,
    message::{Body, Message, last_of_arn, owned, part, string},
    records::RecordSource,
};
use crate::{
    inbound::{
        findings::FoundContext,
        members::RecordMembers,
        path::Path,
        search::{ContextSearch, fields::Attributes},
    },
    json::Value,
    time::from_iso_8601,
};

pub(super) struct Sns;

impl RecordSource for Sns {
    const NAMES: &'static [&'static str] = &["aws:sns"];

    type Record<'r> = Notification<'r>;

    fn has_members(members: &RecordMembers<'_>) -> bool {
        members.sns().is_some_and(|it| it.is_object())
    }

    fn record<'r>(members: &'r RecordMembers<'r>) -> Notification<'r> {
        members.sns().map(Notification::read).unwrap_or_default()
    }

    fn is_complete(seen: &RecordMembers<'_>) -> bool {
        !seen.sns.is_nowhere()
    }
}

/// A notification as JSON: the member `Sns` of a record, or the body of an SQS message.
#[derive(Default)]
pub(super) struct Notification<'a> {
    attributes: Option<Value<'a>>,
    message: Option<Value<'a>>,
    id: Option<Value<'a>>,
    topic: Option<Value<'a>>,
    timestamp: Option<Value<'a>>,
}

impl<'a> Notification<'a> {
    fn read(object: Value<'a>) -> Self {
        let [attributes, message, id, topic, timestamp] = object.get_all([
            "MessageAttributes",
            "Message",
            "MessageId",
            "TopicArn",
            "Timestamp",
        ]);
        Self {
            attributes,
            message,
            id,
            topic,
            timestamp,
        }
    }

    /// Returns the notification in a document, if the document is one.
    pub(super) fn in_document(document: Value<'a>) -> Option<Self> {
        let notification = Self::read(document);
        notification.topic.is_some().then_some(notification)
    }
}

impl Message for Notification<'_> {
    const SOURCE: Source = Source::Sns;
    const SYSTEM: Option<MessagingSystem> = Some(MessagingSystem::AwsSns);
    const BODY: &'static str = "Message";

    fn envelope(&self) -> Option<&'static str> {
        Some("Sns")
    }

    fn in_attributes(&self, search: &mut ContextSearch<'_>, at: &Path<'_>) -> Option<FoundContext> {
        let attributes = Attributes::read(self.attributes?);
        search.attributes(&attributes, &at.member("MessageAttributes"))
    }

    fn body(&self) -> Option<Body<'_>> {
        self.message?.text().map(Body::Text)
    }

    fn id(&self) -> Option<String> {
        owned(self.id)
    }

    fn destination(&self) -> Option<Cow<'_, str>> {
        part(string(self.topic)?, last_of_arn)
    }

    fn resource(&self) -> Option<KeyValue> {
        owned(self.topic).map(topic::arn)
    }

    fn sent_at(&self) -> Option<SystemTime> {
        from_iso_8601(&string(self.timestamp)?)
    }
}

#[cfg(feature = "records-sns")]
impl Message for aws_lambda_events::sns::SnsRecord {
    const SOURCE: Source = Source::Sns;
    const SYSTEM: Option<MessagingSystem> = Some(MessagingSystem::AwsSns);

    fn in_attributes(&self, search: &mut ContextSearch<'_>, at: &Path<'_>) -> Option<FoundContext> {
        use crate::{inbound::search::fields::decode, json::Text};

        search.named_attributes(at, |name| {
            let attribute = super::message::ignoring_case(&self.sns.message_attributes, name)?;
            match attribute.data_type.as_str() {
                "Binary" => decode(Text::plain(&attribute.value)),
                _ => Some(Cow::Borrowed(attribute.value.as_bytes())),
            }
        })
    }

    fn body(&self) -> Option<Body<'_>> {
        Some(Body::Text(crate::json::Text::plain(&self.sns.message)))
    }

    fn id(&self) -> Option<String> {
        Some(self.sns.message_id.clone())
    }

    fn destination(&self) -> Option<Cow<'_, str>> {
        last_of_arn(&self.sns.topic_arn).map(Cow::Borrowed)
    }

    fn resource(&self) -> Option<KeyValue> {
        Some(topic::arn(self.sns.topic_arn.clone()))
    }

    fn sent_at(&self) -> Option<SystemTime> {
        Some(self.sns.timestamp.into())
    }
}
