//! The layer included in `lambda_runtime`, set up as in its own example: `tracing` with the bridge to
//! OpenTelemetry, `BatchSpanProcessor`, and a flush after each response.

use lambda_runtime::Error;
use lambda_runtime::layers::{OpenTelemetryFaasTrigger, OpenTelemetryLayer};
use lambda_runtime::tower::Layer;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
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
const OWN: &[&str] = &["faas.trigger", "faas.invocation_id", "faas.coldstart"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let run = Run::from_args();
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter::Noop)
        .build();
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    tracing_subscriber::registry()
        .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("orders")))
        .init();
    let trigger = match run.scenario {
        Scenario::ApiGateway | Scenario::ApiGateway18 => OpenTelemetryFaasTrigger::Http,
        Scenario::Sqs | Scenario::SqsRecords => OpenTelemetryFaasTrigger::PubSub,
        Scenario::Direct => OpenTelemetryFaasTrigger::Other,
    };
    let layer = OpenTelemetryLayer::new(|| {
        let _ = provider.force_flush();
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
