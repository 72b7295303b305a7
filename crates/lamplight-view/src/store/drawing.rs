//! The map under construction, from the traffic of spans.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

use super::{
    Edge, Map, Node, NodeKind,
    calls::{NAMES, Way},
};

/// Maximum length of a chain of spans in managed services.
const CHAIN: usize = 8;

/// A span with traffic for the map. `Id` identifies a span in its store.
#[derive(Clone, Copy)]
pub(super) struct Traffic<Id> {
    pub(super) way: Way,
    pub(super) function: usize,
    pub(super) other: usize,
    pub(super) parent: Option<Id>,
    pub(super) sum: Sum,
}

/// The totals of an edge.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) count: u64,
    pub(super) errors: u64,
    pub(super) wait: u64,
    pub(super) waits: u64,
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.errors += other.errors;
        self.wait = self.wait.saturating_add(other.wait);
        self.waits += other.waits;
    }
}

/// A map under construction. Nodes are numbered in the order of their occurrence.
pub(super) struct Drawing<Id> {
    nodes: HashMap<NodeKind, HashMap<String, usize>>,
    /// For each node, the most frequent of the attributes with its name, as an index in [`NAMES`].
    named_by: Vec<usize>,
    edges: HashMap<(usize, usize), Sum>,
    /// Edges of batches, which count only if the messages have no edges of their own.
    of_batches: HashMap<(usize, usize), Sum>,
    /// Possible ancestors of a span.
    above: HashMap<Id, (Way, usize, usize, Option<Id>)>,
    /// Records and requests, to be joined with their ancestors.
    below: Vec<Traffic<Id>>,
}

impl<Id> Default for Drawing<Id> {
    fn default() -> Self {
        Self {
            nodes: HashMap::new(),
            named_by: Vec::new(),
            edges: HashMap::new(),
            of_batches: HashMap::new(),
            above: HashMap::new(),
            below: Vec::new(),
        }
    }
}

impl<Id: Copy + Eq + Hash> Drawing<Id> {
    /// Returns the number of a node. `named_by` is an index in [`NAMES`].
    pub(super) fn node(&mut self, kind: NodeKind, name: &str, named_by: usize) -> usize {
        let names = self.nodes.entry(kind).or_default();
        if let Some(node) = names.get(name) {
            if let Some(known) = self.named_by.get_mut(*node) {
                *known = named_by.min(*known);
            }
            return *node;
        }
        let node = self.named_by.len();
        self.named_by.push(named_by);
        names.insert(name.to_owned(), node);
        node
    }

    /// Adds the traffic of a span.
    pub(super) fn add(&mut self, id: Id, call: Traffic<Id>) {
        let Traffic {
            way,
            function,
            other,
            parent,
            sum,
        } = call;
        match way {
            Way::To | Way::Through => {
                self.above.insert(id, (way, function, other, parent));
            }
            Way::From | Way::AllFrom | Way::Called if parent.is_some() => self.below.push(call),
            Way::From | Way::AllFrom | Way::Called => {}
        }
        let edges = &mut self.edges;
        match way {
            Way::To => edges.entry((function, other)).or_default().add(sum),
            Way::From => edges.entry((other, function)).or_default().add(sum),
            Way::AllFrom => {
                let of_batch = self.of_batches.entry((other, function));
                of_batch.or_default().add(sum);
            }
            Way::Called if parent.is_none() => {
                edges.entry((other, function)).or_default().add(sum);
            }
            Way::Called | Way::Through => {}
        }
    }

    /// Adds the way of a message or request from its sender to its receiver.
    fn join(&mut self, call: &Traffic<Id>) {
        let mut target = if call.way == Way::Called {
            call.function
        } else {
            call.other
        };
        let mut parent = call.parent;
        let sum = Sum {
            count: 1,
            ..Sum::default()
        };
        for _ in 0..CHAIN {
            let Some((way, function, other, above)) = parent.and_then(|id| self.above.get(&id))
            else {
                return;
            };
            // The caller of a function did not call a service of that name, but it is the same
            // edge.
            let source = match (call.way, way) {
                (Way::Called, Way::To) => *function,
                _ => *other,
            };
            if source != target && (call.way != Way::Called || *way == Way::To) {
                let edge = self.edges.entry((source, target)).or_default();
                edge.add(sum);
            }
            if *way == Way::To {
                return;
            }
            if call.way != Way::Called {
                target = *other;
            }
            parent = *above;
        }
    }

    /// Returns the map.
    pub(super) fn finish(mut self) -> Map {
        for call in std::mem::take(&mut self.below) {
            self.join(&call);
        }
        for (edge, sum) in self.of_batches {
            self.edges.entry(edge).or_insert(sum);
        }
        let mut named = BTreeMap::new();
        for (kind, names) in self.nodes {
            for (name, node) in names {
                let named_by = self.named_by.get(node).and_then(|place| NAMES.get(*place));
                let node_of = Node {
                    kind,
                    name,
                    named_by: named_by.copied(),
                };
                named.insert(node_of, node);
            }
        }
        // Only nodes with edges, in their order.
        let is_used = |node: usize| {
            self.edges
                .keys()
                .any(|(from, to)| *from == node || *to == node)
        };
        let mut places = HashMap::new();
        let mut map = Map::default();
        for (node, number) in named {
            if node.kind == NodeKind::Function || is_used(number) {
                places.insert(number, map.nodes.len());
                map.nodes.push(node);
            }
        }
        map.edges = (self.edges.iter())
            .filter_map(|((from, to), sum)| {
                Some(Edge {
                    from: *places.get(from)?,
                    to: *places.get(to)?,
                    count: sum.count,
                    errors: sum.errors,
                    wait: sum.wait.checked_div(sum.waits),
                })
            })
            .collect();
        map.edges.sort_by_key(|edge| (edge.from, edge.to));
        map
    }
}
