//! Construction of a journey from spans, step by step.

use std::{collections::HashMap, sync::Arc};

use super::{
    Around, Journey, Node, Place, attempts, batches, copies, critical, flush, join,
    material::Material, waits,
};
use crate::{
    facts::{Facts, Role},
    span::{Span, SpanRef, TraceId},
};

impl Journey {
    /// Returns the journey of a trace.
    ///
    /// Every span in `around.spans` occurs once. Different spans with the same id are all included,
    /// and cycles of parents are broken.
    #[must_use]
    pub fn new(trace: TraceId, around: Around) -> Self {
        let spans = around.spans.into_iter().map(Arc::new);
        let related = around.related.into_iter().map(Arc::new);
        let mut journey = Self::of(trace, spans, related, around.flushes);
        journey.left_out = around.left_out;
        journey.lacks_related = around.lacks_related;
        journey
    }

    pub(super) fn of(
        trace: TraceId,
        spans: impl IntoIterator<Item = Arc<Span>>,
        related: impl IntoIterator<Item = Arc<Span>>,
        flushes: impl IntoIterator<Item = (SpanRef, u64)>,
    ) -> Self {
        let (spans, own) = copies::fold(spans, related);
        let roles: Vec<Role> = spans.iter().map(|span| Facts::of(span).role).collect();
        let joined = join::join(spans.get(..own).unwrap_or_default(), &roles);
        let mut nodes = joined.nodes;
        let material = Material {
            spans,
            roles,
            places: joined.places,
        };
        link(&material, &mut nodes);
        let batches = batches::find(&material, &mut nodes);
        let attempts = attempts::find(&material, &batches, &mut nodes);
        waits::find(&batches, &attempts, &mut nodes);
        critical::mark(&mut nodes);
        flush::note(flushes, &mut nodes);
        let starts = nodes.iter().flat_map(|node| {
            let wait = node.waits.first().map(|wait| wait.start);
            [Some(node.start), wait].into_iter().flatten()
        });
        Self {
            trace,
            begin: starts.filter(|start| *start > 0).min().unwrap_or_default(),
            end: nodes.iter().map(|node| node.end).max().unwrap_or_default(),
            nodes,
            batches,
            attempts,
            left_out: 0,
            lacks_related: false,
        }
    }
}

/// Adds to each node the spans that link to it.
fn link(material: &Material, nodes: &mut [Node]) {
    let mut places: HashMap<SpanRef, Place> = HashMap::new();
    for (span, place) in material.spans.iter().zip(&material.places) {
        if span.span_id.is_valid() {
            places.entry(span.id()).or_insert(*place);
        }
    }
    for span in &material.spans {
        for link in &span.links {
            let node = places.get(&link.to).and_then(|place| nodes.get_mut(*place));
            if let Some(node) = node
                && node.linked_from.last() != Some(&span.id())
            {
                node.linked_from.push(span.id());
            }
        }
    }
}
