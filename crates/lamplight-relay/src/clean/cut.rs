//! Spans that are too large, cut down.

use std::sync::Arc;

use lamplight_otlp::trace::Span;

use super::{
    config::{Config, EventPolicy},
    workshop::Workshop,
};

const KB: usize = 1024;

/// What is given up, step by step: how long values may be, which events are kept, whether links are
/// dropped.
const STEPS: [(usize, EventPolicy, bool); 6] = [
    (64 * KB, EventPolicy::All, false),
    (16 * KB, EventPolicy::All, false),
    (4 * KB, EventPolicy::All, false),
    (4 * KB, EventPolicy::Exceptions, true),
    (KB, EventPolicy::Exceptions, true),
    (KB, EventPolicy::None, true),
];

/// Returns a span with as much left of it as `room` has room for, or `None` where it would not be one any
/// more. Events and links that are dropped are counted in it.
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
