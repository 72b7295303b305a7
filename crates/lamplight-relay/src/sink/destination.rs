//! What a queue delivers to.

use std::{pin::Pin, time::Duration};

use super::{
    outcome::Outcome,
    request::{Layout, Request},
};

/// A future on the heap.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A destination of spans or metrics. Implement it for one of your own.
///
/// Its queue sends one request at a time, waits for each within a timeout ([the sink's](Self::timeout), or else
/// [that of the settings](super::SinkSettings::timeout)), and survives a panic. Waits, retries and splits are the
/// queue's: a sink tries once and says what came of it.
pub trait Sink: Send + Sync + 'static {
    /// Returns the name by which settings, statistics and log lines call it.
    fn name(&self) -> &str;

    /// Sends a request, once.
    fn send(&self, request: Request) -> BoxFuture<'_, Outcome>;

    /// Returns how its requests are laid out. Default: [`Layout::Merged`].
    fn layout(&self) -> Layout {
        Layout::Merged
    }

    /// Returns how long the sink itself waits for an answer at most. That is the timeout that counts then: the
    /// queue waits 5 s longer, whatever its settings say, since only the sink knows what it has to clean up
    /// when nobody answers. Default: `None`, the sink waits without an end.
    fn timeout(&self) -> Option<Duration> {
        None
    }
}
