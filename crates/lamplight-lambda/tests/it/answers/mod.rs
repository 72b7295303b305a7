//! The caller gets what it would get without, and what becomes of an answer is recorded.

mod blocked;
mod buffered;
mod function;
mod lost;
mod panics;
mod real;
mod streamed;
mod timeless;
