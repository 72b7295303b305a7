//! A function behind every trigger, which handles records one by one and returns success for everything else.

use std::convert::Infallible;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::{propagation::inbound::EventExtractor, records};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let telemetry = lamplight::Telemetry::builder()
        .with_extractor(EventExtractor::new().with_item_attribute("otel"))
        .init();
    telemetry.run(service_fn(handle)).await
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let event = event.payload;
    let record = event.pointer("/Records/0");
    let source = record.and_then(|record| record.get("eventSource").or(record.get("EventSource")));
    Ok(match source.and_then(Value::as_str) {
        Some("aws:sqs") => {
            let event = serde_json::from_value(event)?;
            json!(records::sqs(event, done).await)
        }
        Some("aws:kinesis") => {
            let event = serde_json::from_value(event)?;
            json!(records::kinesis(event, done).await)
        }
        Some("aws:dynamodb") => {
            let event = serde_json::from_value(event)?;
            json!(records::dynamodb(event, done).await)
        }
        Some("aws:sns") => {
            let event = serde_json::from_value(event)?;
            records::sns(event, done).await?;
            Value::Null
        }
        _ => json!({"statusCode": 200, "body": "yes"}),
    })
}

async fn done<R>(_record: R) -> Result<(), Infallible> {
    Ok(())
}
