//! What an event passed through on its way, by the timestamps that managed services leave in it.
//!
//! A second look of its own, for those who want it; nobody else pays for it.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use lamplight_semconv::{
    aws::{kinesis, sns::topic},
    faas::FaasTrigger,
    http::{self, request},
    lamplight::inferred,
    messaging::{self, MessagingSystem, destination, message},
    server, url,
};
use opentelemetry::KeyValue;

use super::{
    EventExtractor, Incoming, RawInvocation, Source,
    describe::{after, last_of_arn, string},
    look::{MAX_DEPTH, MAX_NESTED},
};
use crate::{
    json::{Text, Value},
    time::from_iso_8601,
};

/// What a service that hands a message on does with it.
const DELIVER: &str = "deliver";

/// A managed service that an event passed through, and when it took the event in.
///
/// Services leave the time they took an event in, and nothing else; the span ends where the next one,
/// or the function, begins.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct InferredSpan {
    /// `deliver {destination}` for messages, and the name of the invocation's span for requests.
    pub span_name: Cow<'static, str>,
    /// When the service took it in, by the service's clock.
    pub started_at: SystemTime,
    /// What the semantic conventions want of the span.
    pub attributes: Vec<KeyValue>,
}

impl EventExtractor {
    /// The spans of an invocation in the order of travel: of a request, an event or a batch of one.
    /// Of a batch of several, each record has spans of its own (`EventExtractor::record_inferred_spans`).
    ///
    /// | span | began at |
    /// |---|---|
    /// | API Gateway, function URL | `requestContext.requestTimeEpoch`, `timeEpoch` |
    /// | EventBridge | `time`, to the second |
    /// | SNS | `Timestamp` |
    /// | SQS | `SentTimestamp` |
    /// | Kinesis | `approximateArrivalTimestamp` |
    ///
    /// An event in a notification in a message has all three, an event that a function passed on by
    /// Invoke none: its way ended there.
    pub fn inferred_spans(
        &self,
        invocation: &RawInvocation<'_>,
        incoming: &Incoming,
    ) -> Vec<InferredSpan> {
        let document = Value::document(invocation.body);
        let mut spans = Vec::new();
        if incoming.passed_on {
            return spans;
        }
        match incoming.source {
            Source::Sqs | Source::Sns | Source::Kinesis => {
                let records = match document.is_object() {
                    true => document.get("Records"),
                    false => Some(document),
                };
                let mut records = records.into_iter().flat_map(|it| it.elements());
                if let (Some(record), None) = (records.next(), records.next()) {
                    of_record(incoming.source, record, &mut spans);
                }
            }
            Source::EventBridge => of_document(document, 0, &mut spans),
            source if source.trigger() == FaasTrigger::Http || source == Source::WebSocket => {
                spans.extend(of_request(document, incoming));
            }
            _ => {}
        }
        // They were found from the function outwards.
        spans.reverse();
        spans
    }

    /// The spans of one record of a batch, in the order of travel.
    #[cfg(feature = "_records")]
    pub fn record_inferred_spans(&self, record: &impl super::Record) -> Vec<InferredSpan> {
        let mut spans = record.inferred_spans();
        spans.reverse();
        spans
    }
}

fn of_request(document: Value<'_>, incoming: &Incoming) -> Option<InferredSpan> {
    const OF_THE_REQUEST: [&str; 5] = [
        request::METHOD,
        http::ROUTE,
        url::PATH,
        url::SCHEME,
        server::ADDRESS,
    ];
    let context = document.get("requestContext")?;
    let [v1, v2] = context.get_all(["requestTimeEpoch", "timeEpoch"]);
    let started_at = millis(&v1.or(v2)?.scalar()?)?;
    let mut attributes = vec![inferred::service(match incoming.source {
        Source::FunctionUrl => "aws_lambda_url",
        _ => "aws_api_gateway",
    })];
    let of_the_request = incoming.attributes.iter();
    attributes.extend(
        of_the_request
            .filter(|kv| OF_THE_REQUEST.contains(&kv.key.as_str()))
            .cloned(),
    );
    Some(InferredSpan {
        span_name: incoming.span_name.clone(),
        started_at,
        attributes,
    })
}

