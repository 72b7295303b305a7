//! What there is to see, each at an address of its own.

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

/// Something to look at. Its address holds all of it, so that it can be shared.
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
        /// Trace.
        id: TraceId,
        /// A span of it that is told about.
        span: Option<SpanId>,
        /// How time is drawn.
        scale: Scale,
        /// Whether the critical path is shown.
        critical: bool,
    },
    /// An invocation with its records: `/invocation/TRACE/SPAN`.
    Invocation(SpanRef),
    /// The deliveries of a message: `/message?id=..`.
    Message(String),
    /// The map of all functions and what lies between them: `/map`.
    Map(Window),
    /// What differs: `/differences?function=..&side=slow`.
    Differences {
        /// Which invocations.
        query: Query,
        /// Which of them are compared with the others.
        side: Side,
    },
}

impl View {
    /// Returns the view of a trace as it is first looked at.
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

    /// Returns the window that it looks at, if it has one.
    pub(crate) const fn window(&self) -> Option<Window> {
        match self {
            Self::Functions(window) | Self::Map(window) => Some(*window),
            Self::Invocations(query) | Self::Traces(query) | Self::Differences { query, .. } => {
                Some(query.window)
            }
            Self::Trace { .. } | Self::Invocation(_) | Self::Message(_) => None,
        }
    }

    /// Returns the same view of another window, if it has one.
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

    /// Returns the same view of another query, if it has one.
    pub(crate) fn with(&self, query: Query) -> Self {
        match self {
            Self::Invocations(_) => Self::Invocations(query),
            Self::Traces(_) => Self::Traces(query),
            Self::Differences { side, .. } => Self::Differences { query, side: *side },
            other => other.clone(),
        }
    }
}

/// How time is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scale {
    /// Waits that dwarf the rest are drawn shorter, and said to be.
    #[default]
    Compressed,
    /// Every nanosecond has the same width.
    True,
}

/// How views are addressed from within a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Addresses {
    /// By path and query: a server answers.
    Paths,
    /// By fragment: everything is in one file, in which an address is the id of an element. What a
    /// file does not hold has an address too, which leads nowhere: [`file`](super::file()) takes those
    /// off its links.
    Fragments,
}
