//! Selection of the rows of a long trace, and the number of folded spans below each row.

use std::collections::VecDeque;

use super::survey::Survey;
use crate::{
    facts::Outcome,
    journey::{Journey, NodeKind, Place},
    span::SpanId,
};

/// Maximum number of children of one span that are chosen before those of others.
const FIRST: usize = 100;

/// A row of the waterfall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    /// A node of the journey.
    Node(Place),
    /// Nodes without their own rows.
    Folded {
        /// The node they are below, which determines their depth; `None` for roots.
        below: Option<Place>,
        /// Their number.
        count: u64,
        /// The first of them.
        first: Place,
    },
}

/// Returns the rows of a journey, at most `limit`; all other nodes are counted.
///
/// A selected span has a row, and its descendants and siblings come first. Failures with their
/// ancestors follow, for half of the room, and then the highest spans.
pub(super) fn rows(
    journey: &Journey,
    survey: &Survey<'_>,
    limit: usize,
    selected: Option<SpanId>,
) -> Vec<Row> {
    let nodes = journey.nodes.len();
    if nodes <= limit {
        return (0..nodes).map(Row::Node).collect();
    }
    let mut choice = Choice {
        journey,
        taken: vec![false; nodes],
        room: limit.max(1),
        at_first: (limit / 8).clamp(1, FIRST),
    };
    let chosen = selected.and_then(|id| place_of(journey, id));
    if let Some(place) = chosen {
        choice.take(place);
        choice.above(place, limit / 4);
        choice.below([place], limit / 2);
        choice.beside(place, limit / 4);
    }
    let failed = survey.briefs.iter().enumerate();
    let failed = failed.filter(|(_, brief)| brief.outcome != Outcome::Ok);
    let reserve = choice.room / 2;
    for (place, _) in failed.take(limit) {
        let budget = choice.room.saturating_sub(reserve);
        if budget == 0 {
            break;
        }
        choice.with_above(place, budget);
    }
    let roots =
        |(place, node): (Place, &crate::journey::Node)| node.parent.is_none().then_some(place);
    let roots = journey.nodes.iter().enumerate().filter_map(roots);
    let room = choice.room;
    choice.below(roots.take(limit), room);
    choice.into_rows()
}

fn place_of(journey: &Journey, id: SpanId) -> Option<Place> {
    journey.nodes.iter().position(|node| match &node.kind {
        NodeKind::Span(span) => span.span_id == id,
        NodeKind::Missing(missing) => *missing == id,
    })
}

struct Choice<'a> {
    journey: &'a Journey,
    taken: Vec<bool>,
    room: usize,
    /// Number of children of one span that are chosen before those of others.
    at_first: usize,
}

