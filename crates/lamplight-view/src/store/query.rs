//! Questions.

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
}

/// A condition on attributes.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// `key=value`: the value as text is exactly this.
    Equal(String, String),
    /// `key!=value`: there is none, or another.
    NotEqual(String, String),
    /// `key>number`.
    Greater(String, f64),
    /// `key<number`.
    Less(String, f64),
    /// Any name, message or attribute value contains it, in any case of ASCII letters.
    Text(String),
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
