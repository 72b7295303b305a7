//! The engine as a whole: what it promises, whatever is read in which order and wherever it is killed.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod late;
mod memory;
mod merge;
mod process;
mod promises;
mod records;
mod resharding;
