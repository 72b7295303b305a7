//! Spans made by hand.

use std::sync::Arc;

use crate::{
    journey::{Around, Journey, Journeys},
    span::{
        Attribute, Attributes, Event, Kind, Link, Resource, Scope, Span, SpanId, SpanRef, Status,
        TraceId, Value,
    },
};
use lamplight_semconv::{db, error, exception, faas, http, lamplight, messaging, rpc, service};

/// 2026-11-26 12:00 UTC, in milliseconds.
pub(super) const NOON: u64 = 1_795_694_400_000;

pub(super) fn trace(number: u8) -> TraceId {
    TraceId([number; 16])
}

pub(super) fn id(number: u64) -> SpanId {
    SpanId(number.to_be_bytes())
}

pub(super) fn at(of: u8, number: u64) -> SpanRef {
    SpanRef {
        trace: trace(of),
        span: id(number),
    }
}

pub(super) fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

pub(super) fn attributes(pairs: &[(&str, Value)]) -> Attributes {
    let attribute = |(key, value): &(&str, Value)| Attribute {
        key: (*key).to_owned(),
        value: value.clone(),
    };
    pairs.iter().map(attribute).collect()
}

/// A span of trace 1 under construction.
#[derive(Clone)]
pub(super) struct Made(pub(super) Span);

/// Returns a span of trace 1 of a function; times are milliseconds since noon.
pub(super) fn span(function: &str, number: u64, parent: Option<u64>, name: &str) -> Made {
    let resource = Resource {
        attributes: attributes(&[
            (service::NAME, text(function)),
            (faas::NAME, text(function)),
            (faas::VERSION, text("7")),
            (faas::MAX_MEMORY, Value::Int(134_217_728)),
        ]),
        ..Resource::default()
    };
    let scope = Scope {
        name: "lamplight".to_owned(),
        ..Scope::default()
    };
    let mut span = Span::empty(Arc::new(resource), Arc::new(scope));
    span.trace_id = trace(1);
    span.span_id = id(number);
    span.parent = parent.map(id);
    name.clone_into(&mut span.name);
    span.kind = Kind::Internal;
    Made(span)
}

impl Made {
    pub(super) fn of(mut self, number: u8) -> Self {
        self.0.trace_id = trace(number);
        self
    }

    pub(super) fn kind(mut self, kind: Kind) -> Self {
        self.0.kind = kind;
        self
    }

    pub(super) fn time(mut self, start: u64, end: u64) -> Self {
        self.0.start = (NOON + start) * 1_000_000;
        self.0.end = (NOON + end) * 1_000_000;
        self
    }

    pub(super) fn with(mut self, pairs: &[(&str, Value)]) -> Self {
        self.0.attributes.0.extend(attributes(pairs).0);
        self
    }

    pub(super) fn invocation(self) -> Self {
        let request = format!("5b2f0d3c-0000-4000-8000-{}", self.0.span_id);
        self.kind(Kind::Server)
            .with(&[(faas::INVOCATION_ID, text(&request))])
    }

    /// Recorded by this environment.
    pub(super) fn instance(mut self, name: &str) -> Self {
        let resource = Arc::make_mut(&mut self.0.resource);
        let instance = attributes(&[(faas::INSTANCE, text(name))]);
        resource.attributes.0.extend(instance.0);
        self
    }

    pub(super) fn aws(self, attempts: i64) -> Self {
        self.kind(Kind::Client).with(&[
            (rpc::system::NAME, text("aws-api")),
            (lamplight::aws::ATTEMPTS, Value::Int(attempts)),
            (lamplight_semconv::aws::REQUEST_ID, text("8ZK2Q7CVB2")),
        ])
    }

    pub(super) fn message(self, queue: &str, message: &str, attempt: i64) -> Self {
        self.kind(Kind::Consumer).with(&[
            (messaging::SYSTEM, text("aws_sqs")),
            (messaging::destination::NAME, text(queue)),
            (messaging::operation::TYPE, text("process")),
            (messaging::message::ID, text(message)),
            (lamplight::RECEIVE_COUNT, Value::Int(attempt)),
        ])
    }

    pub(super) fn waited(self, milliseconds: f64) -> Self {
        self.with(&[(lamplight::queue::LATENCY_MS, Value::Double(milliseconds))])
    }

    pub(super) fn failed(mut self, kind: &str, message: &str) -> Self {
        self.0.status = Status::Error;
        message.clone_into(&mut self.0.status_message);
        self.with(&[(error::TYPE, text(kind))])
    }

    pub(super) fn threw(mut self, after: u64, kind: &str, message: &str) -> Self {
        let stack = format!(
            "{kind}: {message}\n   at stock::take (stock.rs:41)\n   at handler (main.rs:12)"
        );
        let mut event = event(&self.0, after, "exception");
        event.attributes = attributes(&[
            (exception::TYPE, text(kind)),
            (exception::MESSAGE, text(message)),
            (exception::STACKTRACE, text(&stack)),
        ]);
        self.0.events.push(event);
        self
    }

    pub(super) fn event(mut self, after: u64, name: &str) -> Self {
        let event = event(&self.0, after, name);
        self.0.events.push(event);
        self
    }

