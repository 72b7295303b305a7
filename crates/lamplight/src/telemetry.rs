//! Telemetry of one function: set up, run, flush.

use crate::environment::{
    Environment, LAMPLIGHT_BAGGAGE_ATTRIBUTES, LAMPLIGHT_FLUSH, LAMPLIGHT_FLUSH_BUDGET,
    LAMPLIGHT_HOP_SPANS, LAMPLIGHT_SIGTERM,
    OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE,
};
use crate::exporter;
use futures_core::Stream;
use lambda_runtime::{
    Diagnostic, Error, IntoFunctionResponse, LambdaEvent, LambdaInvocation, Runtime,
    tower::{Layer, Service, util::option_layer},
};
use lamplight_export::{ExporterSink, SpanQueue, SpanSink, Stats};
use lamplight_lambda::{
    AttributeLimits, DEFAULT_FLUSH_BUDGET, FlushPolicy, HandlerLayer, Instrumentation, OpenSpans,
    RestorableIds, SnapStart,
};
use lamplight_propagation::inbound::Extractor;
use lamplight_propagation::w3c::W3cPropagator;
use opentelemetry::{Key, KeyValue, global};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracerProvider, ShouldSample, SpanExporter};
use serde::{Deserialize, Serialize};
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

/// `true` records the id of an invocation under its obsolete name `faas.execution` too. Default:
/// `false`.
pub const LAMPLIGHT_FAAS_EXECUTION: &str = "LAMPLIGHT_FAAS_EXECUTION";

/// Telemetry of one function.
///
/// Made by [`lamplight::init`](crate::init) or a [builder](Self::builder); a clone is another
/// handle to the same.
#[derive(Clone, Debug)]
pub struct Telemetry {
    /// `None` when telemetry is off.
    active: Option<Active>,
}

#[derive(Clone, Debug)]
struct Active {
    provider: SdkTracerProvider,
    queue: SpanQueue,
    instrumentation: Instrumentation,
    ids: RestorableIds,
    sigterm: bool,
}

impl Active {
    /// To be awaited before the runtime runs.
    async fn ready(&self) {
        if self.sigterm {
            self.instrumentation.handle_sigterm().await;
        }
    }

    /// What a snapshot needs of telemetry: nothing happens where there is none.
    fn snapstart(&self) -> Arc<SnapStart> {
        let snapstart = self.instrumentation.snapstart().with_ids(self.ids.clone());
        // Connections of the function's own clients do not survive either.
        #[cfg(feature = "aws-sdk")]
        let snapstart = snapstart.with_hook(lamplight_aws_sdk::disconnect);
        Arc::new(snapstart)
    }
}

impl Telemetry {
    /// Options; each one that is not given comes from the environment.
    pub fn builder() -> TelemetryBuilder {
        TelemetryBuilder::default()
    }

