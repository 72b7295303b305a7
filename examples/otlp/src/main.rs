//! Spans to a collector, or to a backend that takes OTLP, over HTTP.
//!
//! ```sh
//! lamplight serve # or any collector on port 4318
//! OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 cargo lambda watch
//! cargo lambda invoke example-otlp --data-ascii '{"pieces": [3, 5]}'
//! ```
//!
//! The collector receives one `POST /v1/traces` after the answer has been posted. It holds two spans: that
//! of the invocation, and its child `count`.
//!
//! A backend wants a key: `OTEL_EXPORTER_OTLP_HEADERS=api-key=..`. For gRPC, turn on the feature
//! `exporter-otlp-grpc` and set `OTEL_EXPORTER_OTLP_PROTOCOL=grpc`. To set the endpoint in code, use
//! `Telemetry::builder().with_otlp(Otlp::new("https://otlp.example.com"))`.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::opentelemetry::{
    KeyValue, global,
    trace::{TraceContextExt, Tracer},
};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Delivery {
    pieces: Vec<u32>,
}

#[derive(Serialize)]
struct Stock {
    pieces: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lamplight::init().run(service_fn(handle)).await
}

async fn handle(event: LambdaEvent<Delivery>) -> Result<Stock, Error> {
    let pieces = global::tracer("warehouse").in_span("count", |cx| {
        let lines = i64::try_from(event.payload.pieces.len()).unwrap_or(i64::MAX);
        cx.span()
            .set_attribute(KeyValue::new("warehouse.delivery.lines", lines));
        event.payload.pieces.iter().copied().map(u64::from).sum()
    });
    Ok(Stock { pieces })
}
