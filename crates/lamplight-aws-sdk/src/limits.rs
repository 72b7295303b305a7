//! The sizes up to which context may enlarge messages.

use std::{fmt, sync::Arc};

use crate::carrier::{Carrier, Destination};

/// Returns the largest request of this carrier that AWS accepts, in bytes, according to the documentation of
/// its SDKs.
///
/// * A queue, a topic or a stream accepts what it is configured for, up to this limit.
/// * The payload of a synchronous `Invoke` may have 6 MB, that of an asynchronous one 1 MB.
pub(crate) const fn largest(carrier: Carrier) -> usize {
    match carrier {
        Carrier::SqsAttributes | Carrier::SnsAttributes | Carrier::EventBridgeDetail => 1024 * 1024,
        Carrier::LambdaPayload | Carrier::LambdaHeaders => SYNCHRONOUS,
        Carrier::LambdaClientContext => 3583,
        Carrier::KinesisData => 10 * 1024 * 1024,
        Carrier::StepFunctionsInput => 256 * 1024,
        Carrier::HttpHeaders => usize::MAX,
    }
}

/// The largest payload of a synchronous invocation, which has never changed.
pub(crate) const SYNCHRONOUS: usize = 6 * 1024 * 1024;
/// The largest payload of an asynchronous invocation.
#[cfg(feature = "lambda")]
pub(crate) const ASYNCHRONOUS: usize = 1024 * 1024;

