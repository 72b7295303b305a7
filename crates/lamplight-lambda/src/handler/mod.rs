//! The layer around the handler, which observes the response.

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
