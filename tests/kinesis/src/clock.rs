//! The time of the simulated Kinesis.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::time::Instant;

/// A clock that follows Tokio's and can be advanced. Clones share the time.
#[derive(Debug, Clone)]
pub struct Clock {
    start: u64,
    began: Instant,
    ahead: Arc<AtomicU64>,
}

impl Clock {
    /// Returns a clock with the machine's time.
    pub fn system() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Self::starting_at(millis(since))
    }

    /// Returns a clock that starts at a time in milliseconds since 1970.
    pub fn starting_at(start: u64) -> Self {
        Self {
            start,
            began: Instant::now(),
            ahead: Arc::default(),
        }
    }

    /// Returns the current time in milliseconds since 1970.
    pub fn now(&self) -> u64 {
        self.start + millis(self.began.elapsed()) + self.ahead.load(SeqCst)
    }

    /// Advances the clock.
    pub fn advance(&self, by: Duration) {
        self.ahead.fetch_add(millis(by), SeqCst);
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap()
}
