//! Limits of a store.

use std::time::Duration;

/// Limits of a store. Content beyond them is dropped by whole traces, those that arrived first
/// before others, and counted in [`State`](crate::store::State).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// Maximum number of spans. Default: 1,000,000. A single trace with more spans is dropped too.
    pub max_spans: u64,
    /// Maximum size of spans as received, in bytes. Default: 2 GiB. The database takes about 1.3
    /// times as much.
    pub max_bytes: u64,
    /// Maximum time since the first span of a trace arrived. Default: seven days. Expired traces
    /// are dropped when the database is opened or something is added. The start of spans does not
    /// matter, so that old traces can be imported.
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