    /// Runs the handler for every invocation, in place of `lambda_runtime::run`.
    ///
    /// # Errors
    ///
    /// Those of `lambda_runtime::run`: the runtime lost its connection to Lambda.
    ///
    /// # Panics
    ///
    /// As `lambda_runtime::run` does outside Lambda, when Lambda's own environment variables are
    /// missing.
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
        // Boxed, or the types of a handler with SDK calls in a few layers are nested more deeply than
        // the compiler computes. It is one allocation for all invocations.
        match self.active {
            None => Box::pin(Runtime::new(handler).run()).await,
            Some(_) => Box::pin(self.wrap(handler).run()).await,
        }
    }

    /// The runtime that [`run`](Self::run) would start, to add to it before it is started: layers
    /// of your own, SnapStart resources.
    ///
    /// A layer that is added to it goes around Lamplight's: it runs outside the invocation's span.
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
    /// As `Runtime::new` does outside Lambda, when Lambda's own environment variables are missing.
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
        let around_handler = match instrumentation {
            Some(instrumentation) => instrumentation.handler_layer(),
            None => HandlerLayer::default(),
        };
        let around_runtime = instrumentation.map(Instrumentation::invocation_layer);
        let runtime =
            Runtime::new(around_handler.layer(handler)).layer(option_layer(around_runtime));
        match &self.active {
            Some(active) => runtime.register_snapstart_resource(active.snapstart()),
            None => runtime,
        }
    }

    /// Runs the handler for up to `AWS_LAMBDA_MAX_CONCURRENCY` invocations at a time, in place of
    /// `Runtime::run_concurrent`: for Lambda Managed Instances. Where the variable is not set, it is
    /// the same as [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// Those of `Runtime::run_concurrent`: no worker is left that can reach Lambda.
    ///
    /// # Panics
    ///
    /// As `Runtime::run_concurrent` does outside Lambda, when Lambda's own environment variables are
    /// missing, and outside a Tokio runtime.
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
        match &self.active {
            None => Box::pin(Runtime::new(handler).run_concurrent()).await,
            Some(active) => {
                active.ready().await;
                let instrumentation = &active.instrumentation;
                let runtime = Runtime::new(instrumentation.handler_layer().layer(handler))
                    .layer(instrumentation.invocation_layer())
                    .register_snapstart_resource(active.snapstart());
                Box::pin(runtime.run_concurrent()).await
            }
        }
    }

    /// Delivers what is queued now, for at most `budget`. Functions run by [`run`](Self::run) need it
    /// with [`FlushPolicy::Manual`] only, and there `lamplight::current().flush()` bounds it by the
    /// invocation's deadline too.
    pub async fn flush(&self, budget: Duration) {
        if let Some(Active { queue, .. }) = &self.active {
            let _ = tokio::time::timeout(budget, queue.flush()).await;
        }
    }

    /// What is to be done when the environment ends, for functions that handle SIGTERM themselves: ends
    /// the open spans of invocations, and delivers what is queued, for at most `budget`. Lambda kills
    /// the process 500 ms after the signal, or 300 ms where the function has an external extension.
    pub async fn shut_down(&self, budget: Duration) {
        if let Some(Active {
            instrumentation, ..
        }) = &self.active
        {
            instrumentation.shut_down(budget).await;
        }
    }

    /// What happened to the spans so far.
    pub fn stats(&self) -> Stats {
        self.active
            .as_ref()
            .map(|active| active.queue.stats())
            .unwrap_or_default()
    }

    /// The provider behind the spans, which is also the global one; `None` when telemetry is off.
    pub fn tracer_provider(&self) -> Option<&SdkTracerProvider> {
        self.active.as_ref().map(|active| &active.provider)
    }

    /// The layers, to build a runtime by hand; `None` when telemetry is off.
    pub fn instrumentation(&self) -> Option<&Instrumentation> {
        self.active.as_ref().map(|active| &active.instrumentation)
    }
}

/// Builds [`Telemetry`].
///
/// What is set here wins over the environment, except for `OTEL_SDK_DISABLED`.
#[derive(Debug, Default)]
#[must_use]
pub struct TelemetryBuilder {
    queue: Option<SpanQueue>,
    attributes: Vec<KeyValue>,
    extractor: Option<Extractor>,
    baggage_attributes: Option<Vec<Key>>,
    response_headers: Option<Vec<String>>,
    hop_spans: Option<bool>,
    flush_policy: Option<FlushPolicy>,
    flush_budget: Option<Duration>,
    sigterm: Option<bool>,
    sampler: Option<Box<dyn ShouldSample>>,
}

impl TelemetryBuilder {
    /// Exports to `exporter`. Default: `OTEL_TRACES_EXPORTER`.
    pub fn with_exporter(self, exporter: impl SpanExporter + 'static) -> Self {
        self.with_sink(ExporterSink::new(exporter))
    }

    /// Delivers to `sink`, such as a `KinesisExporter` with options of its own. Default:
    /// `OTEL_TRACES_EXPORTER`.
    pub fn with_sink(mut self, sink: impl SpanSink) -> Self {
        self.queue = Some(SpanQueue::new(sink));
        self
    }

    /// Adds resource attributes, over those of the environment. Default: none.
    pub fn with_resource_attributes(
        mut self,
        attributes: impl IntoIterator<Item = KeyValue>,
    ) -> Self {
        self.attributes.extend(attributes);
        self
    }

    /// Finds context in events with `extractor`. Default: `OTEL_PROPAGATORS` and
    /// `LAMPLIGHT_ENVELOPE`.
    pub fn with_extractor(mut self, extractor: Extractor) -> Self {
        self.extractor = Some(extractor);
        self
    }

