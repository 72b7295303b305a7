//! Bounded storage for copies of open spans.

use std::collections::HashMap;

use lamplight_export::span_size;
use opentelemetry::trace::SpanId;
use opentelemetry_sdk::trace::SpanData;

/// The maximum number of open spans that are copied, and their maximum size in bytes; further ones are not
/// tracked.
const MOST: usize = 1_024;
const MOST_BYTES: usize = 1 << 20;

/// The open spans.
#[derive(Default)]
pub(super) struct OpenSpans {
    by_id: HashMap<SpanId, OpenSpan>,
    /// The total size of the copies.
    bytes: usize,
}

pub(super) enum OpenSpan {
    Running {
        invocation: SpanId,
        copy: Box<SpanData>,
        bytes: usize,
    },
    /// The copy was delivered when the time was up.
    Abandoned,
}

impl OpenSpans {
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Adds a span inside `invocation`, if there is room for it.
    pub(super) fn insert(&mut self, invocation: SpanId, copy: Box<SpanData>) {
        let bytes = span_size(&copy);
        if self.by_id.len() < MOST && self.bytes.saturating_add(bytes) <= MOST_BYTES {
            self.bytes += bytes;
            let id = copy.span_context.span_id();
            let running = OpenSpan::Running {
                invocation,
                copy,
                bytes,
            };
            self.by_id.insert(id, running);
        }
    }

    /// Removes a span that has ended.
    pub(super) fn remove(&mut self, id: SpanId) -> Option<OpenSpan> {
        if self.by_id.is_empty() {
            return None;
        }
        let removed = self.by_id.remove(&id);
        if let Some(OpenSpan::Running { bytes, .. }) = &removed {
            self.bytes = self.bytes.saturating_sub(*bytes);
        }
        removed
    }

    /// Removes and returns the copies of spans that are still running inside `invocation`.
    pub(super) fn abandon(&mut self, invocation: SpanId) -> Vec<SpanData> {
        let mut copies = Vec::new();
        for state in self.by_id.values_mut() {
            if matches!(state, OpenSpan::Running { invocation: of, .. } if *of == invocation)
                && let OpenSpan::Running { copy, bytes, .. } =
                    std::mem::replace(state, OpenSpan::Abandoned)
            {
                self.bytes = self.bytes.saturating_sub(bytes);
                copies.push(*copy);
            }
        }
        copies
    }

    /// Removes the spans of `invocation`, which has ended.
    pub(super) fn forget(&mut self, invocation: SpanId) {
        let total = &mut self.bytes;
        self.by_id.retain(|_, state| match state {
            OpenSpan::Running {
                invocation: of,
                bytes,
                ..
            } if *of == invocation => {
                *total = total.saturating_sub(*bytes);
                false
            }
            _ => true,
        });
    }
}
