//! Set-up of telemetry from options and the environment.

mod options;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use lamplight_export::{SpanEventPolicy, SpanQueue, SpanQueueBuilder};
use lamplight_internal::diagnostics::{LogLevel, warn_once};
use lamplight_lambda::{
    AttributeLimitProcessor, DEFAULT_FLUSH_BUDGET, ExceptionLogger, ExceptionSignal, FlushPolicy,
    Instrumentation, InstrumentationBuilder, LambdaResourceDetector, OpenSpanProcessor,
    SnapStartIdGenerator,
};
use lamplight_propagation::inbound::EventExtractor;
#[cfg(feature = "metrics")]
use opentelemetry::global;
use opentelemetry::{Key, KeyValue};
use opentelemetry_sdk::{
    Resource,
    resource::ResourceDetector,
    trace::{SdkTracerProvider, ShouldSample, SpanLimits},
};

use crate::{
    environment::{
        Environment, LAMPLIGHT_BAGGAGE_ATTRIBUTES, LAMPLIGHT_EVENT_SPAN, LAMPLIGHT_FAAS_EXECUTION,
        LAMPLIGHT_FLUSH, LAMPLIGHT_FLUSH_BUDGET, LAMPLIGHT_INFERRED_SPANS, LAMPLIGHT_SIGTERM,
        LAMPLIGHT_SPAN_EVENTS, OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE,
        OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN,
    },
    exporter,
    guard::guarded,
    telemetry::{Active, Telemetry},
};

