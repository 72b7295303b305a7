//! The way home of Lamplight's spans: a bounded queue, an awaited flush, an OTLP encoder.
//!
//! * [`SpanQueue`] is a span processor for functions: no thread, no timer, bounded memory. Its
//!   [`flush`](SpanQueue::flush) is awaited on the function's own runtime, can be cut off at any
//!   point without losing a span, and counts every span ([`Stats`]).
//! * [`SpanSink`] is what it delivers to; [`ExporterSink`] makes one of any OpenTelemetry
//!   `SpanExporter`.
//! * [`OtlpEncoder`] turns spans into OTLP protobuf without an intermediate tree;
//!   [`PartialSuccess`] and [`RpcStatus`] read what an endpoint answers; [`encode_json`] and
//!   [`ConsoleExporter`] write OTLP/JSON.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod backlog;
mod console;
mod driver;
mod events;
mod flush;
#[cfg(test)]
mod hostile_tests;
#[cfg(feature = "metrics")]
#[cfg_attr(docsrs, doc(cfg(feature = "metrics")))]
mod metrics;
mod notice;
mod otlp;
mod otlp_json;
mod otlp_response;
mod pause;
mod queue;
mod read;
mod sink;
mod size;
mod wire;
mod within;

pub use backlog::Backlog;
pub use console::ConsoleExporter;
pub use events::{SpanEventPolicy, UnknownSpanEventPolicy};
pub use otlp::OtlpEncoder;
pub use otlp_json::encode_json;
pub use otlp_response::{PartialSuccess, RpcStatus};
pub use pause::{DEFAULT_MAX_PAUSE, LAMPLIGHT_MAX_PAUSE};
pub use queue::{DEFAULT_MAX_BATCH, DEFAULT_MAX_BYTES, DEFAULT_MAX_SPANS, SpanQueue, Stats};
pub use sink::{Delivery, DeliveryFuture, ExporterSink, SpanSink};
pub use size::span_size;
pub use within::within;
