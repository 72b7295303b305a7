//! The queue of a sink.

mod encode;
mod guard;
mod limit;
mod piece;
mod shared;
mod split;
#[cfg(test)]
mod tests;
mod wait;
mod worker;

use std::{fmt, sync::Arc, time::Duration};

use tokio::{task::JoinHandle, time::timeout};

use self::{piece::Piece, shared::Shared, worker::Worker};
use super::{
    dead_letters::DeadLetters, destination::Sink, parcel::Parcel, settings::SinkSettings,
    stats::SinkStats,
};

/// The queue of one sink, and the task that delivers from it.
///
/// A parcel in the queue is delivered at least once, becomes a dead letter, or is counted as
/// dropped. Parcels are delivered in order as long as the sink accepts them.
pub struct SinkQueue {
    shared: Arc<Shared>,
    worker: JoinHandle<()>,
}

impl SinkQueue {
    /// Starts delivery to `sink`. Rejected data goes to `dead_letters`.
    ///
    /// # Panics
    ///
    /// Panics outside of a Tokio runtime.
    pub fn start(
        sink: Arc<dyn Sink>,
        settings: SinkSettings,
        dead_letters: Arc<dyn DeadLetters>,
    ) -> Self {
        let shared = Arc::new(Shared::new(sink.name(), settings));
        let worker = Worker::new(shared.clone(), sink, dead_letters);
        let worker = tokio::spawn(worker.run());
        Self { shared, worker }
    }

    /// Returns the name of the sink.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// Returns the settings of the queue.
    pub fn settings(&self) -> &SinkSettings {
        &self.shared.settings
    }

    /// Adds a parcel. The queue of a critical sink first waits until it has room. A best-effort
    /// queue adds it at once, and drops its oldest data if necessary.
    ///
    /// If this future is dropped while it waits, the parcel is dropped with its ticket, and its
    /// records are not settled; [`try_push`](Self::try_push) returns the parcel instead.
    pub async fn push(&self, parcel: Parcel) {
        let mut parcel = parcel;
        while let Err(back) = self.try_push(parcel) {
            parcel = back;
            self.room().await;
        }
    }

    /// Adds a parcel if there is room.
    ///
    /// # Errors
    ///
    /// Returns the parcel if there is no room. A best-effort queue always accepts it.
    // The error is as large as the argument.
    #[allow(clippy::result_large_err)]
    pub fn try_push(&self, parcel: Parcel) -> Result<(), Parcel> {
        let bytes = Piece::bytes_of(&parcel.content);
        if self.shared.settings.is_critical() && !self.shared.has_room(bytes) {
            return Err(parcel);
        }
        self.shared
            .push(Piece::new(parcel, self.shared.settings.is_critical()));
        Ok(())
    }

    /// Waits until an item has left the queue, or the queue is empty.
    pub async fn room(&self) {
        self.shared.wait_for_room().await;
    }

    /// Waits until the queue is empty; meanwhile, requests are sent without waiting for them to
    /// fill up.
    pub async fn flush(&self) {
        self.shared.flush().await;
    }

    /// Returns the statistics of the queue so far.
    pub fn stats(&self) -> SinkStats {
        self.shared.stats()
    }

    /// Delivers the queued data within this time, and ends the queue. The rest is counted as
    /// abandoned; its records are not settled, so that they are read again.
    pub async fn shutdown(self, within: Duration) -> SinkStats {
        let mut this = self;
        this.shared.close();
        if timeout(within, &mut this.worker).await.is_err() {
            this.worker.abort();
            // The task ends at its next await point, or has ended.
            let _ = (&mut this.worker).await;
        }
        this.shared.abandon();
        this.shared.stats()
    }
}

/// Abandons undelivered data: see [`shutdown`](SinkQueue::shutdown).
impl Drop for SinkQueue {
    fn drop(&mut self) {
        self.worker.abort();
    }
}

impl fmt::Debug for SinkQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SinkQueue")
            .field("name", &self.name())
            .field("settings", self.settings())
            .finish_non_exhaustive()
    }
}
