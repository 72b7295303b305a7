//! An execution environment: a handler on the real runtime's stack, and its telemetry.

use std::{
    cell::RefCell,
    convert::Infallible,
    fmt::Debug,
    future::{Future, Ready, poll_fn, ready},
    pin::pin,
    rc::Rc,
    sync::{Arc, mpsc},
    task::{Context, Poll},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderMap, HeaderName, HeaderValue};
use lambda_runtime::{
    Config, Diagnostic, Error, IntoFunctionResponse, LambdaEvent, LambdaInvocation, Runtime,
    SnapStartResource,
    tower::{Layer, Service, ServiceExt, util::UnsyncBoxService},
};
use lamplight::Telemetry;
use opentelemetry_sdk::{Resource, trace::SpanData};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{
    observed::{Observed, Turn, Typed},
    options::Options,
};
use crate::{
    Invoke,
    api::{self, Expected, Posted},
    collect::Collector,
    route::Route,
    variables,
};

/// The outcome of an invocation.
#[derive(Debug)]
pub(crate) struct Ran {
    /// `None` if nothing was posted until the deadline.
    pub(crate) posted: Option<Posted>,
    /// The runtime's own error: it lost the Runtime API, or could not make an answer.
    pub(crate) failure: Option<String>,
    pub(crate) timed_out: bool,
    pub(crate) took: Duration,
    pub(crate) spans: Vec<SpanData>,
    pub(crate) resource: Arc<Resource>,
}

type Stack = UnsyncBoxService<LambdaInvocation, (), Error>;

/// An environment, on the thread that it was made on.
pub(crate) struct Environment {
    stack: Stack,
    telemetry: Telemetry,
    collector: Collector,
    route: Option<Route>,
    turn: Turn,
    config: Arc<Config>,
    arn: String,
    timeout: Duration,
    /// True until the environment has been restored from its snapshot, where it is to be.
    restores: bool,
    #[cfg(feature = "tracing")]
    dispatch: tracing::Dispatch,
}

impl Environment {
    pub(crate) fn new<H, T, R, B, S, D, E>(options: Options, handler: H) -> Self
    where
        H: Service<LambdaEvent<T>, Response = R> + 'static,
        H::Future: Future<Output = Result<R, H::Error>> + 'static,
        H::Error: Into<Diagnostic> + Debug + 'static,
        T: for<'de> Deserialize<'de> + 'static,
        R: IntoFunctionResponse<B, S> + 'static,
        B: Serialize + 'static,
        S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
        D: Into<Bytes> + Send + 'static,
        E: Into<Error> + Send + Debug + 'static,
    {
        let address = match api::address() {
            Ok(address) => address,
            Err(error) => panic!("the Runtime API of the tests does not start: {error}"),
        };
        let collector = Collector::default();
        let turn = Turn::default();
        let Options {
            name,
            version,
            memory,
            region,
            timeout,
            restores,
            ..
        } = options;
        let config = Config {
            log_group: format!("/aws/lambda/{name}"),
            log_stream: format!("2026/01/01/[{version}]0123456789abcdef0123456789abcdef"),
            function_name: name,
            memory,
            version,
        };
        let given = options.variables;
        let (stack, telemetry, route) =
            variables::with(&config, &region, address, restores, &given, || {
                let builder = (options.telemetry)(Telemetry::builder());
                let telemetry = builder.with_exporter(collector.clone()).build();
                let route = telemetry.tracer_provider().map(Route::to);
                let observed = Observed {
                    handler,
                    route: route.clone(),
                    turn: turn.clone(),
                };
                let handler = Typed::<_, B, S>::new(observed);
                let stack = captured(telemetry.wrap(handler));
                (UnsyncBoxService::new(stack), telemetry, route)
            });
        Self {
            stack,
            #[cfg(feature = "tracing")]
            dispatch: super::dispatch::of(&telemetry),
            telemetry,
            collector,
            route,
            turn,
            arn: format!(
                "arn:aws:lambda:{region}:123456789012:function:{}",
                config.function_name
            ),
            config: Arc::new(config),
            timeout,
            restores,
        }
    }

    pub(crate) fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// Invokes the handler, and goes on until its telemetry is flushed.
    pub(crate) async fn run(&mut self, invoke: Invoke) -> Ran {
        if let Some(route) = &self.route {
            route.use_on_this_thread();
        }
        self.restore().await;
        let expected = Expected::new(&invoke.request_id);
        let timeout = invoke.timeout.unwrap_or(self.timeout);
        let deadline = SystemTime::now() + timeout;
        let invocation = self.invocation(invoke, deadline);
        let started = Instant::now();
        let outcome = self.until_the_deadline(invocation, started + timeout).await;
        let took = started.elapsed();
        let posted = expected.take().filter(|_| took <= timeout);
        Ran {
            timed_out: posted.is_none() && !matches!(outcome, Some(Err(_))),
            posted,
            failure: outcome.and_then(Result::err).map(|error| error.to_string()),
            took,
            spans: self.collector.take(),
            resource: self.collector.resource(),
        }
    }

