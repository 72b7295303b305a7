//! `awssdk-instrumentation`: what its macro makes of a function, with an OTLP exporter in place of the
//! one for its X-Ray daemon.

#[path = "../../../shared/function.rs"]
mod function;

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use awssdk_instrumentation::init::{default_tracing_console_layer, default_tracing_otel_layer};
use awssdk_instrumentation::lambda::layer::{DefaultInstrumentor, OTelFaasTrigger, TracingLayer};
use awssdk_instrumentation::lambda::macros::default_flush_tracer;
use awssdk_instrumentation::opentelemetry_aws::detector::LambdaResourceDetector;
use awssdk_instrumentation::opentelemetry_aws::trace::XrayIdGenerator;
use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use opentelemetry::baggage::BaggageExt;
use opentelemetry::global;
use opentelemetry::propagation::TextMapCompositePropagator;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    global::set_text_map_propagator(TextMapCompositePropagator::new(vec![
        Box::new(TraceContextPropagator::new()),
        Box::new(BaggagePropagator::new()),
    ]));
    let provider = telemetry()?;

    let flush = move || default_flush_tracer(&provider);
    if function::takes_sqs() {
        let layer = <TracingLayer<_, DefaultInstrumentor>>::new(flush);
        let layer = layer.with_trigger(OTelFaasTrigger::PubSub);
        let handler = service_fn(|event: LambdaEvent<_>| function::sqs(event.payload));
        return Runtime::new(handler).layer(layer).run().await;
    }
    let layer = <TracingLayer<_, DefaultInstrumentor>>::new(flush);
    let runtime = Runtime::new(service_fn(http)).layer(layer.with_trigger(OTelFaasTrigger::Http));
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

/// What its `default_telemetry_init` does, with another exporter.
fn telemetry() -> Result<SdkTracerProvider, Error> {
    let resource = Resource::builder().with_detector(Box::new(LambdaResourceDetector)).build();
    let provider = SdkTracerProvider::builder()
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOff)))
        .with_resource(resource)
        .with_id_generator(XrayIdGenerator::default())
        .with_batch_exporter(SpanExporter::builder().with_http().build()?)
        .build();
    global::set_tracer_provider(provider.clone());
    let tracer = global::tracer("awssdk-instrumentation");
    tracing_subscriber::registry()
        .with(default_tracing_otel_layer(tracer))
        .with(default_tracing_console_layer())
        .init();
    Ok(provider)
}
