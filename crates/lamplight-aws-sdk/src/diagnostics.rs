//! What Lamplight says about itself: a line for each carrier that had no room, the first time.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::Carrier;

/// A bit for each carrier that has been reported.
static REPORTED: AtomicU32 = AtomicU32::new(0);

/// Says that a message went without context because there was no room for any.
///
/// On every send it would be noise: the first one of a process stands for all. It goes to `tracing`
/// where a subscriber is set, else to standard error, which is a function's log.
pub(crate) fn no_room(carrier: Carrier) {
    if !is_first(&REPORTED, carrier) {
        return;
    }
    let name = carrier.name();
    let message = format!(
        "a message went without trace context: its attributes or its size leave no room (carrier \
         `{name}`); send fewer or less, raise the limit of the carrier, or leave the carrier out"
    );
    if tracing::dispatcher::has_been_set() {
        tracing::warn!(target: "lamplight", cause = "no_room", carrier = name, "{message}");
    } else {
        eprintln!("WARN lamplight [no_room] {message}");
    }
}

fn is_first(reported: &AtomicU32, carrier: Carrier) -> bool {
    let bit = 1 << (carrier as u32);
    reported.fetch_or(bit, Ordering::Relaxed) & bit == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_carrier_is_reported_once() {
        let reported = AtomicU32::new(0);
        assert!(is_first(&reported, Carrier::SqsAttributes));
        assert!(is_first(&reported, Carrier::HttpHeaders));
        assert!(!is_first(&reported, Carrier::SqsAttributes));
        assert!(!is_first(&reported, Carrier::HttpHeaders));
    }
}
