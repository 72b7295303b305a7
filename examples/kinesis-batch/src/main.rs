//! Records of a Kinesis stream: each has a span of its own in the producer's trace.
//!
//! ```sh
//! OTEL_TRACES_EXPORTER=console cargo lambda watch
//! cargo lambda invoke example-kinesis-batch --data-file event.json
//! ```
//!
//! Lambda delivers a shard again from the first record that failed, so the records behind it are not
//! handled. An unreadable record would block its shard until it expires: here it is recorded as an
//! exception and skipped.
//!
//! On AWS the event source mapping needs `FunctionResponseTypes: [ReportBatchItemFailures]`.

use aws_lambda_events::{
    kinesis::{KinesisEvent, KinesisEventRecord},
    streams::KinesisEventResponse,
};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::{opentelemetry::KeyValue, records};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reading {
    sensor: String,
    celsius: f64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lamplight::init().run(service_fn(handle)).await
}

async fn handle(event: LambdaEvent<KinesisEvent>) -> Result<KinesisEventResponse, Error> {
    Ok(records::kinesis(event.payload, store).await)
}

/// Stores one reading, in the span of its record.
async fn store(record: KinesisEventRecord) -> Result<(), Error> {
    let span = records::current();
    let reading: Reading = match serde_json::from_slice(&record.kinesis.data) {
        Ok(reading) => reading,
        Err(error) => {
            span.record_error(&error);
            return Ok(());
        }
    };
    span.set_attribute(KeyValue::new("plant.sensor", reading.sensor.clone()));
    if !reading.celsius.is_finite() || reading.celsius > 200.0 {
        return Err(format!("{} is out of order", reading.sensor).into());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
