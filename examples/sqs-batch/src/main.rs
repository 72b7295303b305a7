//! Messages of an SQS queue: each has a span of its own in the sender's trace, and only those that fail
//! are delivered again.
//!
//! ```sh
//! OTEL_TRACES_EXPORTER=console cargo lambda watch
//! cargo lambda invoke example-sqs-batch --data-file event.json
//! ```
//!
//! The answer names the second message, which has no pieces. The span of the invocation has
//! `lamplight.batch.failed_count` 1, and the message's own span has the error and its type.
//!
//! On AWS the event source mapping needs `FunctionResponseTypes: [ReportBatchItemFailures]`.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::{
    opentelemetry::KeyValue,
    records::{self, Batch},
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: String,
    pieces: u32,
}

/// The name of this type becomes `error.type`.
#[derive(Debug, thiserror::Error)]
enum ShippingError {
    #[error("the message is not an order: {0}")]
    NotAnOrder(#[from] serde_json::Error),
    #[error("order {0} has no pieces")]
    Empty(String),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lamplight::init().run(service_fn(handle)).await
}

/// Ships up to eight orders at a time. In a FIFO queue the order within a message group is kept.
async fn handle(event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
    let batch = Batch::new().with_concurrency(8);
    Ok(batch.sqs(event.payload, ship).await)
}

/// Ships one order, in the span of its message.
async fn ship(message: SqsMessage) -> Result<(), ShippingError> {
    let order: Order = serde_json::from_str(message.body.as_deref().unwrap_or_default())?;
    records::current().set_attribute(KeyValue::new("shop.order.id", order.id.clone()));
    match order.pieces {
        0 => Err(ShippingError::Empty(order.id)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
