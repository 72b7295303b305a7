//! Statistics of a reader.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters since a reader was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ReaderStats {
    /// Successful calls, with or without records.
    pub reads: u64,
    /// Records that were read.
    pub records: u64,
    /// Bytes of data in these records.
    pub bytes: u64,
    /// Calls that were refused because the shard's limits were exceeded.
    pub throttled: u64,
    /// Cursors that expired and were replaced.
    pub expired: u64,
    /// Calls that failed for other reasons or timed out.
    pub failed: u64,
    /// Checkpoints older than the oldest remaining record.
    pub gaps: u64,
    /// Leases that were taken.
    pub taken: u64,
    /// Leases that were lost to other instances.
    pub lost: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) reads: AtomicU64,
    pub(super) records: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) throttled: AtomicU64,
    pub(super) expired: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) gaps: AtomicU64,
    pub(super) taken: AtomicU64,
    pub(super) lost: AtomicU64,
}

impl Counters {
    pub(super) fn snapshot(&self) -> ReaderStats {
        ReaderStats {
            reads: self.reads.load(Relaxed),
            records: self.records.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            throttled: self.throttled.load(Relaxed),
            expired: self.expired.load(Relaxed),
            failed: self.failed.load(Relaxed),
            gaps: self.gaps.load(Relaxed),
            taken: self.taken.load(Relaxed),
            lost: self.lost.load(Relaxed),
        }
    }
}

pub(super) fn add(counter: &AtomicU64, n: usize) {
    counter.fetch_add(u64::try_from(n).unwrap_or(u64::MAX), Relaxed);
}
