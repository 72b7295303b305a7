//! What the crate is, from outside.

// A test says what is wrong by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

#[cfg(feature = "metrics")]
mod metrics;
mod otlp_oracle;
