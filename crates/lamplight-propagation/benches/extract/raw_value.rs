//! The members an extraction is after, found by `serde_json` without building what is between them: types
//! that borrow, and `RawValue` for what would be looked into next.
//!
//! What it leaves out is to its advantage: headers and message attributes have one spelling, nothing is
//! done with what is found, and data in base64 stays what it is.

use std::{borrow::Cow, hint::black_box};

use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    #[serde(borrow)]
    route_key: Cow<'a, str>,
    #[serde(borrow)]
    raw_path: Cow<'a, str>,
    #[serde(borrow)]
    raw_query_string: Cow<'a, str>,
    #[serde(borrow)]
    headers: Fields<'a>,
    #[serde(borrow)]
    request_context: RequestContext<'a>,
}

#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    traceparent: Option<Cow<'a, str>>,
    #[serde(borrow)]
    tracestate: Option<Cow<'a, str>>,
    #[serde(borrow)]
    baggage: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    #[serde(borrow)]
    domain_name: Cow<'a, str>,
    #[serde(borrow)]
    http: &'a RawValue,
}

#[derive(Deserialize)]
struct Records<R> {
    #[serde(rename = "Records")]
    records: Vec<R>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    #[serde(borrow)]
    message_id: Cow<'a, str>,
    #[serde(borrow)]
    body: &'a RawValue,
    #[serde(borrow)]
    message_attributes: Attributes<'a>,
    #[serde(borrow)]
    event_source: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Attributes<'a> {
    #[serde(borrow)]
    traceparent: Option<Attribute<'a>>,
}

#[derive(Deserialize)]
struct Attribute<'a> {
    #[serde(borrow, alias = "stringValue", rename = "Value")]
    value: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Notification<'a> {
    #[serde(borrow)]
    topic_arn: Cow<'a, str>,
    #[serde(borrow)]
    message_attributes: Attributes<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Event<'a> {
    #[serde(borrow)]
    detail_type: Cow<'a, str>,
    #[serde(borrow)]
    source: Cow<'a, str>,
    #[serde(borrow)]
    detail: Detail<'a>,
}

#[derive(Deserialize)]
struct Detail<'a> {
    #[serde(borrow, rename = "_otel")]
    otel: Option<Fields<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StreamRecord<'a> {
    #[serde(borrow)]
    kinesis: Data<'a>,
    #[serde(borrow)]
    event_source: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    #[serde(borrow)]
    data: Cow<'a, str>,
    #[serde(borrow)]
    sequence_number: Cow<'a, str>,
}

fn parse<'a, T: Deserialize<'a>>(text: &'a [u8]) -> T {
    serde_json::from_slice(text).unwrap()
}

pub(crate) fn request(body: &[u8]) {
    let request: Request<'_> = parse(body);
    let (fields, context) = (request.headers, request.request_context);
    assert!(fields.traceparent.is_some());
    black_box((
        request.route_key,
        request.raw_path,
        request.raw_query_string,
    ));
    black_box((fields.tracestate, fields.baggage));
    black_box((context.domain_name, context.http));
}

pub(crate) fn messages(body: &[u8]) {
    for message in parse::<Records<Message<'_>>>(body).records {
        assert!(message.message_attributes.traceparent.is_some());
        black_box((message.message_id, message.event_source, message.body));
    }
}

/// The body is a string, so its escapes have to be resolved before it is a document.
pub(crate) fn notification(body: &[u8]) {
    for message in parse::<Records<Message<'_>>>(body).records {
        let body: String = parse(message.body.get().as_bytes());
        let notification: Notification<'_> = parse(body.as_bytes());
        let context = notification.message_attributes.traceparent;
        black_box((context.unwrap().value, notification.topic_arn));
    }
}

pub(crate) fn event(body: &[u8]) {
    let event: Event<'_> = parse(body);
    black_box((event.detail_type, event.source, event.detail.otel));
}

pub(crate) fn stream(body: &[u8]) {
    for record in parse::<Records<StreamRecord<'_>>>(body).records {
        black_box((record.kinesis.data, record.kinesis.sequence_number));
        black_box(record.event_source);
    }
}
