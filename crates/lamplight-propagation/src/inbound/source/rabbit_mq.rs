//! RabbitMQ: messages of a broker of Amazon MQ.

use std::borrow::Cow;

use lamplight_semconv::messaging::MessagingSystem;
use opentelemetry::KeyValue;

use super::{
    Source,
    event::EventSource,
    mapping::Mapping,
    message::{Body, Message, ids, owned, part},
    records::RecordSource,
};
use crate::{
    inbound::{
        findings::{Findings, FoundContext},
        members::{Event, RecordMembers},
        path::Path,
        search::ContextSearch,
    },
    json::{Text, Value},
};

pub(super) struct RabbitMq;

impl EventSource for RabbitMq {
    fn recognizes(event: &Event<'_>) -> bool {
        event.is_from("aws:rmq") || event.rmq_messages().is_some()
    }

    fn read(search: &mut ContextSearch<'_>, event: &Event<'_>) -> Findings {
        let mut mapping = Mapping::new(search);
        let queues = event.rmq_messages().into_iter();
        for (queue, messages) in queues.flat_map(|it| it.members()) {
            let name = queue.to_str().unwrap_or_default();
            let (at, root) = ("rmqMessagesByQueue", Path::Root);
            let at = root.member(at);
            let at = at.member(&name);
            for (index, message) in messages.elements().enumerate() {
                let message = Raw::read(message, Some(queue));
                mapping.add(search, message, &at.element(index));
            }
        }
        mapping.finish(search)
    }
}

/// Messages delivered by a pipe, in a bare array.
impl RecordSource for RabbitMq {
    const NAMES: &'static [&'static str] = &["aws:rmq"];
    const IS_COUNTED: bool = true;

    type Record<'r> = Raw<'r>;

    fn record<'r>(members: &'r RecordMembers<'r>) -> Raw<'r> {
        let message = members.document();
        message
            .map(|it| Raw::read(*it, it.get("eventSourceKey").and_then(|key| key.text())))
            .unwrap_or_default()
    }
}

/// A message as JSON.
#[derive(Default)]
pub(super) struct Raw<'a> {
    /// The queue and its virtual host: `orders::/`.
    queue: Option<Text<'a>>,
    headers: Option<Value<'a>>,
    data: Option<Value<'a>>,
    id: Option<Value<'a>>,
    correlation: Option<Value<'a>>,
}

impl<'a> Raw<'a> {
    fn read(message: Value<'a>, queue: Option<Text<'a>>) -> Self {
        let [properties, data] = message.get_all(["basicProperties", "data"]);
        let [headers, id, correlation] = properties.map_or([None; 3], |properties| {
            properties.get_all(["headers", "messageId", "correlationId"])
        });
        Self {
            queue,
            headers,
            data,
            id,
            correlation,
        }
    }
}

impl Message for Raw<'_> {
    const SOURCE: Source = Source::RabbitMq;
    const SYSTEM: Option<MessagingSystem> = Some(MessagingSystem::Rabbitmq);
    const BODY: &'static str = "data";

    fn in_attributes(&self, search: &mut ContextSearch<'_>, at: &Path<'_>) -> Option<FoundContext> {
        let at = at.member("basicProperties");
        search.byte_headers([self.headers?].into_iter(), &at.member("headers"))
    }

    fn body(&self) -> Option<Body<'_>> {
        self.data?.text().map(Body::Base64)
    }

    fn id(&self) -> Option<String> {
        owned(self.id)
    }

    fn destination(&self) -> Option<Cow<'_, str>> {
        part(self.queue?.to_str()?, |queue| queue.split("::").next())
    }

    fn own_attributes(&self) -> impl Iterator<Item = KeyValue> {
        ids(self.id(), self.correlation)
    }
}
