//! OTLP as rows of ClickHouse's OpenTelemetry tables, without I/O.
//!
//! The tables are those that the exporter of the OpenTelemetry Collector writes, `otel_traces` above all,
//! which ClickStack, Grafana's data source and existing SQL find by name. [`Schema`] has the statements that
//! create them, [`TraceBlock`] and [`MetricBlocks`] encode spans and data points into blocks of the format
//! `Native`, and [`ServerError`] tells the server's errors apart. Requests are made by the caller.

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
