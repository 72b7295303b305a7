//! An OpenTelemetry span exporter that writes OTLP to an Amazon Kinesis data stream.
//!
//! A function hands its spans to Kinesis in a few milliseconds, and whatever stands behind the
//! stream (a collector, a sampler, several backends) is nobody's waiting time.
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
mod cut;
mod exporter;
mod failure;
mod fallback;
mod partition_key;
mod patience;
mod records;
mod report;
mod rest;
mod sender;
mod target;

pub use builder::{
    DEFAULT_MAX_RECORD_BYTES, DEFAULT_MAX_REQUEST_BYTES, DEFAULT_TIMEOUT, KinesisExporterBuilder,
    LAMPLIGHT_KINESIS_COMPRESSION, LAMPLIGHT_KINESIS_FALLBACK, LAMPLIGHT_KINESIS_STREAM,
    LAMPLIGHT_KINESIS_TIMEOUT, MAX_REQUEST_RECORDS,
};
pub use compression::{Compression, UnknownCompression};
pub use exporter::KinesisExporter;
pub use partition_key::PartitionKey;
