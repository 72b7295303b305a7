//! Kafka: records of topics, on MSK or self-managed.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lamplight_semconv::{
    messaging::{MessagingSystem, destination::partition, kafka},
    server,
};
use opentelemetry::KeyValue;

use super::{
    Source,
    event::EventSource,
    http::authority,
    mapping::Mapping,
    message::{Body, Message, string},
    records::{self, Batched, ReadRecords, RecordSource},
};
use crate::{
    inbound::{
        findings::{Findings, FoundContext},
        items,
        members::{Event, RecordMembers},
        path::Path,
        search::ContextSearch,
    },
    json::{Text, Value},
};

/// The longest key that is recorded, in bytes: a key may be as large as a record, and a batch has many.
const LONGEST_KEY: usize = 256;

pub(super) struct Kafka;

impl EventSource for Kafka {
    fn recognizes(event: &Event<'_>) -> bool {
        Self::NAMES.iter().any(|name| event.is_from(name))
    }

    fn read(search: &mut ContextSearch<'_>, event: &Event<'_>) -> Findings {
        let mut mapping = Mapping::new(search);
        let mut partitions = 0;
        let all = event.records_by_topic().into_iter();
        for (topic_partition, records) in all.flat_map(|all| all.members()) {
            let name = topic_partition.to_str().unwrap_or_default();
            let (at, root) = ("records", Path::Root);
            let at = root.member(at);
            let at = at.member(&name);
            for (index, record) in records.elements().enumerate() {
                let record = Raw::read(record);
                if search.describes() {
                    let id = items::id_at(topic_partition, record.offset);
                    mapping.items().push(id, 0);
                }
                mapping.add(search, record, &at.element(index));
            }
            mapping.items().end_partition();
            partitions += 1;
        }
        let is_one_of_several = mapping.count() != 1 && partitions == 1;
        let first = mapping.first().filter(|_| is_one_of_several);
        let partition = first.and_then(Raw::partition_id);
        let mut findings = mapping.finish(search);
        if search.describes() {
            let out = &mut findings.attributes;
            out.extend(broker(event.other("bootstrapServers")));
            out.extend(partition);
        }
        findings
    }
}

/// Flat records delivered by a pipe, each with its partition and brokers.
impl RecordSource for Kafka {
    const NAMES: &'static [&'static str] =
        &["aws:kafka", "SelfManagedKafka", "aws:SelfManagedKafka"];
    const IS_COUNTED: bool = true;

    type Record<'r> = Raw<'r>;

    fn record<'r>(members: &'r RecordMembers<'r>) -> Raw<'r> {
        members
            .document()
            .map(|it| Raw::read(*it))
            .unwrap_or_default()
    }

    fn read(search: &mut ContextSearch<'_>, batch: &Batched<'_, '_>) -> ReadRecords {
        let mut read = records::read::<Self>(search, batch);
        if search.describes() {
            let first = Self::record(&batch.first);
            let out = &mut read.findings.attributes;
            let servers = batch
                .first
                .document()
                .and_then(|it| it.get("bootstrapServers"));
            out.extend(broker(servers));
            // A single record has set it already.
            let partition = first.partition_id();
            let is_same = |record| Raw::read(record).partition_id() == partition;
            let is_single = batch.records.elements().nth(1).is_none();
            if !is_single && batch.records.elements().all(is_same) {
                out.extend(partition);
            }
        }
        read
    }
}

/// Returns the broker if the event names exactly one; of several, the one that had the records is unknown.
fn broker(servers: Option<Value<'_>>) -> impl Iterator<Item = KeyValue> {
    let servers = string(servers).filter(|servers| !servers.contains(','));
    let address = servers.as_deref().and_then(|server| {
        let (host, port) = authority(server);
        Some((host.to_owned(), port?))
    });
    let (host, port) = address.unzip();
    let host = host.map(server::address);
    host.into_iter()
        .chain(port.map(|port| server::port(port.into())))
}

/// A record as JSON.
#[derive(Default)]
pub(super) struct Raw<'a> {
    headers: Option<Value<'a>>,
    value: Option<Value<'a>>,
    key: Option<Value<'a>>,
    topic: Option<Value<'a>>,
    partition: Option<Value<'a>>,
    offset: Option<Value<'a>>,
}

impl<'a> Raw<'a> {
    fn read(record: Value<'a>) -> Self {
        let [headers, value, key, topic, partition, offset] =
            record.get_all(["headers", "value", "key", "topic", "partition", "offset"]);
        Self {
            headers,
            value,
            key,
            topic,
            partition,
            offset,
        }
    }

