//! The programs.

use crate::lambda::PROGRAM;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::opentelemetry::global;
use lamplight::opentelemetry::trace::Tracer;
use lamplight::{Telemetry, export::SpanSink};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use serde_json::Value;
use tracing_subscriber::prelude::*;

/// Is no test, but the process of one.
#[test]
fn program() {
    let Ok(name) = std::env::var(PROGRAM) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    // What comes of it is looked at from outside.
    let _ = runtime.block_on(run(&name));
}

async fn run(name: &str) -> Result<(), Error> {
    match name {
        "plain" => lamplight::init().run(service_fn(work)).await,
        "second init" => {
            let first = lamplight::init();
            let second = lamplight::init();
            let _third = lamplight::init();
            drop(first);
            second.run(service_fn(work)).await
        }
        "init in the handler" => {
            let handler = async |event: LambdaEvent<Value>| {
                let _ = lamplight::init();
                work(event).await
            };
            lamplight::init().run(service_fn(handler)).await
        }
        "init without run" => {
            let _ = lamplight::init();
            lambda_runtime::run(service_fn(work)).await
        }
        "built without run" => {
            drop(Telemetry::builder().with_exporter(Fragile).build());
            Ok(())
        }
        "a provider before" => {
            global::set_tracer_provider(SdkTracerProvider::builder().build());
            lamplight::init().run(service_fn(work)).await
        }
        "a provider after" => {
            let telemetry = lamplight::init();
            global::set_tracer_provider(SdkTracerProvider::builder().build());
            telemetry.run(service_fn(work)).await
        }
        "no layer" => {
            tracing_subscriber::fmt()
                .with_writer(std::io::stderr)
                .init();
            lamplight::init().run(service_fn(work)).await
        }
        "only errors" => {
            let writer = tracing_subscriber::fmt().with_writer(std::io::stderr);
            writer.with_max_level(tracing::Level::ERROR).init();
            lamplight::init().run(service_fn(work)).await
        }
        "only errors are logged, and the layer" => {
            let telemetry = lamplight::init();
            let log = tracing_subscriber::fmt::layer()
                .with_writer(std::io::stderr)
                .with_filter(tracing_subscriber::filter::LevelFilter::ERROR);
            let layer = telemetry.instrumentation().map(|it| it.tracing_layer());
            tracing_subscriber::registry().with(log).with(layer).init();
            telemetry.run(service_fn(work)).await
        }
        "an event with a parent" => {
            let telemetry = lamplight::init();
            let layer = telemetry.instrumentation().map(|it| it.tracing_layer());
            tracing_subscriber::registry().with(layer).init();
            let handler = async |event: LambdaEvent<Value>| {
                let span = tracing::info_span!("step");
                tracing::info!(parent: &span, "named");
                work(event).await
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
        "an exporter that panics" => {
            let telemetry = Telemetry::builder().with_exporter(Fragile).init();
            telemetry.run(service_fn(work)).await
        }
        "debug" => {
            let builder = Telemetry::builder();
            println!("{builder:?} {builder:#?}");
            let telemetry = builder.init();
            println!("{telemetry:?} {telemetry:#?}");
            println!("{:?}", telemetry.tracer_provider());
            println!("{:?}", telemetry.instrumentation());
            telemetry.run(service_fn(work)).await
        }
        other => panic!("no program {other:?}"),
    }
}

/// A handler with a span of its own.
async fn work(event: LambdaEvent<Value>) -> Result<Value, Error> {
    global::tracer("shop").in_span("work", |_| ());
    Ok(event.payload)
}

/// A handler with a span and log lines of `tracing`.
async fn step(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let span = tracing::info_span!("step");
    let _entered = span.enter();
    tracing::info!(order = 7, "packed");
    tracing::debug!("in detail");
    Ok(event.payload)
}

/// An exporter that cannot be set up.
#[derive(Debug)]
struct Fragile;

impl SpanExporter for Fragile {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }

    fn set_resource(&mut self, _: &Resource) {
        panic!("no provider of cryptography");
    }
}

/// Whatever is delivered to is no secret by itself.
const _: fn(&dyn SpanSink) = |_| ();
