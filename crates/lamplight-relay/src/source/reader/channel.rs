//! The channel from the reading tasks to the consumer of events.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::{
    record::ShardId,
    source::{Happened, ShardEvent},
};

/// Maximum number of batches of records in the channel, for all shards together. Each shard's task
/// may hold one more.
const WAITING: usize = 2;

/// An event in the channel.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) event: ShardEvent,
    /// The number of the lease under which records were read; `None` for events that do not depend
    /// on it.
    pub(super) token: Option<u64>,
    /// Makes room for the next batch when this one is taken.
    _place: Option<OwnedSemaphorePermit>,
}

/// The sending end.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    events: mpsc::UnboundedSender<Envelope>,
    places: Arc<Semaphore>,
}

/// Returns both ends.
pub(super) fn channel() -> (Sender, mpsc::UnboundedReceiver<Envelope>) {
    // Events without records need no bound: each shard has only a few.
    let (events, receiver) = mpsc::unbounded_channel();
    let places = Arc::new(Semaphore::new(WAITING));
    (Sender { events, places }, receiver)
}

impl Sender {
    /// Sends records once there is room. Returns whether the receiver still exists.
    pub(super) async fn put(&self, shard: &ShardId, token: u64, what: Happened) -> bool {
        let place = self.places.clone().acquire_owned().await.ok();
        let envelope = Envelope {
            event: ShardEvent::new(shard.clone(), what),
            token: Some(token),
            _place: place,
        };
        self.events.send(envelope).is_ok()
    }

    /// Sends an event about a shard's lease. Without a receiver the reader has ended, and the event
    /// is dropped.
    pub(super) fn tell(&self, shard: &ShardId, what: Happened) {
        let _ = self.events.send(Envelope {
            event: ShardEvent::new(shard.clone(), what),
            token: None,
            _place: None,
        });
    }
}
