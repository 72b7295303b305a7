//! The cost of an invocation without telemetry.

use rival_harness::{Counting, Run, Scenario, events, runtime};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let run = Run::from_args();
    match run.scenario {
        Scenario::ApiGateway | Scenario::ApiGateway18 => {
            run.measure(runtime(events::api_gateway(|| {}))).await
        }
        Scenario::Sqs | Scenario::SqsRecords => {
            run.measure(runtime(events::sqs(|_, work| work()))).await
        }
        Scenario::Direct => run.measure(runtime(events::direct())).await,
    }
}
