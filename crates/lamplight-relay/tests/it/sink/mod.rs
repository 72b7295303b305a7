//! Sinks with servers that are available, unavailable, slow, wrong, or malicious.

// Tests fail by panicking.
#![allow(
    clippy::expect_used,
    clippy::field_reassign_with_default,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod clickhouse;
mod endpoints;
mod files;
mod hostile;
mod whole;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use lamplight_relay::{
    clean::Chunk,
    sink::{
        BoxFuture, Content, DeadLetter, DeadLetters, OtlpSink, Parcel, Protocol, Sink, SinkQueue,
        SinkSettings,
    },
};
use lamplight_test_rig::server;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

/// Longer than any operation takes on a heavily loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits of milliseconds, since the clock of a server cannot be paused.
fn quick() -> SinkSettings {
    let mut settings = SinkSettings::default();
    settings.first_wait = Duration::from_millis(1);
    settings.longest_wait = Duration::from_millis(5);
    settings.linger = Duration::ZERO;
    settings
}

/// A parcel with spans of these names.
fn parcel(trace: u64, names: &[&str]) -> Parcel {
    let mut spans = Vec::new();
    for name in names {
        let span = Span {
            trace_id: u128::from(trace + 1).to_be_bytes().to_vec(),
            name: (*name).to_owned(),
            ..Span::default()
        };
        spans.push(0x12);
        span.encode_length_delimited(&mut spans).unwrap();
    }
    let mut chunk = Chunk::default();
    chunk.scope = bytes::Bytes::from_static(b"\x0a\x03\x0a\x01t");
    chunk.spans = spans.into();
    chunk.count = names.len();
    let id = u128::from(trace + 1).to_be_bytes();
    Parcel::new(id, Content::Traces(vec![chunk]))
}

/// Dead letters in memory.
#[derive(Default)]
struct Letters(Mutex<Vec<DeadLetter>>);

impl Letters {
    fn all(&self) -> Vec<DeadLetter> {
        self.0.lock().unwrap().clone()
    }
}

impl DeadLetters for Letters {
    fn put<'a>(&'a self, letter: &'a DeadLetter) -> BoxFuture<'a, Result<(), String>> {
        self.0.lock().unwrap().push(letter.clone());
        Box::pin(async { Ok(()) })
    }
}

fn otlp(url: &str) -> Arc<dyn Sink> {
    let builder = OtlpSink::builder("backend", Protocol::Http, url).with_timeout(PATIENCE);
    Arc::new(builder.build().unwrap())
}

fn start(sink: Arc<dyn Sink>, settings: SinkSettings) -> (SinkQueue, Arc<Letters>) {
    let letters = Arc::<Letters>::default();
    (SinkQueue::start(sink, settings, letters.clone()), letters)
}

async fn flush(queue: &SinkQueue) {
    let flush = tokio::time::timeout(PATIENCE, queue.flush());
    flush.await.expect("a flush ends");
}

/// A file for this test alone.
fn path(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("relay-{name}-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}
