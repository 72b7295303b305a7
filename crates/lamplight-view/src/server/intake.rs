//! Intake of spans.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::watch;

use crate::store::{Added, Store, StoreError};

/// Adds spans to a store, and notifies open pages of new ones.
#[derive(Clone)]
pub struct Intake {
    store: Arc<dyn Store>,
    changed: watch::Sender<u64>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    requests: AtomicU64,
    spans: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
}

/// Counters since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct IntakeCounts {
    /// Requests that were added.
    pub requests: u64,
    /// New spans in them.
    pub spans: u64,
    /// Spans that were invalid.
    pub refused: u64,
    /// Requests that the store did not accept; senders were asked to retry.
    pub failed: u64,
}

impl Intake {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            changed: watch::Sender::new(0),
            counts: Arc::default(),
        }
    }

    /// Adds the spans of an OTLP request in protobuf. This blocks: in asynchronous code, use
    /// [`Intake::add_async`].
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot write.
    pub fn add(&self, request: &[u8]) -> Result<Added, StoreError> {
        let added = self.store.add(request).inspect_err(|_| {
            self.counts.failed.fetch_add(1, Ordering::Relaxed);
        })?;
        self.counts.requests.fetch_add(1, Ordering::Relaxed);
        self.counts.spans.fetch_add(added.new, Ordering::Relaxed);
        let refused = &self.counts.refused;
        refused.fetch_add(added.refused, Ordering::Relaxed);
        if added.new > 0 {
            self.changed.send_modify(|revision| *revision += 1);
        }
        Ok(added)
    }

    /// Adds the spans of an OTLP request in protobuf, on a thread that may block.
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot write.
    pub async fn add_async(&self, request: Vec<u8>) -> Result<Added, StoreError> {
        let this = self.clone();
        let adding = tokio::task::spawn_blocking(move || this.add(&request));
        adding
            .await
            .unwrap_or_else(|error| Err(StoreError::Database(format!("not added: {error}"))))
    }

    /// Notifies open pages of changes that others make to the store. While a page is open, the
    /// revision of the store is read after each pause. This never ends.
    pub async fn watch(self, pause: Duration) {
        let mut seen = None;
        loop {
            tokio::time::sleep(pause).await;
            if self.open_pages() == 0 {
                continue;
            }
            let store = self.store();
            let revision = tokio::task::spawn_blocking(move || store.revision()).await;
            // A store that fails for a while has changed when it does not.
            if let Ok(Ok(revision)) = revision
                && seen.replace(revision) != Some(revision)
            {
                self.changed.send_modify(|revision| *revision += 1);
            }
        }
    }

    /// Returns the counters.
    #[must_use]
    pub fn counts(&self) -> IntakeCounts {
        IntakeCounts {
            requests: self.counts.requests.load(Ordering::Relaxed),
            spans: self.counts.spans.load(Ordering::Relaxed),
            refused: self.counts.refused.load(Ordering::Relaxed),
            failed: self.counts.failed.load(Ordering::Relaxed),
        }
    }

    /// Returns the number of open pages with live updates.
    #[must_use]
    pub fn open_pages(&self) -> usize {
        self.changed.receiver_count()
    }

    pub(super) fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
}

impl fmt::Debug for Intake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intake")
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}
