//! The layer around the handler: it sees the answer.

mod error;
mod future;
mod layer;
mod service;

pub use self::{
    error::HandlerError, future::HandlerFuture, layer::HandlerLayer, service::HandlerService,
};
