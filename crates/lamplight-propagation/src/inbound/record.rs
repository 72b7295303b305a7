//! Context of the single records of a batch, from the typed events of `aws_lambda_events`.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use aws_lambda_events::{
    dynamodb::EventRecord, kafka::KafkaRecord, kinesis::KinesisEventRecord, sns::SnsRecord,
    sqs::SqsMessage,
};
use lamplight_semconv::{
    aws::{kinesis, sns::topic},
    faas::document,
    messaging::{MessagingSystem, destination, kafka, message},
};
use opentelemetry::{Context, KeyValue, trace::Link};

use super::{
    Extractor, RecordPolicy, Source, Trust,
    carriers::Strings,
    describe::{self, after, last_of_arn, process},
    hops::{Hop, typed},
    look::{Candidate, Look, or_else},
    path::Path,
};
use crate::{
    json::Text,
    w3c::{BAGGAGE, TRACEPARENT, TRACESTATE},
    xray::AWS_TRACE_HEADER,
};

/// What the `CONSUMER` span of one record starts with.
#[derive(Debug)]
#[non_exhaustive]
pub struct RecordContext {
    /// The remote span and baggage the record carries; empty when it carries none.
    pub parent: Context,
    /// Spans the record comes from that are not its parent: an X-Ray span, or the one of a caller
    /// that is not trusted.
    pub links: Vec<Link>,
    /// `process {destination}`.
    pub span_name: Cow<'static, str>,
    /// What the semantic conventions want of the span.
    pub attributes: Vec<KeyValue>,
    /// When the record was sent, for its age.
    pub sent_at: Option<SystemTime>,
    /// How often the record has been delivered, this time included.
    pub receive_count: Option<u32>,
}

/// A record of a batch: implemented for the SQS, SNS, Kinesis, DynamoDB and Kafka records of
/// `aws_lambda_events`.
pub trait Record {
    /// Finds the record's context, by the rules of `extractor`.
    fn context(&self, extractor: &Extractor) -> RecordContext;

    /// Services the record passed through, from the function outwards. Default: none is known.
    fn hops(&self) -> Vec<Hop> {
        Vec::new()
    }
}

impl Extractor {
    /// The context of one record of a batch.
    pub fn record(&self, record: &impl Record) -> RecordContext {
        record.context(self)
    }

    fn record_context(
        &self,
        source: Source,
        candidate: Option<Candidate>,
        destination: Option<&str>,
    ) -> RecordContext {
        let mut parent = Context::new();
        let mut links = Vec::new();
        if let Some(mut found) = candidate {
            let trusted = self.config.trust(source) == Trust::Continue;
            let is_link = !trusted || found.link_only || self.config.records == RecordPolicy::Link;
            if is_link {
                let span = found.received.span.take();
                found.received.text = None;
                links.extend(span.map(|span| Link::new(span, Vec::new(), 0)));
            }
            if trusted {
                parent = found.received.into_context(&parent);
            }
        }
        RecordContext {
            parent,
            links,
            span_name: match destination {
                Some(destination) => Cow::Owned(["process ", destination].concat()),
                None => Cow::Borrowed("process"),
            },
            attributes: Vec::new(),
            sent_at: None,
            receive_count: None,
        }
    }

    fn look(&self) -> Look<'_> {
        Look::new(&self.config, None)
    }
}

impl Record for SqsMessage {
    fn context(&self, extractor: &Extractor) -> RecordContext {
        let mut look = extractor.look();
        let strings = Strings::of(|name| {
            let attribute = ignoring_case(&self.message_attributes, name)?;
            let binary = || String::from_utf8(attribute.binary_value.as_ref()?.0.clone()).ok();
            attribute
                .string_value
                .as_deref()
                .map(Cow::Borrowed)
                .or_else(|| binary().map(Cow::Owned))
        });
        let mut found = look.accept(&strings, &Path::Root, "");
        or_else(&mut found, || {
            look.nested(Text::plain(self.body.as_deref()?), &Path::Root, 0)
        });
        or_else(&mut found, || {
            look.xray(self.attributes.get(AWS_TRACE_HEADER)?, &Path::Root)
        });

        let queue = self.event_source_arn.as_deref().and_then(last_of_arn);
        let number = |name| self.attributes.get(name)?.parse::<u64>().ok();
        let mut context = extractor.record_context(Source::Sqs, found, queue.as_deref());
        context.attributes.extend(process(MessagingSystem::AwsSqs));
        context.attributes.extend(queue.map(destination::name));
        context
            .attributes
            .extend(self.message_id.clone().map(message::id));
        context.sent_at = number("SentTimestamp")
            .and_then(|sent| SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(sent)));
        context.receive_count =
            number("ApproximateReceiveCount").and_then(|count| u32::try_from(count).ok());
        context
    }

    fn hops(&self) -> Vec<Hop> {
        typed::of_sqs(self)
    }
}

