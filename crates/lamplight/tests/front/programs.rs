//! The programs.

use std::{
    collections::HashMap,
    pin::pin,
    task::{Context, Waker},
    time::Duration,
};

use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::{
    Telemetry,
    opentelemetry::{global, trace::Tracer},
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SdkTracerProvider, SpanData, SpanExporter},
};
use serde_json::Value;

use crate::lambda::PROGRAM;

/// Is no test, but the process of one.
#[test]
fn program() {
    let Ok(name) = std::env::var(PROGRAM) else {
        return;
    };
    let flush = async || {
        let telemetry = lamplight::init();
        global::tracer("shop").in_span("work", |_| ());
        telemetry.flush(Duration::from_secs(1)).await;
        telemetry.flush(Duration::from_secs(1)).await;
        println!("went on");
    };
    match &*name {
        "a flush without timers" => {
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            return runtime.unwrap().block_on(flush());
        }
        "a flush without a runtime" => {
            let mut context = Context::from_waker(Waker::noop());
            assert!(pin!(flush()).poll(&mut context).is_ready());
            return;
        }
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    // The result is checked from outside.
    let _ = runtime.block_on(run(&name));
}

async fn run(name: &str) -> Result<(), Error> {
    match name {
        "plain" => lamplight::init().run(service_fn(work)).await,
        "what is sent on" => {
            let telemetry = lamplight::init();
            let handler = async |event: LambdaEvent<Value>| {
                let mut sent = HashMap::new();
                global::get_text_map_propagator(|it| it.inject(&mut sent));
                let mut sent: Vec<_> = sent.into_iter().collect();
                sent.sort();
                println!("sent {sent:?}");
                Ok::<_, Error>(event.payload)
            };
            telemetry.run(service_fn(handler)).await
        }
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
        "only errors" => {
            let writer = tracing_subscriber::fmt().with_writer(std::io::stderr);
            writer.with_max_level(tracing::Level::ERROR).init();
            lamplight::init().run(service_fn(work)).await
        }
        "everything worth knowing is logged" => {
            // Behind Lamplight, as `init_tracing` is.
            let telemetry = lamplight::init();
            let writer = tracing_subscriber::fmt().with_writer(std::io::stderr);
            writer.with_max_level(tracing::Level::DEBUG).init();
            telemetry.run(service_fn(work)).await
        }
        "init and http::run" => {
            let _telemetry = lamplight::init();
            lamplight::http::run(axum::Router::new()).await
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