    /// Records these entries of the caller's baggage as attributes, on invocations and records.
    /// Default: `LAMPLIGHT_BAGGAGE_ATTRIBUTES`.
    pub fn with_baggage_attributes<K: Into<Key>>(
        mut self,
        keys: impl IntoIterator<Item = K>,
    ) -> Self {
        self.baggage_attributes = Some(keys.into_iter().map(Into::into).collect());
        self
    }

    /// When spans are delivered. Default: `LAMPLIGHT_FLUSH`, else after each response.
    pub fn with_flush_policy(mut self, policy: FlushPolicy) -> Self {
        self.flush_policy = Some(policy);
        self
    }

    /// Bounds each flush. Default: `LAMPLIGHT_FLUSH_BUDGET`, else one second.
    pub fn with_flush_budget(mut self, budget: Duration) -> Self {
        self.flush_budget = Some(budget);
        self
    }

    /// Whether what is queued is delivered when Lambda ends the environment, see
    /// [`Instrumentation::handle_sigterm`]. Default: `LAMPLIGHT_SIGTERM`, else `true` for the policies
    /// that leave spans in an idle environment, [`FlushPolicy::Adaptive`] and [`FlushPolicy::Manual`].
    pub fn with_sigterm(mut self, handled: bool) -> Self {
        self.sigterm = Some(handled);
        self
    }

    /// Records these headers of HTTP responses. Those of requests, query parameters to keep secret and
    /// what records of a batch do are options of the [`Extractor`]. Default:
    /// `OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE`, else none.
    pub fn with_response_headers<N: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        self.response_headers = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Adds a span for each managed service that the event passed through and that left a timestamp
    /// (API Gateway, EventBridge, SNS, SQS, Kinesis), so that the time it waited is seen. See
    /// [`with_hop_spans`](lamplight_lambda::InstrumentationBuilder::with_hop_spans). Default:
    /// `LAMPLIGHT_HOP_SPANS`, else no.
    pub fn with_hop_spans(mut self, enabled: bool) -> Self {
        self.hop_spans = Some(enabled);
        self
    }

    /// Decides which traces are recorded. Default: `OTEL_TRACES_SAMPLER`.
    pub fn with_sampler(mut self, sampler: impl ShouldSample + 'static) -> Self {
        self.sampler = Some(Box::new(sampler));
        self
    }

    /// Sets telemetry up, and makes its provider and propagator the global ones of OpenTelemetry.
    ///
    /// It cannot fail: what is wrong in the configuration is reported in the function's log, and
    /// the function runs without. Where telemetry is off, OpenTelemetry's globals stay as they are,
    /// which is to do nothing.
    pub fn init(self) -> Telemetry {
        let get = |name: &str| std::env::var(name).ok();
        let environment = Environment::new(&get);
        let active = self.build(&environment);
        if let Some(active) = &active {
            global::set_tracer_provider(active.provider.clone());
            if !environment.propagators().iter().any(|name| name == "none") {
                global::set_text_map_propagator(W3cPropagator::new());
            }
            // Beside the function's own initialisation. Outside a runtime it comes with `run`.
            if active.sigterm
                && let Ok(runtime) = tokio::runtime::Handle::try_current()
            {
                let active = active.clone();
                runtime.spawn(async move { active.ready().await });
            }
        }
        Telemetry { active }
    }

