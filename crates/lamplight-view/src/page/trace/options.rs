//! How a trace is shown.

use crate::{
    page::{Addresses, Scale, View},
    span::{SpanId, SpanRef, TraceId},
};

/// How a journey is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct TraceOptions {
    /// How views are addressed. Of a page that is served, the details are those of the selected
    /// span; a file has those of every row, and both scales.
    pub addresses: Addresses,
    /// How time is drawn; in a file, how it is at first.
    pub scale: Scale,
    /// Whether the critical path is shown; in a file, whether it is at first.
    pub critical: bool,
    /// The span that is told about.
    pub selected: Option<SpanId>,
    /// Most rows; 2000 by default. Spans beyond it are counted where they would be.
    pub limit: usize,
    /// Most bytes of details in a file, 4 MiB by default. Spans without room for theirs say so.
    pub details: usize,
}

impl TraceOptions {
    /// Returns the defaults: compressed, without the critical path, with no span selected.
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

    /// Returns whether everything is in one file.
    pub(super) fn is_file(&self) -> bool {
        self.addresses == Addresses::Fragments
    }

    /// Returns the address of a span in its trace, shown as this one is.
    pub(super) fn span(&self, id: SpanRef) -> String {
        let address = self.view(id.trace, Some(id.span)).address(self.addresses);
        match self.addresses {
            Addresses::Fragments => address,
            // The row itself is scrolled to.
            Addresses::Paths => format!("{address}#{}", row_id(id)),
        }
    }

    /// Returns the address of the trace without a span.
    pub(super) fn trace(&self, trace: TraceId) -> String {
        self.view(trace, None).address(self.addresses)
    }

    /// Returns the address of any other view.
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
