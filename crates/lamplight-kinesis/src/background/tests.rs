use std::{thread, time::Duration};

use opentelemetry::trace::{Span, Tracer, TracerProvider};
use opentelemetry_sdk::trace::SdkTracerProvider;

use super::*;
use crate::{
    KinesisExporter,
    call::tests::config,
    stub::{Answer, Stub},
};

/// Far longer than anything takes, and shorter than for ever.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test]
async fn a_thread_that_cannot_be_started_is_an_error_on_a_runtime_too() {
    let error = start(|_run| Err(io::Error::other("too many"))).unwrap_err();
    assert_eq!(error.to_string(), "too many");
}

/// Makes and ends a span of `provider` whenever something is logged or begins.
struct Recursive {
    provider: SdkTracerProvider,
    told: mpsc::Sender<String>,
}

impl tracing::Subscriber for Recursive {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        self.provider.tracer("recursive").start("span").end();
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        if event.metadata().target() == "lamplight" {
            self.provider.tracer("recursive").start("event").end();
            let _ = self.told.send(format!("{event:?}"));
        }
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

/// A subscriber that exports what it is told, with the processor that waits for the exporter.
#[test]
fn what_the_exporter_logs_and_does_may_end_spans_itself() {
    // A cause that no other test of this process has.
    let stub = Stub::start(|_, _| Answer::new("413 Payload Too Large", ""));
    let exporter = KinesisExporter::builder("telemetry")
        .with_sdk_config(&config(&stub))
        .with_timeout(Duration::from_secs(20))
        .build();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter)
        .build();
    let (told, log) = mpsc::channel();
    let (done, ended) = mpsc::channel();
    // A thread of its own, which a hang leaves behind.
    thread::spawn(move || {
        let tracer = provider.tracer("test");
        tracing::subscriber::with_default(Recursive { provider, told }, || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { tracer.start("work").end() });
        });
        done.send(()).unwrap();
    });
    ended.recv_timeout(PATIENCE).unwrap();
    let line = log.recv_timeout(PATIENCE).unwrap();
    assert!(line.contains("413") && line.contains("telemetry"), "{line}");
}
