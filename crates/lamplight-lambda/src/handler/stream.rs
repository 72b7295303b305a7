use std::{
    any::type_name,
    fmt::{self, Debug},
    pin::Pin,
    task::{Poll, ready},
};

use futures_core::Stream;
use lambda_runtime::Error;
use opentelemetry::Context;

use crate::{
    current::Invocation,
    flush::Flushing,
    outcome::{self, Failure},
    panics,
};

/// A streamed response of a handler, returned by [`HandlerService`](super::HandlerService).
///
/// The runtime reads it in a separate task, after the handler has returned, with the invocation's context as
/// the current one. The first error, and a panic, are recorded on the invocation's span, which ends when the
/// response has been posted. If spans are delivered before the response, the end of the stream waits for
/// them.
pub struct HandlerStream<S> {
    stream: S,
    cx: Context,
    invocation: Invocation,
    failed: bool,
    flushing: Option<Flushing>,
}

impl<S> HandlerStream<S> {
    pub(super) fn new(stream: S, cx: Context, invocation: Invocation) -> Self {
        Self {
            stream,
            cx,
            invocation,
            failed: false,
            flushing: None,
        }
    }

    /// Returns a reference to the handler's stream.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// Returns the handler's stream.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S, D, E> Stream for HandlerStream<S>
where
    S: Stream<Item = Result<D, E>> + Unpin,
    E: Into<Error> + Debug,
{
    type Item = Result<D, Error>;

    fn poll_next(
        self: Pin<&mut Self>,
        task: &mut std::task::Context<'_>,
    ) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.flushing.is_none() {
            let polled = {
                let _current = this.cx.clone().attach();
                panics::catch(|| Pin::new(&mut this.stream).poll_next(task))
            };
            // The panic is only observed, and resumed for the runtime, whose task it ends.
            let polled = polled.unwrap_or_else(|panic| {
                if let Some(span) = this.invocation.span() {
                    outcome::panicked(span, &panic);
                }
                panic.resume()
            });
            match ready!(polled) {
                Some(Ok(chunk)) => return Poll::Ready(Some(Ok(chunk))),
                Some(Err(error)) => return Poll::Ready(Some(Err(this.failed(error)))),
                None => this.flushing = this.invocation.flush_before_response(),
            }
        }
        if let Some(flushing) = &mut this.flushing {
            ready!(flushing.as_mut().poll(task));
            this.flushing = None;
        }
        Poll::Ready(None)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

impl<S> HandlerStream<S> {
    /// Records the first error, and returns it converted as the runtime would convert it.
    fn failed<E: Into<Error> + Debug>(&mut self, error: E) -> Error {
        if std::mem::replace(&mut self.failed, true) {
            return error.into();
        }
        let name = type_name::<E>();
        let error = error.into();
        let error_type = match outcome::is_opaque(name) {
            true => panics::catch(|| outcome::type_in_chain(&*error)).unwrap_or_default(),
            false => Some(name.to_owned()),
        };
        let message = outcome::text_of(|| error.to_string());
        let details = panics::catch(|| outcome::causes(&*error)).unwrap_or_default();
        let failure = Failure::of(error_type, &message, details);
        if let Some(span) = self.invocation.span() {
            failure.record(span);
        }
        error
    }
}

impl<S> fmt::Debug for HandlerStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerStream")
            .field("invocation", &self.invocation)
            .finish_non_exhaustive()
    }
}