    /// Returns the runtime's result, or `None` where it was stopped.
    async fn until_the_deadline(
        &mut self,
        invocation: LambdaInvocation,
        deadline: Instant,
    ) -> Option<Result<(), Error>> {
        let stack = &mut self.stack;
        let mut running = pin!(async move { stack.ready().await?.call(invocation).await });
        let mut stop = pin!(tokio::time::sleep_until(deadline));
        let mut clock = Clock::default();
        let turn = &self.turn;
        #[cfg(feature = "tracing")]
        let dispatch = &self.dispatch;
        poll_fn(|cx| {
            let poll = || running.as_mut().poll(cx);
            #[cfg(feature = "tracing")]
            let polled = tracing::dispatcher::with_default(dispatch, poll);
            #[cfg(not(feature = "tracing"))]
            let polled = {
                let mut poll = poll;
                poll()
            };
            if let Poll::Ready(result) = polled {
                return Poll::Ready(Some(result));
            }
            clock.hold(!turn.is_handlers());
            stop.as_mut().poll(cx).map(|()| None)
        })
        .await
    }

    fn invocation(&self, invoke: Invoke, deadline: SystemTime) -> LambdaInvocation {
        let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default();
        let arn = invoke.arn.unwrap_or_else(|| self.arn.clone());
        let given = [
            (
                "lambda-runtime-aws-request-id",
                Some(invoke.request_id.clone()),
            ),
            (
                "lambda-runtime-deadline-ms",
                Some(deadline.as_millis().to_string()),
            ),
            ("lambda-runtime-invoked-function-arn", Some(arn)),
            ("lambda-runtime-trace-id", invoke.xray_trace_id),
            ("lambda-runtime-client-context", invoke.client_context),
            ("lambda-runtime-cognito-identity", invoke.cognito_identity),
            ("lambda-runtime-aws-tenant-id", invoke.tenant_id),
        ];
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            let Some(value) = value else { continue };
            match HeaderValue::from_bytes(value.as_bytes()) {
                Ok(value) => headers.insert(HeaderName::from_static(name), value),
                Err(_) => panic!("{value:?} cannot be the value of the header {name}"),
            };
        }
        // As the runtime itself reads them.
        let context =
            lambda_runtime::Context::new(&invoke.request_id, self.config.clone(), &headers);
        let context = match context {
            Ok(context) => context,
            Err(error) => panic!("the context of the invocation cannot be read: {error}"),
        };
        let mut next = http::Response::new(());
        *next.headers_mut() = headers;
        LambdaInvocation {
            parts: next.into_parts().0,
            body: invoke.body,
            context,
        }
    }

    /// Restores the environment from its snapshot, where it is to be.
    async fn restore(&mut self) {
        if !std::mem::take(&mut self.restores) {
            return;
        }
        let snapstart = self.telemetry.instrumentation().snapstart();
        let restored = async {
            snapstart.before_snapshot().await?;
            snapstart.after_restore().await
        };
        if let Err(error) = restored.await {
            panic!("telemetry cannot be restored from a snapshot: {error}");
        }
    }
}

/// Returns the service that a runtime would call for each event.
///
/// It is the real stack: it reads the event, calls the handler, catches its panics, and posts the answer.
/// Only the loop around it stays behind, which asks the Runtime API for events one by one, and sets a
/// variable of the whole process for each.
fn captured<S>(runtime: Runtime<S>) -> S
where
    S: Service<LambdaInvocation, Response = (), Error = Error>,
{
    let place = Rc::new(RefCell::new(None));
    drop(runtime.layer(Capture(place.clone())));
    match place.take() {
        Some(stack) => stack,
        None => panic!("a runtime makes a service of its layer at once"),
    }
}

struct Capture<S>(Rc<RefCell<Option<S>>>);

impl<S> Layer<S> for Capture<S> {
    type Service = Captured;

    fn layer(&self, inner: S) -> Captured {
        self.0.replace(Some(inner));
        Captured
    }
}

/// Stands where the stack was.
struct Captured;

impl Service<LambdaInvocation> for Captured {
    type Response = ();
    type Error = Error;
    type Future = Ready<Result<(), Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: LambdaInvocation) -> Self::Future {
        ready(Ok(()))
    }
}

/// Tokio's clock, where the test has paused it.
///
/// A paused clock moves on to the next timer whenever all tasks wait. That is what a handler is to see, and
/// not a response on its way: the clock would go to the deadline. Tokio holds it while a blocking task runs.
#[derive(Default)]
struct Clock {
    held: Option<mpsc::Sender<Infallible>>,
}

impl Clock {
    fn hold(&mut self, hold: bool) {
        if !hold {
            self.held = None;
        } else if self.held.is_none() && is_paused() {
            let (held, release) = mpsc::channel();
            self.held = Some(held);
            drop(tokio::task::spawn_blocking(move || release.recv().is_err()));
        }
    }
}

/// Returns whether Tokio's clock stands still: a reading of it lies outside two of the system's.
fn is_paused() -> bool {
    let before = std::time::Instant::now();
    let tokio = Instant::now().into_std();
    !(before <= tokio && tokio <= std::time::Instant::now())
}
