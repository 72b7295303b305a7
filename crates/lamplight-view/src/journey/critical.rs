//! The critical path: what would have to be faster for the journey to end earlier.
//!
//! It is walked backwards: from what ends last, and from each of its parents at the time it handed
//! over, to whatever ended last before that, and so on down to the first.

use super::{Node, Place};

/// Marks the nodes on the critical path.
pub(super) fn mark(nodes: &mut [Node]) {
    let last = nodes.iter().enumerate().max_by_key(|(place, node)| {
        // Of several, the one nearest to the root, and there the first.
        (node.end, std::cmp::Reverse(*place))
    });
    let Some((last, end)) = last.map(|(place, node)| (place, node.end)) else {
        return;
    };
    // Nodes, and the time up to which they are looked at.
    let mut open: Vec<(Place, u64)> = Vec::new();
    let (mut at, mut until) = (Some(last), end);
    while let Some(place) = at {
        let Some(node) = nodes.get_mut(place) else {
            break;
        };
        node.critical = true;
        open.push((place, until));
        (at, until) = (node.parent, until.min(node.underway()));
    }
    while let Some((place, mut until)) = open.pop() {
        let Some(node) = nodes.get(place) else {
            continue;
        };
        let mut children: Vec<(u64, Place)> = (node.children.iter())
            .filter_map(|child| Some((nodes.get(*child)?.end, *child)))
            .collect();
        children.sort_unstable_by_key(|(end, child)| std::cmp::Reverse((*end, *child)));
        for (end, child) in children {
            let Some(child_node) = nodes.get_mut(child) else {
                continue;
            };
            if end > until || child_node.critical {
                continue;
            }
            child_node.critical = true;
            open.push((child, end));
            until = child_node.underway();
        }
    }
}
