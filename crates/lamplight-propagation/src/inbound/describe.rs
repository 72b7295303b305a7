//! What the semantic conventions want to know of records.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lamplight_semconv::{
    aws::{kinesis, s3, sns::topic},
    faas::document::{self, FaasDocumentOperation},
    lamplight::aws::{
        dynamodb::event,
        s3::{extended_request_id, request_id},
    },
    messaging::{self, MessagingSystem, destination, kafka, message},
    server,
};
use opentelemetry::KeyValue;
use percent_encoding::percent_decode_str;

use super::{
    Source,
    event::{Event, RecordMembers},
    http::authority,
};
use crate::{
    json::{Text, Value},
    time::iso_8601,
};

/// The attributes of every invocation that processes messages.
pub(super) fn process(system: MessagingSystem) -> [KeyValue; 3] {
    [
        messaging::system(system),
        messaging::operation::name("process"),
        messaging::operation::r#type(messaging::operation::MessagingOperationType::Process),
    ]
}

/// A string member as an attribute takes it.
pub(super) fn string(value: Option<Value<'_>>) -> Option<String> {
    value?.text()?.to_str().map(|text| text.into_owned())
}

/// A message id as the attribute of a link.
fn id(value: Option<Value<'_>>) -> Vec<KeyValue> {
    string(value).map(message::id).into_iter().collect()
}

/// The id by which the sender knows the record.
pub(super) fn message_id(source: Source, record: &RecordMembers<'_>) -> Vec<KeyValue> {
    id(match source {
        Source::Sqs => record.message_id(),
        Source::Sns => record.sns().and_then(|sns| sns.get("MessageId")),
        // A change of data is no message.
        Source::DynamoDb => {
            let id = string(record.event_id()).map(event::id);
            return id.into_iter().collect();
        }
        _ => record.event_id(),
    })
}

/// The shard in the id of a Kinesis record, `shardId-000000000006:4959033827149`.
pub(super) fn shard(id: &str) -> Option<KeyValue> {
    let (shard, _) = id.split_once(':')?;
    shard
        .starts_with("shardId-")
        .then(|| destination::partition::id(shard.to_owned()))
}

/// The key of an object as S3 knows it: in notifications it is encoded like a form.
fn object_key(encoded: &str) -> String {
    let spaced = encoded.replace('+', " ");
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(key) => key.into_owned(),
        Err(_) => encoded.to_owned(),
    }
}

/// What a record of a data source says was done to the data.
pub(super) fn operation(record: &RecordMembers<'_>) -> Option<FaasDocumentOperation> {
    operation_named(&record.event_name()?.text()?.to_str()?)
}

/// The operation behind the name of an event.
pub(super) fn operation_named(name: &str) -> Option<FaasDocumentOperation> {
    match name {
        "INSERT" => Some(FaasDocumentOperation::Insert),
        "MODIFY" => Some(FaasDocumentOperation::Edit),
        "REMOVE" => Some(FaasDocumentOperation::Delete),
        name if name.contains("ObjectCreated:") => Some(FaasDocumentOperation::Insert),
        name if name.contains("ObjectRemoved:") || name.contains("LifecycleExpiration:") => {
            Some(FaasDocumentOperation::Delete)
        }
        name if name.starts_with("Object") || name.contains(":Object") => {
            Some(FaasDocumentOperation::Edit)
        }
        _ => None,
    }
}

