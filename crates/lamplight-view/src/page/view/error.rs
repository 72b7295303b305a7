//! Errors of addresses.

use std::{error::Error, fmt};

/// The error of an invalid address of a view. Its text explains the form of addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ViewError {
    /// There is no view at this path.
    Unknown(String),
    /// A part of the address cannot be read.
    Invalid(String),
}

impl fmt::Display for ViewError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(path) => write!(
                f,
                "there is no page at {path:?}: start at `/` and follow the links"
            ),
            Self::Invalid(text) => f.write_str(text),
        }
    }
}

impl Error for ViewError {}
