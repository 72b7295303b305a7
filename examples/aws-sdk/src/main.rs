//! Calls to AWS: each is a span, and what it sends carries the trace and the baggage.
//!
//! ```sh
//! QUEUE_URL=https://sqs.eu-north-1.amazonaws.com/123456789012/orders cargo lambda watch
//! cargo lambda invoke example-aws-sdk --data-ascii '{"id": "A-1", "tenant": "acme"}'
//! ```
//!
//! The call `SQS.SendMessage` is a child of the invocation's span. The message has the attributes
//! `traceparent` and `baggage`: its receiver continues this trace, and finds the tenant in
//! `Context::current().baggage()`.

use aws_sdk_sqs::{Client, config::Builder};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::{
    aws::LamplightExt,
    opentelemetry::{KeyValue, context::FutureExt},
};
use serde::{Deserialize, Serialize};

struct Queue {
    client: Client,
    url: String,
}

#[derive(Deserialize, Serialize)]
struct Order {
    id: String,
    tenant: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let telemetry = lamplight::init();
    let queue = Queue {
        client: client(Builder::from(&lamplight::aws::sdk_config())),
        url: std::env::var("QUEUE_URL")?,
    };
    let handler = service_fn(|event| place(&queue, event));
    telemetry.run(handler).await
}

fn client(config: Builder) -> Client {
    Client::from_conf(config.lamplight().build())
}

async fn place(queue: &Queue, event: LambdaEvent<Order>) -> Result<(), Error> {
    let order = event.payload;
    let body = serde_json::to_string(&order)?;
    // Added to the baggage of the caller.
    let baggage = lamplight::with_baggage([KeyValue::new("shop.tenant", order.tenant)]);
    let message = queue.client.send_message();
    message
        .queue_url(&queue.url)
        .message_body(body)
        .send()
        .with_context(baggage)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
