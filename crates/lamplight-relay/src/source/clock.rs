//! The time of day, as a parameter.

use std::{
    fmt,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use crate::record::StreamTime;

/// A wall clock. It is not used to measure durations, only for the time at the tip of a shard.
#[derive(Clone)]
pub struct WallClock(Arc<dyn Fn() -> StreamTime + Send + Sync>);

impl WallClock {
    /// Returns the clock of this machine.
    pub fn system() -> Self {
        Self::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            StreamTime::default().after(since.unwrap_or_default())
        })
    }

    /// Returns a clock that reads its time from `now`.
    pub fn new(now: impl Fn() -> StreamTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Returns the current time.
    pub fn now(&self) -> StreamTime {
        (self.0)()
    }
}

impl fmt::Debug for WallClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WallClock").field(&self.now()).finish()
    }
}
