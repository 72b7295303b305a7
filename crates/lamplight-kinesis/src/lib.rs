//! An OpenTelemetry span exporter that writes OTLP to an Amazon Kinesis data stream.
//!
//! A function passes its spans to Kinesis in a few milliseconds. The consumers of the stream (a collector, a
//! sampler, several backends) never delay the function.
//!
//! ```no_run
//! use lamplight_export::SpanQueue;
//! use lamplight_kinesis::KinesisExporter;
//! use opentelemetry_sdk::trace::SdkTracerProvider;
//!
//! let queue = SpanQueue::new(KinesisExporter::builder("telemetry").build());
//! let provider = SdkTracerProvider::builder().with_span_processor(queue.clone()).build();
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]

mod background;
mod builder;
mod call;
mod compression;
mod context;
mod exporter;
mod failure;
mod fallback;
mod partition_key;
mod records;
mod report;
mod sender;
mod stream;
// Shared with the integration tests; some of it is unused here.
#[cfg(test)]
#[allow(dead_code, unreachable_pub)]
#[path = "../tests/it/common/stub.rs"]
mod stub;
mod timeouts;
mod truncate;

pub use builder::{
    DEFAULT_MAX_RECORD_BYTES, DEFAULT_MAX_REQUEST_BYTES, DEFAULT_TIMEOUT, KinesisExporterBuilder,
    LAMPLIGHT_KINESIS_COMPRESSION, LAMPLIGHT_KINESIS_FALLBACK, LAMPLIGHT_KINESIS_STREAM,
    LAMPLIGHT_KINESIS_TIMEOUT, MAX_REQUEST_RECORDS,
};
pub use compression::{Compression, UnknownCompression};
pub use exporter::KinesisExporter;
pub use partition_key::{CustomPartitionKey, PartitionKey};

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
