//! Division of one size limit among the messages of a batch.

use super::Fields;
use crate::w3c::{BAGGAGE, TRACEPARENT, TRACESTATE};

/// The cost of each field in one message, in bytes: zero for a field that is absent or already set by the
/// user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Costs {
    /// The cost of the `traceparent`, which the receiver needs to continue the trace.
    pub traceparent: usize,
    /// The cost of all members of the `tracestate`.
    pub tracestate: usize,
    /// The cost of all baggage entries.
    pub baggage: usize,
}

impl Costs {
    pub(super) fn of(
        fields: &Fields,
        around: usize,
        cost: impl Fn(&str, &str) -> usize,
        taken: impl Fn(&str) -> bool,
    ) -> Self {
        let mut costs = Self::default();
        let mut around = around;
        for (name, value) in fields.iter().filter(|(name, _)| !taken(name)) {
            let slot = match name {
                TRACEPARENT => &mut costs.traceparent,
                TRACESTATE => &mut costs.tracestate,
                BAGGAGE => &mut costs.baggage,
                _ => continue,
            };
            // The first field includes the cost of the surrounding text.
            *slot = cost(name, value) + std::mem::take(&mut around);
        }
        costs
    }

    /// Returns the sum of the costs.
    #[must_use]
    pub fn sum(&self) -> usize {
        self.traceparent + self.tracestate + self.baggage
    }

    /// Returns the costs in a message that may grow by at most `most` bytes: baggage is dropped before
    /// `tracestate`. Without room for the `traceparent`, all costs are zero.
    #[must_use]
    pub fn within(self, most: usize) -> Self {
        let Some(rest) = most.checked_sub(self.traceparent) else {
            return Self::default();
        };
        let tracestate = self.tracestate.min(rest);
        Self {
            tracestate,
            baggage: self.baggage.min(rest - tracestate),
            ..self
        }
    }
}

/// Divides `room`, in bytes, among the messages of a batch. Returns the number of bytes by which each may
/// grow.
///
/// The fields that a trace needs come first: the `traceparent` of every message, in order. What is left is
/// divided in equal shares among the messages with a `tracestate`, and after that among those with baggage. A
/// message without room for its `traceparent` gets nothing.
///
/// # Examples
///
/// ```
/// use lamplight_propagation::outbound::{Costs, share_room};
///
/// let mut costs = Costs::default();
/// (costs.traceparent, costs.baggage) = (72, 500);
/// assert_eq!(share_room(144 + 600, &[costs, costs]), [72 + 300, 72 + 300]);
/// assert_eq!(share_room(100, &[costs, costs]), [72 + 28, 0]);
/// ```
#[must_use]
pub fn share_room(room: usize, costs: &[Costs]) -> Vec<usize> {
    let mut left = room;
    let mut shares = Vec::with_capacity(costs.len());
    shares.extend(costs.iter().map(|of| {
        let rest = left.checked_sub(of.traceparent)?;
        left = rest;
        Some(of.traceparent)
    }));
    for list in [|of: &Costs| of.tracestate, |of: &Costs| of.baggage] {
        let lists = shares.iter_mut().zip(costs);
        let lists = lists.filter_map(|(share, of)| Some((share.as_mut()?, list(of))));
        let mut lists: Vec<_> = lists.filter(|(_, cost)| *cost > 0).collect();
        // The smallest first: the room they leave goes to the others.
        lists.sort_unstable_by_key(|(_, cost)| *cost);
        let mut waiting = lists.len();
        for (share, cost) in lists {
            let given = cost.min(left / waiting);
            *share += given;
            left -= given;
            waiting -= 1;
        }
    }
    shares.into_iter().map(Option::unwrap_or_default).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn costs() -> impl Strategy<Value = Costs> {
        (0..100_usize, 0..100_usize, 0..2000_usize).prop_map(
            |(traceparent, tracestate, baggage)| Costs {
                traceparent,
                tracestate,
                baggage,
            },
        )
    }

    proptest! {
        #[test]
        fn what_a_trace_needs_comes_first_and_no_more_is_given_than_there_is(
            room in 0..6000_usize,
            costs in prop::collection::vec(costs(), 0..10),
        ) {
            let shares = share_room(room, &costs);
            prop_assert_eq!(shares.len(), costs.len());
            prop_assert!(shares.iter().sum::<usize>() <= room);
            let parents: usize = costs.iter().map(|of| of.traceparent).sum();
            let states: usize = costs.iter().map(|of| of.tracestate).sum();
            let all: usize = costs.iter().map(Costs::sum).sum();
            for (share, of) in shares.iter().zip(&costs) {
                prop_assert!(*share <= of.sum());
                prop_assert!(parents > room || *share >= of.traceparent);
                prop_assert!(parents + states > room || *share >= of.traceparent + of.tracestate);
                prop_assert!(all > room || *share == of.sum());
            }
        }

        #[test]
        fn equal_messages_get_equal_shares(
            room in 0..20_000_usize,
            count in 1..10_usize,
            one in costs(),
        ) {
            let shares = share_room(room, &vec![one; count]);
            if count * one.traceparent <= room {
                let (least, most) = (shares.iter().min(), shares.iter().max());
                prop_assert!(most.unwrap() - least.unwrap() <= 2);
            }
        }
    }
}
