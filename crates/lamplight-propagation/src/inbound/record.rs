//! Contexts of the single records of a batch, from the typed events of `aws_lambda_events`.

use std::{borrow::Cow, time::SystemTime};

use lamplight_semconv::faas;
use opentelemetry::{Context, KeyValue, trace::Link};

use super::{
    EventExtractor,
    inferred::InferredSpan,
    path::Path,
    search::ContextSearch,
    source::{
        journey,
        message::{self, Message, Scope},
    },
};

/// The start values of the `CONSUMER` span of one record.
#[derive(Debug)]
#[non_exhaustive]
pub struct RecordContext {
    /// The remote span and baggage that the record carries; empty if it carries none.
    pub parent: Context,
    /// Spans that the record originates from and that are not its parent: an X-Ray span, or the span of an
    /// untrusted caller. With [`RecordPolicy::ContinueAndLink`](super::RecordPolicy::ContinueAndLink), the
    /// parent too.
    pub links: Vec<Link>,
    /// `process {destination}`.
    pub span_name: Cow<'static, str>,
    /// The attributes that the semantic conventions define for the span.
    pub attributes: Vec<KeyValue>,
    /// The time at which the record was sent, for its age.
    pub sent_at: Option<SystemTime>,
    /// The number of deliveries of the record, including this one.
    pub receive_count: Option<u32>,
}

/// A record of a batch: the SQS, SNS, Kinesis, DynamoDB and Kafka records of `aws_lambda_events`, each with a
/// feature. Sealed, because only this crate can create a [`RecordContext`].
pub trait Record: sealed::Sealed {
    /// Returns the record's context, by the settings of `extractor`.
    fn context(&self, extractor: &EventExtractor) -> RecordContext;

    /// Returns spans of the services that the record passed through, from the function outwards.
    fn inferred_spans(&self) -> Vec<InferredSpan>;
}

mod sealed {
    /// Prevents implementations of [`Record`](super::Record) in other crates.
    pub trait Sealed {}
}

macro_rules! records {
    ($($feature:literal: $record:ty;)+) => {
        $(
            #[cfg(feature = $feature)]
            impl sealed::Sealed for $record {}

            #[cfg(feature = $feature)]
            impl Record for $record {
                fn context(&self, extractor: &EventExtractor) -> RecordContext {
                    context(self, extractor)
                }

                fn inferred_spans(&self) -> Vec<InferredSpan> {
                    let mut spans = Vec::new();
                    journey::of_message(self, 0, &mut spans);
                    spans
                }
            }
        )+
    };
}

records! {
    "records-dynamodb": aws_lambda_events::dynamodb::EventRecord;
    "records-kafka": aws_lambda_events::kafka::KafkaRecord;
    "records-kinesis": aws_lambda_events::kinesis::KinesisEventRecord;
    "records-sns": aws_lambda_events::sns::SnsRecord;
    "records-sqs": aws_lambda_events::sqs::SqsMessage;
}

fn context<M: Message>(record: &M, extractor: &EventExtractor) -> RecordContext {
    let config = &*extractor.config;
    let mut search = ContextSearch::new(config, None);
    let mut packed = Vec::new();
    let count = message::each_packed(record, &mut search, &Path::Root, |_, found| {
        packed.extend(found.filter(|_| packed.len() < config.link_limit.max(1)));
    });
    let found = match count {
        0 => message::context(record, &mut search, &Path::Root, 0),
        1 => packed.pop(),
        // A record that holds several messages has no parent.
        _ => {
            packed.truncate(config.link_limit);
            None
        }
    };
    let applied = found.map(|found| found.apply(config.trust(M::SOURCE), config.records));
    let (continued, linked) = applied.map_or((None, None), |it| (it.continued, it.linked));
    let linked = linked.into_iter().chain(packed);
    let linked = linked.filter_map(|linked| linked.received.span);
    // Enough for any record, with some left for the caller that starts the span.
    let mut attributes = Vec::with_capacity(12);
    attributes.push(faas::trigger(M::SOURCE.trigger()));
    let scope = Scope {
        is_single: true,
        operation: record.operation(),
    };
    record.describe(scope, &mut attributes);
    RecordContext {
        parent: match continued {
            Some(continued) => continued.received.into_context(&Context::new()),
            None => Context::new(),
        },
        links: linked.map(Link::with_context).collect(),
        span_name: match record.destination() {
            Some(destination) => Cow::Owned(["process ", &destination].concat()),
            None => Cow::Borrowed("process"),
        },
        attributes,
        sent_at: record.sent_at(),
        receive_count: record.receive_count(),
    }
}

impl EventExtractor {
    /// Returns the context of one record of a batch.
    pub fn record(&self, record: &impl Record) -> RecordContext {
        record.context(self)
    }

    /// Returns spans of the services that one record of a batch passed through, in the order of travel.
    pub fn record_inferred_spans(&self, record: &impl Record) -> Vec<InferredSpan> {
        let mut spans = record.inferred_spans();
        spans.reverse();
        spans
    }
}
