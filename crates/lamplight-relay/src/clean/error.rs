//! What is wrong with settings.

use std::{error::Error, fmt};

/// Why settings of a [`Cleaner`](super::Cleaner) are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CleanError {
    /// A regular expression that is none, or that could not be matched in linear time.
    #[non_exhaustive]
    Regex {
        /// The expression.
        expression: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Values are to be hashed, and there is no salt.
    MissingSalt,
    /// Another length of hashes than 8 to 64 digits.
    HashLength(usize),
    /// A key that is renamed into nothing, or into what takes its own place again.
    #[non_exhaustive]
    Rename {
        /// The key.
        from: String,
    },
}

impl CleanError {
    pub(super) fn regex(expression: &str, error: &regex::Error) -> Self {
        let reason = error.to_string();
        Self::Regex {
            expression: expression.to_owned(),
            // The engine draws the place over several lines and ends with the reason.
            reason: reason.lines().last().unwrap_or_default().to_owned(),
        }
    }
}

impl fmt::Display for CleanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Regex { expression, reason } => write!(
                f,
                "`{expression}` is no regular expression that is matched in linear time: {reason}"
            ),
            Self::MissingSalt => f.write_str(
                "attributes are to be hashed without a salt, so that whoever guesses a value can check \
                 it: set a secret salt",
            ),
            Self::HashLength(digits) => {
                write!(f, "hashes of {digits} digits: give a number from 8 to 64")
            }
            Self::Rename { from } => write!(
                f,
                "`{from}` is renamed into nothing, into itself, or into a key that is renamed too: \
                 name the last key at once"
            ),
        }
    }
}

impl Error for CleanError {}
