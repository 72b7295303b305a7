//! The layer around the runtime's services, which starts and ends the span, and flushes.

mod future;
mod layer;
mod service;
mod watchdog;

pub use self::{future::InvocationFuture, layer::InvocationLayer, service::InvocationService};
