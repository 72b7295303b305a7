//! `lambda-otel-lite`: its `LambdaSpanProcessor` with an OTLP exporter over a blocking client, as in the
//! documentation of that type. `LAMBDA_EXTENSION_SPAN_PROCESSOR_MODE` selects sync or async.

#[path = "../../../shared/function.rs"]
mod function;

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
#[cfg(feature = "concurrency")]
use lambda_otel_lite::OtelTracingLayer;
use lambda_otel_lite::propagation::LambdaXrayPropagator;
use lambda_otel_lite::{
    LambdaSpanProcessor, TelemetryConfig, create_traced_handler, init_telemetry,
};
#[cfg(feature = "concurrency")]
use lambda_runtime::tower::ServiceBuilder;
use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use opentelemetry::baggage::BaggageExt;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use tracing_opentelemetry::OpenTelemetrySpanExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    // The blocking client must be created outside a runtime.
    let client = std::thread::spawn(reqwest::blocking::Client::new).join();
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client.map_err(|_| "no HTTP client")?)
        .with_protocol(Protocol::HttpBinary)
        .build()?;
    let processor = LambdaSpanProcessor::builder().exporter(exporter).build();
    // Its default propagators, plus baggage.
    let config = TelemetryConfig::builder()
        .with_span_processor(processor)
        .with_propagator(LambdaXrayPropagator::new())
        .with_propagator(TraceContextPropagator::new())
        .with_propagator(BaggagePropagator::new())
        .build();
    let (_, completion) = init_telemetry(config).await?;

    if function::takes_sqs() {
        // It has no extractor for SQS batches; its extractor for `Value` accepts any event.
        let handler = create_traced_handler("orders", completion, sqs);
        return Runtime::new(service_fn(handler)).run().await;
    }
    #[cfg(not(feature = "concurrency"))]
    {
        let handler = create_traced_handler("orders", completion, http);
        Runtime::new(service_fn(handler)).run().await
    }
    // The layer is used, because the wrapped handler is not `Clone`.
    #[cfg(feature = "concurrency")]
    {
        let layer = OtelTracingLayer::new(completion).with_name("orders");
        let service = ServiceBuilder::new().layer(layer).service_fn(http);
        Runtime::new(service).run_concurrent().await
    }
}

async fn http(
    event: LambdaEvent<ApiGatewayV2httpRequest>,
) -> Result<ApiGatewayV2httpResponse, Error> {
    let context = tracing::Span::current().context();
    let baggage = context.baggage().get("tenant").map(ToString::to_string);
    function::http(event.payload, baggage).await
}

async fn sqs(event: LambdaEvent<serde_json::Value>) -> Result<serde_json::Value, Error> {
    let response = function::sqs(serde_json::from_value(event.payload)?).await?;
    Ok(serde_json::to_value(response)?)
}
