//! Display options of a trace.

use crate::{
    page::{Addresses, Scale, View},
    span::{SpanId, SpanRef, TraceId},
};

/// Display options of a journey.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct TraceOptions {
    /// The form of addresses. A served page contains the details of the selected span; a file
    /// contains those of every row, and both scales.
    pub addresses: Addresses,
    /// The scale of time; in a file, the initial one.
    pub scale: Scale,
    /// True if the critical path is shown; in a file, if it is shown initially.
    pub critical: bool,
    /// The span whose details are shown.
    pub selected: Option<SpanId>,
    /// Maximum number of rows. Default: 2000. Further spans are counted at their places.
    pub limit: usize,
    /// Maximum size of details in a file, in bytes. Default: 4 MiB. Spans whose details do not fit
    /// show a note.
    pub details: usize,
}

impl TraceOptions {
    /// Returns the defaults: compressed time, no critical path, no selected span.
    #[must_use]
    pub const fn new(addresses: Addresses) -> Self {
        Self {
            addresses,
            scale: Scale::Compressed,
            critical: false,
            selected: None,
            limit: 2_000,
            details: 4 * 1024 * 1024,
        }
    }

    /// Returns whether all views are in one file.
    pub(super) fn is_file(&self) -> bool {
        self.addresses == Addresses::Fragments
    }

    /// Returns the address of a span in its trace, with the current display options.
    pub(super) fn span(&self, id: SpanRef) -> String {
        let address = self.view(id.trace, Some(id.span)).address(self.addresses);
        match self.addresses {
            Addresses::Fragments => address,
            // The browser scrolls to the row.
            Addresses::Paths => format!("{address}#{}", row_id(id)),
        }
    }

    /// Returns the address of the trace without a span.
    pub(super) fn trace(&self, trace: TraceId) -> String {
        self.view(trace, None).address(self.addresses)
    }

    /// Returns the address of another view.
    pub(super) fn address(&self, view: &View) -> String {
        view.address(self.addresses)
    }

    fn view(&self, id: TraceId, span: Option<SpanId>) -> View {
        View::Trace {
            id,
            span,
            scale: self.scale,
            critical: self.critical,
        }
    }
}

/// Returns the id of a span's row, which is its address in a file.
pub(super) fn row_id(id: SpanRef) -> String {
    format!("trace-{}-{}", id.trace, id.span)
}