    fn build(self, environment: &Environment<'_>) -> Option<Active> {
        if environment.is_disabled() {
            return None;
        }
        let queue = self
            .queue
            .or_else(|| exporter::from_environment(environment))?;
        #[cfg(feature = "metrics")]
        let queue = queue.with_meter(&global::meter("lamplight"));
        environment.check_sampler();
        let ids = RestorableIds::new();
        let mut provider = SdkTracerProvider::builder()
            .with_resource(with_attributes(
                &lamplight_lambda::resource(),
                self.attributes,
            ))
            .with_id_generator(ids.clone())
            .with_span_processor(OpenSpans::new(AttributeLimits::new(queue.clone())));
        if let Some(sampler) = self.sampler {
            provider = provider.with_sampler(sampler);
        }
        let provider = provider.build();

        let keys = self.baggage_attributes.unwrap_or_else(|| {
            environment
                .list(LAMPLIGHT_BAGGAGE_ATTRIBUTES)
                .into_iter()
                .map(Key::from)
                .collect()
        });
        let budget = self
            .flush_budget
            .or_else(|| environment.millis(LAMPLIGHT_FLUSH_BUDGET))
            .unwrap_or(DEFAULT_FLUSH_BUDGET);
        let policy = self
            .flush_policy
            .or_else(|| environment.parse(LAMPLIGHT_FLUSH))
            .unwrap_or_default();
        let instrumentation = Instrumentation::builder(&provider, queue.clone())
            .with_extractor(self.extractor.unwrap_or_else(|| environment.extractor()))
            .with_baggage_attributes(keys)
            .with_flush_policy(policy)
            .with_flush_budget(budget)
            .with_response_headers(self.response_headers.unwrap_or_else(|| {
                environment.list(OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE)
            }))
            .with_hop_spans(
                self.hop_spans
                    .unwrap_or_else(|| is_true(environment, LAMPLIGHT_HOP_SPANS)),
            )
            .with_execution_alias(is_true(environment, LAMPLIGHT_FAAS_EXECUTION))
            .build();
        let sigterm = self
            .sigterm
            .or_else(|| environment.parse(LAMPLIGHT_SIGTERM))
            .unwrap_or_else(|| policy.needs_sigterm());
        Some(Active {
            provider,
            queue,
            instrumentation,
            ids,
            sigterm,
        })
    }
}

fn is_true(environment: &Environment<'_>, name: &str) -> bool {
    let value = environment.get(name);
    value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

fn with_attributes(resource: &Resource, attributes: Vec<KeyValue>) -> Resource {
    let schema_url = resource.schema_url().unwrap_or_default().to_owned();
    let present = resource
        .iter()
        .map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    Resource::builder_empty()
        .with_schema_url(present, schema_url)
        .with_attributes(attributes)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_sdk::trace::InMemorySpanExporter;

    fn build(builder: TelemetryBuilder, variables: &[(&str, &str)]) -> Option<Active> {
        let get = |name: &str| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        };
        builder.build(&Environment::new(&get))
    }

    #[test]
    fn disabled_wins_over_the_builder() {
        let builder = || TelemetryBuilder::default().with_exporter(InMemorySpanExporter::default());
        assert!(build(builder(), &[]).is_some());
        assert!(build(builder(), &[("OTEL_SDK_DISABLED", "true")]).is_none());
    }

    #[test]
    fn what_cannot_be_exported_is_switched_off_and_never_fails() {
        for variables in [
            &[("OTEL_TRACES_EXPORTER", "none")][..],
            &[("OTEL_TRACES_EXPORTER", "carrier pigeon")],
            &[("OTEL_TRACES_EXPORTER", "kinesis")],
        ] {
            assert!(
                build(TelemetryBuilder::default(), variables).is_none(),
                "{variables:?}"
            );
        }
    }

    #[test]
    fn console_needs_no_feature() {
        assert!(
            build(
                TelemetryBuilder::default(),
                &[("OTEL_TRACES_EXPORTER", "console")]
            )
            .is_some()
        );
    }

    #[test]
    #[cfg(feature = "concurrency")]
    fn a_plain_handler_runs_concurrently() {
        async fn echo(event: LambdaEvent<String>) -> Result<String, Error> {
            Ok(event.payload)
        }
        // Only Lambda can run it; that it compiles is what counts.
        let _ = |telemetry: Telemetry| telemetry.run_concurrent(lambda_runtime::service_fn(echo));
    }

    #[test]
    fn attributes_of_the_builder_win_and_keep_the_schema() {
        let resource = Resource::builder_empty()
            .with_schema_url(
                [KeyValue::new("a", "1"), KeyValue::new("b", "1")],
                "https://s/1.0.0",
            )
            .build();
        let merged = with_attributes(&resource, vec![KeyValue::new("b", "2")]);
        assert_eq!(merged.get(&Key::new("a")), Some("1".into()));
        assert_eq!(merged.get(&Key::new("b")), Some("2".into()));
        assert_eq!(merged.schema_url(), Some("https://s/1.0.0"));
    }
}
