//! Notifications of an SNS topic: each has a span of its own in the publisher's trace.
//!
//! ```sh
//! OTEL_TRACES_EXPORTER=console cargo lambda watch
//! cargo lambda invoke example-sns --data-file event.json
//! ```
//!
//! SNS takes no list of failures: an error fails the invocation, and Lambda tries the event twice more.

use aws_lambda_events::sns::{SnsEvent, SnsRecord};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::{opentelemetry::KeyValue, records};
use serde::Deserialize;

#[derive(Deserialize)]
struct PriceChange {
    article: String,
    cents: i64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lamplight::init().run(service_fn(handle)).await
}

async fn handle(event: LambdaEvent<SnsEvent>) -> Result<(), Error> {
    records::sns(event.payload, update).await
}

/// Updates one price, in the span of its notification.
async fn update(record: SnsRecord) -> Result<(), Error> {
    let change: PriceChange = serde_json::from_str(&record.sns.message)?;
    records::current().set_attribute(KeyValue::new("shop.article", change.article.clone()));
    if change.cents < 0 {
        return Err(format!("{} cannot cost {} cents", change.article, change.cents).into());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