/// The attributes of an invocation with `Records`: what holds for all of them, and of a single one
/// what holds for it.
pub(super) fn records(
    source: Source,
    first: &RecordMembers<'_>,
    single: bool,
    operation: Option<FaasDocumentOperation>,
    out: &mut Vec<KeyValue>,
) {
    let arn = first
        .arn()
        .and_then(|arn| arn.text())
        .and_then(Text::to_str);
    match source {
        Source::Sqs => {
            out.extend(process(MessagingSystem::AwsSqs));
            out.extend(arn.as_deref().and_then(last_of_arn).map(destination::name));
        }
        Source::Sns => {
            out.extend(process(MessagingSystem::AwsSns));
            if let Some(arn) = string(first.sns().and_then(|sns| sns.get("TopicArn"))) {
                out.extend(last_of_arn(&arn).map(destination::name));
                out.push(topic::arn(arn));
            }
        }
        Source::Kinesis => {
            out.extend(process(MessagingSystem::AwsKinesis));
            if let Some(stream) = arn.as_deref().and_then(|arn| after(arn, "stream/")) {
                out.push(destination::name(stream.clone()));
                out.push(kinesis::stream_name(stream));
            }
            // Lambda never puts records of two shards into one batch.
            let id = first.event_id().and_then(|id| id.text()?.to_str());
            out.extend(id.as_deref().and_then(shard));
        }
        Source::DynamoDb => {
            out.extend(
                arn.as_deref()
                    .and_then(|arn| after(arn, "table/"))
                    .map(document::collection),
            );
            out.extend(operation.map(document::operation));
            if single {
                let change = first
                    .dynamodb()
                    .and_then(|it| it.get("ApproximateCreationDateTime"));
                out.extend(
                    change
                        .and_then(|it| iso_8601(&it.scalar()?))
                        .map(document::time),
                );
            }
        }
        Source::S3 => {
            let [bucket, object] = first
                .s3()
                .map_or([None; 2], |s3| s3.get_all(["bucket", "object"]));
            let bucket = string(bucket.and_then(|bucket| bucket.get("name")));
            out.extend(bucket.clone().map(document::collection));
            out.extend(bucket.map(s3::bucket));
            out.extend(operation.map(document::operation));
            if single {
                let key = object.and_then(|object| object.get("key")?.text()?.to_str());
                let key = key.as_deref().map(object_key);
                out.extend(key.clone().map(document::name));
                out.extend(key.map(s3::key));
                out.extend(string(first.event_time()).map(document::time));
                // Of whoever wrote the object: that call's span has them under the names without `lamplight`.
                let [request, extended] = first.response_elements().map_or([None; 2], |elements| {
                    elements.get_all(["x-amz-request-id", "x-amz-id-2"])
                });
                out.extend(string(request).map(request_id));
                out.extend(string(extended).map(extended_request_id));
            }
        }
        _ => {}
    }
    if single && matches!(source, Source::Kinesis | Source::Sns | Source::Sqs) {
        out.extend(message_id(source, first));
    }
}

/// The attributes of an invocation by Kafka or a message broker.
pub(super) fn mapping(
    source: Source,
    event: &Event<'_>,
    first: Option<Value<'_>>,
    single: bool,
    out: &mut Vec<KeyValue>,
) {
    let name = match source {
        Source::Kafka => {
            out.extend(process(MessagingSystem::Kafka));
            out.extend(broker(event.other("bootstrapServers")));
            let mut partitions = event
                .records_by_topic()
                .into_iter()
                .flat_map(|records| records.members());
            if let (false, Some(_), None) = (single, partitions.next(), partitions.next()) {
                out.extend(partition(first));
            }
            string(first.and_then(|record| record.get("topic")))
        }
        Source::ActiveMq => {
            out.extend(process(MessagingSystem::Activemq));
            string(first.and_then(|record| record.get("destination")?.get("physicalName")))
        }
        _ => {
            out.extend(process(MessagingSystem::Rabbitmq));
            // The queue and its virtual host: `orders::/`.
            let queue = event
                .rmq_messages()
                .and_then(|queues| queues.members().next());
            let queue = queue.and_then(|(queue, _)| queue.to_str());
            queue.map(|queue| {
                queue
                    .split_once("::")
                    .map_or(&*queue, |(name, _)| name)
                    .to_owned()
            })
        }
    };
    out.extend(name.map(destination::name));
    if let (true, Some(record)) = (single, first) {
        out.extend(mapping_link(source, record));
    }
}

/// What tells a record of Kafka or a message broker from the others.
pub(super) fn mapping_link(source: Source, record: Value<'_>) -> Vec<KeyValue> {
    match source {
        Source::Kafka => kafka_link(record),
        Source::ActiveMq => {
            // Documented as the first, and in the types of other languages the second.
            let [id, correlation, other] =
                record.get_all(["messageID", "correlationId", "correlationID"]);
            ids(id, correlation.or(other))
        }
        _ => {
            let properties = record.get("basicProperties");
            let [id, correlation] =
                properties.map_or([None; 2], |it| it.get_all(["messageId", "correlationId"]));
            ids(id, correlation)
        }
    }
}

