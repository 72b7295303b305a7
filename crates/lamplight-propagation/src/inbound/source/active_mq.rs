//! ActiveMQ: messages of a broker of Amazon MQ.

use std::borrow::Cow;

use lamplight_semconv::messaging::MessagingSystem;
use opentelemetry::KeyValue;

use super::{
    Source,
    event::EventSource,
    mapping::Mapping,
    message::{Body, Message, ids, owned, string},
    records::RecordSource,
};
use crate::{
    inbound::{
        findings::{Findings, FoundContext},
        members::{Event, RecordMembers},
        path::Path,
        search::ContextSearch,
    },
    json::Value,
};

pub(super) struct ActiveMq;

impl EventSource for ActiveMq {
    fn recognizes(event: &Event<'_>) -> bool {
        Self::NAMES.iter().any(|name| event.is_from(name))
    }

    fn read(search: &mut ContextSearch<'_>, event: &Event<'_>) -> Findings {
        let mut mapping = Mapping::new(search);
        let messages = event.messages().into_iter();
        let at = Path::Root.member("messages");
        for (index, message) in messages.flat_map(|it| it.elements()).enumerate() {
            mapping.add(search, Raw::read(message), &at.element(index));
        }
        mapping.finish(search)
    }
}

/// Messages delivered by a pipe, in a bare array.
impl RecordSource for ActiveMq {
    const NAMES: &'static [&'static str] = &["aws:mq", "aws:amq"];
    const IS_COUNTED: bool = true;

    type Record<'r> = Raw<'r>;

    fn record<'r>(members: &'r RecordMembers<'r>) -> Raw<'r> {
        let message = members.document();
        message.map(|it| Raw::read(*it)).unwrap_or_default()
    }
}

/// A message as JSON.
#[derive(Default)]
pub(super) struct Raw<'a> {
    properties: Option<Value<'a>>,
    data: Option<Value<'a>>,
    destination: Option<Value<'a>>,
    id: Option<Value<'a>>,
    correlation: Option<Value<'a>>,
}

impl<'a> Raw<'a> {
    fn read(message: Value<'a>) -> Self {
        let [properties, data, destination, id, correlation, other] = message.get_all([
            "properties",
            "data",
            "destination",
            "messageID",
            // The first spelling is that of the documentation, the second that of the types in other
            // languages.
            "correlationId",
            "correlationID",
        ]);
        Self {
            properties,
            data,
            destination,
            id,
            correlation: correlation.or(other),
        }
    }
}

impl Message for Raw<'_> {
    const SOURCE: Source = Source::ActiveMq;
    const SYSTEM: Option<MessagingSystem> = Some(MessagingSystem::Activemq);
    const BODY: &'static str = "data";

    fn in_attributes(&self, search: &mut ContextSearch<'_>, at: &Path<'_>) -> Option<FoundContext> {
        search.object(self.properties?, &at.member("properties"))
    }

    fn body(&self) -> Option<Body<'_>> {
        self.data?.text().map(Body::Base64)
    }

    fn id(&self) -> Option<String> {
        owned(self.id)
    }

    fn destination(&self) -> Option<Cow<'_, str>> {
        string(self.destination?.get("physicalName"))
    }

    fn own_attributes(&self) -> impl Iterator<Item = KeyValue> {
        ids(self.id(), self.correlation)
    }
}
