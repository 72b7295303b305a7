//! Destinations of queues.

use std::{pin::Pin, time::Duration};

use super::{
    outcome::Outcome,
    request::{Layout, Request},
};

/// A future on the heap.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A destination of spans or metrics. Implement it for custom destinations.
///
/// Its queue sends one request at a time, waits for each with a timeout ([the
/// sink's](Self::timeout), or else [that of the settings](super::SinkSettings::timeout)), and
/// catches panics. The queue also does waits, retries and splits: a sink makes a single attempt and
/// returns its outcome.
pub trait Sink: Send + Sync + 'static {
    /// Returns the name of the sink in settings, statistics and log lines.
    fn name(&self) -> &str;

    /// Sends a request, once.
    fn send(&self, request: Request) -> BoxFuture<'_, Outcome>;

    /// Returns the layout of its requests. Default: [`Layout::Merged`].
    fn layout(&self) -> Layout {
        Layout::Merged
    }

    /// Returns the sink's own timeout for a response, which takes precedence over the one in the
    /// settings: the queue waits 5 s longer, since only the sink can clean up after a timeout.
    /// Default: `None`, no timeout in the sink.
    fn timeout(&self) -> Option<Duration> {
        None
    }
}
