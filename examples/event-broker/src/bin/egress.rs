//! Takes orders from the queue and delivers each to its subscriber.

use std::time::SystemTime;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_sdk_lambda::primitives::{Blob, DateTime, DateTimeFormat};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight_aws_sdk::LamplightExt;
use lamplight_semconv::app;
use opentelemetry::Context;
use opentelemetry::baggage::BaggageExt;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

/// An event of the bus as the queue holds it.
#[derive(Deserialize)]
struct Event {
    detail: Envelope,
}

/// What ingress put on the bus. The order is passed on as it is, nothing here reads it.
#[derive(Deserialize)]
struct Envelope {
    data: Box<RawValue>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = lamplight_aws_sdk::sdk_config();
    let lambda = aws_sdk_lambda::Client::from_conf(
        aws_sdk_lambda::config::Builder::from(&config)
            .lamplight()
            .build(),
    );
    let subscriber = std::env::var("SUBSCRIBER_FUNCTION_NAME")?;
    lambda_runtime::run(service_fn(|event| deliver_all(&lambda, &subscriber, event))).await
}

async fn deliver_all(
    lambda: &aws_sdk_lambda::Client,
    subscriber: &str,
    event: LambdaEvent<SqsEvent>,
) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    for message in event.payload.records {
        let id = message.message_id.clone().unwrap_or_default();
        if deliver(lambda, subscriber, message).await.is_err() {
            response.add_failure(id);
        }
    }
    Ok(response)
}

async fn deliver(
    lambda: &aws_sdk_lambda::Client,
    subscriber: &str,
    message: SqsMessage,
) -> Result<(), Error> {
    let event: Event = serde_json::from_str(message.body.as_deref().unwrap_or_default())?;
    let payload = json!({ "metadata": { "subscription": "warehouse" }, "data": event.detail.data });

    let answer = lambda
        .invoke()
        .function_name(subscriber)
        .payload(Blob::new(payload.to_string()))
        .send()
        .await?;
    if answer.function_error().is_some() {
        let reason = answer
            .payload()
            .map(|payload| String::from_utf8_lossy(payload.as_ref()));
        return Err(format!(
            "the subscriber refused the order: {}",
            reason.unwrap_or_default()
        )
        .into());
    }
    let _ = latency();
    Ok(())
}

/// Milliseconds since ingress received the order, which it noted in the baggage.
fn latency() -> Option<f64> {
    let context = Context::current();
    let received_at = context.baggage().get(app::event::RECEIVED_AT)?.as_str();
    let received_at = DateTime::from_str(received_at, DateTimeFormat::DateTime).ok()?;
    let elapsed = SystemTime::now()
        .duration_since(received_at.try_into().ok()?)
        .ok()?;
    Some(elapsed.as_secs_f64() * 1e3)
}
