//! The exporter without Lamplight's queue: under every processor of the SDK, on every kind of runtime,
//! it delivers and never hangs.

use std::{
    sync::{Arc, OnceLock, mpsc},
    time::Duration,
};

use aws_sdk_kinesis::{
    Client,
    config::{ConfigBag, Intercept, RuntimeComponents},
    error::BoxError,
};
use aws_smithy_runtime_api::client::interceptors::{
    context::BeforeTransmitInterceptorContextRef, dyn_dispatch_hint,
};
use aws_types::SdkConfig;
use lamplight_aws_sdk::LamplightInterceptor;
use lamplight_kinesis::{KinesisExporter, PartitionKey};
use opentelemetry::trace::{Span, Tracer, TracerProvider};
use opentelemetry_sdk::{
    runtime::{Tokio, TokioCurrentThread},
    trace::{
        BatchSpanProcessor, SdkTracerProvider, SpanExporter, span_processor_with_async_runtime,
    },
};
use tokio::runtime::{Builder, Runtime};

use crate::common::{
    config,
    stub::{Answer, Stub},
};

/// Far longer than anything takes, and shorter than for ever.
const PATIENCE: Duration = Duration::from_secs(120);

const TASKS: usize = 4;
const SPANS: usize = 5;

#[derive(Clone, Copy, Debug)]
enum Flavor {
    CurrentThread,
    Workers(usize),
}

const FLAVORS: [Flavor; 3] = [
    Flavor::CurrentThread,
    Flavor::Workers(1),
    Flavor::Workers(2),
];

impl Flavor {
    fn runtime(self) -> Runtime {
        let mut builder = match self {
            Self::CurrentThread => Builder::new_current_thread(),
            Self::Workers(workers) => {
                let mut builder = Builder::new_multi_thread();
                builder.worker_threads(workers);
                builder
            }
        };
        builder.enable_all().build().unwrap()
    }
}

