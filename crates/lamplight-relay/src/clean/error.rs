//! Faults of settings.

use std::{error::Error, fmt};

/// A fault of the settings of a [`Cleaner`](super::Cleaner).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CleanError {
    /// A regular expression that is invalid, or that could not be matched in linear time.
    #[non_exhaustive]
    Regex {
        /// The expression.
        expression: String,
        /// The reason.
        reason: String,
    },
    /// Values are to be hashed, but there is no salt.
    MissingSalt,
    /// The number of hash digits is not between 8 and 64.
    HashLength(usize),
    /// A key is renamed to an empty name, or to a name that is itself renamed back to the key.
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
            // The regex engine's message points at the place over several lines and ends with the
            // reason.
            reason: reason.lines().last().unwrap_or_default().to_owned(),
        }
    }
}

impl fmt::Display for CleanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Regex { expression, reason } => write!(
                f,
                "`{expression}` is not a regular expression that can be matched in linear time: \
                {reason}"
            ),
            Self::MissingSalt => f.write_str(
                "attributes would be hashed without a salt, so that guessed values could be \
                checked: set a secret salt",
            ),
            Self::HashLength(digits) => {
                write!(f, "hashes of {digits} digits: give a number from 8 to 64")
            }
            Self::Rename { from } => write!(
                f,
                "`{from}` is renamed to an empty name, to itself, or to a key that is renamed too: \
                use the final name"
            ),
        }
    }
}

impl Error for CleanError {}
