//! Spans joined by their parents, in the order of display.
//!
//! This module does not use recursion, since a trace can be arbitrarily deep.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{
    Node, NodeKind, Place,
    clocks::{self, Reference},
};
use crate::{
    facts::Role,
    span::{Span, SpanId},
};

/// Nodes, and the index of each span's node.
pub(super) struct Joined {
    pub(super) nodes: Vec<Node>,
    pub(super) places: Vec<Place>,
}

/// Returns a node for each span, and one for each missing parent.
pub(super) fn join(spans: &[Arc<Span>], roles: &[Role]) -> Joined {
    let mut above = above(spans);
    open_rings(spans, &mut above);
    let mut below = Below::default();
    below.spans.resize_with(spans.len(), Vec::new);
    for (index, above) in above.iter().enumerate() {
        match above {
            Above::Nothing => below.tops.push(Item::Span(index)),
            Above::Span(parent) => below
                .spans
                .get_mut(*parent)
                .into_iter()
                .for_each(|it| it.push(index)),
            Above::Missing(id) => below.missing.entry(*id).or_default().push(index),
        }
    }
    below
        .tops
        .extend(below.missing.keys().map(|id| Item::Missing(*id)));
    Layout {
        spans,
        roles,
        below,
        nodes: Vec::with_capacity(spans.len()),
        clocks: Vec::with_capacity(spans.len()),
        places: vec![0; spans.len()],
    }
    .lay()
}

/// The parent of a span.
#[derive(Clone, Copy, PartialEq)]
enum Above {
    Nothing,
    Span(usize),
    Missing(SpanId),
}

/// If several spans have the same id, the first to begin has the children.
fn above(spans: &[Arc<Span>]) -> Vec<Above> {
    let mut first: HashMap<SpanId, usize> = HashMap::with_capacity(spans.len());
    for (index, span) in spans.iter().enumerate() {
        if !span.span_id.is_valid() {
            continue;
        }
        let holder = first.entry(span.span_id).or_insert(index);
        if spans
            .get(*holder)
            .is_some_and(|it| (span.start, span.end) < (it.start, it.end))
        {
            *holder = index;
        }
    }
    let of = |span: &Arc<Span>| match span.parent.filter(SpanId::is_valid) {
        None => Above::Nothing,
        Some(id) => first
            .get(&id)
            .map_or(Above::Missing(id), |it| Above::Span(*it)),
    };
    spans.iter().map(of).collect()
}

/// Breaks cycles, which only a broken recorder creates, above the span that began first.
fn open_rings(spans: &[Arc<Span>], above: &mut [Above]) {
    // The number of the walk that visited a span; 0 for none.
    let mut walks = vec![0_usize; spans.len()];
    for from in 0..spans.len() {
        let (walk, mut at) = (from + 1, from);
        loop {
            match walks.get_mut(at) {
                Some(seen) if *seen == 0 => *seen = walk,
                Some(seen) if *seen == walk => break open_ring(spans, above, at),
                _ => break,
            }
            match above.get(at) {
                Some(Above::Span(parent)) => at = *parent,
                _ => break,
            }
        }
    }
}

fn open_ring(spans: &[Arc<Span>], above: &mut [Above], entry: usize) {
    let start = |index: usize| spans.get(index).map(|span| (span.start, index));
    let (mut first, mut at) = (entry, entry);
    while let Some(Above::Span(parent)) = above.get(at) {
        at = *parent;
        if at == entry {
            break;
        }
        if start(at) < start(first) {
            first = at;
        }
    }
    if let Some(above) = above.get_mut(first) {
        *above = Above::Nothing;
    }
}

#[derive(Clone, Copy)]
enum Item {
    Span(usize),
    Missing(SpanId),
}

#[derive(Default)]
struct Below {
    tops: Vec<Item>,
    spans: Vec<Vec<usize>>,
    missing: BTreeMap<SpanId, Vec<usize>>,
}

/// A node to be added.
struct Next {
    item: Item,
    parent: Option<Place>,
    depth: usize,
    shift: i64,
    start: u64,
}

struct Layout<'a> {
    spans: &'a [Arc<Span>],
    roles: &'a [Role],
    below: Below,
    nodes: Vec<Node>,
    /// For each node, the span whose clock is the reference for its children.
    clocks: Vec<Option<Reference<'a>>>,
    places: Vec<Place>,
}

