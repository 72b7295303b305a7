use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;

use crate::{HttpResponse, call::Call};

pin_project! {
    /// Response future of [`HttpClientService`](crate::HttpClientService).
    ///
    /// The span ends when the head of the response is there; dropped before, it ends as `cancelled`.
    pub struct HttpClientFuture<F> {
        #[pin]
        inner: F,
        call: Option<Call>,
    }
}

impl<F> HttpClientFuture<F> {
    pub(crate) fn new(inner: F, call: Option<Call>) -> Self {
        Self { inner, call }
    }
}

impl<F, R, E> Future for HttpClientFuture<F>
where
    F: Future<Output = Result<R, E>>,
    R: HttpResponse,
    E: 'static,
{
    type Output = Result<R, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = {
            let _current = this.call.as_ref().map(|call| call.cx.clone().attach());
            ready!(this.inner.poll(cx))
        };
        if let Some(call) = this.call.take() {
            call.end(result.as_ref());
        }
        Poll::Ready(result)
    }
}

impl<F> fmt::Debug for HttpClientFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClientFuture")
            .field("call", &self.call)
            .finish_non_exhaustive()
    }
}
