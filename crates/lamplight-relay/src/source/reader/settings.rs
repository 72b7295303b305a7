//! How streams are read.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::{
    record::StreamTime,
    source::{CheckpointStore, WallClock, stream::StreamClient},
};

/// Where reading begins in a stream that was never read. Shards that appear later are read from their
/// first record, whatever this says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Start {
    /// With the oldest records there are.
    #[default]
    TrimHorizon,
    /// With what arrives from now on.
    Latest,
    /// With what arrived then or later.
    Time(StreamTime),
}

/// How much of what a shard can be read with is used. A shard takes 5 calls and 2 MB a second from all its
/// readers together.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Pace {
    /// The part of both that is used, above 0 and up to 1: 0.9, which leaves nothing to speak of for a second
    /// reader. With two, each takes 0.45.
    pub share: f64,
    /// How long a shard that has been read to its tip is left alone: 1 s.
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

/// A [`Reader`](super::Reader) that is being set up.
#[derive(Debug)]
#[must_use]
pub struct ReaderBuilder {
    pub(super) settings: Settings,
}

/// What a reader was told.
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

    /// Adds a stream. Several are read at once.
    pub fn stream(mut self, stream: Arc<dyn StreamClient>) -> Self {
        self.settings.streams.push(stream);
        self
    }

    /// Sets the name under which leases are taken: a random one, which no other instance has.
    pub fn owner(mut self, owner: &str) -> Self {
        owner.clone_into(&mut self.settings.owner);
        self
    }

    /// Sets where reading begins in a stream that was never read: [`Start::TrimHorizon`].
    pub fn start(mut self, start: Start) -> Self {
        self.settings.start = start;
        self
    }

    /// Sets how much of what a shard can be read with is used.
    pub fn pace(mut self, pace: Pace) -> Self {
        self.settings.pace = pace;
        self
    }

    /// Sets how long the lease of an instance that shows no life is left to it: 30 s, at least 1 s. All
    /// instances need the same.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.settings.lease = lease.max(Duration::from_secs(1));
        self
    }

    /// Sets how often shards are listed: every 45 s, at least 1 s. The end of a shard names its children, so
    /// that they are found without.
    pub fn discovery(mut self, every: Duration) -> Self {
        self.settings.discovery = every.max(Duration::from_secs(1));
        self
    }

    /// Sets the longest wait for any one answer: 10 s.
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.settings.call_timeout = timeout;
        self
    }

    /// Sets how late a record may be seen after it arrived, at the tip of a shard: 2 s.
    pub fn margin(mut self, margin: Duration) -> Self {
        self.settings.margin = margin;
        self
    }

    /// Sets the clock: that of the machine.
    pub fn clock(mut self, clock: WallClock) -> Self {
        self.settings.clock = clock;
        self
    }

    /// Makes the reader end when every shard that it can have has been read to its tip, or at a deadline.
    pub fn until_tip(mut self, deadline: Option<Instant>) -> Self {
        self.settings.stop_at_tip = true;
        self.settings.deadline = deadline;
        self
    }
}
