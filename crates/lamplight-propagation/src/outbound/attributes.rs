//! Message attributes of SQS and SNS.

use super::{Costs, Fields, Part, Written};
use crate::w3c::{BAGGAGE, TRACEPARENT, TRACESTATE};

/// The maximum number of attributes of an SQS message. SNS accepts more, but discards a raw delivery to SQS
/// that exceeds this number.
pub const MESSAGE_ATTRIBUTE_LIMIT: usize = 10;

/// The number of bytes that SQS and SNS count for the attribute type `String`.
const TYPE_BYTES: usize = "String".len();

/// The attributes of a message to be sent.
pub trait AttributeMap {
    /// Returns the number of attributes.
    fn count(&self) -> usize;

    /// Returns whether there is an attribute of this name. Names are case-sensitive.
    fn contains(&self, name: &str) -> bool;

    /// Adds an attribute of type `String`. The name is new and the value is not empty.
    fn insert(&mut self, name: &'static str, value: &str);
}

/// Writes the fields as attributes: at most `limit` attributes in all, and at most `room` additional bytes
/// (name, type and value). Returns `None` if nothing was written. Fields for SNS must go through
/// [`Fields::for_filters`] first.
pub fn inject_attributes(
    map: &mut impl AttributeMap,
    fields: &Fields,
    limit: usize,
    room: usize,
) -> Option<Written> {
    let slots = limit.saturating_sub(map.count());
    let taken = |name: &str| map.contains(name);
    let (fitted, mut written) = fields.fitting(room, cost, taken)?;
    if slots == 0 {
        return None;
    }
    for (slot, (name, value)) in fitted.iter().enumerate() {
        if slot < slots {
            map.insert(name, value);
            continue;
        }
        match name {
            TRACEPARENT => written.traceparent = false,
            TRACESTATE => written.tracestate = Part::Nothing,
            BAGGAGE => written.baggage = Part::Nothing,
            _ => {}
        }
    }
    Some(written)
}

/// Returns the cost of each field as an attribute of a message with at most `limit` attributes; `None` if
/// [`inject_attributes`] would write nothing, whatever the room.
pub fn attribute_costs(map: &impl AttributeMap, fields: &Fields, limit: usize) -> Option<Costs> {
    let slots = limit.saturating_sub(map.count());
    if slots == 0 || map.contains(TRACEPARENT) {
        return None;
    }
    let mut costs = Costs::of(fields, 0, cost, |name| map.contains(name));
    let mut left = slots;
    let all = [
        &mut costs.traceparent,
        &mut costs.tracestate,
        &mut costs.baggage,
    ];
    for cost in all.into_iter().filter(|cost| **cost > 0) {
        match left.checked_sub(1) {
            Some(fewer) => left = fewer,
            None => *cost = 0,
        }
    }
    Some(costs)
}

impl Fields {
    /// Returns the fields for an SNS message, if they have to differ: without the members of `tracestate`
    /// that contain a `"` or a `\`, and with spaces instead of tabs in baggage.
    ///
    /// A subscription with a filter policy does not receive a message that has a `"` in any attribute of type
    /// `String`, whichever attributes the policy names: SNS seems to insert the values into JSON without
    /// escaping. Both characters are legal in a `tracestate`, whose members may be dropped (Trace Context,
    /// section 3.5). An attribute of type `Binary`, which filters ignore, is no alternative, because most
    /// readers do not read it. Baggage is percent-encoded, except for the tabs around its properties.
    #[must_use]
    pub fn for_filters(&self) -> Option<Self> {
        let is_wrong = |list: &str| list.contains(['"', '\\']);
        let has_tab = |list: &str| list.contains('\t');
        if !self.tracestate().is_some_and(is_wrong) && !self.baggage().is_some_and(has_tab) {
            return None;
        }
        let mut fields = self.clone();
        fields.tracestate = self.tracestate().and_then(|list| {
            let members: Vec<_> = list.split(',').filter(|it| !is_wrong(it)).collect();
            (!members.is_empty()).then(|| members.join(","))
        });
        fields.baggage = self.baggage().map(|list| list.replace('\t', " "));
        Some(fields)
    }
}

fn cost(name: &str, value: &str) -> usize {
    name.len() + TYPE_BYTES + value.len()
}

#[cfg(test)]
mod tests {
    use opentelemetry::propagation::TextMapPropagator as _;

    use super::*;
    use crate::w3c::W3cPropagator;

    fn fields(tracestate: &str) -> Fields {
        let headers = std::collections::HashMap::from(
            [
                (
                    TRACEPARENT,
                    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                ),
                (TRACESTATE, tracestate),
                (BAGGAGE, "k=v"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        Fields::from_context(&W3cPropagator::new().extract(&headers))
    }

    #[test]
    fn only_members_that_break_a_filter_are_left_out() {
        assert!(fields("a=1,b=2").for_filters().is_none());
        for (tracestate, kept) in [
            (r#"a="1",b=2,c=3"#, Some("b=2,c=3")),
            (r"a=1\,b=2", Some("b=2")),
            (r#"a=""#, None),
        ] {
            let whole = fields(tracestate);
            assert_eq!(whole.tracestate(), Some(tracestate), "a legal one");
            let fields = whole.for_filters().unwrap();
            assert_eq!(fields.tracestate(), kept);
            assert_eq!(fields.traceparent(), whole.traceparent());
            assert_eq!(fields.baggage(), Some("k=v"));
        }
    }
}
