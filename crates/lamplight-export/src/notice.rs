//! Log lines about deliveries, which are written while no lock is held.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use lamplight_internal::diagnostics::{notice, warn, warn_once};

thread_local! {
    static LOGGING: Cell<bool> = const { Cell::new(false) };
}

/// A log line about deliveries.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Notice {
    /// The first pause of an outage begins, with this length; the second value is the maximum.
    Paused(Duration, Duration),
    Resumed,
    Blocked,
    /// A delivery was given up after this number of flushes timed out on it, in this total time.
    Abandoned {
        timeouts: u32,
        waited: Duration,
    },
    Panicked,
    Miscounted,
}

impl Notice {
    pub(crate) fn log(self) {
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
            Self::Abandoned { timeouts, waited } => warn_once("delivery-abandoned", || {
                format!(
                    "a delivery of spans was given up after at least {timeouts} flushes had waited for \
                     it, for {waited:?} in all, and its spans are counted as failed; an exporter \
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

/// Runs `log`, unless this thread is already logging here: a subscriber may flush at each event. A panic of a
/// subscriber is caught.
pub(crate) fn logging(log: impl FnOnce()) {
    let again = LOGGING.try_with(|logging| logging.replace(true));
    if again != Ok(false) {
        return;
    }
    if let Err(payload) = catch_unwind(AssertUnwindSafe(log)) {
        std::mem::forget(payload);
    }
    let _ = LOGGING.try_with(|logging| logging.set(false));
}

/// Returns whether this thread is inside [`logging`].
pub(crate) fn is_logging() -> bool {
    LOGGING.try_with(Cell::get).unwrap_or(true)
}
