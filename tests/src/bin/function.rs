//! The function under test: what it does is in the event, under `do`.

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use opentelemetry::trace::Tracer;
use opentelemetry::{KeyValue, global};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::fmt;
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    if std::env::var_os("FUNCTION_SUBSCRIBER").is_some() {
        lambda_runtime::tracing::init_default_subscriber();
    }
    let telemetry = lamplight::init();
    let known = telemetry.clone();
    telemetry
        .run(service_fn(move |event| handle(event, known.clone())))
        .await
}

/// What to do, and the whole event. Where that says `"flush": true`, spans are flushed in the end.
struct Event {
    wanted: Wanted,
    payload: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    /// Answer with the event.
    Echo,
    /// Answer with this.
    Answer(Value),
    /// Return an error with this text, which has a cause.
    Fail(String),
    /// Panic with this text.
    Panic(String),
    /// Answer after so many milliseconds.
    Slow(u64),
    /// Make a child span, say so, and answer after so many milliseconds.
    SlowAfterSpan(u64),
    /// Make so many child spans.
    Spans(usize),
    /// Answer with what happened to the spans so far.
    Stats,
    /// Handle the records; a body that says `bad` fails.
    Records,
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let payload = Value::deserialize(deserializer)?;
        let wanted = payload.get("do").map_or(Ok(Wanted::Echo), |wanted| {
            serde_json::from_value(wanted.clone()).map_err(D::Error::custom)
        })?;
        Ok(Self { wanted, payload })
    }
}

async fn handle(
    event: LambdaEvent<Event>,
    telemetry: lamplight::Telemetry,
) -> Result<Value, Error> {
    let Event { wanted, payload } = event.payload;
    let flush = payload.get("flush").is_some_and(|flush| flush == true);
    let answer = answer(wanted, payload, telemetry).await;
    if flush {
        lamplight::current().flush().await;
    }
    answer
}

async fn answer(
    wanted: Wanted,
    payload: Value,
    telemetry: lamplight::Telemetry,
) -> Result<Value, Error> {
    match wanted {
        Wanted::Echo => Ok(payload),
        Wanted::Answer(answer) => Ok(answer),
        Wanted::Fail(text) => Err(OrderRejected(std::io::Error::other(text)).into()),
        #[allow(clippy::panic, reason = "it is what was asked for")]
        Wanted::Panic(text) => panic!("{text}"),
        Wanted::Slow(millis) => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            Ok(json!({"late": millis}))
        }
        Wanted::SlowAfterSpan(millis) => {
            global::tracer("function").in_span("work", |_| ());
            println!("at work");
            tokio::time::sleep(Duration::from_millis(millis)).await;
            Ok(json!({"late": millis}))
        }
        Wanted::Spans(count) => {
            let tracer = global::tracer("function");
            for number in 0..count {
                let number = KeyValue::new("test.work.number", i64::try_from(number)?);
                let work = tracer.span_builder("work").with_attributes([number]);
                drop(work.start(&tracer));
            }
            Ok(json!({"spans": count}))
        }
        Wanted::Stats => {
            let stats = telemetry.stats();
            Ok(json!({
                "queued": stats.queued,
                "delivered": stats.delivered,
                "dropped": stats.dropped + stats.failed,
            }))
        }
        Wanted::Records => {
            let event: SqsEvent = serde_json::from_value(payload)?;
            let response = lamplight::records::sqs(event, deliver).await;
            Ok(serde_json::to_value(response)?)
        }
    }
}

async fn deliver(message: SqsMessage) -> Result<(), OrderRejected> {
    global::tracer("function").in_span("deliver", |_| ());
    match message.body.as_deref() {
        Some("bad") => Err(OrderRejected(std::io::Error::other("subscriber is gone"))),
        _ => Ok(()),
    }
}

#[derive(Debug)]
struct OrderRejected(std::io::Error);

impl fmt::Display for OrderRejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the order was rejected")
    }
}

impl std::error::Error for OrderRejected {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}