impl Record for SnsRecord {
    fn context(&self, extractor: &Extractor) -> RecordContext {
        let mut look = extractor.look();
        let strings = Strings::of(|name| {
            let attribute = ignoring_case(&self.sns.message_attributes, name)?;
            match attribute.data_type.as_str() {
                "Binary" => super::carriers::decode(Text::plain(&attribute.value)),
                _ => Some(Cow::Borrowed(attribute.value.as_str())),
            }
        });
        let mut found = look.accept(&strings, &Path::Root, "");
        or_else(&mut found, || {
            look.nested(Text::plain(&self.sns.message), &Path::Root, 0)
        });

        let name = last_of_arn(&self.sns.topic_arn);
        let mut context = extractor.record_context(Source::Sns, found, name.as_deref());
        context.attributes.extend(process(MessagingSystem::AwsSns));
        context.attributes.extend(name.map(destination::name));
        context
            .attributes
            .push(topic::arn(self.sns.topic_arn.clone()));
        context
            .attributes
            .push(message::id(self.sns.message_id.clone()));
        context.sent_at = Some(self.sns.timestamp.into());
        context
    }

    fn hops(&self) -> Vec<Hop> {
        typed::of_sns(self)
    }
}

impl Record for KinesisEventRecord {
    fn context(&self, extractor: &Extractor) -> RecordContext {
        let found = extractor.look().data(&self.kinesis.data.0, &Path::Root);
        let stream = self
            .event_source_arn
            .as_deref()
            .and_then(|arn| after(arn, "stream/"));
        let mut context = extractor.record_context(Source::Kinesis, found, stream.as_deref());
        context
            .attributes
            .extend(process(MessagingSystem::AwsKinesis));
        context
            .attributes
            .extend(stream.clone().map(destination::name));
        context.attributes.extend(stream.map(kinesis::stream_name));
        context
            .attributes
            .extend(self.event_id.clone().map(message::id));
        context.sent_at = Some((*self.kinesis.approximate_arrival_timestamp).into());
        context
    }

    fn hops(&self) -> Vec<Hop> {
        typed::of_kinesis(self)
    }
}

impl Record for EventRecord {
    fn context(&self, extractor: &Extractor) -> RecordContext {
        let found = extractor.config.item_attribute.as_deref().and_then(|name| {
            let item = serde_json::to_vec(self.change.new_image.get(name)?).ok()?;
            let item = crate::json::Value::document(&item);
            extractor.look().item_attribute(item, &Path::Root)
        });
        let table = self
            .event_source_arn
            .as_deref()
            .and_then(|arn| after(arn, "table/"));
        let mut context = extractor.record_context(Source::DynamoDb, found, table.as_deref());
        let operation = describe::operation_named(&self.event_name);
        context.attributes.extend(table.map(document::collection));
        context
            .attributes
            .extend(operation.map(document::operation));
        context.attributes.push(message::id(self.event_id.clone()));
        // Absent in some records, and then the epoch.
        let changed: SystemTime = self.change.approximate_creation_date_time.into();
        context.sent_at = Some(changed).filter(|changed| *changed > SystemTime::UNIX_EPOCH);
        context
    }
}

impl Record for KafkaRecord {
    fn context(&self, extractor: &Extractor) -> RecordContext {
        let mut look = extractor.look();
        let strings = Strings::of(|name| {
            let bytes = self
                .headers
                .iter()
                .find_map(|header| ignoring_case(header, name))?;
            let bytes = bytes.iter().map(|byte| byte.cast_unsigned()).collect();
            String::from_utf8(bytes).ok().map(Cow::Owned)
        });
        let mut found = look.accept(&strings, &Path::Root, "");
        or_else(&mut found, || {
            look.encoded(Text::plain(self.value.as_deref()?), &Path::Root)
        });

        let topic = self.topic.as_deref();
        let mut context = extractor.record_context(Source::Kafka, found, topic);
        context.attributes.extend(process(MessagingSystem::Kafka));
        context
            .attributes
            .extend(self.topic.clone().map(destination::name));
        context
            .attributes
            .push(destination::partition::id(self.partition.to_string()));
        context.attributes.push(kafka::offset(self.offset));
        context.sent_at = Some((*self.timestamp).into());
        context
    }
}

impl<'a> Strings<'a> {
    /// The three fields of a map.
    fn of(lookup: impl Fn(&str) -> Option<Cow<'a, str>>) -> Self {
        let mut strings = Self::default();
        strings.traceparent.push(lookup(TRACEPARENT));
        strings.tracestate.push(lookup(TRACESTATE));
        strings.baggage.push(lookup(BAGGAGE));
        strings
    }
}

/// The entry of a name as it is usually spelt, or else in any other case.
fn ignoring_case<'m, V>(
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
