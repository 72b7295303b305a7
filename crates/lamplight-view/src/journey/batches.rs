//! Invocations and their records.
//!
//! A record's span is linked with its invocation's span, which is in another trace, or is below it.
//! If there is a span for all messages of an event, it represents the invocation here.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    Batch, Node,
    material::{Material, by_place},
};
use crate::{
    facts::{Facts, Role},
    span::{Span, SpanRef},
};

/// Returns the batches of the trace's spans, in the order of their first node, and links the nodes
/// to them.
pub(super) fn find(material: &Material, nodes: &mut [Node]) -> Vec<Batch> {
    let known = Known::of(material);
    let mut records: HashMap<SpanRef, Vec<usize>> = HashMap::new();
    let mut batch_of: Vec<Option<SpanRef>> = vec![None; material.spans.len()];
    for (index, (span, id)) in material.spans.iter().zip(&mut batch_of).enumerate() {
        *id = match material.role(index) {
            Role::Record => known.batch_of(span),
            Role::Invocation | Role::Batch => Some(span.id()).filter(|id| id.span.is_valid()),
            _ => None,
        };
        if let (Role::Record, Some(id)) = (material.role(index), *id) {
            records.entry(id).or_default().push(index);
        }
    }

    let mut batches = Vec::new();
    let mut indices: HashMap<SpanRef, Option<usize>> = HashMap::new();
    for place in by_place(material) {
        let Some(id) = batch_of.get(place.index).copied().flatten() else {
            continue;
        };
        let index = *indices.entry(id).or_insert_with(|| {
            let of_batch = records.remove(&id).unwrap_or_default();
            let batch = known.batch(material, id, &of_batch)?;
            batches.push(batch);
            Some(batches.len() - 1)
        });
        if let Some(node) = nodes.get_mut(place.place) {
            node.batch = index;
        }
    }
    batches
}

/// The known spans, by id.
struct Known {
    /// Invocations, and spans for all messages of an event.
    invocations: HashMap<SpanRef, usize>,
    /// Invocations, by the spans they link to.
    linked: HashMap<SpanRef, SpanRef>,
    all: HashSet<SpanRef>,
}

impl Known {
    fn of(material: &Material) -> Self {
        let mut known = Self {
            invocations: HashMap::new(),
            linked: HashMap::new(),
            all: material.spans.iter().map(|span| span.id()).collect(),
        };
        for (index, span) in material.spans.iter().enumerate() {
            if matches!(material.role(index), Role::Invocation | Role::Batch) {
                known.invocations.entry(span.id()).or_insert(index);
                for link in &span.links {
                    known.linked.entry(link.to).or_insert(span.id());
                }
            }
        }
        known
    }

    /// Returns the id of a record's invocation.
    fn batch_of(&self, record: &Span) -> Option<SpanRef> {
        let parent = record.parent.map(|span| SpanRef {
            trace: record.trace_id,
            span,
        });
        let is_known = |id: &SpanRef| self.invocations.contains_key(id);
        let links = || record.links.iter().map(|link| link.to);
        parent
            .filter(is_known)
            .or_else(|| links().find(is_known))
            .or_else(|| self.linked.get(&record.id()).copied())
            // The parent is its sender, so its other link leads to the invocation, which may not
            // have arrived.
            .or_else(|| {
                let is_unknown = |id: &SpanRef| {
                    id.trace.is_valid()
                        && id.span.is_valid()
                        && Some(*id) != parent
                        && !self.all.contains(id)
                };
                links().rfind(is_unknown)
            })
    }

    /// Returns a batch; `None` if the invocation had no messages.
    fn batch(&self, material: &Material, id: SpanRef, records: &[usize]) -> Option<Batch> {
        let invocation = self.invocations.get(&id).and_then(|it| material.span(*it));
        let facts = invocation.map(|span| Facts::of(span));
        let count = facts.and_then(|facts| facts.message_count);
        if records.is_empty() && count.is_none_or(|count| count == 0) {
            return None;
        }
        let records = records.iter().filter_map(|it| material.span(*it));
        let mut records: Vec<_> = records.map(Arc::clone).collect();
        records.sort_by_key(|record| record.start);
        Some(Batch {
            invocation: invocation.map(Arc::clone),
            id,
            records,
            count,
            failed: facts.and_then(|facts| facts.failed_count),
        })
    }
}
