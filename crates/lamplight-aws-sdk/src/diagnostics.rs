//! What Lamplight says about itself: one line for each cause, the first time.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::Carrier;

/// What has been reported: for each cause a bit for each carrier.
static NO_ROOM: AtomicU32 = AtomicU32::new(0);
static OVERFULL: AtomicU32 = AtomicU32::new(0);
static REMOVED: AtomicU32 = AtomicU32::new(0);
static SETTING: AtomicU32 = AtomicU32::new(0);

/// Says that a message went without context because there was no room for any.
///
/// On every send it would be noise: the first one of a process stands for all.
pub(crate) fn no_room(carrier: Carrier) {
    if is_first(&NO_ROOM, carrier as u32) {
        let name = carrier.name();
        warn(
            "no_room",
            format_args!(
                "a message went without trace context: its attributes or its size leave no room \
                 (carrier `{name}`); send fewer or less, raise the limit of the carrier, or leave \
                 the carrier out"
            ),
        );
    }
}

/// Says that an interceptor behind ours made a message too large, or its attributes too many.
pub(crate) fn overfull(carrier: Carrier) {
    if is_first(&OVERFULL, carrier as u32) {
        let name = carrier.name();
        warn(
            "overfull",
            format_args!(
                "an interceptor that runs after Lamplight added to a message until trace context \
                 took it over the limit, and the service may refuse it (carrier `{name}`); add \
                 Lamplight last, leave room in interceptors of single calls, or leave the carrier \
                 out"
            ),
        );
    }
}

/// Says that an interceptor behind ours took context out of a message again.
pub(crate) fn removed(carrier: Carrier) {
    if is_first(&REMOVED, carrier as u32) {
        let name = carrier.name();
        warn(
            "removed",
            format_args!(
                "an interceptor that runs after Lamplight replaced what carries trace context, and \
                 a message goes without (carrier `{name}`); add Lamplight last"
            ),
        );
    }
}

/// Says that a setting is not understood, and what is.
pub(crate) fn setting(message: impl fmt::Display) {
    if is_first(&SETTING, 0) {
        warn("setting", format_args!("{message}"));
    }
}

/// One line: to `tracing` where a subscriber is set, else to standard error, which is a function's
/// log.
fn warn(cause: &'static str, message: fmt::Arguments<'_>) {
    if tracing::dispatcher::has_been_set() {
        tracing::warn!(target: "lamplight", cause, "{message}");
    } else {
        eprintln!("WARN lamplight [{cause}] {message}");
    }
}

fn is_first(reported: &AtomicU32, bit: u32) -> bool {
    let bit = 1 << bit;
    reported.fetch_or(bit, Ordering::Relaxed) & bit == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_carrier_is_reported_once() {
        let reported = AtomicU32::new(0);
        let is_first = |carrier: Carrier| is_first(&reported, carrier as u32);
        assert!(is_first(Carrier::SqsAttributes));
        assert!(is_first(Carrier::HttpHeaders));
        assert!(!is_first(Carrier::SqsAttributes));
        assert!(!is_first(Carrier::HttpHeaders));
    }
}
