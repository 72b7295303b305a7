//! Compiled conditions.

/// A condition on the facts of a trace or of a span.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// All of these leaves are met, and all of these nodes hold.
    All(u64, Box<[Node]>),
    /// At least one of these leaves is met, or one of these nodes holds.
    Any(u64, Box<[Node]>),
    Not(Box<Node>),
    Spans {
        least: u32,
        most: u32,
    },
    Extent {
        least: u64,
        most: u64,
    },
}

/// The facts that a node is evaluated on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    /// The leaves that are met.
    pub(super) conditions: u64,
    pub(super) spans: u32,
    /// Duration from the first start to the last end, in nanoseconds.
    pub(super) extent: Option<u64>,
}

impl Node {
    /// Returns whether the condition holds. Compiled conditions are only nested a few levels deep.
    pub(super) fn holds(&self, facts: &Facts) -> bool {
        match self {
            Self::All(leaves, nodes) => {
                facts.conditions & leaves == *leaves && nodes.iter().all(|node| node.holds(facts))
            }
            Self::Any(leaves, nodes) => {
                facts.conditions & leaves != 0 || nodes.iter().any(|node| node.holds(facts))
            }
            Self::Not(node) => !node.holds(facts),
            Self::Spans { least, most } => (*least..=*most).contains(&facts.spans),
            Self::Extent { least, most } => facts
                .extent
                .is_some_and(|extent| (*least..=*most).contains(&extent)),
        }
    }

    /// Returns the leaves that the condition uses.
    pub(super) fn leaves(&self) -> u64 {
        match self {
            Self::All(leaves, nodes) | Self::Any(leaves, nodes) => nodes
                .iter()
                .fold(*leaves, |leaves, node| leaves | node.leaves()),
            Self::Not(node) => node.leaves(),
            Self::Spans { .. } | Self::Extent { .. } => 0,
        }
    }

    /// Returns whether the condition uses the extent of the trace.
    pub(super) fn asks_extent(&self) -> bool {
        match self {
            Self::All(_, nodes) | Self::Any(_, nodes) => nodes.iter().any(Self::asks_extent),
            Self::Not(node) => node.asks_extent(),
            Self::Spans { .. } => false,
            Self::Extent { .. } => true,
        }
    }
}
