use std::{
    fmt::{self, Debug},
    marker::PhantomData,
    task::{Context, Poll},
};

use lambda_runtime::{Diagnostic, FunctionResponse, IntoFunctionResponse, LambdaEvent};
use serde::Serialize;
use tower_service::Service;

use super::{HandlerError, HandlerFuture, HandlerResponse, HandlerStream};
use crate::{current::Invocation, outcome, panics};

/// A service that records the handler's result on the invocation's span: errors, panics, HTTP status codes,
/// failed records of a batch. The result itself is unchanged. The runtime serializes the response once, as
/// usual, observed by this layer ([`HandlerResponse`], [`HandlerStream`]).
pub struct HandlerService<H, B, S> {
    inner: H,
    response: PhantomData<fn() -> (B, S)>,
}

impl<H, B, S> HandlerService<H, B, S> {
    pub(crate) fn new(inner: H) -> Self {
        Self {
            inner,
            response: PhantomData,
        }
    }

    /// Returns a reference to the handler.
    pub fn get_ref(&self) -> &H {
        &self.inner
    }

    /// Returns a mutable reference to the handler.
    pub fn get_mut(&mut self) -> &mut H {
        &mut self.inner
    }

    /// Returns the handler.
    pub fn into_inner(self) -> H {
        self.inner
    }
}

impl<H, T, R, B, S> Service<LambdaEvent<T>> for HandlerService<H, B, S>
where
    H: Service<LambdaEvent<T>, Response = R>,
    H::Error: Into<Diagnostic> + Debug + 'static,
    R: IntoFunctionResponse<B, S>,
    B: Serialize,
{
    type Response = FunctionResponse<HandlerResponse<B>, HandlerStream<S>>;
    type Error = HandlerError;
    type Future = HandlerFuture<H::Future, B, S>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(HandlerError::new)
    }

    fn call(&mut self, event: LambdaEvent<T>) -> Self::Future {
        let invocation = Invocation::of_context();
        invocation.set_handler_called();
        let future = panics::catch(|| self.inner.call(event)).unwrap_or_else(|panic| {
            if let Some(span) = invocation.span() {
                outcome::panicked(span, &panic);
            }
            panic.resume()
        });
        HandlerFuture::new(future, invocation)
    }
}

impl<H: Clone, B, S> Clone for HandlerService<H, B, S> {
    fn clone(&self) -> Self {
        Self::new(self.inner.clone())
    }
}

impl<H: Debug, B, S> Debug for HandlerService<H, B, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerService")
            .field("inner", &self.inner)
            .finish()
    }
}
