//! Options of telemetry, and how it is set up.

use crate::environment::{
    Environment, LAMPLIGHT_BAGGAGE_ATTRIBUTES, LAMPLIGHT_FLUSH, LAMPLIGHT_FLUSH_BUDGET,
    LAMPLIGHT_HOP_SPANS, LAMPLIGHT_SIGTERM,
    OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE,
    OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN,
};
use crate::telemetry::{Active, LAMPLIGHT_FAAS_EXECUTION, Telemetry};
use crate::{exporter, process};
use lamplight_export::diagnostics::warn_once;
use lamplight_export::{ExporterSink, SpanQueue, SpanSink};
use lamplight_lambda::{
    AttributeLimits, DEFAULT_FLUSH_BUDGET, ExceptionLogger, ExceptionSignal, FlushPolicy,
    Instrumentation, OpenSpans, RestorableIds,
};
use lamplight_propagation::inbound::Extractor;
#[cfg(feature = "metrics")]
use opentelemetry::global;
use opentelemetry::logs::LoggerProvider;
use opentelemetry::{Key, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracerProvider, ShouldSample, SpanExporter};
use std::sync::Arc;
use std::time::Duration;

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
    exception_logger: Option<ExceptionLogger>,
    exception_signal: Option<ExceptionSignal>,
}

impl TelemetryBuilder {
    /// Exports to `exporter`, which must not block its thread and must end by itself, within 10 s: see
    /// [`SpanSink::deliver`]. One that does blocks the function, for longer than any flush budget; both
    /// are reported when they are noticed. Default: `OTEL_TRACES_EXPORTER`.
    pub fn with_exporter(self, exporter: impl SpanExporter + 'static) -> Self {
        self.with_sink(ExporterSink::new(exporter))
    }

    /// Delivers to `sink`, such as a `KinesisExporter` with options of its own. Default:
    /// `OTEL_TRACES_EXPORTER`.
    pub fn with_sink(mut self, sink: impl SpanSink) -> Self {
        self.queue = Some(SpanQueue::new(sink));
        self
    }

    /// Gives a provider of loggers, by which exceptions can be log records. OpenTelemetry for Rust has
    /// no global one. Default: none, exceptions are events of spans.
    ///
    /// What it exports, and when, is its own affair: Lamplight delivers spans.
    pub fn with_logger_provider<P>(mut self, provider: &P) -> Self
    where
        P: LoggerProvider,
        P::Logger: Send + Sync + 'static,
    {
        self.exception_logger = Some(ExceptionLogger::new(provider));
        self
    }

    /// Sets how exceptions are recorded, for which [`with_logger_provider`](Self::with_logger_provider) is
    /// needed too. Default: [`OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN`](crate::OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN),
    /// else [`ExceptionSignal::Events`].
    pub fn with_exception_signal(mut self, signal: ExceptionSignal) -> Self {
        self.exception_signal = Some(signal);
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

    /// Finds context in events with `extractor`, in its formats. Default: one with
    /// `OTEL_PROPAGATORS`, `LAMPLIGHT_ENVELOPE`, `LAMPLIGHT_RECORDS`, `LAMPLIGHT_SECRET_PARAMETERS` and
    /// `OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST`.
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
    /// the function runs without; so is a panic of an exporter or a sampler. Where telemetry is off,
    /// the global provider stays as it is, which is to do nothing, and the callers' context passes
    /// through the function.
    ///
    /// There is one telemetry in a process. Called again, this reports it and returns another handle
    /// to the first one, without a look at the options; see [`build`](Self::build) for tests.
    #[must_use = "telemetry does nothing until it runs the handler: `init().run(handler)`"]
    pub fn init(self) -> Telemetry {
        process::init(self)
    }

    /// Sets telemetry up as [`init`](Self::init) does, and leaves OpenTelemetry's globals alone: for
    /// tests, each of which wants a telemetry of its own.
    #[must_use = "telemetry does nothing until it runs the handler"]
    pub fn build(self) -> Telemetry {
        let get = |name: &str| std::env::var(name).ok();
        let environment = Environment::new(&get);
        let extractor = self.extractor(&environment);
        Telemetry::new(process::guarded(|| self.set_up(&environment)), extractor)
    }

    /// Returns what finds context in events, whether anything is recorded or not.
    pub(crate) fn extractor(&self, environment: &Environment<'_>) -> Extractor {
        let given = self.extractor.clone();
        given.unwrap_or_else(|| environment.extractor())
    }

    pub(crate) fn set_up(self, environment: &Environment<'_>) -> Option<Active> {
        if environment.is_disabled() {
            return None;
        }
        let extractor = self.extractor(environment);
        let queue = self
            .queue
            .or_else(|| exporter::from_environment(environment))?;
        #[cfg(feature = "metrics")]
        let queue = queue.with_meter(&global::meter("lamplight"));
        let ids = RestorableIds::new();
        let provider = SdkTracerProvider::builder()
            .with_resource(with_attributes(
                &lamplight_lambda::resource(),
                self.attributes,
            ))
            .with_id_generator(ids.clone())
            .with_span_processor(OpenSpans::new(AttributeLimits::new(queue.clone())));
        // Both always, or the SDK would look into the environment by itself.
        let provider = environment.span_limits().apply(provider);
        let provider = match self.sampler {
            Some(sampler) => provider.with_sampler(sampler),
            None => provider.with_sampler(environment.sampler()),
        };
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
        let signal = self
            .exception_signal
            .or_else(|| environment.parse(OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN))
            .unwrap_or_default();
        let instrumentation = Instrumentation::builder(&provider, queue.clone());
        let instrumentation = match self.exception_logger {
            Some(logger) => instrumentation.with_exception_logger(logger, signal),
            None => {
                if signal != ExceptionSignal::Events {
                    warn_once("no-logger-provider", || {
                        format!(
                            "{OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN} is set but not supported without \
                             a logger provider: exceptions stay events of spans; give one with \
                             `TelemetryBuilder::with_logger_provider`"
                        )
                    });
                }
                instrumentation
            }
        };
        let instrumentation = instrumentation
            .with_extractor(extractor)
            .with_baggage_attributes(keys)
            .with_flush_policy(policy)
            .with_flush_budget(budget)
            .with_response_headers(self.response_headers.unwrap_or_else(|| {
                environment.list(OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE)
            }))
            .with_hop_spans(
                self.hop_spans
                    .or_else(|| environment.flag(LAMPLIGHT_HOP_SPANS))
                    .unwrap_or(false),
            )
            .with_execution_alias(environment.flag(LAMPLIGHT_FAAS_EXECUTION).unwrap_or(false))
            .build();
        let sigterm = self
            .sigterm
            .or_else(|| environment.flag(LAMPLIGHT_SIGTERM))
            .unwrap_or_else(|| policy.needs_sigterm());
        Some(Active {
            provider,
            queue,
            instrumentation,
            ids,
            sigterm,
            is_global: false,
            usage: Arc::default(),
        })
    }
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
#[path = "builder_tests.rs"]
mod tests;
