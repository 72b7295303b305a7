//! Records of Kafka topics, from MSK or a self-managed cluster: each has a span of its own in the
//! producer's trace, which is in the record's headers.
//!
//! ```sh
//! OTEL_TRACES_EXPORTER=console cargo lambda watch
//! cargo lambda invoke example-kafka --data-file event.json
//! ```
//!
//! The answer names the first failed record of each partition. Lambda delivers the partition again from
//! there, so the records behind it are not handled.
//!
//! On AWS the event source mapping needs `FunctionResponseTypes: [ReportBatchItemFailures]`.

use aws_lambda_events::kafka::{KafkaEvent, KafkaRecord};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::{
    opentelemetry::KeyValue,
    records::{Batch, KafkaBatchResponse, current},
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Payment {
    order: String,
    cents: i64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lamplight::init().run(service_fn(handle)).await
}

/// Books four partitions at a time, and the records of each in their order.
async fn handle(event: LambdaEvent<KafkaEvent>) -> Result<KafkaBatchResponse, Error> {
    let batch = Batch::new().with_concurrency(4);
    Ok(batch.kafka(event.payload, book).await)
}

/// Books one payment, in the span of its record.
async fn book(record: KafkaRecord) -> Result<(), Error> {
    let value = record.value.ok_or("a record without a value")?;
    let payment: Payment = serde_json::from_slice(&BASE64_STANDARD.decode(value)?)?;
    current().set_attribute(KeyValue::new("shop.order.id", payment.order.clone()));
    if payment.cents <= 0 {
        return Err(format!("nothing was paid for order {}", payment.order).into());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
