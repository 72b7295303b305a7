//! The output equals the input, except for the configured changes.

// Tests fail by panicking.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod bad_input;
mod corpus;
mod meaning;
mod model;
mod packing;
mod settings;
