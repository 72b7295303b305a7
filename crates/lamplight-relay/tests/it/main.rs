//! The relay's tests, in one program.

mod bugs;
mod clean;
mod engine;
mod function;
mod metrics;
mod reader;
mod rules;
mod sink;
