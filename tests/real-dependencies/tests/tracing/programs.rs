//! The programs.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::prelude::*;

use crate::lambda::PROGRAM;

/// Not a test, but the program of the tests.
#[test]
fn program() {
    let Ok(name) = std::env::var(PROGRAM) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    // The result is checked from outside.
    let _ = runtime.block_on(run(&name));
}

async fn run(name: &str) -> Result<(), Error> {
    match name {
        "no subscriber" => lamplight::init().run(service_fn(step)).await,
        "no layer" => {
            tracing_subscriber::fmt()
                .with_writer(std::io::stderr)
                .init();
            lamplight::init().run(service_fn(step)).await
        }
        "only errors are logged, and the layer" => {
            let telemetry = lamplight::init();
            let log = tracing_subscriber::fmt::layer()
                .with_writer(std::io::stderr)
                .with_filter(LevelFilter::ERROR);
            let layer = telemetry.instrumentation().tracing_layer();
            tracing_subscriber::registry().with(log).with(layer).init();
            telemetry.run(service_fn(step)).await
        }
        "an event with a parent" => {
            let telemetry = lamplight::init();
            let layer = telemetry.instrumentation().tracing_layer();
            tracing_subscriber::registry().with(layer).init();
            let handler = async |event: LambdaEvent<Value>| {
                let span = tracing::info_span!("parent");
                tracing::info!(parent: &span, "named");
                step(event).await
            };
            telemetry.run(service_fn(handler)).await
        }
        "init tracing" => {
            let telemetry = lamplight::init();
            telemetry.init_tracing();
            telemetry.run(service_fn(step)).await
        }
        "init tracing twice" => {
            let telemetry = lamplight::init();
            telemetry.init_tracing();
            telemetry.init_tracing();
            telemetry.run(service_fn(step)).await
        }
        other => panic!("no program {other:?}"),
    }
}

/// A handler with a `tracing` span and log lines.
async fn step(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let span = tracing::info_span!("step");
    let _entered = span.enter();
    tracing::info!(order = 7, "packed");
    tracing::debug!("in detail");
    Ok(event.payload)
}
