//! Exact copies of spans, since delivery is at least once.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt::{self, Write as _},
    hash::{DefaultHasher, Hasher as _},
    sync::Arc,
};

use crate::span::{Span, SpanRef};

/// Returns each span once, those of the trace first, and their number. The first of several copies
/// in the trace counts how often the span arrived; copies of these elsewhere are dropped.
pub(super) fn fold(
    own: impl IntoIterator<Item = Arc<Span>>,
    related: impl IntoIterator<Item = Arc<Span>>,
) -> (Vec<Arc<Span>>, usize) {
    let mut kept = Kept::default();
    for span in own {
        kept.add(span, true);
    }
    let own = kept.spans.len();
    for span in related {
        kept.add(span, false);
    }
    (kept.spans, own)
}

#[derive(Default)]
struct Kept {
    spans: Vec<Arc<Span>>,
    /// The index of the first span with an id.
    first: HashMap<SpanRef, usize>,
    /// The indices of different spans with a common id, by content.
    same_id: HashMap<[u64; 2], usize>,
}

impl Kept {
    fn add(&mut self, span: Arc<Span>, counts: bool) {
        let first = match self.first.entry(span.id()) {
            Entry::Vacant(entry) => {
                entry.insert(self.spans.len());
                self.spans.push(span);
                return;
            }
            Entry::Occupied(entry) => *entry.get(),
        };
        // Only now is it worth comparing the whole span.
        if let Some(span) = self.spans.get(first) {
            self.same_id.entry(digest(span)).or_insert(first);
        }
        match self.same_id.entry(digest(&span)) {
            Entry::Occupied(entry) => {
                if let (true, Some(copy)) = (counts, self.spans.get_mut(*entry.get())) {
                    let copy = Arc::make_mut(copy);
                    copy.times = copy.times.saturating_add(span.times);
                }
            }
            Entry::Vacant(entry) => {
                entry.insert(self.spans.len());
                self.spans.push(span);
            }
        }
    }
}

/// A digest of the content of a span, except for its number of arrivals. Collisions can be
/// constructed on purpose, but only lose the spans of whoever constructs them.
fn digest(span: &Span) -> [u64; 2] {
    let mut digest = Digest([DefaultHasher::new(), DefaultHasher::new()]);
    let [_, second] = &mut digest.0;
    second.write_u8(1);
    let Span {
        trace_id,
        span_id,
        parent,
        trace_state,
        flags,
        name,
        kind,
        start,
        end,
        status,
        status_message,
        attributes,
        dropped_attributes,
        events,
        dropped_events,
        links,
        dropped_links,
        resource,
        scope,
        times: _,
    } = span;
    // Writing to a hasher cannot fail.
    let _ = write!(
        digest,
        "{:?}",
        (
            (
                trace_id,
                span_id,
                parent,
                trace_state,
                flags,
                name,
                kind,
                start,
                end
            ),
            (status, status_message, attributes, dropped_attributes),
            (events, dropped_events, links, dropped_links),
            (resource, scope),
        )
    );
    digest.0.map(|hasher| hasher.finish())
}

struct Digest([DefaultHasher; 2]);

impl fmt::Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for hasher in &mut self.0 {
            hasher.write(text.as_bytes());
        }
        Ok(())
    }
}
