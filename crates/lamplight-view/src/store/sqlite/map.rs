//! Traffic between functions, queues and other services.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;

use super::{
    entry::{NAMES, Way},
    invocations::bounds,
    number::counted,
    origin::recorders,
};
use crate::store::{Edge, Map, Node, NodeKind, StoreError, Window};

/// Maximum length of a chain of spans in managed services.
const CHAIN: usize = 8;

/// Returns the map of a window.
pub(super) fn map(connection: &Connection, window: Window) -> Result<Map, StoreError> {
    let Some((first, last)) = bounds(window, None) else {
        return Ok(Map::default());
    };
    let mut drawing = Drawing::default();
    let mut functions = HashMap::new();
    for (origin, recorder) in recorders(connection)? {
        functions.insert(
            origin,
            drawing.node(NodeKind::Function, &recorder.function, NAMES.len()),
        );
    }
    let mut select = connection.prepare_cached(
        "SELECT trace, span, parent, way, origin, kind, failed, amount, wait, name,
         named_by FROM calls
         WHERE start BETWEEN ?1 AND ?2",
    )?;
    let mut rows = select.query((first, last))?;
    while let Some(row) = rows.next()? {
        let trace = row.get(0)?;
        let kind = kind(row.get(5)?);
        let name = row.get_ref(9)?.as_str().unwrap_or_default();
        let named_by = usize::try_from(row.get::<_, i64>(10)?).unwrap_or(NAMES.len());
        let other = drawing.node(kind, name, named_by);
        let Some(function) = functions.get(&row.get(4)?).copied() else {
            continue;
        };
        let parent = match row.get(2)? {
            0 => None,
            parent => Some((trace, parent)),
        };
        let call = Call {
            way: way(row.get(3)?),
            function,
            other,
            parent,
            sum: Sum {
                count: counted(row.get(7)?),
                errors: u64::from(row.get::<_, bool>(6)?),
                wait: row.get::<_, Option<i64>>(8)?.map_or(0, counted),
                waits: u64::from(row.get_ref(8)?.as_i64().is_ok()),
            },
        };
        drawing.add((trace, row.get(1)?), call);
    }
    Ok(drawing.finish())
}

fn way(number: i64) -> Way {
    let all = [Way::To, Way::From, Way::AllFrom, Way::Through, Way::Called];
    let place = usize::try_from(number).unwrap_or_default();
    all.get(place).copied().unwrap_or(Way::To)
}

fn kind(number: i64) -> NodeKind {
    let all = [
        NodeKind::Client,
        NodeKind::Function,
        NodeKind::Queue,
        NodeKind::Topic,
        NodeKind::Bus,
        NodeKind::Stream,
        NodeKind::Table,
        NodeKind::Bucket,
        NodeKind::Service,
    ];
    let place = usize::try_from(number).unwrap_or_default();
    all.get(place).copied().unwrap_or(NodeKind::Service)
}

/// A span of a trace, by its number.
type Id = (i64, i64);

/// A span with traffic for the map.
#[derive(Clone, Copy)]
struct Call {
    way: Way,
    function: usize,
    other: usize,
    parent: Option<Id>,
    sum: Sum,
}

/// The totals of an edge.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    count: u64,
    errors: u64,
    wait: u64,
    waits: u64,
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
#[derive(Default)]
struct Drawing {
    nodes: HashMap<NodeKind, HashMap<String, usize>>,
    /// For each node, the most frequent of the attributes with its name, as an index in [`NAMES`].
    named_by: Vec<usize>,
    edges: HashMap<(usize, usize), Sum>,
    /// Edges of batches, which count only if the messages have no edges of their own.
    of_batches: HashMap<(usize, usize), Sum>,
    /// Possible ancestors of a span.
    above: HashMap<Id, (Way, usize, usize, Option<Id>)>,
    /// Records and requests, to be joined with their ancestors.
    below: Vec<Call>,
}

impl Drawing {
    fn node(&mut self, kind: NodeKind, name: &str, named_by: usize) -> usize {
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

    fn add(&mut self, id: Id, call: Call) {
        let Call {
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
    fn join(&mut self, call: &Call) {
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

    fn finish(mut self) -> Map {
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