/// A builder for [`Telemetry`].
///
/// An option set here overrides its environment variable. Telemetry is off if either of them turns it off.
///
/// ```no_run
/// use std::time::Duration;
///
/// use lambda_runtime::{Error, LambdaEvent, service_fn};
/// use lamplight::{FlushPolicy, Telemetry};
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), Error> {
///     let telemetry = Telemetry::builder()
///         .with_flush_policy(FlushPolicy::Adaptive)
///         .with_flush_budget(Duration::from_millis(500))
///         .init();
///     telemetry.run(service_fn(handler)).await
/// }
///
/// async fn handler(event: LambdaEvent<String>) -> Result<String, Error> {
///     Ok(event.payload)
/// }
/// ```
#[derive(Debug, Default)]
#[must_use]
pub struct TelemetryBuilder {
    disabled: bool,
    log_level: Option<LogLevel>,
    queue: Option<SpanQueueBuilder>,
    #[cfg(any(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc"))]
    otlp: Option<crate::Otlp>,
    max_spans: Option<usize>,
    max_batch: Option<usize>,
    max_pause: Option<Duration>,
    span_events: Option<SpanEventPolicy>,
    attributes: Vec<KeyValue>,
    extractor: Option<EventExtractor>,
    baggage_attributes: Option<Vec<Key>>,
    response_headers: Option<Vec<String>>,
    inferred_spans: Option<bool>,
    event_span: Option<bool>,
    execution_alias: Option<bool>,
    flush_policy: Option<FlushPolicy>,
    flush_budget: Option<Duration>,
    sigterm: Option<bool>,
    sampler: Option<Box<dyn ShouldSample>>,
    span_limits: Option<SpanLimits>,
    value_length: Option<usize>,
    exception_logger: Option<ExceptionLogger>,
    exception_signal: Option<ExceptionSignal>,
}

impl Telemetry {
    /// Returns a builder. Options that are not set come from the environment.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use lamplight::{FlushPolicy, Telemetry};
    ///
    /// let builder = Telemetry::builder()
    ///     .with_flush_policy(FlushPolicy::Adaptive)
    ///     .with_flush_budget(Duration::from_millis(500))
    ///     .with_inferred_spans(true);
    /// ```
    pub fn builder() -> TelemetryBuilder {
        TelemetryBuilder::default()
    }
}

impl TelemetryBuilder {
    /// Sets up telemetry like [`init`](Self::init), but without changing OpenTelemetry's globals. For tests,
    /// each of which needs a telemetry of its own.
    #[must_use = "telemetry does nothing until it runs the handler"]
    pub fn build(self) -> Telemetry {
        let environment = Environment::of_process(self.log_level);
        let extractor = self.extractor(&environment);
        Telemetry::new(guarded(|| self.set_up(&environment)), extractor)
    }

    /// Returns the extractor of context from events, which is also used if nothing is recorded.
    pub(crate) fn extractor(&self, environment: &Environment<'_>) -> EventExtractor {
        let given = self.extractor.clone();
        given.unwrap_or_else(|| environment.extractor(self.limits(environment)))
    }

    fn limits(&self, environment: &Environment<'_>) -> SpanLimits {
        let given = self.span_limits;
        given.unwrap_or_else(|| environment.span_limits())
    }

    /// Returns the level of Lamplight's own log lines.
    pub(crate) fn log_level(&self) -> Option<LogLevel> {
        self.log_level
    }

    /// Returns the span queue with the configured limits; `None` if spans are not exported.
    fn take_queue(&mut self, environment: &Environment<'_>) -> Option<SpanQueue> {
        #[cfg(any(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc"))]
        let otlp = self.otlp.take();
        #[cfg(any(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc"))]
        let chosen = match &otlp {
            Some(otlp) => Some(otlp.over(environment, exporter::otlp)?),
            None => self.queue.take(),
        };
        #[cfg(not(any(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc")))]
        let chosen = self.queue.take();
        let mut queue = chosen.or_else(|| exporter::from_environment(environment))?;
        if let Some(spans) = self.max_spans {
            queue = queue.with_max_spans(spans);
        }
        if let Some(spans) = self.max_batch {
            queue = queue.with_max_batch(spans);
        }
        if let Some(longest) = self.max_pause {
            queue = queue.with_max_pause(longest);
        }
        let events = self.span_events;
        if let Some(policy) = events.or_else(|| environment.parse(LAMPLIGHT_SPAN_EVENTS)) {
            queue = queue.with_span_events(policy);
        }
        #[cfg(feature = "metrics")]
        let queue = queue.with_meter(&global::meter("lamplight"));
        Some(queue.build())
    }

    pub(crate) fn set_up(mut self, environment: &Environment<'_>) -> Option<Active> {
        environment.say_config_file();
        if self.disabled || environment.is_disabled() {
            return None;
        }
        let extractor = self.extractor(environment);
        let limits = self.limits(environment);
        let Some(queue) = self.take_queue(environment) else {
            environment.say_slips();
            return None;
        };
        environment.say_unheeded();
        let ids = SnapStartIdGenerator::new();
        let provider = self.provider(environment, limits, &queue, ids.clone());
        let policy = self
            .flush_policy
            .or_else(|| environment.parse(LAMPLIGHT_FLUSH))
            .unwrap_or_default();
        let sigterm = self
            .sigterm
            .or_else(|| environment.boolean(LAMPLIGHT_SIGTERM))
            .unwrap_or_else(|| policy.needs_sigterm());
        let instrumentation = Instrumentation::builder(&provider, queue.clone())
            .with_extractor(extractor)
            .with_flush_policy(policy);
        let instrumentation = self.with_exceptions(environment, instrumentation);
        Some(Active {
            provider,
            queue,
            instrumentation: self.with_options(environment, instrumentation).build(),
            ids,
            sigterm,
            is_global: false,
            usage: Arc::default(),
        })
    }

    /// Returns the tracer provider, whose spans end in `queue`.
    fn provider(
        &mut self,
        environment: &Environment<'_>,
        limits: SpanLimits,
        queue: &SpanQueue,
        ids: SnapStartIdGenerator,
    ) -> SdkTracerProvider {
        let values = match self.value_length {
            Some(length) => AttributeLimitProcessor::new(queue.clone()).with_value_length(length),
            None => AttributeLimitProcessor::new(queue.clone()),
        };
        let attributes = std::mem::take(&mut self.attributes);
        let provider = SdkTracerProvider::builder()
            .with_resource(with_attributes(
                &LambdaResourceDetector.detect(),
                attributes,
            ))
            .with_id_generator(ids)
            .with_span_processor(OpenSpanProcessor::new(values))
            // Sampler and limits are always set, otherwise the SDK would read the environment itself.
            .with_span_limits(limits);
        match self.sampler.take() {
            Some(sampler) => provider.with_sampler(sampler),
            None => provider.with_sampler(environment.sampler()),
        }
        .build()
    }

    /// Returns `instrumentation` with the configured recording of exceptions.
    fn with_exceptions(
        &mut self,
        environment: &Environment<'_>,
        instrumentation: InstrumentationBuilder,
    ) -> InstrumentationBuilder {
        let signal = self
            .exception_signal
            .or_else(|| environment.parse(OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN))
            .unwrap_or_default();
        if let Some(logger) = self.exception_logger.take() {
            return instrumentation.with_exception_logger(logger, signal);
        }
        if signal != ExceptionSignal::Events {
            warn_once("no-logger-provider", || {
                format!(
                    "{OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN} is set but not supported without a logger \
                     provider: exceptions stay events of spans; give one with \
                     `TelemetryBuilder::with_logger_provider`"
                )
            });
        }
        instrumentation
    }

    /// Returns `instrumentation` with the independent options.
    fn with_options(
        self,
        environment: &Environment<'_>,
        instrumentation: InstrumentationBuilder,
    ) -> InstrumentationBuilder {
        let is_on = |chosen: Option<bool>, name| {
            let chosen = chosen.or_else(|| environment.boolean(name));
            chosen.unwrap_or(false)
        };
        let keys = self.baggage_attributes.unwrap_or_else(|| {
            let names = environment.list(LAMPLIGHT_BAGGAGE_ATTRIBUTES);
            names.into_iter().map(Key::from).collect()
        });
        let headers = self.response_headers.unwrap_or_else(|| {
            environment.list(OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE)
        });
        let budget = self
            .flush_budget
            .or_else(|| environment.millis(LAMPLIGHT_FLUSH_BUDGET))
            .unwrap_or(DEFAULT_FLUSH_BUDGET);
        instrumentation
            .with_baggage_attributes(keys)
            .with_flush_budget(budget)
            .with_response_headers(headers)
            .with_inferred_spans(is_on(self.inferred_spans, LAMPLIGHT_INFERRED_SPANS))
            .with_event_span(is_on(self.event_span, LAMPLIGHT_EVENT_SPAN))
            .with_execution_alias(is_on(self.execution_alias, LAMPLIGHT_FAAS_EXECUTION))
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