/// Runs `body` on a runtime, in a task, and fails where it does not come to its end.
fn on<F>(flavor: Flavor, body: impl FnOnce() -> F + Send + 'static)
where
    F: Future<Output = ()> + Send + 'static,
{
    watched(&format!("on {flavor:?}"), move || {
        let runtime = flavor.runtime();
        runtime.block_on(async { tokio::spawn(body()).await.unwrap() });
        runtime.shutdown_background();
    });
}

/// Runs `body` on a thread of its own, which a hang leaves behind.
fn watched(what: &str, body: impl FnOnce() + Send + 'static) {
    let (done, ended) = mpsc::channel();
    std::thread::spawn(move || {
        body();
        done.send(()).unwrap();
    });
    match ended.recv_timeout(PATIENCE) {
        Ok(()) => {}
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{what}: hangs"),
        Err(mpsc::RecvTimeoutError::Disconnected) => panic!("{what}: failed"),
    }
}

fn exporter(stub: &Stub) -> KinesisExporter {
    KinesisExporter::builder("telemetry")
        .with_sdk_config(&config(&stub.url))
        .with_timeout(Duration::from_secs(20))
        .build()
}

fn simple(stub: &Stub) -> SdkTracerProvider {
    SdkTracerProvider::builder()
        .with_simple_exporter(exporter(stub))
        .build()
}

/// Ends spans in several tasks of the current runtime at once.
async fn end_spans(provider: &SdkTracerProvider) {
    let tasks = (0..TASKS).map(|_| {
        let tracer = provider.tracer("test");
        tokio::spawn(async move {
            for _ in 0..SPANS {
                tracer.start("work").end();
                tokio::task::yield_now().await;
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

#[test]
fn a_simple_processor_delivers_on_every_runtime() {
    for flavor in FLAVORS {
        let stub = Stub::good();
        let provider = simple(&stub);
        on(flavor, move || async move { end_spans(&provider).await });
        assert_eq!(stub.records(), TASKS * SPANS, "{flavor:?}");
    }
}

#[test]
fn a_simple_processor_delivers_without_a_runtime() {
    let stub = Stub::good();
    let provider = simple(&stub);
    watched("without a runtime", move || {
        provider.tracer("test").start("work").end();
    });
    assert_eq!(stub.records(), 1);
}

#[test]
fn a_batch_processor_delivers_on_every_runtime() {
    for flavor in FLAVORS {
        let stub = Stub::good();
        let processor = BatchSpanProcessor::builder(exporter(&stub)).build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor)
            .build();
        on(flavor, move || async move {
            end_spans(&provider).await;
            // Blocks the thread that it is called on.
            provider.force_flush().unwrap();
            provider.shutdown().unwrap();
        });
        assert_eq!(stub.records(), TASKS * SPANS, "{flavor:?}");
    }
}

/// A connection opened on the function's runtime is useless for the processor's thread, but causes no harm.
#[test]
fn a_batch_processor_does_not_wait_for_the_connection_that_warming_up_opened() {
    let stub = Stub::good();
    let exporter = exporter(&stub);
    on(Flavor::CurrentThread, move || async move {
        exporter.warm_up().await;
        let processor = BatchSpanProcessor::builder(exporter).build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor)
            .build();
        for _ in 0..2 {
            provider.tracer("test").start("work").end();
            provider.force_flush().unwrap();
        }
    });
    assert_eq!(stub.records(), 2, "and no request is sent twice");
}

#[test]
fn a_batch_processor_of_an_async_runtime_delivers_on_every_runtime() {
    for flavor in FLAVORS {
        for own_thread in [false, true] {
            let stub = Stub::good();
            let exporter = exporter(&stub);
            on(flavor, move || async move {
                let builder = SdkTracerProvider::builder();
                let builder = if own_thread {
                    builder.with_span_processor(
                        span_processor_with_async_runtime::BatchSpanProcessor::builder(
                            exporter,
                            TokioCurrentThread,
                        )
                        .build(),
                    )
                } else {
                    builder.with_span_processor(
                        span_processor_with_async_runtime::BatchSpanProcessor::builder(
                            exporter, Tokio,
                        )
                        .build(),
                    )
                };
                let provider = builder.build();
                end_spans(&provider).await;
                // It must not be called where the processor's own task has to run.
                let flush = tokio::task::spawn_blocking(move || provider.force_flush());
                flush.await.unwrap().unwrap();
            });
            assert_eq!(stub.records(), TASKS * SPANS, "{flavor:?}, {own_thread}");
        }
    }
}

/// The span of a call ends within the call, and the exporter calls the same service.
#[test]
fn a_call_of_an_instrumented_client_goes_on_under_a_simple_processor() {
    for flavor in FLAVORS {
        let stub = Stub::good();
        let provider = simple(&stub);
        let config = config(&stub.url);
        on(flavor, move || async move {
            let config = aws_sdk_kinesis::config::Builder::from(&config);
            let interceptor = LamplightInterceptor::new().with_tracer_provider(&provider);
            let client = Client::from_conf(config.interceptor(interceptor).build());
            for _ in 0..3 {
                client.list_streams().send().await.unwrap();
            }
        });
        assert_eq!(stub.records(), 3, "{flavor:?}");
    }
}

/// Code that ends a span under a simple processor waits, but not forever, and not each time.
#[test]
fn a_kinesis_that_never_answers_is_waited_for_three_times_and_then_left_alone() {
    let stub = Stub::start(|_, _| Answer::never());
    let exporter = KinesisExporter::builder("telemetry")
        .with_sdk_config(&config(&stub.url))
        .with_timeout(Duration::from_millis(300))
        .build();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter)
        .build();
    on(Flavor::CurrentThread, move || async move {
        for _ in 0..50 {
            provider.tracer("test").start("work").end();
        }
    });
    // The rest of a second may be over for another one, on a machine that is slow enough.
    let requests = stub.requests().len();
    assert!(
        (3..10).contains(&requests),
        "{requests} requests for 50 spans"
    );
}

#[test]
fn a_batch_processor_survives_a_key_that_panics() {
    let stub = Stub::good();
    let exporter = KinesisExporter::builder("telemetry")
        .with_sdk_config(&config(&stub.url))
        .with_partition_key(PartitionKey::custom(|_| panic!("no key")))
        .build();
    watched("a key that panics", move || {
        let processor = BatchSpanProcessor::builder(exporter).build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor)
            .build();
        for _ in 0..2 {
            provider.tracer("test").start("work").end();
            provider.force_flush().unwrap();
        }
    });
    assert_eq!(stub.records(), 2);
}

#[tokio::test]
async fn an_export_of_nothing_sends_nothing() {
    let stub = Stub::good();
    exporter(&stub).export(Vec::new()).await.unwrap();
    assert!(stub.requests().is_empty());
}

#[tokio::test]
async fn a_configuration_that_says_little_is_enough() {
    let stub = Stub::start(|_, keys| Answer::taken(keys.len()));
    let whole = config(&stub.url);
    let little = SdkConfig::builder()
        .region(whole.region().cloned())
        .credentials_provider(whole.credentials_provider().unwrap())
        .endpoint_url(&stub.url);
    let exporter = KinesisExporter::builder("telemetry")
        .with_sdk_config(&little.build())
        .with_timeout(Duration::from_secs(20))
        .build();
    exporter
        .export(crate::common::spans(["work"]))
        .await
        .unwrap();
    assert_eq!(stub.records(), 1);
}

#[tokio::test]
async fn there_is_no_timeout_too_long() {
    let stub = Stub::start(|_, keys| Answer::taken(keys.len()));
    let exporter = KinesisExporter::builder("telemetry")
        .with_sdk_config(&config(&stub.url))
        .with_timeout(Duration::MAX)
        .build();
    exporter
        .export(crate::common::spans(["work"]))
        .await
        .unwrap();
    assert_eq!(stub.records(), 1);
}

/// Something of the user's that a call of the exporter sets going, and that is itself observed.
#[derive(Clone, Debug, Default)]
struct Observed(Arc<OnceLock<SdkTracerProvider>>);

#[dyn_dispatch_hint]
impl Intercept for Observed {
    fn name(&self) -> &'static str {
        "Observed"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let provider = self.0.get().unwrap().clone();
        tokio::spawn(async move { provider.tracer("test").start("observed").end() });
        Ok(())
    }
}

/// The code that waits for the export holds the processor, for which the exporter's thread would wait.
#[test]
fn spans_of_what_an_export_sets_going_do_not_wait_for_it() {
    let stub = Stub::start(|_, keys| Answer::taken(keys.len()));
    let observed = Observed::default();
    let client = aws_sdk_kinesis::config::Builder::from(&config(&stub.url));
    let client = Client::from_conf(client.interceptor(observed.clone()).build());
    let exporter = KinesisExporter::builder("telemetry").with_client(client);
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.build())
        .build();
    observed.0.set(provider.clone()).unwrap();
    watched("an export", move || {
        provider.tracer("test").start("work").end();
    });
    assert_eq!(stub.records(), 1);
}
