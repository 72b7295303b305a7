//! The rig that tests and benches of several crates share.
//!
//! - [`Message`] and [`Connection`]: HTTP/1.1 on loopback, for threads that block as well as for
//!   tasks.
//! - `server`, `grpc` (feature `otlp`): endpoints of OTLP that answer as they are told, and a tunnel to them.
//! - `Proxy` (feature `proxy`): a network that spoils some of the requests that go through it.
//! - `spans` (feature `spans`): OTLP as a consumer reads it.
//! - [`callgrind`]: instructions that a program executes.

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
