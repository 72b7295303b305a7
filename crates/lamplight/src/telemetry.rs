//! The telemetry of a function: set-up, run, flush.

use std::{fmt::Debug, sync::Arc, time::Duration};

use futures_core::Stream;
use lambda_runtime::{
    Diagnostic, Error, IntoFunctionResponse, LambdaEvent, LambdaInvocation, Runtime,
    tower::{Layer, Service, util::MapRequest},
};
use lamplight_export::{QueueSnapshot, SpanQueue};
use lamplight_lambda::{Instrumentation, SnapStart, SnapStartIdGenerator};
use lamplight_propagation::inbound::EventExtractor;
use opentelemetry_sdk::trace::SdkTracerProvider;
use serde::{Deserialize, Serialize};

use crate::mistakes::{FirstInvocation, Handle, Use, look_around};

/// The telemetry of a function.
///
/// Created by [`lamplight::init`](crate::init) or a [builder](Self::builder); a clone is another handle to
/// the same telemetry. If the last handle is dropped and no handler was ever run, this is reported.
#[derive(Clone, Debug)]
#[must_use = "telemetry does nothing until it runs the handler"]
pub struct Telemetry {
    /// `None` when telemetry is off.
    active: Option<Active>,
    /// If telemetry is off, it only passes context on.
    instrumentation: Instrumentation,
    handle: Arc<Handle>,
}

#[derive(Clone, Debug)]
pub(crate) struct Active {
    pub(crate) provider: SdkTracerProvider,
    pub(crate) queue: SpanQueue,
    pub(crate) instrumentation: Instrumentation,
    pub(crate) ids: SnapStartIdGenerator,
    pub(crate) sigterm: bool,
    /// True if the provider was made OpenTelemetry's global one.
    pub(crate) is_global: bool,
    /// The usage of the telemetry, by all handles.
    pub(crate) usage: Arc<Use>,
}

impl Active {
    pub(crate) fn into_global(mut self) -> Self {
        self.is_global = true;
        self
    }

    /// Completes the set-up; must be awaited before the runtime runs.
    pub(crate) async fn ready(&self) {
        if self.sigterm {
            self.instrumentation.handle_sigterm().await;
        }
    }

    /// Returns telemetry's part in SnapStart; it does nothing if telemetry is off.
    fn snapstart(&self) -> Arc<SnapStart> {
        let snapstart = self.instrumentation.snapstart().with_ids(self.ids.clone());
        // Connections of the function's own clients do not survive a snapshot either.
        #[cfg(feature = "aws-sdk")]
        let snapstart = snapstart.with_hook(lamplight_aws_config::disconnect);
        Arc::new(snapstart)
    }
}

impl Telemetry {
    /// Returns a telemetry; without an active part, it passes on the context that `extractor` finds.
    pub(crate) fn new(active: Option<Active>, extractor: EventExtractor) -> Self {
        match active {
            Some(active) => Self::of(&active),
            None => Self {
                active: None,
                instrumentation: Instrumentation::off(extractor),
                handle: Arc::new(Handle::new(None)),
            },
        }
    }

    pub(crate) fn of(active: &Active) -> Self {
        Self {
            active: Some(active.clone()),
            instrumentation: active.instrumentation.clone(),
            handle: Arc::new(Handle::new(Some(active.usage.clone()))),
        }
    }

    fn first_invocation(&self) -> FirstInvocation {
        look_around();
        let active = self.active.as_ref();
        FirstInvocation::new(active.is_some(), active.is_some_and(|it| it.is_global))
    }

    /// Runs the handler for every invocation, in place of `lambda_runtime::run`.
    ///
    /// # Errors
    ///
    /// Returns the errors of `lambda_runtime::run`: the runtime lost its connection to Lambda.
    ///
    /// # Panics
    ///
    /// Panics outside Lambda, if Lambda's own environment variables are missing, like `lambda_runtime::run`.
    pub async fn run<H, T, R, B, S, D, E>(self, handler: H) -> Result<(), Error>
    where
        H: Service<LambdaEvent<T>, Response = R>,
        H::Future: Future<Output = Result<R, H::Error>>,
        H::Error: Into<Diagnostic> + Debug + 'static,
        T: for<'de> Deserialize<'de>,
        R: IntoFunctionResponse<B, S>,
        B: Serialize,
        S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
        D: Into<bytes::Bytes> + Send,
        E: Into<Error> + Send + Debug,
    {
        if let Some(active) = &self.active {
            active.ready().await;
        }
        // Boxed, because the types of a handler with SDK calls in several layers exceed the compiler's
        // nesting limit. It is one allocation for all invocations.
        Box::pin(self.wrap(handler).run()).await
    }

