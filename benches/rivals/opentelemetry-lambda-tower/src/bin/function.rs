//! `opentelemetry-lambda-tower`, flushed at the end of each invocation.

#[path = "../../../shared/function.rs"]
mod function;

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use opentelemetry::baggage::BaggageExt;
use opentelemetry::global;
use opentelemetry::propagation::TextMapCompositePropagator;
use opentelemetry::trace::TracerProvider;
use opentelemetry_lambda_tower::{
    ApiGatewayV2Extractor, OtelTracingLayerBuilder, SqsEventExtractor,
};
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::sync::Arc;
use lambda_runtime::tower::ServiceBuilder;
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

    let provider = Arc::new(provider);
    if function::takes_sqs() {
        let layer = OtelTracingLayerBuilder::new(SqsEventExtractor::new())
            .tracer_provider(provider)
            .build();
        let handler = service_fn(|event: LambdaEvent<_>| function::sqs(event.payload));
        return Runtime::new(ServiceBuilder::new().layer(layer).service(handler)).run().await;
    }
    let layer = OtelTracingLayerBuilder::new(ApiGatewayV2Extractor::new())
        .tracer_provider(provider)
        .build();
    let runtime = Runtime::new(ServiceBuilder::new().layer(layer).service(service_fn(http)));
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
