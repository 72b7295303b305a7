//! Tests of the crate's public interface.

// Tests fail by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

#[cfg(feature = "metrics")]
mod metrics;
mod otlp_oracle;