    /// Returns the runtime that [`run`](Self::run) would start, so that it can be extended: with layers of
    /// your own, or SnapStart resources.
    ///
    /// An added layer surrounds Lamplight's, and so runs outside the invocation's span.
    ///
    /// ```no_run
    /// use lambda_runtime::layers::TracingLayer;
    /// use lambda_runtime::{Error, LambdaEvent, service_fn};
    ///
    /// # async fn example() -> Result<(), Error> {
    /// let echo = async |event: LambdaEvent<String>| Ok::<_, Error>(event.payload);
    /// let runtime = lamplight::init().wrap(service_fn(echo));
    /// runtime.layer(TracingLayer::new()).run().await
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics outside Lambda, if Lambda's own environment variables are missing, like `Runtime::new`.
    pub fn wrap<'a, H, T, R, B, S, D, E>(
        &self,
        handler: H,
    ) -> Runtime<
        impl Service<LambdaInvocation, Response = (), Error = Error> + use<'a, H, T, R, B, S, D, E>,
    >
    where
        H: Service<LambdaEvent<T>, Response = R>,
        H::Future: Future<Output = Result<R, H::Error>> + 'a,
        H::Error: Into<Diagnostic> + Debug + 'static,
        T: for<'de> Deserialize<'de>,
        R: IntoFunctionResponse<B, S>,
        B: Serialize + 'a,
        S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
        D: Into<bytes::Bytes> + Send,
        E: Into<Error> + Send + Debug,
    {
        let instrumentation = self.instrumentation();
        let first = self.first_invocation();
        let handler = MapRequest::new(handler, move |event| first.seen(event));
        let runtime = Runtime::new(instrumentation.handler_layer().layer(handler))
            .layer(instrumentation.invocation_layer());
        match &self.active {
            Some(active) => runtime.register_snapstart_resource(active.snapstart()),
            None => runtime,
        }
    }

    /// Runs the handler for up to `AWS_LAMBDA_MAX_CONCURRENCY` invocations at a time, in place of
    /// `Runtime::run_concurrent`: for Lambda Managed Instances. If the variable is not set, it is equivalent
    /// to [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// Returns the errors of `Runtime::run_concurrent`: no worker is left that can reach Lambda.
    ///
    /// # Panics
    ///
    /// Panics outside Lambda, if Lambda's own environment variables are missing, and outside a Tokio runtime,
    /// like `Runtime::run_concurrent`.
    #[cfg(feature = "concurrency")]
    #[cfg_attr(docsrs, doc(cfg(feature = "concurrency")))]
    pub async fn run_concurrent<H, T, R, B, S, D, E>(self, handler: H) -> Result<(), Error>
    where
        H: Service<LambdaEvent<T>, Response = R> + Clone + Send + 'static,
        H::Future: Future<Output = Result<R, H::Error>> + Send + 'static,
        H::Error: Into<Diagnostic> + Debug + 'static,
        T: for<'de> Deserialize<'de> + Send + 'static,
        R: IntoFunctionResponse<B, S> + Send + 'static,
        B: Serialize + Send + 'static,
        S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
        D: Into<bytes::Bytes> + Send + 'static,
        E: Into<Error> + Send + Debug + 'static,
    {
        if let Some(active) = &self.active {
            active.ready().await;
        }
        let instrumentation = self.instrumentation();
        let first = self.first_invocation();
        let handler = MapRequest::new(handler, move |event| first.seen(event));
        let runtime = Runtime::new(instrumentation.handler_layer().layer(handler))
            .layer(instrumentation.invocation_layer());
        let runtime = match &self.active {
            Some(active) => runtime.register_snapstart_resource(active.snapstart()),
            None => runtime,
        };
        Box::pin(runtime.run_concurrent()).await
    }

    /// Delivers the spans that are queued now, for at most `budget`. Functions run by [`run`](Self::run) need
    /// it only with [`FlushPolicy::Manual`](crate::FlushPolicy::Manual), for which
    /// `lamplight::current().flush()` is better, because it also respects the invocation's deadline.
    pub async fn flush(&self, budget: Duration) {
        self.handle.note_use();
        self.instrumentation.flush(budget).await;
    }

    /// Ends the open spans of invocations and delivers queued spans, for at most `budget`. For functions that
    /// handle SIGTERM themselves. Lambda kills the process 500 ms after the signal, or 300 ms after it if the
    /// function has an external extension.
    pub async fn shutdown(&self, budget: Duration) {
        self.handle.note_use();
        self.instrumentation.shutdown(budget).await;
    }

    /// Returns the state of the queue, and the counts of its spans so far.
    pub fn queue_snapshot(&self) -> QueueSnapshot {
        self.active
            .as_ref()
            .map(|active| active.queue.snapshot())
            .unwrap_or_default()
    }

    /// Returns the tracer provider, which is also the global one; `None` if telemetry is off.
    pub fn tracer_provider(&self) -> Option<&SdkTracerProvider> {
        self.active.as_ref().map(|active| &active.provider)
    }

    /// Returns the layers, to build a runtime by hand. If telemetry is off, they only pass on the callers'
    /// context.
    pub fn instrumentation(&self) -> &Instrumentation {
        self.handle.note_use();
        &self.instrumentation
    }
}

#[cfg(all(test, feature = "concurrency"))]
mod tests {
    use super::*;

    #[test]
    fn a_plain_handler_runs_concurrently() {
        async fn echo(event: LambdaEvent<String>) -> Result<String, Error> {
            Ok(event.payload)
        }
        // Only Lambda can run it; that it compiles is what counts.
        let _ = |telemetry: Telemetry| telemetry.run_concurrent(lambda_runtime::service_fn(echo));
    }
}