/// The user's function that returns the limit of a destination.
type Ask = Arc<dyn Fn(&Destination<'_>) -> Option<usize> + Send + Sync>;

/// The limits, in order of precedence: of the user's function, of single destinations, of carriers.
#[derive(Clone, Default)]
pub(crate) struct Limits {
    carriers: [Option<usize>; Carrier::ALL.len()],
    destinations: Vec<(Carrier, String, usize)>,
    ask: Option<Ask>,
}

impl Limits {
    /// Returns the limits that a value of `LAMPLIGHT_INJECT_LIMITS` sets, and a description of its faults.
    /// Invalid items are ignored.
    pub(crate) fn parse(value: &str) -> (Self, Option<String>) {
        let mut limits = Self::default();
        let mut wrong = Vec::new();
        let items = value.split(',').map(str::trim);
        for item in items.filter(|item| !item.is_empty()) {
            if limits.read(item).is_none() {
                wrong.push(item);
            }
        }
        (limits, (!wrong.is_empty()).then(|| complaint(&wrong)))
    }

    fn read(&mut self, item: &str) -> Option<()> {
        let (whose, bytes) = item.rsplit_once('=')?;
        let bytes = bytes.trim().parse().ok()?;
        let (name, destination) = match whose.split_once(':') {
            Some((name, destination)) => (name, Some(destination.trim())),
            None => (whose, None),
        };
        let carrier = Carrier::named(name.trim()).filter(|it| *it != Carrier::HttpHeaders)?;
        if bytes > largest(carrier) {
            return None;
        }
        match destination {
            Some("") => return None,
            Some(destination) => {
                let limit = (carrier, destination.to_owned(), bytes);
                self.destinations.push(limit);
            }
            None => self.set(carrier, bytes),
        }
        Some(())
    }

    pub(crate) fn set(&mut self, carrier: Carrier, bytes: usize) {
        if let Some(slot) = self.carriers.get_mut(carrier as usize) {
            *slot = Some(bytes.min(largest(carrier)));
        }
    }

    pub(crate) fn set_ask(&mut self, ask: Ask) {
        self.ask = Some(ask);
    }
}

#[cfg(feature = "_messages")]
impl Limits {
    /// Returns the largest message to this destination, in bytes.
    pub(crate) fn of(&self, to: Destination<'_>) -> usize {
        self.of_or(to, to.carrier().default_limit())
    }

    /// Returns the same with another default.
    pub(crate) fn of_or(&self, to: Destination<'_>, default: usize) -> usize {
        let asked = self.ask.as_ref().and_then(|ask| {
            // If the function panics, the limit is unknown, and no context is written.
            crate::guard::unless_it_panics(|| ask(&to)).unwrap_or(Some(0))
        });
        let of_destination = || {
            // The last one counts, as for carriers.
            let mut all = self.destinations.iter().rev();
            let (.., bytes) = all.find(|(it, name, _)| *it == to.carrier() && to.is_named(name))?;
            Some(*bytes)
        };
        let chosen = asked
            .or_else(of_destination)
            .or_else(|| self.of_carrier(to.carrier()));
        chosen.unwrap_or(default).min(largest(to.carrier()))
    }

    /// Returns the size limit of a request with several messages, of which the largest may have `message`
    /// bytes. The services have the same limit for both, and only the limit of a message depends on the
    /// destination.
    #[cfg(any(feature = "eventbridge", feature = "sns", feature = "sqs"))]
    pub(crate) fn of_request(&self, carrier: Carrier, message: usize) -> usize {
        let limit = self.of_carrier(carrier);
        limit
            .unwrap_or_else(|| carrier.default_limit())
            .max(message)
    }

    fn of_carrier(&self, carrier: Carrier) -> Option<usize> {
        self.carriers.get(carrier as usize).copied().flatten()
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits")
            .field("carriers", &self.carriers)
            .field("destinations", &self.destinations)
            .field("has_function", &self.ask.is_some())
            .finish()
    }
}

/// Returns the log line about invalid items of `LAMPLIGHT_INJECT_LIMITS`, with the valid forms.
fn complaint(wrong: &[&str]) -> String {
    let known: Vec<_> = Carrier::ALL
        .iter()
        .filter(|(carrier, ..)| *carrier != Carrier::HttpHeaders)
        .map(|(carrier, name, ..)| format!("`{name}` (up to {})", largest(*carrier)))
        .collect();
    format!(
        "LAMPLIGHT_INJECT_LIMITS: {wrong:?} is not understood and ignored; allowed are \
         `carrier=bytes` and `carrier:destination=bytes`, separated by commas, with the carriers {}; \
         using the others, and the default limits",
        known.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDERS: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders";

    fn of(limits: &Limits, carrier: Carrier, name: &str) -> usize {
        limits.of(Destination::new(carrier, name))
    }

    fn read(value: &str) -> Limits {
        let (limits, complaint) = Limits::parse(value);
        assert_eq!(complaint, None, "{value}");
        limits
    }

    #[test]
    fn the_variable_sets_limits_of_carriers_and_of_destinations() {
        let limits = read(" SQS = 1048576 , sqs:orders=1024,Sns: arn:aws:sns:r:1:orders =2048,");
        assert_eq!(
            of(&limits, Carrier::SqsAttributes, "https://q/1/b"),
            1_048_576
        );
        assert_eq!(of(&limits, Carrier::SqsAttributes, ORDERS), 1024);
        assert_eq!(
            of(&limits, Carrier::SqsAttributes, &format!("{ORDERS}/")),
            1024
        );
        assert_eq!(
            of(&limits, Carrier::SqsAttributes, "https://q/1/my-orders"),
            1_048_576
        );
        assert_eq!(
            of(&limits, Carrier::SnsAttributes, "arn:aws:sns:r:1:orders"),
            2048
        );
        assert_eq!(
            of(&limits, Carrier::SnsAttributes, "arn:aws:sns:r:2:orders"),
            262_144
        );
        let whole = read(&format!("sqs:{ORDERS}=1024"));
        assert_eq!(of(&whole, Carrier::SqsAttributes, ORDERS), 1024);
        let unset = Limits::parse("");
        assert_eq!(of(&unset.0, Carrier::SqsAttributes, ORDERS), 262_144);
        assert_eq!(unset.1, None);
    }

    #[test]
    fn what_is_not_understood_is_said_and_as_if_it_were_not_there() {
        for wrong in [
            "sqs",
            "sqs=",
            "sqs=1k",
            "sqs=-1",
            "queue=1",
            "sqs:=1",
            "http=1",
            "=1",
            "sqs=1048577",
            "sqs=1.5",
            "default=1",
        ] {
            let value = format!("{wrong},sns=1024");
            let (limits, complaint) = Limits::parse(&value);
            let said = complaint.unwrap();
            assert!(said.contains(&format!("[{wrong:?}]")), "{said}");
            assert!(said.contains("`sqs` (up to 1048576)"), "{said}");
            assert!(!said.contains('\n'));
            assert_eq!(of(&limits, Carrier::SqsAttributes, ORDERS), 262_144);
            assert_eq!(of(&limits, Carrier::SnsAttributes, "t"), 1024, "{wrong}");
        }
    }

    #[test]
    fn a_function_comes_before_a_destination_and_that_before_its_carrier() {
        let mut limits = read("sqs:orders=2048,sqs=4096");
        limits.set_ask(Arc::new(|to| match to.name() {
            "small" => Some(1024),
            "endless" => Some(usize::MAX),
            "panics" => panic!("the user's"),
            _ => None,
        }));
        for (name, expected) in [
            ("small", 1024),
            ("orders", 2048),
            ("other", 4096),
            ("endless", 1_048_576),
            ("panics", 0),
        ] {
            assert_eq!(
                of(&limits, Carrier::SqsAttributes, name),
                expected,
                "{name}"
            );
        }
    }
}
