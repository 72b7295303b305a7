//! A span that code anywhere below it adds to.

use crate::outcome::{self, Unfinished};
use crate::totals::{Amount, Totals};
use opentelemetry::trace::{SpanRef, TraceContextExt};
use opentelemetry::{Context, Key};
use std::time::SystemTime;

/// The span of a context, and counters that become its attributes when it ends.
#[derive(Debug)]
pub(crate) struct Wide {
    pub(crate) cx: Context,
    totals: Totals,
}

impl Wide {
    pub(crate) fn new(cx: Context) -> Self {
        let totals = Totals::default();
        Self { cx, totals }
    }

    pub(crate) fn span(&self) -> SpanRef<'_> {
        self.cx.span()
    }

    pub(crate) fn add(&self, key: Key, amount: Amount) {
        self.totals.add(key, amount);
    }

    /// Ends the span, once; what comes later changes nothing.
    pub(crate) fn end(&self, now: SystemTime) {
        let span = self.span();
        let totals = self.totals.take();
        if totals.len() > 0 {
            span.set_attributes(totals);
        }
        span.end_with_timestamp(now);
    }

    /// Ends the span as one that did not come to its end.
    pub(crate) fn abandon(&self, reason: &Unfinished, now: SystemTime) {
        outcome::unfinished(&self.span(), reason);
        self.end(now);
    }
}
