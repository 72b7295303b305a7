use std::{fmt, marker::PhantomData};

use tower_layer::Layer;

use super::HandlerService;

/// Layer for the handler, made by
/// [`Instrumentation::handler_layer`](crate::Instrumentation::handler_layer).
///
/// `B` and `S` are the buffered and the streaming kind of the handler's response, which the
/// compiler infers.
pub struct HandlerLayer<B, S> {
    response: PhantomData<fn() -> (B, S)>,
}

impl<B, S> HandlerLayer<B, S> {
    pub(crate) fn new() -> Self {
        Self {
            response: PhantomData,
        }
    }
}

impl<H, B, S> Layer<H> for HandlerLayer<B, S> {
    type Service = HandlerService<H, B, S>;

    fn layer(&self, inner: H) -> Self::Service {
        HandlerService::new(inner)
    }
}

/// A layer that writes to the invocation that is under way, whoever began it, and to none if there
/// is none. [`Instrumentation::handler_layer`](crate::Instrumentation::handler_layer) makes one that
/// lets the other layer know of it, so that an event which does not deserialize is noticed.
impl<B, S> Default for HandlerLayer<B, S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<B, S> Clone for HandlerLayer<B, S> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<B, S> fmt::Debug for HandlerLayer<B, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerLayer").finish()
    }
}
