//! Writing context into what is about to be sent.
//!
//! [`Fields`] is what a context has to say; the functions put it into the shapes AWS services
//! carry. All of them hold to the same rules:
//!
//! * nothing empty is written, and nothing a user has set is overwritten: where a `traceparent`
//!   is already there, nothing at all is written beside it;
//! * only new entries count against a limit, and when room is short, baggage goes before
//!   `tracestate` before `traceparent`, the two lists by whole members; in a batch, nothing but a
//!   `traceparent` is written before every message has its own ([`share_room`]);
//! * what cannot be written is left exactly as it was, and the result says so.
//!
//! ```
//! use lamplight_propagation::outbound::{self, Fields};
//! # use lamplight_propagation::w3c::W3cPropagator;
//! # use opentelemetry::propagation::TextMapPropagator;
//! # let incoming = std::collections::HashMap::from([(
//! #     "traceparent".to_owned(),
//! #     "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned(),
//! # )]);
//! # let cx = W3cPropagator::new().extract(&incoming);
//! let fields = Fields::from_context(&cx);
//! let detail = outbound::inject_json(r#"{"price": 1.10}"#, None, &fields, usize::MAX)
//!     .expect("an object has room");
//! assert_eq!(
//!     detail.text,
//!     r#"{"_otel":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},"price": 1.10}"#,
//! );
//! ```

mod attributes;
mod batch;
mod client_context;
mod json;

#[cfg(test)]
mod tests;

use crate::w3c::{BAGGAGE, TRACEPARENT, TRACESTATE, baggage, tracestate};

pub use crate::{
    envelope::{DEFAULT_KEY, Pointer},
    w3c::fields::{Fields, inject_headers},
};

pub use self::{
    attributes::{AttributeMap, MESSAGE_ATTRIBUTE_LIMIT, attribute_costs, inject_attributes},
    batch::{Costs, share_room},
    client_context::{CLIENT_CONTEXT_LIMIT, inject_client_context},
    json::{JsonPlace, Spliced, inject_json},
};

impl Fields {
    /// As much of the fields as fits into `room`, given what one costs. Fields `taken` are left
    /// out: somebody else has set them. `None` when nothing remains.
    fn fitting(
        &self,
        mut room: usize,
        cost: impl Fn(&str, &str) -> usize,
        taken: impl Fn(&str) -> bool,
    ) -> Option<(Self, Written)> {
        let mut fitted = Self::default();
        let mut written = Written::default();
        if taken(TRACEPARENT) {
            return None;
        }
        if let Some(traceparent) = &self.traceparent {
            room = room.checked_sub(cost(TRACEPARENT, traceparent.as_str()))?;
            fitted.traceparent = Some(*traceparent);
            written.traceparent = true;
        }
        if let Some(list) = self.tracestate().filter(|_| !taken(TRACESTATE)) {
            fitted.tracestate = tracestate::truncate(list, |list| cost(TRACESTATE, list) <= room);
            let text = fitted.tracestate.as_deref().unwrap_or_default();
            written.tracestate = Part::of(text, list);
            if written.tracestate != Part::Nothing {
                room -= cost(TRACESTATE, text);
            }
        }
        if let Some(list) = self.baggage().filter(|_| !taken(BAGGAGE)) {
            fitted.baggage = baggage::truncate(list, |list| cost(BAGGAGE, list) <= room);
            written.baggage = Part::of(fitted.baggage.as_deref().unwrap_or_default(), list);
        }
        (!fitted.is_empty()).then_some((fitted, written))
    }
}

/// The part of each field that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Written {
    /// Whether the receiver can continue the trace.
    pub traceparent: bool,
    /// The part of the `tracestate`.
    pub tracestate: Part,
    /// The part of the baggage.
    pub baggage: Part,
}

/// The part of a list that was written. There is no fourth answer, so this is exhaustive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// Every member.
    All,
    /// Nothing: there was nothing, no room, or the user's own.
    #[default]
    Nothing,
    /// Whole members, but not all: the others had no room.
    Partial,
}

impl Part {
    fn of(written: &str, whole: &str) -> Self {
        match written.len() {
            0 => Self::Nothing,
            len if len == whole.len() => Self::All,
            _ => Self::Partial,
        }
    }
}
