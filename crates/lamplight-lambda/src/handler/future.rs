use std::{
    fmt::{self, Debug},
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use lambda_runtime::{Diagnostic, FunctionResponse, IntoFunctionResponse, StreamResponse};
use pin_project_lite::pin_project;
use serde::Serialize;

use super::{HandlerError, HandlerResponse, HandlerStream};
use crate::{current::Invocation, flush::Flushing, outcome, panics, peek::Peeked};

pin_project! {
    /// The response future of [`HandlerService`](super::HandlerService).
    pub struct HandlerFuture<F, B, S> {
        #[pin]
        inner: F,
        invocation: Invocation,
        // Boxed, because few functions have it and a response is large.
        flush: Option<Box<Flush<B, S>>>,
    }
}

/// The flush before the response, and the response to return after it.
struct Flush<B, S> {
    flushing: Flushing,
    answer: Option<Answer<B, S>>,
}

type Answer<B, S> = Result<FunctionResponse<HandlerResponse<B>, HandlerStream<S>>, HandlerError>;

impl<F, B, S> HandlerFuture<F, B, S> {
    pub(super) fn new(inner: F, invocation: Invocation) -> Self {
        Self {
            inner,
            invocation,
            flush: None,
        }
    }
}

impl<F, R, E, B, S> Future for HandlerFuture<F, B, S>
where
    F: Future<Output = Result<R, E>>,
    E: Into<Diagnostic> + Debug + 'static,
    R: IntoFunctionResponse<B, S>,
    B: Serialize,
{
    type Output = Answer<B, S>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(flush) = this.flush {
            ready!(flush.flushing.as_mut().poll(cx));
            // If it is polled again after completion, it stays pending.
            return flush.answer.take().map_or(Poll::Pending, Poll::Ready);
        }
        // The panic is only observed, and resumed for the runtime, which turns it into a response.
        let polled = panics::catch(|| {
            let polled = this.inner.poll(cx);
            polled.map(|result| match result {
                Ok(response) => Ok(response.into_response()),
                Err(error) => Err(HandlerError::new(error)),
            })
        })
        .unwrap_or_else(|panic| {
            if let Some(span) = this.invocation.span() {
                outcome::panicked(span, &panic);
            }
            panic.resume()
        });
        let mut answer = match ready!(polled) {
            Ok(response) => Ok(observed(response, this.invocation)),
            Err(error) => {
                if let Some(span) = this.invocation.span() {
                    error.record(span);
                }
                Err(error)
            }
        };
        if !may_flush(&mut answer, this.invocation) {
            return Poll::Ready(answer);
        }
        match this.invocation.flush_before_response() {
            None => Poll::Ready(answer),
            Some(flushing) => {
                let answer = Some(answer);
                let flush = Box::new(Flush { flushing, answer });
                let flush = this.flush.insert(flush);
                ready!(flush.flushing.as_mut().poll(cx));
                flush.answer.take().map_or(Poll::Pending, Poll::Ready)
            }
        }
    }
}

/// Returns the response, observed for the invocation.
fn observed<B, S>(
    response: FunctionResponse<B, S>,
    invocation: &Invocation,
) -> FunctionResponse<HandlerResponse<B>, HandlerStream<S>> {
    match response {
        FunctionResponse::BufferedResponse(body) => {
            let response = HandlerResponse::new(body, invocation.clone());
            FunctionResponse::BufferedResponse(response)
        }
        FunctionResponse::StreamingResponse(response) => {
            look_at(&response, invocation);
            let StreamResponse {
                metadata_prelude,
                stream,
            } = response;
            let cx = opentelemetry::Context::current();
            FunctionResponse::StreamingResponse(StreamResponse {
                metadata_prelude,
                stream: HandlerStream::new(stream, cx, invocation.clone()),
            })
        }
    }
}

/// Records the head of a streamed response.
fn look_at<S>(response: &StreamResponse<S>, invocation: &Invocation) {
    let prelude = &response.metadata_prelude;
    let values = |name: &String| {
        let values = prelude.headers.get_all(name.as_str()).iter();
        let texts = values.filter_map(|value| Some(value.to_str().ok()?.to_owned()));
        texts.collect()
    };
    let names = invocation.response_headers().unwrap_or_default();
    invocation.record_response(Peeked {
        status_code: Some(prelude.status_code.as_u16()),
        headers: names.iter().map(values).collect(),
        ..Peeked::default()
    });
}

/// Returns whether everything that the span records is known, so that it can be delivered before the
/// response. For a stream, that is only at its end; a response that cannot be serialized results in an error
/// of the runtime.
fn may_flush<B: Serialize, S>(answer: &mut Answer<B, S>, invocation: &Invocation) -> bool {
    match answer {
        Ok(FunctionResponse::BufferedResponse(response)) => {
            !invocation.flushes_before_response() || response.write_ahead()
        }
        Ok(FunctionResponse::StreamingResponse(_)) => false,
        Err(_) => true,
    }
}

impl<F, B, S> Debug for HandlerFuture<F, B, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerFuture").finish_non_exhaustive()
    }
}
