//! Rules and their thresholds, on encoded spans.

// Tests fail by panicking.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod adapting;
mod bugs;
mod collector;
mod counts;
mod faults;
mod judging;
mod population;
mod random;
mod replay;
mod traces;
