//! How much a store holds.

use std::time::Duration;

/// How much a store holds. What is beyond is dropped by whole traces, the one that came first before
/// all others, and counted in [`State`](crate::store::State).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// Spans; 1,000,000 by default. A trace with more spans than this is dropped, too.
    pub max_spans: u64,
    /// Bytes of spans as they came; 2 GiB by default. The database takes about 1.3 times as many.
    pub max_bytes: u64,
    /// Time since the first span of a trace arrived; seven days by default. What is too old is
    /// dropped when the database is opened or something is added. When spans started does not
    /// matter: old traces can be read in and looked at.
    pub max_age: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_spans: 1_000_000,
            max_bytes: 2 << 30,
            max_age: Duration::from_secs(7 * 24 * 60 * 60),
        }
    }
}
