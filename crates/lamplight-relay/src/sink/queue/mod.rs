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

/// The queue of one sink, and the task that delivers what is in it.
///
/// A parcel that it took is delivered at least once, dead-lettered, or counted as dropped; in order, as
/// long as the sink accepts what it is sent.
pub struct SinkQueue {
    shared: Arc<Shared>,
    worker: JoinHandle<()>,
}

impl SinkQueue {
    /// Starts delivering to `sink`. What it rejects goes to `dead_letters`.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
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

    /// Returns the name of its sink.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// Returns its settings.
    pub fn settings(&self) -> &SinkSettings {
        &self.shared.settings
    }

    /// Takes a parcel, and waits until there is room for it where the sink is critical. A best-effort
    /// queue always takes it, and drops what has waited longest.
    ///
    /// Where this is dropped while it waits, the parcel is dropped with its ticket, and its records are
    /// not settled; [`try_push`](Self::try_push) gives it back.
    pub async fn push(&self, parcel: Parcel) {
        let mut parcel = parcel;
        while let Err(back) = self.try_push(parcel) {
            parcel = back;
            self.room().await;
        }
    }

    /// Takes a parcel where there is room for it.
    ///
    /// # Errors
    ///
    /// Gives the parcel back where there is none. A best-effort queue always takes it.
    // As large as what was given.
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

    /// Waits until something has left the queue, or there is nothing in it.
    pub async fn room(&self) {
        self.shared.wait_for_room().await;
    }

    /// Waits until there is nothing in it, without waiting for requests to fill up.
    pub async fn flush(&self) {
        self.shared.flush().await;
    }

    /// Returns what it has done so far.
    pub fn stats(&self) -> SinkStats {
        self.shared.stats()
    }

    /// Delivers what is in it, for at most so long, and ends. What is left is counted as abandoned; its
    /// records are not settled, so that they are read again.
    pub async fn shutdown(self, within: Duration) -> SinkStats {
        let mut this = self;
        this.shared.close();
        if timeout(within, &mut this.worker).await.is_err() {
            this.worker.abort();
            // It ends at its next wait, or has ended.
            let _ = (&mut this.worker).await;
        }
        this.shared.abandon();
        this.shared.stats()
    }
}

/// What has not been delivered is abandoned: see [`shutdown`](SinkQueue::shutdown).
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
