//! The layer around the runtime's stack: it starts the span, ends it, and flushes.

mod future;
mod layer;
mod service;
mod watchdog;

pub use self::{future::InvocationFuture, layer::InvocationLayer, service::InvocationService};
