//! The place where the exporters of the rivals report their spans.

use serde::Serialize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

static EXPORTED: AtomicU64 = AtomicU64::new(0);
static KEEP: AtomicBool = AtomicBool::new(false);
static KEPT: Mutex<Vec<Span>> = Mutex::new(Vec::new());
pub(crate) static NEWS: Notify = Notify::const_new();

/// A span as passed to an exporter.
#[derive(Clone, Debug, Serialize)]
pub struct Span {
    /// Its name.
    pub name: String,
    /// Its kind, as `Debug` writes it.
    pub kind: String,
    /// The id of its trace, in hex.
    pub trace: String,
    /// True if its parent is in another process.
    pub remote_parent: bool,
    /// The number of its links.
    pub links: usize,
    /// The keys of its attributes.
    pub attributes: Vec<String>,
}

/// Returns whether the spans themselves are needed, in addition to their number.
pub fn wanted() -> bool {
    KEEP.load(Relaxed)
}

/// Stores a span, if spans are [wanted].
pub fn keep(span: Span) {
    KEPT.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(span);
}

/// Records that `count` spans have been exported.
pub fn exported(count: usize) {
    EXPORTED.fetch_add(count as u64, Relaxed);
    NEWS.notify_one();
}

/// Returns the number of exported spans.
pub fn count() -> u64 {
    EXPORTED.load(Relaxed)
}

pub(crate) fn want() {
    KEEP.store(true, Relaxed);
}

pub(crate) fn take() -> Vec<Span> {
    std::mem::take(&mut *KEPT.lock().unwrap_or_else(PoisonError::into_inner))
}
