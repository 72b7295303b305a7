//! Telemetry put together by hand, for a function that has a tracer provider, a runtime and layers of its
//! own. `lamplight::init().run(handler)` does the same.
//!
//! ```sh
//! cargo lambda watch
//! cargo lambda invoke example-layers-by-hand --data-ascii '{"milliseconds": 100}'
//! ```
//!
//! Each part has a task:
//!
//! - `OpenSpanProcessor` delivers spans that are still open when the time is up.
//! - `AttributeLimitProcessor` cuts long values.
//! - `SpanQueue` holds ended spans until the layer around the runtime flushes it.
//! - The layer around the handler sees its answer and its errors.
//! - `SnapStartIdGenerator` makes ids that are unique among environments of one snapshot.

use std::{sync::Arc, time::Duration};

use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn, tower::Layer};
use lamplight::{
    FlushPolicy,
    export::{ConsoleExporter, ExporterSink, SpanQueue},
    lambda::{
        AttributeLimitProcessor, Instrumentation, LambdaResourceDetector, OpenSpanProcessor,
        SnapStartIdGenerator,
    },
    opentelemetry::{
        Context,
        context::FutureExt,
        global,
        trace::{TraceContextExt, Tracer},
    },
};
use opentelemetry_sdk::{
    resource::ResourceDetector,
    trace::{Sampler, SdkTracerProvider},
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Pause {
    milliseconds: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let queue = SpanQueue::new(ExporterSink::new(ConsoleExporter::default()));
    let ids = SnapStartIdGenerator::new();
    let provider = provider(queue.clone(), ids.clone());
    let instrumentation = Instrumentation::builder(&provider, queue)
        .with_flush_policy(FlushPolicy::Adaptive)
        .build();
    global::set_tracer_provider(provider);
    // Adaptive flushes leave spans in an idle environment.
    instrumentation.handle_sigterm().await;

    let handler = instrumentation.handler_layer().layer(service_fn(pause));
    Runtime::new(handler)
        .layer(instrumentation.invocation_layer())
        .register_snapstart_resource(Arc::new(instrumentation.snapstart().with_ids(ids)))
        .run()
        .await
}

fn provider(queue: SpanQueue, ids: SnapStartIdGenerator) -> SdkTracerProvider {
    let limited = AttributeLimitProcessor::new(queue).with_value_length(4_096);
    SdkTracerProvider::builder()
        .with_resource(LambdaResourceDetector.detect())
        .with_id_generator(ids)
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOn)))
        .with_span_processor(OpenSpanProcessor::new(limited))
        .build()
}

async fn pause(event: LambdaEvent<Pause>) -> Result<(), Error> {
    let length = Duration::from_millis(event.payload.milliseconds);
    let span = global::tracer("pauses").start("pause");
    let cx = Context::current_with_span(span);
    tokio::time::sleep(length).with_context(cx).await;
    Ok(())
}
