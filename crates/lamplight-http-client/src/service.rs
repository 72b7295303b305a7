use std::{
    sync::Arc,
    task::{Context, Poll},
};

use tower_service::Service;

use crate::{
    call::Call,
    extensions::Hints,
    future::HttpClientFuture,
    message::sealed,
    settings::Settings,
    {HttpRequest, HttpResponse},
};

/// An HTTP client whose every request is a span and carries its context. Made by
/// [`HttpClientLayer`](crate::HttpClientLayer).
#[derive(Debug, Clone)]
pub struct HttpClientService<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S> HttpClientService<S> {
    pub(crate) fn new(inner: S, settings: Arc<Settings>) -> Self {
        Self { inner, settings }
    }

    /// Returns a reference to the client below.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Returns a mutable reference to the client below.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Returns the client below.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, Q> Service<Q> for HttpClientService<S>
where
    S: Service<Q, Response: HttpResponse, Error: 'static>,
    Q: HttpRequest,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = HttpClientFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Q) -> Self::Future {
        let hints = request.hints();
        send(&self.settings, request, hints, |request| {
            self.inner.call(request)
        })
    }
}

/// Sends a request in its span.
pub(crate) fn send<Q: sealed::Request, F>(
    settings: &Arc<Settings>,
    mut request: Q,
    hints: Hints,
    inner: impl FnOnce(Q) -> F,
) -> HttpClientFuture<F> {
    let call = Call::start(settings, &mut request, hints);
    let current = call.as_ref().map(|call| call.cx.clone().attach());
    let future = inner(request);
    drop(current);
    HttpClientFuture::new(future, call)
}
