//! An event broker of three Lambda functions, traced end to end with Lamplight.
//!
//! The functions are `src/bin/{ingress,egress,subscriber}.rs`; this library holds only the runner
//! that shows them at work.

#[cfg(feature = "demo")]
pub mod demo;
