//! Messages of all services through one trait, and the context, attributes and spans derived from them.

use std::{borrow::Cow, time::SystemTime};

use lamplight_semconv::{
    faas::document::FaasDocumentOperation,
    lamplight::inferred,
    messaging::{self, MessagingSystem, destination, message},
};
use opentelemetry::KeyValue;

use super::{Source, aggregated::Aggregated};
use crate::{
    inbound::{
        NoteReason,
        findings::{FoundContext, prefer_with_span},
        inferred::InferredSpan,
        path::Path,
        search::ContextSearch,
    },
    json::{Text, Value},
    xray::AWS_TRACE_HEADER,
};

/// The operation of a service that delivers a message.
const DELIVER: &str = "deliver";

/// A message, or a record of a stream, in one of its forms: JSON, a type of `aws_lambda_events`, or a type of
/// the AWS SDK.
///
/// The trait has the parts that differ between forms; everything derived from them is written once, in this
/// file.
pub(in crate::inbound) trait Message {
    /// The source that decides whether the message is trusted.
    #[cfg_attr(not(feature = "_records"), allow(dead_code))]
    const SOURCE: Source;

    /// The messaging system; `None` for changes of data, which are not messages.
    const SYSTEM: Option<MessagingSystem> = None;

    /// The name of the member with the body, for explanations.
    const BODY: &'static str = "body";

    /// Returns the member of a record that contains the others, for explanations.
    fn envelope(&self) -> Option<&'static str> {
        None
    }

    /// Searches the attributes or headers.
    fn in_attributes(
        &self,
        _search: &mut ContextSearch<'_>,
        _at: &Path<'_>,
    ) -> Option<FoundContext> {
        None
    }

    /// Returns the body, which may be a document with context.
    fn body(&self) -> Option<Body<'_>> {
        None
    }

    /// Returns the body if a producer library has packed several messages into it.
    fn packed(&self) -> Option<Cow<'_, [u8]>> {
        None
    }

    /// Returns the X-Ray header, which the service keeps beside the attributes.
    fn xray_header(&self) -> Option<Cow<'_, str>> {
        None
    }

    /// Returns the id by which the sender identifies the message.
    fn id(&self) -> Option<String> {
        None
    }

    /// Returns the name of the queue, topic, stream or table.
    fn destination(&self) -> Option<Cow<'_, str>> {
        None
    }

    /// Returns the attribute that names the destination in the service's own terms.
    fn resource(&self) -> Option<KeyValue> {
        None
    }

    /// Returns the partition of the destination, if a batch never mixes partitions.
    fn partition(&self) -> Option<KeyValue> {
        None
    }

    /// Returns the time at which the service accepted the message.
    fn sent_at(&self) -> Option<SystemTime> {
        None
    }

    /// Returns the number of deliveries.
    #[cfg_attr(not(feature = "_records"), allow(dead_code))]
    fn receive_count(&self) -> Option<u32> {
        None
    }

    /// Returns the operation on the data, for a change of data.
    fn operation(&self) -> Option<FaasDocumentOperation> {
        None
    }

    /// Returns the attributes that distinguish the message from others of its batch.
    fn own_attributes(&self) -> impl Iterator<Item = KeyValue> {
        self.id().map(message::id).into_iter()
    }

    /// Adds the attributes of a span that processes the message, alone or as part of a batch.
    fn describe(&self, scope: Scope, out: &mut Vec<KeyValue>) {
        out.extend(Self::SYSTEM.into_iter().flat_map(process));
        let name = self.destination().map(Cow::into_owned);
        out.extend(name.map(destination::name));
        out.extend(self.resource());
        out.extend(self.partition());
        if scope.is_single {
            out.extend(self.own_attributes());
        }
    }
}

