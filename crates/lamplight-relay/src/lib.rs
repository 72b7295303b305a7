//! The receiving side of the stream: reads OTLP records, samples whole traces, cleans, measures and
//! delivers them.
//!
//! The core is a function of records and stream time, without I/O and without a clock. The same
//! records always give the same decisions: a relay that is killed restarts at its oldest undecided
//! record and decides as before. See [`engine`] for details.
//!
//! * [`record`]: the input. [`engine`]: undecided traces, the wait for a decision, and the position
//!   from which to restart.
//! * [`sampling`] and [`rules`]: sampling thresholds and the rules that set them.
//! * [`clean`]: changes to spans, and their encoding. [`metrics`]: metrics of all spans.
//! * [`source`]: reading of streams. [`sink`]: delivery.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod clean;
#[cfg(feature = "config")]
pub mod config;
pub mod decode;
pub mod engine;
#[cfg(feature = "function")]
pub mod function;
pub mod metrics;
#[cfg(feature = "process")]
pub mod process;
pub mod record;
pub mod relay;
pub mod rules;
pub mod sampling;
#[cfg(feature = "scheduled")]
pub mod scheduled;
pub mod sink;
pub mod source;
pub mod telemetry;

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