/// A message's id, and that of the conversation it belongs to.
fn ids(of_message: Option<Value<'_>>, of_conversation: Option<Value<'_>>) -> Vec<KeyValue> {
    let conversation = string(of_conversation).filter(|id| !id.is_empty());
    let mut ids = id(of_message);
    ids.extend(conversation.map(message::conversation_id));
    ids
}

/// The broker that an event names, if it names one: of several nobody knows which had the records.
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

/// Where in its topic a Kafka record is.
fn kafka_link(record: Value<'_>) -> Vec<KeyValue> {
    let [offset, key, value] = record.get_all(["offset", "key", "value"]);
    let offset = offset.and_then(|it| it.scalar()?.parse::<i64>().ok());
    let key = key.and_then(|key| key.text());
    let is_empty = value.and_then(|value| value.text()).is_none();
    partition(Some(record))
        .into_iter()
        .chain(offset.map(kafka::offset))
        .chain(kafka_key(key, is_empty))
        .collect()
}

fn partition(record: Option<Value<'_>>) -> Option<KeyValue> {
    let number = record?.get("partition")?.scalar()?.parse::<i64>().ok()?;
    Some(destination::partition::id(number.to_string()))
}

/// How much of a key is recorded, in bytes: one may be as large as a record, and a batch has many.
const LONGEST_KEY: usize = 256;

/// The key of a Kafka record, which comes in base64, and whether the record deletes what has that key.
/// A key that is no text stays as it came.
pub(super) fn kafka_key(
    key: Option<Text<'_>>,
    is_empty: bool,
) -> impl Iterator<Item = KeyValue> + use<> {
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

/// What all changes of a DocumentDB stream share. As the convention has it of Cosmos DB: the database, and in
/// it the collection.
pub(super) fn document_db<'v>(changes: impl Iterator<Item = Value<'v>>, out: &mut Vec<KeyValue>) {
    let mut common: Option<[Option<String>; 3]> = None;
    for change in changes {
        let [namespace, operation] = change
            .get("event")
            .map_or([None; 2], |it| it.get_all(["ns", "operationType"]));
        let [database, collection] = namespace.map_or([None; 2], |it| it.get_all(["db", "coll"]));
        let these = [database, collection, operation];
        let Some(known) = &mut common else {
            common = Some(these.map(string));
            continue;
        };
        for (known, this) in known.iter_mut().zip(these) {
            let this = this.and_then(|it| it.text()?.to_str());
            if *known.as_deref().unwrap_or_default() != *this.as_deref().unwrap_or_default() {
                *known = None;
            }
        }
    }
    let Some([database, collection, operation]) = common else {
        return;
    };
    out.extend(database.map(document::collection));
    out.extend(collection.map(document::name));
    let operation = match operation.as_deref() {
        Some("insert") => Some(FaasDocumentOperation::Insert),
        Some("delete") => Some(FaasDocumentOperation::Delete),
        Some("update" | "replace") => Some(FaasDocumentOperation::Edit),
        _ => None,
    };
    out.extend(operation.map(document::operation));
}

/// The name in `arn:aws:sqs:eu-west-1:123456789012:name`.
pub(super) fn last_of_arn(arn: &str) -> Option<String> {
    arn.rsplit(':')
        .next()
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
}

/// The name behind a resource type, up to the next `/`.
pub(super) fn after(arn: &str, kind: &str) -> Option<String> {
    let (_, name) = arn.split_once(kind)?;
    name.split('/')
        .next()
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_key_is_cut_at_a_character() {
        let encoded = BASE64.encode("é".repeat(LONGEST_KEY) + "a");
        let told: Vec<KeyValue> = kafka_key(Some(Text::plain(&encoded)), false).collect();
        let [key] = &told[..] else {
            panic!("{told:?}");
        };
        assert_eq!(key.value.as_str(), "é".repeat(LONGEST_KEY / 2));
        // An odd number of bytes in front moves the boundary.
        let encoded = BASE64.encode("a".to_owned() + &"é".repeat(LONGEST_KEY));
        let told: Vec<KeyValue> = kafka_key(Some(Text::plain(&encoded)), true).collect();
        let value = told.first().map(|it| it.value.as_str().into_owned());
        assert_eq!(value.map(|it| it.len()), Some(LONGEST_KEY - 1));
        assert_eq!(told.len(), 2);
    }
}
