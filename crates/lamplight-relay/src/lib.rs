//! The other side of the stream: reads OTLP records, samples whole traces, cleans, measures and delivers
//! them.
//!
//! The core is a function of records and stream time: no I/O, no clock. The same records give the same
//! decisions, so that a relay that is killed starts again where its oldest undecided record lies, and
//! decides as it did. See [`engine`] for how.
//!
//! * [`record`]: what is read. [`engine`]: what is held, until when, and where reading starts again.
//! * [`sampling`] and [`rules`]: thresholds, and what they come from.
//! * [`clean`]: what is changed on the way, and how it is encoded. [`metrics`]: what is measured.
//! * [`sink`]: where it goes. [`source`]: where it comes from.

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
