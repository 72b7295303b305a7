//! The critical path: the work that would have to be faster for the journey to end earlier.
//!
//! The search goes backward, from the span that ends last. From it, and from each of its parents at
//! the time of the handover, it continues with the span that ended last before that time while they
//! ran, down to the first one. A redelivered message depends on its earlier deliveries.

use std::collections::HashMap;

use super::{Node, Place};

/// Marks the nodes on the critical path.
pub(super) fn mark(nodes: &mut [Node]) {
    let last = nodes.iter().enumerate().max_by_key(|(place, node)| {
        // Of several, the one nearest to the root, and among these the first.
        (node.end, std::cmp::Reverse(*place))
    });
    let Some((last, end)) = last.map(|(place, node)| (place, node.end)) else {
        return;
    };
    let mut deliveries: HashMap<usize, Vec<Place>> = HashMap::new();
    for (place, node) in nodes.iter().enumerate() {
        if let Some(attempts) = node.attempts {
            deliveries.entry(attempts).or_default().push(place);
        }
    }
    let mut path = Path {
        nodes,
        deliveries,
        open: Vec::new(),
    };
    path.up(last, end);
    while let Some((place, until)) = path.open.pop() {
        path.down(place, until);
        path.before(place);
    }
}

struct Path<'a> {
    nodes: &'a mut [Node],
    /// The nodes of each message's deliveries, until they have been visited.
    deliveries: HashMap<usize, Vec<Place>>,
    /// Nodes on the path, each with the time up to which its descendants are visited.
    open: Vec<(Place, u64)>,
}

impl Path<'_> {
    fn add(&mut self, place: Place, until: u64) {
        if let Some(node) = self.nodes.get_mut(place) {
            node.critical = true;
            self.open.push((place, until.min(node.end)));
        }
    }

    /// Visits a node and its ancestors.
    fn up(&mut self, last: Place, end: u64) {
        let (mut at, mut until) = (Some(last), end);
        while let Some(place) = at {
            self.add(place, until);
            at = self.nodes.get(place).and_then(|node| node.parent);
            until = until.min(self.handed_over(place));
        }
    }

    /// Visits the spans that a node waited for.
    fn down(&mut self, place: Place, mut until: u64) {
        let Some(node) = self.nodes.get(place) else {
            return;
        };
        let mut children: Vec<(u64, Place)> = (node.children.iter())
            .filter_map(|child| Some((self.nodes.get(*child)?.end, *child)))
            .collect();
        children.sort_unstable_by_key(|(end, child)| (std::cmp::Reverse(*end), *child));
        for (end, child) in children {
            let is_known = self.nodes.get(child).is_none_or(|child| child.critical);
            if end <= until && !is_known {
                self.add(child, end);
                until = self.handed_over(child);
            }
        }
    }

    /// Visits the earlier deliveries of a node's message.
    fn before(&mut self, place: Place) {
        let Some(node) = self.nodes.get(place) else {
            return;
        };
        let underway = node.underway();
        let deliveries = node.attempts.and_then(|it| self.deliveries.remove(&it));
        for place in deliveries.into_iter().flatten() {
            let Some(node) = self.nodes.get(place) else {
                continue;
            };
            let above = node.parent.and_then(|above| self.nodes.get(above));
            if node.end <= underway && !node.critical && above.is_none_or(|above| above.critical) {
                self.add(place, node.end);
            }
        }
    }

    /// Returns the time at which its parent was done with the work that the node depended on.
    fn handed_over(&self, place: Place) -> u64 {
        let Some(node) = self.nodes.get(place) else {
            return 0;
        };
        let above = node.parent.and_then(|above| self.nodes.get(above));
        let underway = node.underway();
        // Waits before the parent began do not belong to it.
        match above.is_some_and(|above| underway < above.start) {
            true => node.start,
            false => underway,
        }
    }
}
