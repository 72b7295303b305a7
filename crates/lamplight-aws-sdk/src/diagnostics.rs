//! What Lamplight says about itself: one line for each cause, the first time.

use std::fmt;
use std::io::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};

use tracing::subscriber::NoSubscriber;
use tracing::{Level, dispatcher};

use crate::settings::unless_it_panics;
use crate::{Carrier, limits};

/// What has been reported: for each cause a bit for each carrier.
static NO_ROOM: AtomicU32 = AtomicU32::new(0);
static OVERFULL: AtomicU32 = AtomicU32::new(0);
static REMOVED: AtomicU32 = AtomicU32::new(0);
static BEYOND: AtomicU32 = AtomicU32::new(0);
static REFUSED: AtomicU32 = AtomicU32::new(0);
static SETTING: AtomicU32 = AtomicU32::new(0);

/// Says that a message went without context because there was no room for any.
///
/// On every send it would be noise: the first one of a process stands for all.
pub(crate) fn no_room(carrier: Carrier) {
    if is_first(&NO_ROOM, carrier as u32) {
        let (name, largest) = (carrier.name(), limits::largest(carrier));
        warn(
            "no_room",
            format_args!(
                "a message went without trace context: its attributes or its size leave no room \
                 (carrier `{name}`); send fewer or less, set the limit of the carrier \
                 (`LamplightInterceptor::with_size_limit(Carrier::{carrier:?}, bytes)` or \
                 `LAMPLIGHT_INJECT_LIMITS={name}=bytes`, AWS takes up to {largest}), or leave the carrier out"
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

/// Says that a message with context was refused for its size.
pub(crate) fn refused(carrier: Carrier) {
    if is_first(&REFUSED, carrier as u32) {
        let name = carrier.name();
        warn(
            "refused",
            format_args!(
                "a message that carries trace context was refused as too large (carrier `{name}`); if \
                 it would not be without, say what its destination takes: \
                 `LAMPLIGHT_INJECT_LIMITS={name}:destination=bytes` or \
                 `LamplightInterceptor::with_destination_limit`"
            ),
        );
    }
}

/// Says that a limit was set beyond what AWS takes, which counts instead.
pub(crate) fn beyond(carrier: Carrier, bytes: usize) {
    if is_first(&BEYOND, carrier as u32) {
        let largest = limits::largest(carrier);
        warn(
            "beyond",
            format_args!(
                "a limit of {bytes} bytes was set on the carrier `{}`, on which AWS takes {largest}; \
                 that is the limit now, set it or less",
                carrier.name()
            ),
        );
    }
}

/// Says that the setting of this number is not understood, and what is.
pub(crate) fn setting(number: u32, message: impl fmt::Display) {
    if is_first(&SETTING, number) {
        warn("setting", format_args!("{message}"));
    }
}

/// One line: to `tracing` where a subscriber takes warnings of this target, else to standard error,
/// which is a function's log. A filter that takes not even errors is obeyed, and a subscriber that
/// panics harms nobody.
pub(crate) fn warn(cause: &'static str, message: fmt::Arguments<'_>) {
    unless_it_panics(|| match Output::now() {
        Output::Tracing => tracing::warn!(target: "lamplight", cause, "{message}"),
        Output::StandardError => {
            let line = format!("WARN lamplight [{cause}] {message}\n");
            let _ = std::io::stderr().lock().write_all(line.as_bytes());
        }
        Output::Nowhere => {}
    });
}

/// Where a warning is seen.
#[derive(Debug, PartialEq)]
enum Output {
    Tracing,
    StandardError,
    Nowhere,
}

impl Output {
    fn now() -> Self {
        // Whether a subscriber has ever been set says nothing: it may be another thread's.
        if dispatcher::get_default(|it| it.is::<NoSubscriber>()) {
            Self::StandardError
        } else if tracing::enabled!(target: "lamplight", Level::WARN) {
            Self::Tracing
        } else if tracing::enabled!(target: "lamplight", Level::ERROR) {
            Self::StandardError
        } else {
            Self::Nowhere
        }
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

    #[test]
    fn a_warning_goes_where_it_is_seen() {
        use tracing::Dispatch;
        use tracing_subscriber::filter::LevelFilter;
        use tracing_subscriber::layer::SubscriberExt as _;

        let output = |it: &Dispatch| dispatcher::with_default(it, Output::now);
        let level = |it: LevelFilter| Dispatch::new(tracing_subscriber::registry().with(it));
        assert_eq!(output(&level(LevelFilter::WARN)), Output::Tracing);
        assert_eq!(output(&level(LevelFilter::ERROR)), Output::StandardError);
        assert_eq!(output(&level(LevelFilter::OFF)), Output::Nowhere);
        let another_threads = Dispatch::new(tracing_subscriber::registry());
        assert_eq!(output(&another_threads), Output::Tracing);
        assert_eq!(output(&Dispatch::none()), Output::StandardError);
    }

    #[test]
    fn a_subscriber_that_panics_does_not_fail_who_warns() {
        use tracing_subscriber::Layer;
        use tracing_subscriber::layer::{Context, SubscriberExt as _};

        struct Panics;
        impl<S: tracing::Subscriber> Layer<S> for Panics {
            fn on_event(&self, _: &tracing::Event<'_>, _: Context<'_, S>) {
                panic!("a subscriber");
            }
        }
        let subscriber = tracing_subscriber::registry().with(Panics);
        tracing::subscriber::with_default(subscriber, || warn("test", format_args!("")));
    }
}
