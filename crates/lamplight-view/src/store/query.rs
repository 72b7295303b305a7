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

// Until the store has its own.
impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Equal(key, value) => write!(f, "{key}={value}"),
            Self::NotEqual(key, value) => write!(f, "{key}!={value}"),
            Self::Greater(key, value) => write!(f, "{key}>{value}"),
            Self::Less(key, value) => write!(f, "{key}<{value}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl Condition {
    /// Returns the conditions in a text.
    ///
    /// # Errors
    ///
    /// If a number is none.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, super::StoreError> {
        let one = |text: &str| {
            let number = |it: &str| {
                it.parse()
                    .map_err(|_| super::StoreError::Query(format!("{it:?} is not a number")))
            };
            Ok(if let Some((key, value)) = text.split_once("!=") {
                Self::NotEqual(key.to_owned(), value.to_owned())
            } else if let Some((key, value)) = text.split_once('=') {
                Self::Equal(key.to_owned(), value.to_owned())
            } else if let Some((key, value)) = text.split_once('>') {
                Self::Greater(key.to_owned(), number(value)?)
            } else if let Some((key, value)) = text.split_once('<') {
                Self::Less(key.to_owned(), number(value)?)
            } else {
                Self::Text(text.to_owned())
            })
        };
        text.split_whitespace().map(one).collect()
    }
}
