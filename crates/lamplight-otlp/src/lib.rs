//! The OTLP wire format: the writer for Lamplight's exporters, the reader for its relay, and a client.
//!
//! * [`Writer`] writes protobuf back to front, in one pass.
//! * [`Fields`] reads protobuf from borrowed bytes, and reports malformed messages.
//! * [`trace`] has borrowed views of `ExportTraceServiceRequest` and its parts.
//! * [`PartialSuccess`] and [`RpcStatus`] read the answers of endpoints.
//! * `client` sends requests over HTTP and gRPC (features `http` and `grpc`).
//!
//! Only the client uses a clock or a runtime, and no part of the crate uses an OpenTelemetry SDK.
//!
//! Specification: <https://opentelemetry.io/docs/specs/otlp/>,
//! <https://protobuf.dev/programming-guides/encoding/>.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod check;
#[cfg(feature = "_client")]
#[cfg_attr(docsrs, doc(cfg(any(feature = "http", feature = "grpc"))))]
pub mod client;
mod read;
mod response;
pub mod trace;
mod write;

pub use read::{Fields, Malformed, Value};
pub use response::{PartialSuccess, RpcStatus};
pub use write::Writer;

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
