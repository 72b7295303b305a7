//! `lambda-otel-lite`: its own processor and layer. The mode, `sync` or `async`, is set in the environment,
//! as in its README; `async` needs an Extensions API.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_otel_lite::processor::LambdaSpanProcessor;
use lambda_otel_lite::{
    OtelTracingLayer, SpanAttributes, SpanAttributesExtractor, TelemetryConfig, init_telemetry,
};
use lambda_runtime::tower::{Layer, Service, service_fn};
use lambda_runtime::{Error, LambdaEvent};
use rival_harness::{Counting, Run, Scenario, events, runtime};
use serde::{Deserialize, Serialize};

#[path = "../../../shared/by_hand.rs"]
mod by_hand;
#[path = "../../../shared/exporter.rs"]
mod exporter;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Those of the eighteen attributes that it records itself.
const OWN: &[&str] = &[
    "faas.invocation_id",
    "cloud.resource_id",
    "cloud.account.id",
    "client.address",
    "user_agent.original",
    "url.query",
    "url.scheme",
    "http.route",
    "http.request.method",
    "url.path",
    "network.protocol.version",
    "server.address",
    "faas.trigger",
    "http.response.status_code",
];

/// It does not support SQS; according to its README, the user wraps the event and writes an extractor. This
/// one is minimal.
#[derive(Clone, Deserialize, Serialize)]
struct Messages(SqsEvent);

impl SpanAttributesExtractor for Messages {
    fn extract_span_attributes(&self) -> SpanAttributes {
        let count = self.0.records.len() as i64;
        let attributes = [
            ("faas.trigger", "pubsub".into()),
            ("messaging.system", "aws_sqs".into()),
            ("messaging.operation.type", "process".into()),
            ("messaging.destination.name", "orders".into()),
            ("messaging.batch.message_count", count.into()),
        ];
        SpanAttributes::builder()
            .span_name("process orders".to_owned())
            .attributes(
                attributes
                    .map(|(key, value)| (key.to_owned(), value))
                    .into(),
            )
            .build()
    }
}

fn unwrapped<H>(
    handler: H,
) -> impl Service<LambdaEvent<Messages>, Response = SqsBatchResponse, Error = Error, Future = H::Future>
+ Clone
+ Send
where
    H: Service<LambdaEvent<SqsEvent>, Response = SqsBatchResponse, Error = Error>,
    H: Clone + Send,
{
    service_fn(move |event: LambdaEvent<Messages>| {
        handler
            .clone()
            .call(LambdaEvent::new(event.payload.0, event.context))
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let mut run = Run::from_args();
    if std::env::var("LAMBDA_EXTENSION_SPAN_PROCESSOR_MODE").as_deref() == Ok("async") {
        run = run.awaiting_export();
    }
    let config = TelemetryConfig::builder()
        .with_span_processor(
            LambdaSpanProcessor::builder()
                .exporter(exporter::Noop)
                .build(),
        )
        .build();
    let (_, completion) = init_telemetry(config).await?;
    match run.scenario {
        Scenario::ApiGateway => {
            let layer = OtelTracingLayer::new(completion);
            run.measure(runtime(layer.layer(events::api_gateway(|| {}))))
                .await
        }
        Scenario::ApiGateway18 => {
            let layer = OtelTracingLayer::new(completion);
            let handler = events::api_gateway(by_hand::attributes(OWN));
            run.measure(runtime(layer.layer(handler))).await
        }
        Scenario::Sqs => {
            let layer = OtelTracingLayer::<Messages>::new(completion);
            let handler = unwrapped(events::sqs(|_, work| work()));
            run.measure(runtime(layer.layer(handler))).await
        }
        Scenario::SqsRecords => {
            let layer = OtelTracingLayer::<Messages>::new(completion);
            let handler = unwrapped(events::sqs(by_hand::record));
            run.measure(runtime(layer.layer(handler))).await
        }
        Scenario::Direct => {
            let layer = OtelTracingLayer::new(completion);
            run.measure(runtime(layer.layer(events::direct()))).await
        }
    }
}
