//! `opentelemetry-lambda-tower`: its layer with the provider to flush, as under "Configuration" in
//! its README, and a `BatchSpanProcessor`, which is what its own configuration crate installs.

use lambda_runtime::Error;
use lambda_runtime::tower::Layer;
use opentelemetry::trace::TracerProvider;
use opentelemetry_lambda_tower::{
    ApiGatewayV2Extractor, OtelTracingLayerBuilder, SqsEventExtractor, TraceContextExtractor,
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use rival_harness::{Counting, Run, Scenario, events, runtime};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
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
    "http.request.method",
    "url.path",
    "http.route",
    "url.scheme",
    "url.query",
    "user_agent.original",
    "client.address",
    "server.address",
    "network.protocol.version",
    "aws.lambda.invoked_arn",
    "cloud.account.id",
];

/// It does not support direct invokes; according to its README, the user writes an extractor.
#[derive(Clone)]
struct Direct;

impl TraceContextExtractor<Value> for Direct {
    fn extract_context(&self, _: &Value) -> opentelemetry::Context {
        opentelemetry::Context::current()
    }

    fn trigger_type(&self) -> &'static str {
        "other"
    }

    fn span_name(&self, _: &Value, context: &lambda_runtime::Context) -> String {
        format!("{} invoke", context.env_config.function_name)
    }

    fn record_attributes(&self, _: &Value, _: &tracing::Span) {}
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let run = Run::from_args();
    let provider = Arc::new(
        SdkTracerProvider::builder()
            .with_batch_exporter(exporter::Noop)
            .build(),
    );
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    tracing_subscriber::registry()
        .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("orders")))
        .init();
    match run.scenario {
        Scenario::ApiGateway | Scenario::ApiGateway18 => {
            let layer = OtelTracingLayerBuilder::new(ApiGatewayV2Extractor::new())
                .tracer_provider(provider)
                .flush_on_end(true)
                .flush_timeout(Duration::from_secs(5))
                .build();
            if run.scenario == Scenario::ApiGateway {
                run.measure(runtime(layer.layer(events::api_gateway(|| {}))))
                    .await
            } else {
                let handler = events::api_gateway(by_hand::attributes(OWN));
                run.measure(runtime(layer.layer(handler))).await
            }
        }
        Scenario::Sqs | Scenario::SqsRecords => {
            let layer = OtelTracingLayerBuilder::new(SqsEventExtractor::new())
                .tracer_provider(provider)
                .flush_on_end(true)
                .flush_timeout(Duration::from_secs(5))
                .build();
            if run.scenario == Scenario::Sqs {
                run.measure(runtime(layer.layer(events::sqs(|_, work| work()))))
                    .await
            } else {
                run.measure(runtime(layer.layer(events::sqs(by_hand::record))))
                    .await
            }
        }
        Scenario::Direct => {
            let layer = OtelTracingLayerBuilder::new(Direct)
                .tracer_provider(provider)
                .flush_on_end(true)
                .flush_timeout(Duration::from_secs(5))
                .build();
            run.measure(runtime(layer.layer(events::direct()))).await
        }
    }
}
