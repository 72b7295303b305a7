use crate::instrumentation::Shared;
use crate::{Invocation, outcome};
use lambda_runtime::Error;
use lamplight_export::SpanQueue;
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

pin_project! {
    /// Response future of [`InvocationService`](super::InvocationService).
    ///
    /// It goes on after the response has been posted, until the spans have been flushed or the
    /// time for it is up.
    pub struct InvocationFuture<F> {
        #[pin]
        inner: F,
        cx: opentelemetry::Context,
        invocation: Invocation,
        shared: Arc<Shared>,
        deadline: SystemTime,
        flush: Option<Flush>,
    }
}

/// The flush, and the answer to give when it is over.
struct Flush {
    flushing: Pin<Box<dyn Future<Output = ()> + Send>>,
    result: Option<Result<(), Error>>,
}

impl<F> InvocationFuture<F> {
    pub(super) fn new(
        inner: F,
        cx: opentelemetry::Context,
        invocation: Invocation,
        shared: Arc<Shared>,
        deadline: SystemTime,
    ) -> Self {
        Self {
            inner,
            cx,
            invocation,
            shared,
            deadline,
            flush: None,
        }
    }
}

impl<F: Future<Output = Result<(), Error>>> Future for InvocationFuture<F> {
    type Output = Result<(), Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let flush = match this.flush {
            Some(flush) => flush,
            None => {
                let result = {
                    let _current = this.cx.clone().attach();
                    ready!(this.inner.poll(cx))
                };
                end(this.invocation, &result);
                let limit = this.shared.flush_limit(*this.deadline, SystemTime::now());
                if this.shared.queue.stats().queued == 0 || limit.is_zero() {
                    return Poll::Ready(result);
                }
                let flushing = Box::pin(flush(this.shared.queue.clone(), limit));
                this.flush.insert(Flush {
                    flushing,
                    result: Some(result),
                })
            }
        };
        ready!(flush.flushing.as_mut().poll(cx));
        Poll::Ready(flush.result.take().unwrap_or(Ok(())))
    }
}

/// Cut off at `limit`; what is not delivered by then stays queued for the next invocation.
async fn flush(queue: SpanQueue, limit: Duration) {
    let _ = tokio::time::timeout(limit, queue.flush()).await;
}

fn end(invocation: &Invocation, result: &Result<(), Error>) {
    invocation.span(|span| {
        if let Err(error) = result {
            // Not the handler's error, which the runtime has turned into an answer: the answer
            // could not be made or posted.
            outcome::fail(span, "lambda_runtime", &error.to_string());
        } else if invocation.missed_handler() {
            let message = "the event does not deserialize into the handler's type";
            outcome::fail(span, "DeserializeError", message);
        }
        span.end();
    });
}

impl<F> fmt::Debug for InvocationFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvocationFuture")
            .field("invocation", &self.invocation)
            .finish_non_exhaustive()
    }
}
