//! Settings for reading streams.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::{
    record::StreamTime,
    source::{CheckpointStore, WallClock, stream::StreamClient},
};

/// The starting position in a stream that was never read. Shards that appear later are always read
/// from their first record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Start {
    /// The oldest records.
    #[default]
    TrimHorizon,
    /// Records that arrive from now on.
    Latest,
    /// Records that arrived at or after this time.
    Time(StreamTime),
}

/// The share of a shard's read limits to use. A shard allows 5 calls and 2 MB per second for all
/// its readers together.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Pace {
    /// The share of both limits, above 0 and up to 1. Default: 0.9, which leaves almost nothing for
    /// a second reader. With two readers, use 0.45 each.
    pub share: f64,
    /// Pause after a shard has been read to its tip. Default: 1 s.
    pub idle: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            share: 0.9,
            idle: Duration::from_secs(1),
        }
    }
}

/// A builder of a [`Reader`](super::Reader).
#[derive(Debug)]
#[must_use]
pub struct ReaderBuilder {
    pub(super) settings: Settings,
}

/// The settings of a reader.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) streams: Vec<Arc<dyn StreamClient>>,
    pub(super) store: Arc<dyn CheckpointStore>,
    pub(super) owner: String,
    pub(super) start: Start,
    pub(super) pace: Pace,
    pub(super) lease: Duration,
    pub(super) discovery: Duration,
    pub(super) call_timeout: Duration,
    pub(super) margin: Duration,
    pub(super) clock: WallClock,
    pub(super) stop_at_tip: bool,
    pub(super) deadline: Option<Instant>,
}

impl ReaderBuilder {
    pub(super) fn new(store: Arc<dyn CheckpointStore>) -> Self {
        Self {
            settings: Settings {
                streams: Vec::new(),
                store,
                owner: format!("{:016x}", fastrand::u64(..)),
                start: Start::default(),
                pace: Pace::default(),
                lease: Duration::from_secs(30),
                discovery: Duration::from_secs(45),
                call_timeout: Duration::from_secs(10),
                margin: Duration::from_secs(2),
                clock: WallClock::system(),
                stop_at_tip: false,
                deadline: None,
            },
        }
    }

    /// Adds a stream. Several streams are read concurrently.
    pub fn stream(mut self, stream: Arc<dyn StreamClient>) -> Self {
        self.settings.streams.push(stream);
        self
    }

    /// Sets the name under which leases are taken. It must be unique among instances. Default: a
    /// random name.
    pub fn owner(mut self, owner: &str) -> Self {
        owner.clone_into(&mut self.settings.owner);
        self
    }

    /// Sets the starting position in a stream that was never read. Default: [`Start::TrimHorizon`].
    pub fn start(mut self, start: Start) -> Self {
        self.settings.start = start;
        self
    }

    /// Sets the share of a shard's read limits to use.
    pub fn pace(mut self, pace: Pace) -> Self {
        self.settings.pace = pace;
        self
    }

    /// Sets the time after which the lease of an instance without heartbeats expires. Default: 30
    /// s; minimum: 1 s. All instances need the same value.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.settings.lease = lease.max(Duration::from_secs(1));
        self
    }

    /// Sets the interval between listings of shards. Default: 45 s; minimum: 1 s. Children of an
    /// ended shard are found without a listing, since the end of the shard names them.
    pub fn discovery(mut self, every: Duration) -> Self {
        self.settings.discovery = every.max(Duration::from_secs(1));
        self
    }

    /// Sets the timeout of a single call. Default: 10 s.
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.settings.call_timeout = timeout;
        self
    }

    /// Sets the maximum delay between the arrival of a record and its visibility at the tip of a
    /// shard. Default: 2 s.
    pub fn margin(mut self, margin: Duration) -> Self {
        self.settings.margin = margin;
        self
    }

    /// Sets the clock. Default: that of the machine.
    pub fn clock(mut self, clock: WallClock) -> Self {
        self.settings.clock = clock;
        self
    }

    /// Makes the reader end when every available shard has been read to its tip, or at a deadline.
    pub fn until_tip(mut self, deadline: Option<Instant>) -> Self {
        self.settings.stop_at_tip = true;
        self.settings.deadline = deadline;
        self
    }
}
