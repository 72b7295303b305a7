//! Export of Lamplight's spans: a bounded queue, an awaited flush, and an OTLP encoder.
//!
//! * [`SpanQueue`] is a span processor for Lambda functions, with no thread, no timer and bounded memory. Its
//!   [`flush`](SpanQueue::flush) is awaited on the function's own runtime, can be cut off at any point
//!   without losing a span, and accounts for every span ([`QueueSnapshot`]).
//! * [`SpanSink`] is the interface of its destinations; [`ExporterSink`] turns any OpenTelemetry
//!   `SpanExporter` into one.
//! * [`OtlpEncoder`] encodes spans as OTLP protobuf without an intermediate tree; [`encode_json`] and
//!   [`ConsoleExporter`] write OTLP/JSON.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod console;
mod events;
mod exporter_sink;
mod in_flight;
mod notice;
mod otlp;
mod otlp_json;
mod pause;
mod queue;
mod sink;
mod size;

pub use console::ConsoleExporter;
pub use events::{SpanEventPolicy, UnknownSpanEventPolicy};
pub use exporter_sink::ExporterSink;
pub use lamplight_internal::within::within;
pub use otlp::OtlpEncoder;
pub use otlp_json::encode_json;
pub use pause::{DEFAULT_MAX_PAUSE, LAMPLIGHT_MAX_PAUSE};
pub use queue::{
    DEFAULT_MAX_BATCH, DEFAULT_MAX_BYTES, DEFAULT_MAX_SPANS, QueueSnapshot, SpanQueue,
    SpanQueueBuilder,
};
pub use sink::{Delivery, DeliveryFuture, SpanSink};
pub use size::span_size;

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
