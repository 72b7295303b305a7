//! Reading of all shards whose leases this instance holds.

mod backoff;
mod channel;
mod checkpoints;
mod heartbeat;
mod held;
mod layout;
mod liveness;
mod manager;
mod pace;
mod plan;
mod settings;
mod shard;
mod stats;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use tokio::{
    runtime::Handle,
    sync::mpsc::{self, UnboundedReceiver},
    task::JoinSet,
    time::timeout,
};

pub use checkpoints::Checkpoints;
pub use settings::{Pace, ReaderBuilder, Start};
pub use stats::ReaderStats;

use channel::Envelope;
use held::{Held, Leases};
use manager::{Manager, Parts};
use settings::Settings;
use stats::Counters;

use super::{CheckpointStore, ShardEvent};

/// A reader of the shards of one or several streams.
///
/// Dropping it ends reading and leaves its leases to expire; [`Reader::close`] releases them.
#[derive(Debug)]
pub struct Reader {
    checkpoints: Checkpoints,
    events: UnboundedReceiver<Envelope>,
    /// The last received event, until it is known whether it still counts.
    waiting: Option<Envelope>,
    counters: Arc<Counters>,
    settings: Arc<Settings>,
    leases: Arc<Leases>,
    /// The tasks, which end with the reader.
    tasks: JoinSet<()>,
    heartbeat: JoinSet<()>,
}

impl ReaderBuilder {
    /// Returns the reader, which starts to read on the current Tokio runtime. Outside of a runtime
    /// it has no events.
    pub fn open(self) -> Reader {
        Reader::start(self.settings)
    }
}

impl Reader {
    /// Returns a builder of a reader that keeps its checkpoints in `store`.
    pub fn builder(store: Arc<dyn CheckpointStore>) -> ReaderBuilder {
        ReaderBuilder::new(store)
    }

    fn start(settings: Settings) -> Self {
        let settings = Arc::new(settings);
        let (sender, events) = channel::channel();
        let parts = Parts {
            settings: settings.clone(),
            counters: Arc::default(),
            leases: Arc::default(),
            events: sender,
        };
        let mut reports = BTreeMap::new();
        let mut managers = Vec::new();
        for stream in &settings.streams {
            let (reporting, reported) = mpsc::unbounded_channel();
            reports.insert(stream.name().to_owned(), reporting.clone());
            managers.push(Manager::new(
                stream.clone(),
                parts.clone(),
                reporting,
                reported,
            ));
        }
        let Parts {
            counters, leases, ..
        } = parts;
        let checkpoints = Checkpoints::new(settings.clone(), leases.clone(), reports);
        let (mut tasks, mut heartbeat) = (JoinSet::new(), JoinSet::new());
        if let Ok(runtime) = Handle::try_current() {
            for manager in managers {
                tasks.spawn_on(manager.run(), &runtime);
            }
            if settings.store.is_shared() {
                let lost = checkpoints.clone();
                let lost = move |held: &Held| lost.lose(held);
                let beat = heartbeat::beat(leases.clone(), settings.clone(), lost);
                heartbeat.spawn_on(beat, &runtime);
            }
        }
        Self {
            checkpoints,
            events,
            waiting: None,
            counters,
            settings,
            leases,
            tasks,
            heartbeat,
        }
    }

    /// Returns the next event, or `None` once a reader that was configured to end has ended.
    /// Cancellation safe.
    ///
    /// Records whose lease has expired are held back until it is known whether the lease can be
    /// renewed, and dropped if it cannot.
    pub async fn next(&mut self) -> Option<ShardEvent> {
        loop {
            if self.waiting.is_none() {
                self.waiting = Some(self.events.recv().await?);
            }
            // The event stays in its place while this waits, for cancellation safety.
            let good = match &self.waiting {
                Some(envelope) => self.is_good(envelope).await,
                None => false,
            };
            if let Some(envelope) = self.waiting.take()
                && good
            {
                return Some(envelope.event);
            }
        }
    }

    /// Returns whether an event still counts, once that is certain.
    async fn is_good(&self, envelope: &Envelope) -> bool {
        let Some(token) = envelope.token else {
            return true;
        };
        let held = self.leases.get(&envelope.event.shard);
        match held.filter(|held| held.lease.token == token) {
            Some(held) => held.settled().await,
            None => false,
        }
    }

    /// Returns a handle for saving checkpoints.
    pub fn checkpoints(&self) -> Checkpoints {
        self.checkpoints.clone()
    }

    /// Returns the statistics so far.
    pub fn stats(&self) -> ReaderStats {
        self.counters.snapshot()
    }

    /// Ends reading and releases all leases, so that other instances need not wait for them to
    /// expire.
    pub async fn close(mut self) {
        self.tasks.shutdown().await;
        self.heartbeat.shutdown().await;
        let mut releases = JoinSet::new();
        for held in self.leases.all() {
            let (store, limit) = (self.settings.store.clone(), self.settings.call_timeout);
            // A lease that cannot be released expires.
            releases.spawn(async move {
                let _ = timeout(limit, store.release(&held.lease)).await;
                drop(held);
            });
        }
        releases.join_all().await;
    }
}
