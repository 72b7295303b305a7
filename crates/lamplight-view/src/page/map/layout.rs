//! Positions for the nodes and edges of a graph, in layers from left to right.
//!
//! The steps are those of Sugiyama, Tagawa and Toda (1981): edges that close a cycle are reversed;
//! each node is placed in the layer after the last of its predecessors; edges over several layers
//! are split at intermediate points; each layer is sorted by the mean position of the neighbors
//! until the number of crossings no longer decreases; and connected nodes are placed at the same
//! level if there is room.

use std::collections::VecDeque;

use super::graph::Graph;

/// A graph with positions. Distances are in layers horizontally and in rows vertically.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Layout {
    /// For each node, its layer and its row.
    pub(super) nodes: Vec<(usize, f64)>,
    /// For each edge, the rows at which it passes the layers from its start to its end, both
    /// included; a single row for an edge from a node to itself.
    pub(super) edges: Vec<Vec<f64>>,
    /// Number of layers.
    pub(super) layers: usize,
    /// Number of rows.
    pub(super) rows: f64,
}

/// Returns the layout of a graph with this number of nodes. Both ends of each edge must be among
/// them.
pub(super) fn layout(nodes: usize, edges: &[(usize, usize)]) -> Layout {
    let forward = open_rings(nodes, edges);
    let mut graph = Graph::new(&layers(nodes, &forward));
    let ways: Vec<Vec<usize>> = forward.iter().map(|edge| graph.way(*edge)).collect();
    graph.sort();
    let rows = graph.rows();
    let row = |point: &usize| rows.get(*point).copied().unwrap_or_default();
    let turned = |(way, (from, to)): (&Vec<usize>, &(usize, usize))| {
        let mut passed: Vec<f64> = way.iter().map(row).collect();
        if way.first() != Some(from) && from != to {
            passed.reverse();
        }
        passed
    };
    Layout {
        nodes: (0..nodes)
            .map(|node| (graph.layer_of(node), row(&node)))
            .collect(),
        edges: ways.iter().zip(edges).map(turned).collect(),
        layers: graph.len(),
        rows: rows.iter().copied().fold(0.0, f64::max) + 1.0,
    }
}

/// Returns the edges, with those that would close a cycle reversed.
fn open_rings(nodes: usize, edges: &[(usize, usize)]) -> Vec<(usize, usize)> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        Above,
        Done,
    }
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    let mut targets = vec![false; nodes];
    for (from, to) in edges.iter().filter(|(from, to)| from != to) {
        if let Some(it) = out.get_mut(*from) {
            it.push(*to);
        }
        if let Some(it) = targets.get_mut(*to) {
            *it = true;
        }
    }
    let mut seen = vec![Seen::No; nodes];
    let mut ranks = vec![0; nodes];
    let mut next_rank = nodes;
    // Nodes without predecessors come first, so that cycles are broken at their far end.
    let target = |node: &usize| targets.get(*node).copied().unwrap_or_default();
    let begins = (0..nodes)
        .filter(|it| !target(it))
        .chain((0..nodes).filter(target));
    for root in begins {
        let mut stack = vec![(root, 0)];
        while let Some((node, child)) = stack.pop() {
            let Some(state) = seen.get_mut(node) else {
                continue;
            };
            if child == 0 {
                if *state != Seen::No {
                    continue;
                }
                *state = Seen::Above;
            }
            match out.get(node).and_then(|it| it.get(child)) {
                Some(below) => {
                    stack.push((node, child + 1));
                    stack.push((*below, 0));
                }
                None if *state == Seen::Above => {
                    *state = Seen::Done;
                    next_rank -= 1;
                    if let Some(it) = ranks.get_mut(node) {
                        *it = next_rank;
                    }
                }
                None => {}
            }
        }
    }
    // Nodes are ranked by when the search left them, the last first: an edge against that order
    // closes a cycle.
    let rank = |node: usize| ranks.get(node).copied().unwrap_or_default();
    let turn = |(from, to): &(usize, usize)| {
        if rank(*from) > rank(*to) {
            (*to, *from)
        } else {
            (*from, *to)
        }
    };
    edges.iter().map(turn).collect()
}

