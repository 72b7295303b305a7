use super::future::{InvocationFuture, Recorded};
use super::watchdog::Watchdog;
use crate::instrumentation::{Mode, Shared, deadline};
use crate::{Invocation, outcome, panics, passing_on};
use lambda_runtime::{Error, LambdaInvocation};
use lamplight_internal::diagnostics::warn_once;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;
use tower_service::Service;

/// Gives each invocation its span, and flushes when its response has been posted.
#[derive(Clone, Debug)]
pub struct InvocationService<S> {
    inner: S,
    mode: Mode,
}

impl<S> InvocationService<S> {
    pub(super) fn new(inner: S, mode: Mode) -> Self {
        Self { inner, mode }
    }

    /// The service below.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The service below.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The service below.
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
            Mode::On(shared) => {
                let recorded = record(&mut self.inner, shared, event);
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

fn record<S>(service: &mut S, shared: &Arc<Shared>, event: LambdaInvocation) -> Recorded<S::Future>
where
    S: Service<LambdaInvocation, Response = (), Error = Error>,
{
    let deadline = deadline(&event.context);
    // Events come from anywhere. Should one ever trip the extraction over, the function goes on
    // without a span.
    let begin = catch_unwind(AssertUnwindSafe(|| shared.begin(&event)));
    let (invocation, cx) = begin.unwrap_or_else(|_| {
        warn_once("invocation-not-traced", || {
            "an invocation could not be traced because of a fault in Lamplight; the function \
             is not affected"
                .to_owned()
        });
        (Invocation::default(), opentelemetry::Context::current())
    });
    // Before the handler is called, which may block its thread at once.
    let watchdog = Watchdog::new(&invocation, shared, deadline);
    let inner = {
        let _current = cx.clone().attach();
        panics::catch(|| service.call(event))
    };
    // The runtime catches what the handler does, and not what the event's type does.
    let inner = inner.unwrap_or_else(|panic| {
        invocation.span(|span| outcome::panicked(span, &panic));
        invocation.end(SystemTime::now());
        panic.resume()
    });
    Recorded::new(inner, cx, invocation, shared.clone(), deadline, watchdog)
}
