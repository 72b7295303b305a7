//! Changes of a DynamoDB table, from its stream: each has a span of its own.
//!
//! ```sh
//! OTEL_TRACES_EXPORTER=console cargo lambda watch
//! cargo lambda invoke example-dynamodb-batch --data-file event.json
//! ```
//!
//! A stream has no place for context: the spans are children of the invocation's. Lambda delivers a shard
//! again from the first change that failed, so the changes behind it are not handled.
//!
//! On AWS the event source mapping needs `FunctionResponseTypes: [ReportBatchItemFailures]`.

use aws_lambda_events::{
    dynamodb::{Event, EventRecord},
    streams::DynamoDbEventResponse,
};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::{opentelemetry::KeyValue, records};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: String,
    status: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lamplight::init().run(service_fn(handle)).await
}

async fn handle(event: LambdaEvent<Event>) -> Result<DynamoDbEventResponse, Error> {
    Ok(records::dynamodb(event.payload, follow).await)
}

/// Follows one change of an order, in the span of the change.
async fn follow(record: EventRecord) -> Result<(), Error> {
    let span = records::current();
    if record.event_name == "REMOVE" {
        span.set_attribute(KeyValue::new("shop.order.removed", true));
        return Ok(());
    }
    let order: Order = serde_dynamo::from_item(record.change.new_image)?;
    span.set_attribute(KeyValue::new("shop.order.id", order.id.clone()));
    match order.status.as_str() {
        "placed" | "paid" | "shipped" => Ok(()),
        status => Err(format!("order {} has the unknown status {status}", order.id).into()),
    }
}

#[cfg(test)]
mod tests;
