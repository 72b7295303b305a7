//! `lambda_runtime`'s own `OpenTelemetryLayer`, with a `BatchSpanProcessor` and OTLP.

#[path = "../../../shared/function.rs"]
mod function;

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_runtime::layers::{OpenTelemetryFaasTrigger, OpenTelemetryLayer};
use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use opentelemetry::baggage::BaggageExt;
use opentelemetry::global;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use opentelemetry::propagation::TextMapCompositePropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    global::set_text_map_propagator(TextMapCompositePropagator::new(vec![
        Box::new(TraceContextPropagator::new()),
        Box::new(BaggagePropagator::new()),
    ]));
    let exporter = SpanExporter::builder().with_http().build()?;
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("orders"));
    tracing_subscriber::registry().with(layer).init();

    let flush = move || {
        let _ = provider.force_flush();
    };
    if function::takes_sqs() {
        let layer = OpenTelemetryLayer::new(flush).with_trigger(OpenTelemetryFaasTrigger::PubSub);
        let handler = service_fn(|event: LambdaEvent<_>| function::sqs(event.payload));
        return Runtime::new(handler).layer(layer).run().await;
    }
    let layer = OpenTelemetryLayer::new(flush).with_trigger(OpenTelemetryFaasTrigger::Http);
    let runtime = Runtime::new(service_fn(http)).layer(layer);
    #[cfg(feature = "concurrency")]
    return runtime.run_concurrent().await;
    #[cfg(not(feature = "concurrency"))]
    runtime.run().await
}

async fn http(
    event: LambdaEvent<ApiGatewayV2httpRequest>,
) -> Result<ApiGatewayV2httpResponse, Error> {
    let context = tracing::Span::current().context();
    let baggage = context.baggage().get("tenant").map(ToString::to_string);
    function::http(event.payload, baggage).await
}
