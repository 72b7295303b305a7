//! Reduction of spans that are too large.

use std::sync::Arc;

use lamplight_otlp::trace::Span;

use super::{
    config::{Config, EventPolicy},
    workshop::Workshop,
};

const KB: usize = 1024;

/// The steps of reduction: maximum length of values, events to keep, and whether links are dropped.
const STEPS: [(usize, EventPolicy, bool); 6] = [
    (64 * KB, EventPolicy::All, false),
    (16 * KB, EventPolicy::All, false),
    (4 * KB, EventPolicy::All, false),
    (4 * KB, EventPolicy::Exceptions, true),
    (KB, EventPolicy::Exceptions, true),
    (KB, EventPolicy::None, true),
];

/// Returns a span with as much of its content as fits into `room`, or `None` if not even a minimal
/// span fits. Dropped events and links are counted in the span.
pub(super) fn cut_down(message: &[u8], room: usize) -> Option<Vec<u8>> {
    STEPS
        .into_iter()
        .find_map(|(max_value, events, drop_links)| {
            let mut workshop = Workshop::new(Arc::new(Config {
                max_value: Some(max_value),
                events,
                drop_links,
                ..Config::default()
            }));
            let mut out = Vec::new();
            let cut = workshop.span(&Span::new(message).ok()?, &mut out).ok()?;
            (cut && out.len() <= room).then_some(out)
        })
}
