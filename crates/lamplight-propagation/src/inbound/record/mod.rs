//! Context of the single records of a batch, from the typed events of `aws_lambda_events`.

#[cfg(feature = "records-dynamodb")]
mod dynamodb;
#[cfg(feature = "records-kafka")]
mod kafka;
#[cfg(feature = "records-kinesis")]
mod kinesis;
#[cfg(feature = "records-sns")]
mod sns;
#[cfg(feature = "records-sqs")]
mod sqs;

use std::{borrow::Cow, time::SystemTime};

use lamplight_semconv::faas;
use opentelemetry::{Context, KeyValue, trace::Link};

use super::{
    EventExtractor, RecordPolicy, Source, Trust, inferred::InferredSpan, look::Look,
    seen::Candidate,
};

/// What the `CONSUMER` span of one record starts with.
#[derive(Debug)]
#[non_exhaustive]
pub struct RecordContext {
    /// The remote span and baggage the record carries; empty when it carries none.
    pub parent: Context,
    /// Spans the record comes from that are not its parent: an X-Ray span, or the one of a caller
    /// that is not trusted. The parent too, if [`RecordPolicy::ContinueAndLink`] asks for it.
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
    fn context(&self, extractor: &EventExtractor) -> RecordContext;

    /// Services the record passed through, from the function outwards. Default: none is known.
    fn inferred_spans(&self) -> Vec<InferredSpan> {
        Vec::new()
    }
}

impl EventExtractor {
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
            } else if self.config.records == RecordPolicy::ContinueAndLink {
                links.extend(found.received.span.clone().map(Link::with_context));
            }
            if trusted {
                parent = found.received.into_context(&parent);
            }
        }
        // As many as any record has, with some to spare for whoever starts the span.
        let mut attributes = Vec::with_capacity(12);
        attributes.push(faas::trigger(source.trigger()));
        RecordContext {
            parent,
            links,
            span_name: match destination {
                Some(destination) => Cow::Owned(["process ", destination].concat()),
                None => Cow::Borrowed("process"),
            },
            attributes,
            sent_at: None,
            receive_count: None,
        }
    }

    fn look(&self) -> Look<'_> {
        Look::new(&self.config, None)
    }
}

/// The entry of a name as it is usually spelt, or else in any other case.
#[cfg(any(
    feature = "records-kafka",
    feature = "records-sns",
    feature = "records-sqs"
))]
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