    pub(super) fn link(mut self, to: SpanRef) -> Self {
        self.0.links.push(Link {
            to,
            flags: 0,
            trace_state: String::new(),
            attributes: Attributes::default(),
            dropped_attributes: 0,
        });
        self
    }
}

fn event(span: &Span, after: u64, name: &str) -> Event {
    Event {
        time: span.start + after * 1_000_000,
        name: name.to_owned(),
        attributes: Attributes::default(),
        dropped_attributes: 0,
    }
}

/// Returns the journey of trace 1.
pub(super) fn journey(spans: impl IntoIterator<Item = Made>) -> Journey {
    let spans = spans.into_iter().map(|Made(span)| span);
    let (spans, related) = spans.partition(|span| span.trace_id == trace(1));
    Journey::new(
        trace(1),
        Around {
            spans,
            related,
            ..Around::default()
        },
    )
}

/// Returns the journey of trace 1, whose first invocation is followed by another one of its
/// environment, which reports the flush.
pub(super) fn flushed() -> Journey {
    let spans = [
        span("orders-api", 1, None, "POST /orders")
            .time(0, 40)
            .instance("a")
            .invocation()
            .with(&[
                (faas::COLDSTART, Value::Bool(true)),
                (lamplight::init::DURATION_MS, Value::Double(12.0)),
            ]),
        span("orders-api", 2, Some(1), "send orders-queue")
            .time(10, 35)
            .instance("a")
            .aws(1),
        span("orders-api", 3, None, "POST /orders")
            .of(2)
            .time(70, 90)
            .instance("a")
            .invocation()
            .with(&[(lamplight::previous_flush::DURATION_MS, Value::Double(8.5))]),
    ];
    Journeys::new(spans.map(|Made(span)| span)).journey(trace(1))
}

const MINUTE: u64 = 60_000;

/// Returns the spans of an eventful order: an hour in a queue, a cold start, a retry, a timeout,
/// lost spans.
pub(super) fn long() -> Vec<Made> {
    let hour = 63 * MINUTE;
    vec![
        span("orders-api", 1, None, "POST /orders")
            .time(0, 412)
            .invocation()
            .with(&[
                (faas::COLDSTART, Value::Bool(true)),
                (lamplight::init::DURATION_MS, Value::Double(183.2)),
            ])
            .with(&[
                (http::request::METHOD, text("POST")),
                (http::response::STATUS_CODE, Value::Int(202)),
                (faas::TRIGGER, text("http")),
            ])
            .with(&[(lamplight::previous_flush::DURATION_MS, Value::Double(8.5))])
            .event(40, "validated"),
        span("orders-api", 2, Some(1), "PutItem orders")
            .time(60, 120)
            .aws(1)
            .with(&[(db::system::NAME, text("aws.dynamodb"))]),
        span("orders-api", 3, Some(1), "send orders-queue")
            .time(150, 390)
            .aws(3)
            .kind(Kind::Producer)
            .with(&[
                (messaging::SYSTEM, text("aws_sqs")),
                (messaging::destination::NAME, text("orders-queue")),
            ]),
        span("billing", 4, Some(3), "process orders-queue")
            .time(hour, hour + 240)
            .message("orders-queue", "m-1", 1)
            .waited((hour - 390) as f64)
            .link(at(2, 40))
            .failed("CardDeclined", "The card was declined")
            .threw(
                200,
                "CardDeclined",
                "The card ending in 4242 was declined: <insufficient funds>",
            ),
        span("billing", 5, Some(4), "POST payments.example")
            .time(hour + 20, hour + 190)
            .kind(Kind::Client)
            .with(&[(http::response::STATUS_CODE, Value::Int(402))]),
        span("billing", 6, Some(3), "process orders-queue")
            .time(hour + 30_000, hour + 36_000)
            .message("orders-queue", "m-1", 2)
            .waited((hour + 29_610) as f64)
            .failed("timeout", "The invocation ran out of time"),
        span("billing", 7, Some(6), "POST payments.example")
            .time(hour + 30_050, hour + 36_000)
            .kind(Kind::Client),
        span("refunds", 8, Some(3), "process orders-dlq")
            .time(hour + 95_000, hour + 95_320)
            .message("orders-dlq", "m-1", 1),
        span("refunds", 9, Some(8), "send mail").time(hour + 95_100, hour + 95_040),
        span("mailer", 11, Some(99), "compose").time(hour + 95_200, hour + 95_260),
        span("mailer", 11, Some(99), "compose again").time(hour + 95_270, hour + 95_300),
        span("billing", 40, None, "billing")
            .of(2)
            .time(hour - 5, hour + 300)
            .invocation()
            .with(&[
                (messaging::batch::MESSAGE_COUNT, Value::Int(10)),
                (lamplight::batch::FAILED_COUNT, Value::Int(1)),
                (faas::TRIGGER, text("pubsub")),
            ]),
        span("billing", 41, Some(77), "process orders-queue")
            .of(3)
            .time(hour + 245, hour + 290)
            .message("orders-queue", "m-2", 1)
            .waited(1_200.0)
            .link(at(2, 40)),
    ]
}
