//! `awssdk-instrumentation`: its Lambda layer with default features, wired as under "Manual setup"
//! in its README; the exporter in place of the X-Ray daemon's drops everything.

use awssdk_instrumentation::init::{default_tracing_console_layer, default_tracing_otel_layer};
use awssdk_instrumentation::lambda::layer::{DefaultInstrumentor, OTelFaasTrigger, TracingLayer};
use awssdk_instrumentation::lambda::macros::default_flush_tracer;
use awssdk_instrumentation::opentelemetry_aws::trace::XrayIdGenerator;
use lambda_runtime::Error;
use lambda_runtime::tower::Layer;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use rival_harness::{Counting, Run, Scenario, events, runtime};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

#[path = "../../../shared/by_hand.rs"]
mod by_hand;
#[path = "../../../shared/exporter.rs"]
mod exporter;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Those of the eighteen attributes that it records itself.
const OWN: &[&str] = &[
    "faas.trigger",
    "faas.invocation_id",
    "faas.coldstart",
    "cloud.resource_id",
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let run = Run::from_args();
    // The same as in its `default_telemetry_init`, with another exporter.
    let provider = SdkTracerProvider::builder()
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOff)))
        .with_id_generator(XrayIdGenerator::default())
        .with_batch_exporter(exporter::Noop)
        .build();
    opentelemetry::global::set_tracer_provider(provider.clone());
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let tracer = opentelemetry::global::tracer("awssdk-instrumentation");
    tracing_subscriber::registry()
        .with(default_tracing_otel_layer(tracer))
        .with(default_tracing_console_layer())
        .init();
    let trigger = match run.scenario {
        Scenario::ApiGateway | Scenario::ApiGateway18 => OTelFaasTrigger::Http,
        Scenario::Sqs | Scenario::SqsRecords => OTelFaasTrigger::PubSub,
        Scenario::Direct => OTelFaasTrigger::Other,
    };
    let layer = <TracingLayer<_, DefaultInstrumentor>>::new(move || {
        default_flush_tracer(&provider);
    })
    .with_trigger(trigger);
    match run.scenario {
        Scenario::ApiGateway => {
            run.measure(layer.layer(runtime(events::api_gateway(|| {}))))
                .await
        }
        Scenario::ApiGateway18 => {
            let handler = events::api_gateway(by_hand::attributes(OWN));
            run.measure(layer.layer(runtime(handler))).await
        }
        Scenario::Sqs => {
            run.measure(layer.layer(runtime(events::sqs(|_, work| work()))))
                .await
        }
        Scenario::SqsRecords => {
            run.measure(layer.layer(runtime(events::sqs(by_hand::record))))
                .await
        }
        Scenario::Direct => run.measure(layer.layer(runtime(events::direct()))).await,
    }
}
