//! Test servers and tools shared by the tests and benches of several crates.
//!
//! - [`Message`] and [`Connection`]: HTTP/1.1 on loopback, for blocking threads and for tasks.
//! - `server`, `grpc` (feature `otlp`): OTLP endpoints with scripted responses, and a tunnel to them.
//! - `Proxy` (feature `proxy`): a network that corrupts some of the requests.
//! - `spans` (feature `spans`): OTLP as a consumer decodes it.
//! - [`callgrind`]: counts of the instructions that a program executes.

pub mod callgrind;
#[cfg(feature = "otlp")]
pub mod grpc;
mod message;
#[cfg(feature = "proxy")]
mod proxy;
#[cfg(feature = "otlp")]
pub mod server;
#[cfg(feature = "spans")]
pub mod spans;

pub use message::{Connection, Message, is_chunked, response};
#[cfg(feature = "proxy")]
pub use proxy::{Closing, Fault, Proxy, Script};
