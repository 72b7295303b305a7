//! The engine as a whole: its guarantees, for any order of reading and any crash.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod late;
mod memory;
mod merge;
mod process;
mod promises;
mod records;
mod resharding;
