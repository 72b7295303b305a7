use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    task::{Context, Poll},
};

use lambda_runtime::{Error, LambdaInvocation};
use lamplight_internal::diagnostics::warn_once;
use tower_service::Service;

use super::{
    future::{InvocationFuture, Recorded},
    watchdog::{Timeout, Watchdog},
};
use crate::{
    clock,
    current::Invocation,
    outcome, panics, passing_on,
    recorder::{Mode, Recorder},
    start::deadline,
};

/// A service that creates the span of each invocation, and flushes after its response has been posted.
#[derive(Debug, Clone)]
pub struct InvocationService<S> {
    inner: S,
    mode: Mode,
}

impl<S> InvocationService<S> {
    pub(super) fn new(inner: S, mode: Mode) -> Self {
        Self { inner, mode }
    }

    /// Returns a reference to the inner service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Returns a mutable reference to the inner service.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Returns the inner service.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S> Service<LambdaInvocation> for InvocationService<S>
where
    S: Service<LambdaInvocation, Response = (), Error = Error>,
{
    type Response = ();
    type Error = Error;
    type Future = InvocationFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, event: LambdaInvocation) -> Self::Future {
        match &self.mode {
            Mode::On(recorder) => {
                let recorded = record(&mut self.inner, recorder, event);
                InvocationFuture::recorded(recorded)
            }
            Mode::Off(extractor) => {
                let cx = passing_on::context(extractor, &event);
                let inner = {
                    let _current = cx.clone().attach();
                    self.inner.call(event)
                };
                InvocationFuture::passed_on(inner, cx)
            }
        }
    }
}

fn record<S>(
    service: &mut S,
    recorder: &Arc<Recorder>,
    event: LambdaInvocation,
) -> Recorded<S::Future>
where
    S: Service<LambdaInvocation, Response = (), Error = Error>,
{
    let deadline = deadline(&event.context);
    // Events come from outside. If one ever made the extraction panic, the function would continue without a
    // span.
    let begin = catch_unwind(AssertUnwindSafe(|| recorder.begin(&event)));
    let (invocation, cx) = begin.unwrap_or_else(|_| {
        warn_once("invocation-not-traced", || {
            "an invocation could not be traced because of a fault in Lamplight; the function \
             is not affected"
                .to_owned()
        });
        (Invocation::default(), opentelemetry::Context::current())
    });
    // Set up before the handler is called, because the handler may block its thread at once.
    let timeout = Timeout::of(deadline, &recorder.flush);
    let times_out_at = timeout.as_ref().map(|timeout| timeout.at);
    let registration = recorder.active.register(&invocation, times_out_at);
    let watchdog = Watchdog::new(&invocation, recorder, timeout.as_ref());
    let inner = {
        let _current = cx.clone().attach();
        panics::catch(|| service.call(event))
    };
    // The runtime catches panics of the handler, but not those of the event's type.
    let inner = inner.unwrap_or_else(|panic| {
        if let Some(span) = invocation.span() {
            outcome::panicked(span, &panic);
        }
        invocation.end(clock::now());
        panic.resume()
    });
    recorder.flush.on_start(deadline);
    Recorded {
        inner,
        cx,
        invocation,
        registration,
        recorder: recorder.clone(),
        deadline,
        watchdog,
        flush: None,
    }
}
