//! The OTLP wire: what Lamplight's exporters write, and what its relay reads.
//!
//! * [`Writer`] writes protobuf back to front, in one pass.
//! * [`Fields`] reads protobuf over borrowed bytes, and says where a message is none.
//! * [`trace`] has borrowed views of `ExportTraceServiceRequest` and what is in it.
//! * [`PartialSuccess`] and [`RpcStatus`] read what an endpoint answers.
//! * `client` sends requests, over HTTP and gRPC (features `http` and `grpc`).
//!
//! But for the client nothing here knows a clock or a runtime, and nothing at all an SDK.
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
