//! The caller gets what it would get without, and what becomes of an answer is recorded.

// A test says what is wrong by panicking.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;

mod blocked;
mod buffered;
mod function;
mod lost;
mod panics;
mod real;
mod streamed;
mod timeless;