impl<'a> Layout<'a> {
    fn lay(mut self) -> Joined {
        let tops = std::mem::take(&mut self.below.tops);
        let mut stack: Vec<Next> = (tops.into_iter())
            .map(|item| self.next(item, None, 0, None))
            .collect();
        sort(&mut stack);
        while let Some(next) = stack.pop() {
            let (item, depth) = (next.item, next.depth);
            let place = self.push(&next);
            let children = match item {
                Item::Span(index) => self.below.spans.get_mut(index).map(std::mem::take),
                Item::Missing(id) => self.below.missing.remove(&id),
            };
            let clock = self.clocks.get(place).copied().flatten();
            let mut children: Vec<Next> = (children.into_iter().flatten())
                .map(|child| self.next(Item::Span(child), Some(place), depth + 1, clock))
                .collect();
            sort(&mut children);
            stack.append(&mut children);
        }
        // In reverse order: children come after their parents.
        let mut ends: HashMap<Place, u64> = HashMap::new();
        for (place, node) in self.nodes.iter_mut().enumerate().rev() {
            if let NodeKind::Missing(_) = node.kind {
                node.end = ends.remove(&place).unwrap_or(node.start);
            } else if let (1, Some(parent)) = (node.depth, node.parent) {
                let end = ends.entry(parent).or_default();
                *end = node.end.max(*end);
            }
        }
        Joined {
            nodes: self.nodes,
            places: self.places,
        }
    }

    fn next(
        &self,
        item: Item,
        parent: Option<Place>,
        depth: usize,
        clock: Option<Reference<'a>>,
    ) -> Next {
        let (shift, start) = match item {
            Item::Span(index) => self.spans.get(index).map_or((0, 0), |span| {
                // A hop begins by the clock of the service.
                let clock = clock.filter(|_| !self.is_hop(index));
                let shift = clock.map_or(0, |clock| clocks::shift(span, clock));
                (shift, span.start.saturating_add_signed(shift))
            }),
            Item::Missing(id) => {
                let children = self.below.missing.get(&id).into_iter().flatten();
                let starts = children.filter_map(|child| self.spans.get(*child));
                (0, starts.map(|span| span.start).min().unwrap_or_default())
            }
        };
        Next {
            item,
            parent,
            depth,
            shift,
            start,
        }
    }

    fn is_hop(&self, index: usize) -> bool {
        self.roles.get(index) == Some(&Role::Hop)
    }

    fn push(&mut self, next: &Next) -> Place {
        let place = self.nodes.len();
        let above = next
            .parent
            .and_then(|parent| self.clocks.get(parent))
            .copied()
            .flatten();
        let (kind, end, clock) = match next.item {
            Item::Span(index) => {
                let spans = self.spans;
                let Some(span) = spans.get(index) else {
                    return place;
                };
                if let Some(known) = self.places.get_mut(index) {
                    *known = place;
                }
                let clock = match self.is_hop(index) {
                    true => above,
                    false => Some(Reference {
                        span,
                        shift: next.shift,
                    }),
                };
                (
                    NodeKind::Span(Arc::clone(span)),
                    span.end.saturating_add_signed(next.shift),
                    clock,
                )
            }
            Item::Missing(id) => (NodeKind::Missing(id), next.start, None),
        };
        if let Some(parent) = next.parent.and_then(|parent| self.nodes.get_mut(parent)) {
            parent.children.push(place);
        }
        self.clocks.push(clock);
        self.nodes.push(Node {
            kind,
            parent: next.parent,
            children: Vec::new(),
            depth: next.depth,
            start: next.start,
            end: end.max(next.start),
            shift: next.shift,
            waits: Vec::new(),
            batch: None,
            attempts: None,
            linked_from: Vec::new(),
            critical: false,
            flush: None,
        });
        place
    }
}

/// In reverse order, since items are taken from the end.
fn sort(items: &mut [Next]) {
    items.sort_by_key(|next| std::cmp::Reverse((next.start, next.index())));
}

impl Next {
    fn index(&self) -> usize {
        match self.item {
            Item::Span(index) => index,
            Item::Missing(_) => usize::MAX,
        }
    }
}
