//! Accepts orders over HTTP and puts each on the event bus.

use std::time::SystemTime;

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_sdk_eventbridge::{
    Client,
    primitives::{DateTime, DateTimeFormat},
    types::PutEventsRequestEntry,
};
use http::{HeaderValue, header::CONTENT_TYPE};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::{
    aws::LamplightExt,
    semconv::app::{
        ebe::ingress,
        event::{self, producer},
    },
};
use opentelemetry::context::FutureExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const EVENT_TYPE: &str = "OrderPlaced";

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
    // First in `main`: sets up OpenTelemetry as the variables in the template ask for.
    let telemetry = lamplight::init();
    // `.lamplight()` records the client's calls as spans and lets what they send carry the context.
    let config = aws_sdk_eventbridge::config::Builder::from(&lamplight::aws::sdk_config());
    let events = Client::from_conf(config.lamplight().build());
    let bus = std::env::var("EVENT_BUS_NAME")?;
    telemetry
        .run(service_fn(|request| accept(&events, &bus, request)))
        .await
}

async fn accept(
    events: &Client,
    bus: &str,
    request: LambdaEvent<ApiGatewayV2httpRequest>,
) -> Result<ApiGatewayV2httpResponse, Error> {
    let received_at = DateTime::from(SystemTime::now()).fmt(DateTimeFormat::DateTime)?;
    let body = request.payload.body.unwrap_or_default();
    let order: Order = match serde_json::from_str(&body) {
        Ok(order) => order,
        Err(error) => return Ok(reply(400, &json!({ "error": error.to_string() }))),
    };
    let detail = json!({ "metadata": { "type": EVENT_TYPE }, "data": order }).to_string();

    // The span of this invocation. Lamplight has started it and set the attributes of HTTP and Lambda.
    let invocation = lamplight::current();
    invocation.set_attributes([
        producer::application(order.application.clone()),
        producer::event_type(EVENT_TYPE),
        producer::ingress_type("http"),
        ingress::original_payload_size_bytes(body.len() as i64),
        ingress::eventbridge_payload_size_bytes(detail.len() as i64),
    ]);
    // Baggage travels with the event and reaches every later function, none of which has to parse the
    // order for it.
    let baggage = [
        producer::application(order.application),
        event::received_at(received_at),
    ];

    let entry = PutEventsRequestEntry::builder()
        .event_bus_name(bus)
        .source("event-broker")
        .detail_type(EVENT_TYPE)
        .detail(detail)
        .build();
    let result = events
        .put_events()
        .entries(entry)
        .send()
        .with_context(lamplight::with_baggage(baggage))
        .await?;
    if result.failed_entry_count() > 0 {
        return Err(format!("the bus refused the order: {:?}", result.entries()).into());
    }
    let trace_id = invocation
        .span_context()
        .map(|span| span.trace_id().to_string());
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
