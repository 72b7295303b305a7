//! Questions.

use super::{Condition, Invocations, TraceRow};
use crate::facts::Outcome;

/// A span of time, by when invocations started. Nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// First; none for from the beginning.
    pub from: Option<u64>,
    /// First that no longer belongs to it; none for no end.
    pub to: Option<u64>,
}

/// Which invocations, or traces.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Query {
    /// When they started.
    pub window: Window,
    /// Of this function only.
    pub function: Option<String>,
    /// With this outcome only.
    pub outcome: Option<Outcome>,
    /// With this `faas.trigger` only.
    pub trigger: Option<String>,
    /// Cold starts only, or none.
    pub cold: Option<bool>,
    /// At least this long, in nanoseconds.
    pub at_least: Option<u64>,
    /// At most this long, in nanoseconds.
    pub at_most: Option<u64>,
    /// All of these, each on the span, its resource or its events.
    pub conditions: Vec<Condition>,
    /// At most as many; 0 for 100.
    pub limit: usize,
    /// Those that started before this time only: the next page. Nanoseconds since 1970.
    pub before: Option<u64>,
    /// Leaves out as many of the first of them: those that started in the same nanosecond as
    /// the last of the page before, and were on it. See [`Query::next_page`].
    pub skip: usize,
}

impl Query {
    /// Returns as many rows as are asked for at most.
    #[must_use]
    pub const fn rows(&self) -> usize {
        if self.limit == 0 { 100 } else { self.limit }
    }

    /// Returns the query for the page behind a page of its invocations. No row is left out and none
    /// is there twice, even where many started at once.
    #[must_use]
    pub fn next_page(&self, page: &Invocations) -> Self {
        self.behind(page.rows.iter().map(|row| row.start))
    }

    /// Returns the query for the page behind a page of its traces, as [`Query::next_page`].
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
        // The page may have begun in the middle of those that started at once.
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

/// Which invocations are compared with the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Side {
    /// Those that failed, timeouts included.
    #[default]
    Failed,
    /// The slowest twentieth.
    Slow,
}
