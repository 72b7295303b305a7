//! When spans are delivered.

mod pace;
mod policy;
mod ride;
mod schedule;

pub use policy::{FlushPolicy, UnknownFlushPolicy};

pub(crate) use pace::Pace;
pub(crate) use ride::{Load, Rides};

use crate::timer::timeout;
use lamplight_export::SpanQueue;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// A flush that somebody polls.
pub(crate) type Flushing = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Delivers what is queued, for at most `limit`; what is not delivered by then stays queued.
pub(crate) async fn flush(queue: &SpanQueue, limit: Duration) {
    let _ = timeout(limit, queue.flush()).await;
}

/// As [`flush`], but when there may be no later: also where deliveries pause.
pub(crate) async fn flush_ignoring_backoff(queue: &SpanQueue, limit: Duration) {
    let _ = timeout(limit, queue.flush_ignoring_backoff()).await;
}
