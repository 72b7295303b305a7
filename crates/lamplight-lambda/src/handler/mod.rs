//! The layer around the handler: it sees the answer.

mod error;
mod future;
mod layer;
mod response;
mod service;
mod stream;

pub use self::{
    error::HandlerError, future::HandlerFuture, layer::HandlerLayer, response::HandlerResponse,
    service::HandlerService, stream::HandlerStream,
};