/// Returns the layer of each node: the one after the last of its predecessors, or just before the
/// first of its successors if it has no predecessors.
fn layers(nodes: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let edges: Vec<_> = edges.iter().filter(|(from, to)| from != to).collect();
    let mut waiting = vec![0_usize; nodes];
    for (_, to) in &edges {
        if let Some(it) = waiting.get_mut(*to) {
            *it += 1;
        }
    }
    let begins: Vec<bool> = waiting.iter().map(|it| *it == 0).collect();
    let mut layer = vec![0_usize; nodes];
    let mut ready: VecDeque<usize> = (0..nodes)
        .filter(|it| begins.get(*it) == Some(&true))
        .collect();
    while let Some(node) = ready.pop_front() {
        let next = layer.get(node).copied().unwrap_or_default() + 1;
        for (_, to) in edges.iter().filter(|(from, _)| *from == node) {
            if let (Some(layer), Some(waiting)) = (layer.get_mut(*to), waiting.get_mut(*to)) {
                *layer = next.max(*layer);
                *waiting -= 1;
                if *waiting == 0 {
                    ready.push_back(*to);
                }
            }
        }
    }
    for node in 0..nodes {
        let after = edges.iter().filter(|(from, _)| *from == node);
        let first = after.filter_map(|(_, to)| layer.get(*to)).min().copied();
        if let (Some(first), Some(true), Some(layer)) =
            (first, begins.get(node), layer.get_mut(node))
        {
            *layer = first.saturating_sub(1);
        }
    }
    layer
}

#[cfg(test)]
mod tests {
    use super::{Layout, layout};

    fn assert_apart(layout: &Layout) {
        for (index, a) in layout.nodes.iter().enumerate() {
            for b in &layout.nodes[index + 1..] {
                assert!(a.0 != b.0 || (a.1 - b.1).abs() > 0.99, "{layout:?}");
            }
        }
    }

    #[test]
    fn a_chain_is_a_line() {
        let layout = layout(3, &[(0, 1), (1, 2)]);
        assert_eq!(layout.nodes, [(0, 0.0), (1, 0.0), (2, 0.0)]);
        assert_eq!((layout.layers, layout.rows), (3, 1.0));
    }

    #[test]
    fn a_ring_and_a_node_that_calls_itself_are_drawn() {
        let layout = layout(3, &[(0, 1), (1, 2), (2, 0), (1, 1)]);
        assert_eq!(
            layout.nodes.iter().map(|it| it.0).collect::<Vec<_>>(),
            [0, 1, 2]
        );
        assert_eq!(layout.edges[2].len(), 3);
        assert_eq!(layout.edges[3].len(), 1);
        assert_apart(&layout);
    }

    #[test]
    fn an_edge_over_a_layer_passes_beside_the_node_there() {
        let layout = layout(3, &[(0, 1), (1, 2), (0, 2)]);
        assert!((layout.edges[2][1] - layout.nodes[1].1).abs() > 0.99);
    }

    #[test]
    fn edges_cross_only_where_they_must() {
        // In the given order, the edges would cross.
        let layout = layout(4, &[(0, 3), (1, 2)]);
        let above = layout.nodes[0].1 < layout.nodes[1].1;
        assert_eq!(above, layout.nodes[3].1 < layout.nodes[2].1);
    }

    #[test]
    fn nodes_never_lie_on_each_other() {
        // All pairs of 12 nodes in both directions, and some isolated nodes.
        let pairs = (0..12).flat_map(|from| (0..12).map(move |to| (from, to)));
        let edges: Vec<_> = pairs
            .filter(|(from, to)| (from * 7 + to * 5) % 4 == 0)
            .collect();
        assert_apart(&layout(15, &edges));
        assert_eq!(layout(0, &[]).rows, 1.0);
    }
}
