//! Rows, read back from the engine.

mod metrics;
mod schema;
mod traces;