    fn partition_id(&self) -> Option<KeyValue> {
        // A pipe may write it as a string.
        let partition = self.partition?;
        let number = string(Some(partition)).or_else(|| partition.scalar())?;
        let number = number.parse::<i64>().ok()?;
        Some(partition::id(number.to_string()))
    }
}

impl Message for Raw<'_> {
    const SOURCE: Source = Source::Kafka;
    const SYSTEM: Option<MessagingSystem> = Some(MessagingSystem::Kafka);
    const BODY: &'static str = "value";

    fn in_attributes(&self, search: &mut ContextSearch<'_>, at: &Path<'_>) -> Option<FoundContext> {
        search.byte_headers(self.headers?.elements(), &at.member("headers"))
    }

    fn body(&self) -> Option<Body<'_>> {
        self.value?.text().map(Body::Base64)
    }

    fn destination(&self) -> Option<Cow<'_, str>> {
        string(self.topic)
    }

    /// Returns the position of the record in its topic, and its key.
    fn own_attributes(&self) -> impl Iterator<Item = KeyValue> {
        let offset = self.offset.and_then(|it| it.scalar()?.parse::<i64>().ok());
        let is_empty = self.value.and_then(|value| value.text()).is_none();
        let place = self.partition_id().into_iter();
        place
            .chain(offset.map(kafka::offset))
            .chain(key(self.key.and_then(|key| key.text()), is_empty))
    }
}

/// Returns the base64-encoded key of a record, and whether the record deletes the data of that key. A key
/// that is not text is recorded as it is.
fn key(key: Option<Text<'_>>, is_empty: bool) -> impl Iterator<Item = KeyValue> + use<> {
    let encoded = key.and_then(Text::to_str);
    let decoded = encoded.as_deref().map(|encoded| {
        let bytes = BASE64.decode(encoded).ok();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let mut text = text.unwrap_or_else(|| encoded.to_owned());
        if text.len() > LONGEST_KEY {
            let end = (0..=LONGEST_KEY)
                .rev()
                .find(|end| text.is_char_boundary(*end));
            text.truncate(end.unwrap_or_default());
        }
        text
    });
    let tombstone = (decoded.is_some() && is_empty).then(|| kafka::message::tombstone(true));
    let key = decoded.map(kafka::message::key);
    key.into_iter().chain(tombstone)
}

#[cfg(feature = "records-kafka")]
impl Message for aws_lambda_events::kafka::KafkaRecord {
    const SOURCE: Source = Source::Kafka;
    const SYSTEM: Option<MessagingSystem> = Some(MessagingSystem::Kafka);

    fn in_attributes(&self, search: &mut ContextSearch<'_>, at: &Path<'_>) -> Option<FoundContext> {
        search.named_fields(at, |name| {
            let mut headers = self.headers.iter();
            let bytes = headers.find_map(|header| super::message::ignoring_case(header, name))?;
            let bytes = bytes.iter().map(|byte| byte.cast_unsigned());
            Some(Cow::Owned(bytes.collect()))
        })
    }

    fn body(&self) -> Option<Body<'_>> {
        self.value.as_deref().map(Text::plain).map(Body::Base64)
    }

    fn destination(&self) -> Option<Cow<'_, str>> {
        self.topic.as_deref().map(Cow::Borrowed)
    }

    fn sent_at(&self) -> Option<std::time::SystemTime> {
        Some((*self.timestamp).into())
    }

    fn own_attributes(&self) -> impl Iterator<Item = KeyValue> {
        let place = [
            partition::id(self.partition.to_string()),
            kafka::offset(self.offset),
        ];
        let is_empty = self.value.is_none();
        place
            .into_iter()
            .chain(key(self.key.as_deref().map(Text::plain), is_empty))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_key_is_cut_at_a_character() {
        let encoded = BASE64.encode("é".repeat(LONGEST_KEY) + "a");
        let told: Vec<KeyValue> = key(Some(Text::plain(&encoded)), false).collect();
        let [key_of_two] = &told[..] else {
            panic!("{told:?}");
        };
        assert_eq!(key_of_two.value.as_str(), "é".repeat(LONGEST_KEY / 2));
        // An odd number of bytes in front moves the boundary.
        let encoded = BASE64.encode("a".to_owned() + &"é".repeat(LONGEST_KEY));
        let told: Vec<KeyValue> = key(Some(Text::plain(&encoded)), true).collect();
        let value = told.first().map(|it| it.value.as_str().into_owned());
        assert_eq!(value.map(|it| it.len()), Some(LONGEST_KEY - 1));
        assert_eq!(told.len(), 2);
    }
}
