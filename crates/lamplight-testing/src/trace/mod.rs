//! Finished spans, and assertions on them.
//!
//! A test fails by a panic, whose message has the trace as a tree.

mod expected;
mod span;
mod tree;

use std::fmt;

use opentelemetry_sdk::trace::SpanData;

use self::tree::Tree;
pub use self::{expected::Expected, span::Span};

/// Finished spans, of one trace or several: those of an invocation, or any others.
///
/// Its text is a tree.
///
/// ```
/// use lamplight_testing::Trace;
///
/// let trace = Trace::from(vec![]);
/// assert_eq!(trace.find("orders"), None);
/// ```
#[derive(Debug, Clone)]
pub struct Trace {
    /// Oldest first.
    spans: Vec<SpanData>,
    request_id: Option<String>,
}

impl Trace {
    pub(crate) fn new(mut spans: Vec<SpanData>, request_id: Option<String>) -> Self {
        spans.sort_by_key(|span| span.start_time);
        Self { spans, request_id }
    }

    /// Returns the span of the invocation; of spans that are of none, the only one without a parent here.
    ///
    /// # Panics
    ///
    /// If there is none, or several.
    #[track_caller]
    pub fn root(&self) -> Span<'_> {
        let roots: Vec<Span<'_>> = match &self.request_id {
            Some(id) => self.spans().filter(|it| it.is_of_invocation(id)).collect(),
            None => self.spans().filter(|it| it.parent().is_none()).collect(),
        };
        Span::only(&self.spans, &roots, "the span of the invocation")
    }

    /// Returns the only span of this name.
    ///
    /// # Panics
    ///
    /// If there is none, or several.
    #[track_caller]
    pub fn span(&self, name: &str) -> Span<'_> {
        let named: Vec<Span<'_>> = self.named(name).collect();
        Span::only(&self.spans, &named, &format!("a span {name:?}"))
    }

    /// Returns the first span of this name, if there is one.
    pub fn find(&self, name: &str) -> Option<Span<'_>> {
        self.named(name).next()
    }

    /// Returns all spans of this name, oldest first.
    pub fn named(&self, name: &str) -> impl Iterator<Item = Span<'_>> {
        self.spans().filter(move |span| span.name() == name)
    }

    /// Returns all spans, oldest first.
    pub fn spans(&self) -> impl Iterator<Item = Span<'_>> {
        Span::each(&self.spans)
    }

    /// Returns the number of spans.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Returns whether there are no spans.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Panics if there is a span of this name.
    #[track_caller]
    pub fn has_no_span(&self, name: &str) -> &Self {
        assert!(
            self.find(name).is_none(),
            "there is a span {name:?}\n{self}"
        );
        self
    }

    pub(crate) fn data(&self) -> &[SpanData] {
        &self.spans
    }
}

impl From<Vec<SpanData>> for Trace {
    fn from(spans: Vec<SpanData>) -> Self {
        Self::new(spans, None)
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Tree(&self.spans), f)
    }
}
