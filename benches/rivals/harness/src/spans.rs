//! Where the exporters of the rivals report what they were given.

use serde::Serialize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

static EXPORTED: AtomicU64 = AtomicU64::new(0);
static KEEP: AtomicBool = AtomicBool::new(false);
static KEPT: Mutex<Vec<Span>> = Mutex::new(Vec::new());
pub(crate) static NEWS: Notify = Notify::const_new();

/// A span as an exporter got it.
#[derive(Clone, Debug, Serialize)]
pub struct Span {
    /// Its name.
    pub name: String,
    /// Its kind, as `Debug` writes it.
    pub kind: String,
    /// The id of its trace, in hex.
    pub trace: String,
    /// Whether its parent is of another process.
    pub remote_parent: bool,
    /// How many links it has.
    pub links: usize,
    /// The keys of its attributes.
    pub attributes: Vec<String>,
}

/// Whether the spans themselves are wanted, not only their number.
pub fn wanted() -> bool {
    KEEP.load(Relaxed)
}

/// Takes a span that is [wanted].
pub fn keep(span: Span) {
    KEPT.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(span);
}

/// Says that `count` spans have been exported.
pub fn exported(count: usize) {
    EXPORTED.fetch_add(count as u64, Relaxed);
    NEWS.notify_one();
}

/// How many spans have been exported.
pub fn count() -> u64 {
    EXPORTED.load(Relaxed)
}

pub(crate) fn want() {
    KEEP.store(true, Relaxed);
}

pub(crate) fn take() -> Vec<Span> {
    std::mem::take(&mut *KEPT.lock().unwrap_or_else(PoisonError::into_inner))
}
