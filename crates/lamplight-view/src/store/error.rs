//! Errors of a store.

use std::{error::Error, fmt};

/// An error of a store. Its text includes the remedy.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// The query is invalid, such as a condition with an invalid number.
    Query(String),
    /// The database or the disk failed.
    Database(String),
    /// The database has another version, or is something else.
    Version(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Query(text) | Self::Database(text) | Self::Version(text) => f.write_str(text),
        }
    }
}

impl Error for StoreError {}
