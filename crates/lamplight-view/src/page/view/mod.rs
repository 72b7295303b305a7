//! The views, each with its own address.

mod address;
mod error;
mod fragment;
mod parse;
mod quantity;

pub(crate) use address::conditions;
pub use error::ViewError;
pub(crate) use fragment::nearest;
pub(crate) use quantity::quantity;

use crate::{
    span::{SpanId, SpanRef, TraceId},
    store::{Query, Side, Window},
};

/// A view. Its address contains its complete state, so that it can be shared.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum View {
    /// All functions: `/`.
    Functions(Window),
    /// Invocations, filtered: `/invocations?function=..&outcome=error&where=key%3Dvalue`.
    Invocations(Query),
    /// Traces, filtered in the same way: `/traces`.
    Traces(Query),
    /// A trace: `/trace/TRACE?scale=true&critical=true&span=SPAN`.
    Trace {
        /// The id of the trace.
        id: TraceId,
        /// The span whose details are shown.
        span: Option<SpanId>,
        /// The scale of time.
        scale: Scale,
        /// True if the critical path is shown.
        critical: bool,
    },
    /// An invocation with its records: `/invocation/TRACE/SPAN`.
    Invocation(SpanRef),
    /// The deliveries of a message: `/message?id=..`.
    Message(String),
    /// The map of all functions and the services between them: `/map`.
    Map(Window),
    /// Differences between invocations: `/differences?function=..&side=slow`.
    Differences {
        /// The selection of invocations.
        query: Query,
        /// The invocations to compare with the others.
        side: Side,
    },
}

impl View {
    /// Returns the initial view of a trace.
    pub(crate) const fn of_trace(id: TraceId) -> Self {
        Self::Trace {
            id,
            span: None,
            scale: Scale::Compressed,
            critical: false,
        }
    }

    /// Returns the view of a span in its trace.
    pub(crate) const fn of_span(id: SpanRef) -> Self {
        Self::Trace {
            id: id.trace,
            span: Some(id.span),
            scale: Scale::Compressed,
            critical: false,
        }
    }

    /// Returns its window, if it has one.
    pub(crate) const fn window(&self) -> Option<Window> {
        match self {
            Self::Functions(window) | Self::Map(window) => Some(*window),
            Self::Invocations(query) | Self::Traces(query) | Self::Differences { query, .. } => {
                Some(query.window)
            }
            Self::Trace { .. } | Self::Invocation(_) | Self::Message(_) => None,
        }
    }

    /// Returns the same view with another window, if it has one.
    pub(crate) fn within(&self, window: Window) -> Self {
        let within = |query: &Query| Query {
            window,
            before: None,
            skip: 0,
            ..query.clone()
        };
        match self {
            Self::Functions(_) => Self::Functions(window),
            Self::Map(_) => Self::Map(window),
            Self::Invocations(query) | Self::Traces(query) | Self::Differences { query, .. } => {
                self.with(within(query))
            }
            Self::Trace { .. } | Self::Invocation(_) | Self::Message(_) => self.clone(),
        }
    }

    /// Returns the same view with another query, if it has one.
    pub(crate) fn with(&self, query: Query) -> Self {
        match self {
            Self::Invocations(_) => Self::Invocations(query),
            Self::Traces(_) => Self::Traces(query),
            Self::Differences { side, .. } => Self::Differences { query, side: *side },
            other => other.clone(),
        }
    }
}

/// The scale of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scale {
    /// Waits that dwarf the rest are drawn shorter, and marked.
    #[default]
    Compressed,
    /// Every nanosecond has the same width.
    True,
}

/// The form of addresses within a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Addresses {
    /// Paths and queries, for a server.
    Paths,
    /// Fragments, for a single file in which an address is the id of an element. Views that the
    /// file does not contain have addresses too, without a target: [`file`](super::file()) removes
    /// links to them.
    Fragments,
}
