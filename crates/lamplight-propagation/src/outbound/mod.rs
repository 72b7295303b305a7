//! Injection of context into messages, events and payloads that are about to be sent.
//!
//! [`Fields`] holds the context; the functions write it in the forms that AWS services accept. All of them
//! follow the same rules:
//!
//! * Nothing empty is written, and nothing that the user has set is overwritten. If a `traceparent` is
//!   present, nothing is written beside it.
//! * Only new entries count against a limit. If room is short, baggage is dropped before `tracestate`, and
//!   `tracestate` before `traceparent`; the two lists shrink by whole members. In a batch, the other fields
//!   are written only after every message has its `traceparent` ([`share_room`]).
//! * Input that cannot take the fields is left exactly as it was, and the result reports that.
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
    /// Returns as many of the fields as fit into `room`, given the cost of one. Fields in `taken` are left
    /// out, because the user has set them. `None` if nothing remains.
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
    /// True if the `traceparent` was written, so that the receiver can continue the trace.
    pub traceparent: bool,
    /// The written part of the `tracestate`.
    pub tracestate: Part,
    /// The written part of the baggage.
    pub baggage: Part,
}

/// The written part of a list. Exhaustive, because there is no fourth case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// Every member.
    All,
    /// No member: the list was empty, had no room, or the user had set it.
    #[default]
    Nothing,
    /// Some whole members; there was no room for the others.
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
