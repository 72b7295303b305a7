//! OTLP as rows of ClickHouse's OpenTelemetry tables, without I/O.
//!
//! The tables are those of the OpenTelemetry Collector's exporter, above all `otel_traces`, which ClickStack,
//! Grafana's data source and existing SQL find by name. [`Schema`] has the statements that create them,
//! [`TraceBlock`] and [`MetricBlocks`] encode spans and data points into blocks of the format `Native`, and
//! [`ServerError`] classifies the errors of a server. The caller makes the requests.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod attributes;
mod error;
mod insert;
mod metrics;
mod native;
mod schema;
mod text;
mod traces;

pub use error::{ErrorKind, ServerError};
pub use insert::{identifier, literal};
pub use metrics::{MetricBlock, MetricBlocks};
pub use schema::{MetricKind, Schema, TRACE_TIMES_TABLE, TRACES_TABLE};
pub use traces::{Pushed, TRACE_COLUMNS, TraceBlock};

/// Compiles the code of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
