//! What a queue has to say about its deliveries, said when it holds no lock.

use crate::driver::{VAIN_TIME, VAIN_WAITS};
use lamplight_internal::diagnostics::{notice, warn, warn_once};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

thread_local! {
    static TELLING: Cell<bool> = const { Cell::new(false) };
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Notice {
    /// The first pause of an outage begins, this long; the longest allowed is the second.
    Paused(Duration, Duration),
    Resumed,
    Blocked,
    Abandoned,
    Panicked,
    Miscounted,
}

impl Notice {
    pub(crate) fn tell(self) {
        match self {
            Self::Paused(length, longest) => warn("export-paused", || {
                format!(
                    "spans could not be delivered several times in a row, so that deliveries pause, \
                     for {length:.1?} now and for up to {longest:.1?} while it lasts; spans wait \
                     within the limits of the queue, and what is over them is dropped and counted"
                )
            }),
            Self::Resumed => notice("export-resumed", || {
                "the destination of spans answers again".to_owned()
            }),
            Self::Blocked => warn_once("exporter-blocks", || {
                "the span exporter blocked its thread for more than a second, which the function has \
                 to wait for and no flush budget can bound; an exporter must be asynchronous, or do \
                 its work on a thread of its own"
                    .to_owned()
            }),
            Self::Abandoned => warn_once("delivery-abandoned", || {
                format!(
                    "a delivery of spans was given up after at least {VAIN_WAITS} flushes had waited for \
                     it, for {VAIN_TIME:?} in all, and its spans are counted as failed; an exporter \
                     must end by itself, with an error if need be"
                )
            }),
            Self::Panicked => warn_once("exporter-panicked", || {
                "the span exporter panicked; the spans of that delivery are counted as failed"
                    .to_owned()
            }),
            Self::Miscounted => warn_once("exporter-miscounts", || {
                "the span sink did not answer for each span of a batch once; those it did not answer \
                 for are counted as failed"
                    .to_owned()
            }),
        }
    }
}

/// Runs what logs, unless it is this thread's logging that led here: a subscriber may flush at each
/// event. What subscribers do, panics included, stays with them.
pub(crate) fn telling(tell: impl FnOnce()) {
    let again = TELLING.try_with(|telling| telling.replace(true));
    if again != Ok(false) {
        return;
    }
    if let Err(payload) = catch_unwind(AssertUnwindSafe(tell)) {
        std::mem::forget(payload);
    }
    let _ = TELLING.try_with(|telling| telling.set(false));
}

/// Whether this thread is inside [`telling`].
pub(crate) fn is_telling() -> bool {
    TELLING.try_with(Cell::get).unwrap_or(true)
}
