//! The way from the tasks that read to the one that asks for events.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::{
    record::ShardId,
    source::{Happened, ShardEvent},
};

/// Answers with records that wait to be taken, of all shards together. Each shard has one more in its hand.
const WAITING: usize = 2;

/// An event on its way.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) event: ShardEvent,
    /// The number of the lease under which records were read; `None` for what is told whoever has it.
    pub(super) token: Option<u64>,
    /// Gives the next answer its place when this one has been taken.
    _place: Option<OwnedSemaphorePermit>,
}

/// Where events are put in.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    events: mpsc::UnboundedSender<Envelope>,
    places: Arc<Semaphore>,
}

/// Returns both ends.
pub(super) fn channel() -> (Sender, mpsc::UnboundedReceiver<Envelope>) {
    // What is no answer has no bound of its own: there are a few for each shard.
    let (events, receiver) = mpsc::unbounded_channel();
    let places = Arc::new(Semaphore::new(WAITING));
    (Sender { events, places }, receiver)
}

impl Sender {
    /// Puts in what was read, when there is a place for it. Returns whether anybody is there.
    pub(super) async fn put(&self, shard: &ShardId, token: u64, what: Happened) -> bool {
        let place = self.places.clone().acquire_owned().await.ok();
        let envelope = Envelope {
            event: ShardEvent::new(shard.clone(), what),
            token: Some(token),
            _place: place,
        };
        self.events.send(envelope).is_ok()
    }

    /// Puts in what happened to a shard's lease. Nobody there is no matter: then the reader has ended.
    pub(super) fn tell(&self, shard: &ShardId, what: Happened) {
        let _ = self.events.send(Envelope {
            event: ShardEvent::new(shard.clone(), what),
            token: None,
            _place: None,
        });
    }
}
