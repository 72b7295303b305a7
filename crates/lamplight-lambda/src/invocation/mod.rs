//! The layer around the runtime's stack: it starts the span, ends it, and flushes.

mod future;
mod layer;
mod service;

pub use self::{future::InvocationFuture, layer::InvocationLayer, service::InvocationService};
