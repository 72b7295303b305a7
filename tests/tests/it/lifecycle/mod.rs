//! The life cycle of a function under Lambda, from its first event to its last span.

mod answers;
mod chaos;
mod claims;
mod configuration;
mod context;
mod delivery;
mod exporters;
mod latency;
mod memory;
mod outcomes;
mod reconnection;
mod records;
mod shutdown;

use lamplight_tests::{Kinesis, Lambda, LambdaBuilder};

fn function() -> LambdaBuilder {
    Lambda::builder(env!("CARGO_BIN_EXE_function"))
}

/// Returns a function that exports to a Kinesis. Only the test itself delays answers, so a busy machine must
/// not look like a broken network.
async fn function_with_kinesis() -> (Lambda, Kinesis) {
    let kinesis = Kinesis::start().await;
    let lambda = patient(function().with_variables(kinesis.variables()));
    (lambda.start().await, kinesis)
}

fn patient(function: LambdaBuilder) -> LambdaBuilder {
    function
        .with_variable("LAMPLIGHT_KINESIS_TIMEOUT", "20000")
        .with_variable("LAMPLIGHT_FLUSH_BUDGET", "20000")
}
