//! Accepts orders over HTTP and puts each on the event bus.

use std::time::SystemTime;

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_sdk_eventbridge::primitives::{DateTime, DateTimeFormat};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight_aws_sdk::LamplightExt;
use lamplight_semconv::app;
use opentelemetry::Context;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::context::FutureExt;
use opentelemetry::trace::TraceContextExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a producer sends.
#[derive(Serialize, Deserialize)]
struct Order {
    id: String,
    /// The application that sends the order.
    application: String,
    article: String,
    quantity: u32,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = lamplight_aws_sdk::sdk_config();
    let events = aws_sdk_eventbridge::Client::from_conf(
        aws_sdk_eventbridge::config::Builder::from(&config)
            .lamplight()
            .build(),
    );
    let bus = std::env::var("EVENT_BUS_NAME")?;
    lambda_runtime::run(service_fn(|event| accept(&events, &bus, event))).await
}

async fn accept(
    events: &aws_sdk_eventbridge::Client,
    bus: &str,
    request: LambdaEvent<ApiGatewayV2httpRequest>,
) -> Result<ApiGatewayV2httpResponse, Error> {
    let received_at = DateTime::from(SystemTime::now()).fmt(DateTimeFormat::DateTime)?;
    let body = request.payload.body.unwrap_or_default();
    let order: Order = match serde_json::from_str(&body) {
        Ok(order) => order,
        Err(error) => return Ok(reply(400, &json!({ "error": error.to_string() }))),
    };
    let detail = json!({ "metadata": { "type": "OrderPlaced" }, "data": order }).to_string();

    // Travels with the event, so that no function on its way needs to understand the order.
    let producer = app::event::producer::application(order.application);
    let baggage = [producer.clone(), app::event::received_at(received_at)];

    let result = events
        .put_events()
        .entries(
            PutEventsRequestEntry::builder()
                .event_bus_name(bus)
                .source("event-broker.ingress")
                .detail_type("OrderPlaced")
                .detail(detail)
                .build(),
        )
        .send()
        .with_context(Context::current_with_baggage(baggage))
        .await?;
    if let Some(refused) = result
        .entries()
        .iter()
        .find(|entry| entry.error_code().is_some())
    {
        return Err(format!("the event bus refused the order: {refused:?}").into());
    }
    let trace_id = Context::current()
        .span()
        .span_context()
        .trace_id()
        .to_string();
    Ok(reply(
        202,
        &json!({ "order": order.id, "trace_id": trace_id }),
    ))
}

fn reply(status: i64, body: &Value) -> ApiGatewayV2httpResponse {
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = status;
    response
        .headers
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.body = Some(body.to_string().into());
    response
}