impl Choice<'_> {
    fn is_taken(&self, place: Place) -> bool {
        self.taken.get(place).copied().unwrap_or(true)
    }

    /// Chooses a node if there is room; returns whether it has a row now.
    fn take(&mut self, place: Place) -> bool {
        if self.is_taken(place) {
            return true;
        }
        let Some(taken) = self.taken.get_mut(place) else {
            return false;
        };
        if self.room == 0 {
            return false;
        }
        self.room -= 1;
        *taken = true;
        true
    }

    fn parent(&self, place: Place) -> Option<Place> {
        self.journey.nodes.get(place)?.parent
    }

    fn children(&self, place: Place) -> &[Place] {
        let node = self.journey.nodes.get(place);
        node.map_or(&[], |node| &node.children)
    }

    /// Chooses the ancestors of a node, the nearest first.
    fn above(&mut self, place: Place, budget: usize) {
        let mut at = self.parent(place);
        for _ in 0..budget {
            let Some(parent) = at else { return };
            self.take(parent);
            at = self.parent(parent);
        }
    }

    /// Chooses a node with all its ancestors, or nothing if these exceed `budget`.
    fn with_above(&mut self, place: Place, budget: usize) {
        let mut chain = Vec::new();
        let mut at = Some(place);
        while let Some(place) = at.filter(|place| !self.is_taken(*place)) {
            if chain.len() == budget {
                return;
            }
            chain.push(place);
            at = self.parent(place);
        }
        for place in chain {
            self.take(place);
        }
    }

    /// Chooses the siblings that follow a node.
    fn beside(&mut self, place: Place, budget: usize) {
        let siblings: Vec<Place> = match self.parent(place) {
            Some(parent) => self.children(parent).to_vec(),
            None => {
                let nodes = self.journey.nodes.iter().enumerate().skip(place);
                let roots = nodes.filter(|(_, node)| node.parent.is_none());
                roots.map(|(place, _)| place).take(budget + 1).collect()
            }
        };
        let following = siblings.into_iter().filter(|other| *other > place);
        for sibling in following.take(budget) {
            self.take(sibling);
        }
    }

    /// Chooses nodes and their descendants level by level, with the first children of each parent
    /// first.
    fn below(&mut self, places: impl IntoIterator<Item = Place>, budget: usize) {
        let least = self.room.saturating_sub(budget);
        let first = self.at_first;
        let mut level: VecDeque<Place> = places.into_iter().collect();
        let mut later: VecDeque<(Place, usize)> = VecDeque::new();
        loop {
            while let Some(place) = level.pop_front() {
                if self.room <= least && !self.is_taken(place) || !self.take(place) {
                    return;
                }
                let children = self.children(place);
                level.extend(children.iter().take(first));
                if children.len() > first {
                    later.push_back((place, first));
                }
            }
            let Some((parent, from)) = later.pop_front() else {
                return;
            };
            let children = self.children(parent);
            level.extend(children.iter().skip(from).take(first));
            if children.len() > from + first {
                later.push_back((parent, from + first));
            }
        }
    }

    /// Returns the rows in the order of the journey. Nodes without a row are counted after the
    /// visible descendants of their parent.
    fn into_rows(self) -> Vec<Row> {
        // Nodes without a row belong to their nearest ancestor with one: parents come first.
        let mut owners: Vec<Option<Place>> = Vec::with_capacity(self.taken.len());
        let mut hidden: Vec<(u64, Place)> = vec![(0, 0); self.taken.len() + 1];
        let last = self.taken.len();
        for (place, taken) in self.taken.iter().enumerate() {
            let above = self.parent(place).filter(|parent| *parent < place);
            let owner = match (taken, above) {
                (true, _) => Some(place),
                (false, Some(parent)) => owners.get(parent).copied().flatten(),
                (false, None) => None,
            };
            owners.push(owner);
            if !taken && let Some((count, first)) = hidden.get_mut(owner.unwrap_or(last)) {
                if *count == 0 {
                    *first = place;
                }
                *count += 1;
            }
        }
        let mut rows = Vec::new();
        let mut open: Vec<Place> = Vec::new();
        let mut close = |rows: &mut Vec<Row>, owner: Option<Place>| {
            if let Some((count, first)) = hidden.get_mut(owner.unwrap_or(last))
                && *count > 0
            {
                rows.push(Row::Folded {
                    below: owner,
                    count: std::mem::take(count),
                    first: *first,
                });
            }
        };
        for (place, _) in self.taken.iter().enumerate().filter(|(_, taken)| **taken) {
            // Only the ancestors of this one stay open.
            let above = self.parent(place).filter(|parent| *parent < place);
            let owner = above.and_then(|parent| owners.get(parent).copied().flatten());
            while let Some(top) = open.last().copied().filter(|top| Some(*top) != owner) {
                open.pop();
                close(&mut rows, Some(top));
            }
            rows.push(Row::Node(place));
            open.push(place);
        }
        while let Some(top) = open.pop() {
            close(&mut rows, Some(top));
        }
        close(&mut rows, None);
        rows
    }
}
