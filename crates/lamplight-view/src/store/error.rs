//! What can go wrong in a store.

use std::{error::Error, fmt};

/// Failure of a store. Its text says what to do.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// A question that is not understood, such as a number that is none.
    Query(String),
    /// The database, or the disk below it.
    Database(String),
    /// A database of another version, or something else altogether.
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
