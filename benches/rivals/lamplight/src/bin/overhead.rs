//! Lamplight, set up as in its README, with an exporter that drops everything.

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::tower::{Layer, service_fn};
use lambda_runtime::{Error, LambdaEvent};
use lamplight::{Invocation, Telemetry};
use rival_harness::{Counting, Run, Scenario, events, runtime};

#[path = "../../../shared/exporter.rs"]
mod exporter;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let run = Run::from_args();
    let telemetry = Telemetry::builder().with_exporter(exporter::Noop).init();
    let instrumentation = telemetry.instrumentation();
    let invocation = instrumentation.invocation_layer();
    match run.scenario {
        Scenario::ApiGateway18 => {
            // The only one of the eighteen attributes that it does not record itself: the conventions require
            // it only if it differs from `http`.
            let name = lamplight::semconv::network::protocol::name("http");
            let observe = move || Invocation::current().set_attribute(name.clone());
            let handler = instrumentation
                .handler_layer()
                .layer(events::api_gateway(observe));
            run.measure(invocation.layer(runtime(handler))).await
        }
        Scenario::ApiGateway => {
            let handler = instrumentation
                .handler_layer()
                .layer(events::api_gateway(|| {}));
            run.measure(invocation.layer(runtime(handler))).await
        }
        Scenario::Sqs => {
            let handler = instrumentation
                .handler_layer()
                .layer(events::sqs(|_, work| work()));
            run.measure(invocation.layer(runtime(handler))).await
        }
        Scenario::SqsRecords => {
            let handler = service_fn(async |event: LambdaEvent<SqsEvent>| {
                let deliver = async |message| {
                    events::deliver(&message);
                    Ok::<_, Error>(())
                };
                Ok::<_, Error>(lamplight::records::sqs(event.payload, deliver).await)
            });
            let handler = instrumentation.handler_layer().layer(handler);
            run.measure(invocation.layer(runtime(handler))).await
        }
        Scenario::Direct => {
            let handler = instrumentation.handler_layer().layer(events::direct());
            run.measure(invocation.layer(runtime(handler))).await
        }
    }
}
