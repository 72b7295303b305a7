//! When spans are delivered.

mod pace;
mod policy;
mod ride;

pub use policy::{FlushPolicy, UnknownFlushPolicy};

pub(crate) use pace::Pace;
pub(crate) use ride::Ride;

use lamplight_export::SpanQueue;
use opentelemetry::Context;
use opentelemetry::context::FutureExt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// A flush that somebody polls.
pub(crate) type Flushing = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Delivers what is queued, for at most `limit`; what is not delivered by then stays queued.
///
/// Whatever the exporter does is not traced, also where the handler's context is current.
pub(crate) async fn flush(queue: &SpanQueue, limit: Duration) {
    let suppressed = Context::current().with_telemetry_suppressed();
    let _ = tokio::time::timeout(limit, queue.flush().with_context(suppressed)).await;
}

/// As [`flush`], but when there may be no later: also where deliveries pause.
pub(crate) async fn flush_last(queue: &SpanQueue, limit: Duration) {
    let suppressed = Context::current().with_telemetry_suppressed();
    let _ = tokio::time::timeout(limit, queue.flush_last().with_context(suppressed)).await;
}