fn of_record(source: Source, record: Value<'_>, spans: &mut Vec<InferredSpan>) {
    match source {
        Source::Sqs => {
            let [attributes, body, arn, id] =
                record.get_all(["attributes", "body", "eventSourceARN", "messageId"]);
            let sent = string(attributes.and_then(|it| it.get("SentTimestamp")));
            let sent = sent.as_deref().and_then(millis);
            spans.extend(sent.map(|sent| sqs(sent, string(arn).as_deref(), string(id))));
            if let Some(body) = body.and_then(|body| body.text()) {
                nested(body, 0, spans);
            }
        }
        Source::Sns => {
            if let Some(notification) = record.get("Sns") {
                of_document(notification, 0, spans);
            }
        }
        _ => {
            let [kinesis, arrived, arn, id] = record.get_all([
                "kinesis",
                "approximateArrivalTimestamp",
                "eventSourceARN",
                "eventID",
            ]);
            // Pipes flattens what an event source mapping has below `kinesis`.
            let below = kinesis.and_then(|it| it.get("approximateArrivalTimestamp"));
            let arrived = below.or(arrived).and_then(|it| seconds(&it.scalar()?));
            spans.extend(arrived.map(|at| kinesis_stream(at, string(arn).as_deref(), string(id))));
        }
    }
}

/// A notification of SNS or an event of EventBridge, and what is in it.
fn of_document(document: Value<'_>, depth: u8, spans: &mut Vec<InferredSpan>) {
    let [topic, timestamp, id, message, detail_type, time, event_id] = document.get_all([
        "TopicArn",
        "Timestamp",
        "MessageId",
        "Message",
        "detail-type",
        "time",
        "id",
    ]);
    let at = |value| string(value).as_deref().and_then(from_iso_8601);
    if topic.is_some() {
        let arn = string(topic).unwrap_or_default();
        spans.extend(at(timestamp).map(|at| sns(at, arn, string(id))));
        if let Some(message) = message.and_then(|message| message.text()) {
            nested(message, depth, spans);
        }
    } else if detail_type.is_some() {
        spans.extend(at(time).map(|at| {
            let rest = string(event_id).map(message::id).into_iter().collect();
            messages(MessagingSystem::AwsEventbridge, at, None, rest)
        }));
    }
}

/// What is in a message.
pub(super) fn nested(text: Text<'_>, depth: u8, spans: &mut Vec<InferredSpan>) {
    if depth >= MAX_DEPTH || text.raw().len() > MAX_NESTED {
        return;
    }
    if let Some(document) = text.document().filter(Value::is_object) {
        of_document(document, depth + 1, spans);
    }
}

pub(super) fn sqs(sent: SystemTime, arn: Option<&str>, id: Option<String>) -> InferredSpan {
    let rest = id.map(message::id).into_iter().collect();
    let queue = arn.and_then(last_of_arn);
    messages(MessagingSystem::AwsSqs, sent, queue, rest)
}

pub(super) fn sns(published: SystemTime, arn: String, id: Option<String>) -> InferredSpan {
    let name = last_of_arn(&arn);
    let rest = id.map(message::id).into_iter().chain([topic::arn(arn)]);
    messages(MessagingSystem::AwsSns, published, name, rest.collect())
}

pub(super) fn kinesis_stream(
    arrived: SystemTime,
    arn: Option<&str>,
    id: Option<String>,
) -> InferredSpan {
    let stream = arn.and_then(|arn| after(arn, "stream/"));
    let id = id.map(message::id).into_iter();
    let rest = id.chain(stream.clone().map(kinesis::stream_name));
    messages(MessagingSystem::AwsKinesis, arrived, stream, rest.collect())
}

fn messages(
    system: MessagingSystem,
    started_at: SystemTime,
    destination: Option<String>,
    rest: Vec<KeyValue>,
) -> InferredSpan {
    // The bus an event was on is not in the event.
    let place = destination.as_deref().unwrap_or(system.as_str());
    let span_name = Cow::Owned([DELIVER, " ", place].concat());
    let mut attributes = vec![
        inferred::service(system.as_str().to_owned()),
        messaging::system(system),
        messaging::operation::name(DELIVER),
    ];
    attributes.extend(destination.map(destination::name));
    attributes.extend(rest);
    InferredSpan {
        span_name,
        started_at,
        attributes,
    }
}

pub(super) fn millis(text: &str) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(text.parse().ok()?))
}

fn seconds(text: &str) -> Option<SystemTime> {
    let since = Duration::try_from_secs_f64(text.parse().ok()?).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(since)
}