/// The body of a message.
#[derive(Debug, Clone, Copy)]
pub(in crate::inbound) enum Body<'b> {
    Text(Text<'b>),
    Base64(Text<'b>),
    #[cfg_attr(not(feature = "records-kinesis"), expect(dead_code))]
    Bytes(&'b [u8]),
}

/// The records that the attributes of a span describe.
#[derive(Debug)]
pub(in crate::inbound) struct Scope {
    /// True if there is only one record.
    pub(in crate::inbound) is_single: bool,
    /// The operation on the data, if it is the same for all records.
    pub(in crate::inbound) operation: Option<FaasDocumentOperation>,
}

/// Returns the context of a message.
pub(in crate::inbound) fn context<M: Message>(
    message: &M,
    search: &mut ContextSearch<'_>,
    at: &Path<'_>,
    depth: u8,
) -> Option<FoundContext> {
    let below;
    let at = match message.envelope() {
        Some(name) => {
            below = at.member(name);
            &below
        }
        None => at,
    };
    let mut found = message.in_attributes(search, at);
    prefer_with_span(&mut found, || {
        let at = at.member(M::BODY);
        match message.body()? {
            Body::Text(text) => search.in_string(text, &at, depth),
            Body::Base64(text) => search.in_base64(text, &at),
            Body::Bytes(bytes) => search.in_bytes(bytes, &at),
        }
    });
    let at = at.member("attributes");
    search.prefer_xray(
        found,
        || message.xray_header(),
        &at.member(AWS_TRACE_HEADER),
    )
}

/// Finds the context of each message packed into this one. Returns their number.
#[inline]
pub(in crate::inbound) fn each_packed<M: Message>(
    message: &M,
    search: &mut ContextSearch<'_>,
    at: &Path<'_>,
    add: impl FnMut(&mut ContextSearch<'_>, Option<FoundContext>),
) -> usize {
    let Some(body) = message.packed() else {
        return 0;
    };
    each_of(message, &body, search, at, add)
}

#[inline(never)]
fn each_of<M: Message>(
    message: &M,
    body: &[u8],
    search: &mut ContextSearch<'_>,
    at: &Path<'_>,
    mut add: impl FnMut(&mut ContextSearch<'_>, Option<FoundContext>),
) -> usize {
    let Some(packed) = Aggregated::read(body) else {
        return 0;
    };
    let below;
    let at = match message.envelope() {
        Some(name) => {
            below = at.member(name);
            &below
        }
        None => at,
    };
    let at = at.member(M::BODY);
    let count = u32::try_from(packed.count()).unwrap_or(u32::MAX);
    search.note(&at, NoteReason::Aggregated(count));
    let at = at.inside();
    for (index, data) in packed.data().enumerate() {
        let found = search.in_bytes(data, &at.element(index));
        add(search, found);
    }
    packed.count()
}

/// Returns the span of the service that a message waited in.
pub(in crate::inbound) fn inferred_span<M: Message>(message: &M) -> Option<InferredSpan> {
    let system = M::SYSTEM?;
    let started_at = message.sent_at()?;
    let destination = message.destination().map(Cow::into_owned);
    // An event does not name its bus.
    let place = destination.as_deref().unwrap_or(system.as_str());
    let span_name = Cow::Owned([DELIVER, " ", place].concat());
    let mut attributes = vec![
        inferred::service(system.as_str().to_owned()),
        messaging::system(system),
        messaging::operation::name(DELIVER),
    ];
    attributes.extend(destination.map(destination::name));
    attributes.extend(message.id().map(message::id));
    attributes.extend(message.resource());
    Some(InferredSpan {
        span_name,
        started_at,
        attributes,
    })
}

/// Returns the attributes that all spans processing messages have.
pub(super) fn process(system: MessagingSystem) -> [KeyValue; 3] {
    [
        messaging::system(system),
        messaging::operation::name("process"),
        messaging::operation::r#type(messaging::operation::MessagingOperationType::Process),
    ]
}

/// Returns the id of a broker's message and of the conversation it belongs to.
pub(super) fn ids(
    id: Option<String>,
    conversation: Option<Value<'_>>,
) -> impl Iterator<Item = KeyValue> {
    let conversation = owned(conversation).filter(|id| !id.is_empty());
    let id = id.map(message::id).into_iter();
    id.chain(conversation.map(message::conversation_id))
}

/// Returns a string member.
pub(super) fn string(value: Option<Value<'_>>) -> Option<Cow<'_, str>> {
    value?.text()?.to_str()
}

/// Returns a string member, owned, for an attribute.
pub(super) fn owned(value: Option<Value<'_>>) -> Option<String> {
    string(value).map(Cow::into_owned)
}

/// Returns the part of a text that `of` selects.
pub(super) fn part<'t>(
    text: Cow<'t, str>,
    of: impl FnOnce(&str) -> Option<&str>,
) -> Option<Cow<'t, str>> {
    match text {
        Cow::Borrowed(text) => of(text).map(Cow::Borrowed),
        Cow::Owned(text) => of(&text).map(|part| Cow::Owned(part.to_owned())),
    }
}

/// Returns the name in `arn:aws:sqs:eu-west-1:123456789012:name`.
pub(super) fn last_of_arn(arn: &str) -> Option<&str> {
    arn.rsplit(':').next().filter(|name| !name.is_empty())
}

/// Returns the name after a resource type, up to the next `/`.
pub(super) fn name_after<'a>(arn: &'a str, kind: &str) -> Option<&'a str> {
    let (_, name) = arn.split_once(kind)?;
    name.split('/').next().filter(|name| !name.is_empty())
}

/// Returns the value of a name in its usual spelling, otherwise in any other case.
#[cfg(any(
    feature = "records-kafka",
    feature = "records-sns",
    feature = "records-sqs"
))]
pub(super) fn ignoring_case<'m, V>(
    map: &'m std::collections::HashMap<String, V>,
    name: &str,
) -> Option<&'m V> {
    let other = || {
        map.iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, v)| v)
    };
    map.get(name).or_else(other)
}
