use std::{fmt, marker::PhantomData};

use tower_layer::Layer;

use super::HandlerService;

/// The layer for the handler, created by
/// [`Instrumentation::handler_layer`](crate::Instrumentation::handler_layer).
///
/// `B` and `S` are the buffered and the streaming type of the handler's response, which the compiler infers.
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

/// Returns a layer that writes to the current invocation, if there is one.
/// [`Instrumentation::handler_layer`](crate::Instrumentation::handler_layer) returns one that also informs
/// the other layer of the handler's call, so that events that cannot be deserialized are detected.
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
