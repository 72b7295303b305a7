use super::HandlerError;
use crate::flush::Flushing;
use crate::peek::{Peeked, headers, peek};
use crate::{Invocation, outcome, panics};
use lambda_runtime::{Diagnostic, FunctionResponse, IntoFunctionResponse};
use pin_project_lite::pin_project;
use serde::Serialize;
use std::fmt::{self, Debug};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// Response future of [`HandlerService`](super::HandlerService).
    pub struct HandlerFuture<F, B, S> {
        #[pin]
        inner: F,
        invocation: Invocation,
        // Few functions have it, and an answer is large.
        flush: Option<Box<Flush<B, S>>>,
    }
}

/// The flush before the response, and the answer to give when it is over.
struct Flush<B, S> {
    flushing: Flushing,
    answer: Option<Answer<B, S>>,
}

type Answer<B, S> = Result<FunctionResponse<B, S>, HandlerError>;

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
            // Polled again after its end, it never ends.
            return flush.answer.take().map_or(Poll::Pending, Poll::Ready);
        }
        // The panic goes on to the runtime, which answers with it; it is only looked at.
        let polled = panics::catch(|| this.inner.poll(cx)).unwrap_or_else(|panic| {
            this.invocation.span(|span| outcome::panicked(span, &panic));
            panic.resume()
        });
        let answer = match ready!(polled) {
            Ok(response) => {
                let response = response.into_response();
                outcome::response(this.invocation, look_at(&response));
                if let Some(names) = this.invocation.response_headers() {
                    outcome::headers(this.invocation, names, headers_of(&response, names));
                }
                Ok(response)
            }
            Err(error) => {
                let error = HandlerError::new(error);
                this.invocation.span(|span| error.record(span));
                Err(error)
            }
        };
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

fn look_at<B: Serialize, S>(response: &FunctionResponse<B, S>) -> Peeked {
    match response {
        FunctionResponse::BufferedResponse(body) => peek(body),
        FunctionResponse::StreamingResponse(stream) => {
            let status_code = Some(stream.metadata_prelude.status_code.as_u16());
            Peeked {
                status_code,
                ..Peeked::default()
            }
        }
    }
}

/// The values of these headers, in the same order.
fn headers_of<B: Serialize, S>(
    response: &FunctionResponse<B, S>,
    names: &[String],
) -> Vec<Vec<String>> {
    match response {
        FunctionResponse::BufferedResponse(body) => headers(body, names),
        FunctionResponse::StreamingResponse(stream) => {
            let headers = &stream.metadata_prelude.headers;
            let values = |name: &String| {
                let values = headers.get_all(name.as_str()).iter();
                let texts = values.filter_map(|value| Some(value.to_str().ok()?.to_owned()));
                texts.collect()
            };
            names.iter().map(values).collect()
        }
    }
}

impl<F, B, S> Debug for HandlerFuture<F, B, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerFuture").finish_non_exhaustive()
    }
}
