//! Takes orders from the queue and delivers each to its subscriber.

use std::time::SystemTime;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_sdk_lambda::{
    Client,
    primitives::{Blob, DateTime, DateTimeFormat},
};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::{
    aws::LamplightExt,
    semconv::app::event::{self, consumer},
};
use opentelemetry::{Context, baggage::BaggageExt, trace::TraceContextExt};
use serde::Deserialize;
use serde_json::{json, value::RawValue};

/// An event of the bus. Egress passes the order in it on without reading it.
#[derive(Deserialize)]
struct Event {
    detail: Envelope,
}

#[derive(Deserialize)]
struct Envelope {
    data: Box<RawValue>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let telemetry = lamplight::init();
    let config = aws_sdk_lambda::config::Builder::from(&lamplight::aws::sdk_config());
    let lambda = Client::from_conf(config.lamplight().build());
    let subscriber = std::env::var("SUBSCRIBER_FUNCTION_NAME")?;
    telemetry
        .run(service_fn(|batch| deliver_all(&lambda, &subscriber, batch)))
        .await
}

async fn deliver_all(
    lambda: &Client,
    subscriber: &str,
    batch: LambdaEvent<SqsEvent>,
) -> Result<SqsBatchResponse, Error> {
    // Handles each message in a span of its own, and returns the failed ones for Lambda to retry.
    Ok(lamplight::records::sqs(batch.payload, |message| {
        deliver(lambda, subscriber, message)
    })
    .await)
}

/// Delivers one order. The current span is the message's own and continues the trace of its order.
async fn deliver(lambda: &Client, subscriber: &str, message: SqsMessage) -> Result<(), Error> {
    let event: Event = serde_json::from_str(message.body.as_deref().unwrap_or_default())?;
    let payload = json!({ "metadata": { "subscription": "warehouse" }, "data": event.detail.data });

    let context = Context::current();
    let attempt = message.attributes.get("ApproximateReceiveCount");
    context.span().set_attributes([
        consumer::application("warehouse"),
        consumer::egress_type("lambda"),
        consumer::target_endpoint(subscriber.to_owned()),
        consumer::attempt_number(attempt.and_then(|count| count.parse().ok()).unwrap_or(1)),
    ]);
    let answer = lambda
        .invoke()
        .function_name(subscriber)
        .payload(Blob::new(payload.to_string()))
        .send()
        .await?;
    if let Some(latency) = milliseconds_since_receipt(&context) {
        context
            .span()
            .set_attribute(event::eventbroker_latency_ms(latency));
    }
    match (answer.function_error(), answer.payload()) {
        (None, _) => Ok(()),
        (Some(_), Some(reason)) => Err(String::from_utf8_lossy(reason.as_ref()).into()),
        (Some(error), None) => Err(error.into()),
    }
}

/// Returns how long ago ingress took the order. Ingress wrote that time into the baggage, which came
/// with the message.
fn milliseconds_since_receipt(context: &Context) -> Option<f64> {
    let received_at = context.baggage().get(event::RECEIVED_AT)?.as_str();
    let received_at = DateTime::from_str(received_at, DateTimeFormat::DateTime).ok()?;
    let elapsed = SystemTime::now()
        .duration_since(received_at.try_into().ok()?)
        .ok()?;
    Some(elapsed.as_secs_f64() * 1e3)
}
