//! Queries.

use super::{Condition, Invocations, TraceRow};
use crate::facts::Outcome;

/// A span of time, by the start of invocations, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// The first time in the window; `None` for the beginning.
    pub from: Option<u64>,
    /// The first time after the window; `None` for no end.
    pub to: Option<u64>,
}

/// A selection of invocations or traces.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Query {
    /// The window in which they started.
    pub window: Window,
    /// Only this function.
    pub function: Option<String>,
    /// Only this outcome.
    pub outcome: Option<Outcome>,
    /// Only this `faas.trigger`.
    pub trigger: Option<String>,
    /// Only cold starts, or only others.
    pub cold: Option<bool>,
    /// Minimum duration, in nanoseconds.
    pub at_least: Option<u64>,
    /// Maximum duration, in nanoseconds.
    pub at_most: Option<u64>,
    /// Conditions that must all be met, each by the span, its resource or its events.
    pub conditions: Vec<Condition>,
    /// Maximum number of rows; 0 for 100.
    pub limit: usize,
    /// Only those that started before this time: the next page. In nanoseconds since 1970.
    pub before: Option<u64>,
    /// Number of rows to skip: those that started in the same nanosecond as the last row of the
    /// previous page, and were on it. See [`Query::next_page`].
    pub skip: usize,
}

impl Query {
    /// Returns the maximum number of rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        if self.limit == 0 { 100 } else { self.limit }
    }

    /// Returns the query for the page after a page of its invocations. No row is missing or
    /// repeated, even if many started at the same time.
    #[must_use]
    pub fn next_page(&self, page: &Invocations) -> Self {
        self.behind(page.rows.iter().map(|row| row.start))
    }

    /// Returns the query for the page after a page of its traces, as [`Query::next_page`] does for
    /// invocations.
    #[must_use]
    pub fn next_page_of_traces(&self, page: &[TraceRow]) -> Self {
        self.behind(page.iter().map(|row| row.start))
    }

    fn behind(&self, starts: impl DoubleEndedIterator<Item = u64>) -> Self {
        let mut starts = starts.rev().peekable();
        let Some(last) = starts.peek().copied() else {
            return self.clone();
        };
        let at_once = starts.take_while(|start| *start == last).count();
        // The page may have begun among rows that started at the same time.
        let (before, skip) = match last.checked_add(1) {
            Some(next) if self.before == Some(next) => (Some(next), self.skip + at_once),
            Some(next) => (Some(next), at_once),
            None => (None, self.skip + at_once),
        };
        Self {
            before,
            skip,
            ..self.clone()
        }
    }
}

/// The invocations to compare with the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Side {
    /// Those that failed, including timeouts.
    #[default]
    Failed,
    /// The slowest 5 %.
    Slow,
}
