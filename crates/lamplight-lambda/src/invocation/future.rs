use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::SystemTime,
};

use lambda_runtime::Error;
use lamplight_semconv::error::ErrorType;
use pin_project_lite::pin_project;

use super::watchdog::Watchdog;
use crate::{
    clock,
    current::{Invocation, Registration},
    flush::Flushing,
    outcome,
    recorder::Recorder,
};

pin_project! {
    /// The response future of [`InvocationService`](super::InvocationService).
    ///
    /// It continues after the response has been posted, until the spans have been flushed or the time limit
    /// is reached.
    pub struct InvocationFuture<F> {
        #[pin]
        kind: Kind<F>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<F> {
        Recorded { #[pin] future: Recorded<F> },
        PassedOn { #[pin] inner: F, cx: opentelemetry::Context },
    }
}

impl<F> InvocationFuture<F> {
    pub(super) fn recorded(future: Recorded<F>) -> Self {
        let kind = Kind::Recorded { future };
        Self { kind }
    }

    /// Returns the future of a function that records nothing. The function's code runs in the context that it
    /// passes on.
    pub(super) fn passed_on(inner: F, cx: opentelemetry::Context) -> Self {
        let kind = Kind::PassedOn { inner, cx };
        Self { kind }
    }
}

impl<F: Future<Output = Result<(), Error>>> Future for InvocationFuture<F> {
    type Output = Result<(), Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjection::Recorded { future } => future.poll(cx),
            KindProjection::PassedOn {
                inner,
                cx: passed_on,
            } => {
                let _current = passed_on.clone().attach();
                inner.poll(cx)
            }
        }
    }
}

impl<F> fmt::Debug for InvocationFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("InvocationFuture");
        if let Kind::Recorded { future } = &self.kind {
            shown.field("invocation", &future.invocation);
        }
        shown.finish_non_exhaustive()
    }
}

pin_project! {
    /// A recorded invocation. It continues after the response has been posted.
    pub(super) struct Recorded<F> {
        #[pin]
        pub(super) inner: F,
        pub(super) cx: opentelemetry::Context,
        pub(super) invocation: Invocation,
        // Kept until the response has been posted, or could not be posted.
        pub(super) registration: Option<Registration>,
        pub(super) recorder: Arc<Recorder>,
        pub(super) deadline: SystemTime,
        #[pin]
        pub(super) watchdog: Watchdog,
        pub(super) flush: Option<Flush>,
    }

    impl<F> PinnedDrop for Recorded<F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            // The runtime was dropped, so nothing waits for the handler any longer.
            if this.flush.is_none() {
                this.invocation.cancel();
            }
            drop(this.registration.take());
            this.recorder.flush.on_end(this.recorder.active.is_any());
        }
    }
}

/// The flush, and the response to return after it.
pub(super) struct Flush {
    flushing: Option<Flushing>,
    result: Option<Result<(), Error>>,
}

impl<F: Future<Output = Result<(), Error>>> Future for Recorded<F> {
    type Output = Result<(), Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let flush = match this.flush {
            Some(flush) => flush,
            None => {
                let polled = {
                    let _current = this.cx.clone().attach();
                    this.inner.poll(cx)
                };
                let Poll::Ready(result) = polled else {
                    this.watchdog
                        .poll(cx, this.invocation, &this.recorder.flush, *this.deadline);
                    this.recorder.flush.on_pending(*this.deadline);
                    return Poll::Pending;
                };
                this.watchdog.as_mut().stop();
                let now = clock::now();
                end(this.recorder, this.invocation, &result, now);
                drop(this.registration.take());
                let flushed = this.invocation.was_flushed();
                let others = this.recorder.active.is_any();
                let scheduler = &this.recorder.flush;
                this.flush.insert(Flush {
                    flushing: scheduler.on_response(*this.deadline, now, flushed, others),
                    result: Some(result),
                })
            }
        };
        if let Some(flushing) = &mut flush.flushing {
            ready!(flushing.as_mut().poll(cx));
        }
        Poll::Ready(flush.result.take().unwrap_or(Ok(())))
    }
}

fn end(recorder: &Recorder, invocation: &Invocation, result: &Result<(), Error>, now: SystemTime) {
    if let Some(span) = invocation.span() {
        if let Err(error) = result {
            // This is not the handler's error, which the runtime has turned into a response: the response
            // could not be created or posted.
            let message = outcome::text_of(|| error.to_string());
            outcome::fail(span, ErrorType::LambdaRuntime, &message);
        } else if recorder.has_missed_handler(invocation) {
            let message = "the event does not deserialize into the handler's type";
            outcome::fail(span, ErrorType::DeserializeError, message);
        }
    }
    invocation.end(now);
}
