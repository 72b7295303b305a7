//! Options in code, each equivalent to an environment variable.

use std::time::Duration;

use lamplight_export::{ExporterSink, SpanEventPolicy, SpanQueue, SpanSink};
use lamplight_internal::diagnostics::LogLevel;
#[cfg(doc)]
use lamplight_lambda::Instrumentation;
use lamplight_lambda::{ExceptionLogger, ExceptionSignal, FlushPolicy};
use lamplight_propagation::inbound::EventExtractor;
use opentelemetry::{Key, KeyValue, logs::LoggerProvider};
use opentelemetry_sdk::trace::{ShouldSample, SpanExporter, SpanLimits};

use super::TelemetryBuilder;

impl TelemetryBuilder {
    /// Sets whether recording is off; the callers' context still passes through. Default:
    /// `OTEL_SDK_DISABLED`, which turns telemetry off even if this is `false`.
    pub fn with_disabled(mut self, disabled: bool) -> Self {
        self.disabled = disabled;
        self
    }

    /// Sets the level of Lamplight's log lines about itself, for the whole process. Default:
    /// `OTEL_LOG_LEVEL`, otherwise [`LogLevel::Info`].
    pub fn with_log_level(mut self, level: LogLevel) -> Self {
        self.log_level = Some(level);
        self
    }

    /// Sets an exporter, which must not block its thread and must complete within 10 s, see
    /// [`SpanSink::deliver`]. An exporter that blocks delays the function for longer than any flush budget;
    /// both faults are logged when they are detected. Default: `OTEL_TRACES_EXPORTER`.
    pub fn with_exporter(self, exporter: impl SpanExporter + 'static) -> Self {
        self.with_sink(ExporterSink::new(exporter))
    }

    /// Sets a sink for spans, such as a `KinesisExporter` with options of its own. Default:
    /// `OTEL_TRACES_EXPORTER`.
    pub fn with_sink(mut self, sink: impl SpanSink) -> Self {
        self.queue = Some(SpanQueue::builder(sink));
        #[cfg(any(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc"))]
        self.otlp.take();
        self
    }

    /// Sets an OTLP endpoint as the destination of spans. Default: `OTEL_TRACES_EXPORTER`.
    #[cfg(any(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc"))]
    #[cfg_attr(
        docsrs,
        doc(cfg(any(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc")))
    )]
    pub fn with_otlp(mut self, otlp: crate::Otlp) -> Self {
        self.queue.take();
        self.otlp = Some(otlp);
        self
    }

    /// Limits the number of spans waiting for export. Default: `OTEL_BSP_MAX_QUEUE_SIZE`, otherwise 2048.
    pub fn with_max_spans(mut self, spans: usize) -> Self {
        self.max_spans = Some(spans);
        self
    }

    /// Limits the number of spans in one export; at least 1. Default: `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`,
    /// otherwise 512.
    pub fn with_max_batch(mut self, spans: usize) -> Self {
        self.max_batch = Some(spans);
        self
    }

    /// Limits the pause after a destination was unreachable several times in a row; zero disables pauses.
    /// Default: `LAMPLIGHT_MAX_PAUSE`, otherwise one minute.
    pub fn with_max_pause(mut self, longest: Duration) -> Self {
        self.max_pause = Some(longest);
        self
    }

    /// Sets which span events are exported. Default: `LAMPLIGHT_SPAN_EVENTS`, otherwise all.
    pub fn with_span_events(mut self, policy: SpanEventPolicy) -> Self {
        self.span_events = Some(policy);
        self
    }

    /// Adds resource attributes, which override those of the environment. Default: none.
    pub fn with_resource_attributes(
        mut self,
        attributes: impl IntoIterator<Item = KeyValue>,
    ) -> Self {
        self.attributes.extend(attributes);
        self
    }

    /// Sets the extractor of context from events, and with it the propagation formats. Default: an extractor
    /// configured by `OTEL_PROPAGATORS`, `LAMPLIGHT_ENVELOPE`, `LAMPLIGHT_RECORDS`,
    /// `LAMPLIGHT_SENSITIVE_QUERY_PARAMETERS`, `LAMPLIGHT_CLIENT_ADDRESS`,
    /// `OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST` and
    /// `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS`.
    ///
    /// The extractor has its own limit of links ([`with_link_limit`](EventExtractor::with_link_limit)), which
    /// `OTEL_SPAN_LINK_COUNT_LIMIT` does not change.
    pub fn with_extractor(mut self, extractor: EventExtractor) -> Self {
        self.extractor = Some(extractor);
        self
    }

    /// Sets the entries of the caller's baggage that become attributes of invocations and records. Default:
    /// `LAMPLIGHT_BAGGAGE_ATTRIBUTES`.
    pub fn with_baggage_attributes<K: Into<Key>>(
        mut self,
        keys: impl IntoIterator<Item = K>,
    ) -> Self {
        self.baggage_attributes = Some(keys.into_iter().map(Into::into).collect());
        self
    }

    /// Sets when spans are delivered. Default: `LAMPLIGHT_FLUSH`, otherwise after each response.
    pub fn with_flush_policy(mut self, policy: FlushPolicy) -> Self {
        self.flush_policy = Some(policy);
        self
    }

    /// Limits the duration of each flush. Default: `LAMPLIGHT_FLUSH_BUDGET`, otherwise one second.
    pub fn with_flush_budget(mut self, budget: Duration) -> Self {
        self.flush_budget = Some(budget);
        self
    }

    /// Sets whether queued spans are delivered when Lambda shuts down the environment, see
    /// [`Instrumentation::handle_sigterm`]. Default: `LAMPLIGHT_SIGTERM`, otherwise `true` for the policies
    /// that leave spans in an idle environment: [`FlushPolicy::Adaptive`] and [`FlushPolicy::Manual`].
    pub fn with_sigterm(mut self, handled: bool) -> Self {
        self.sigterm = Some(handled);
        self
    }

    /// Sets the headers of HTTP responses that become attributes. Request headers, sensitive query parameters
    /// and the use of records' context are options of the [`EventExtractor`]. Default:
    /// `OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE`, otherwise none.
    pub fn with_response_headers<N: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        self.response_headers = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Adds a span for each managed service that the event passed through and that left a timestamp (API
    /// Gateway, EventBridge, SNS, SQS, Kinesis), so that the time the event waited is visible. See
    /// [`with_inferred_spans`](lamplight_lambda::InstrumentationBuilder::with_inferred_spans). Default:
    /// `LAMPLIGHT_INFERRED_SPANS`, otherwise off.
    pub fn with_inferred_spans(mut self, enabled: bool) -> Self {
        self.inferred_spans = Some(enabled);
        self
    }

    /// Adds a separate span for messaging events (SQS, SNS, Kinesis, Kafka, EventBridge and the message
    /// brokers) below the invocation's span, as the semantic conventions define it. See
    /// [`with_event_span`](lamplight_lambda::InstrumentationBuilder::with_event_span). Default:
    /// `LAMPLIGHT_EVENT_SPAN`, otherwise off.
    pub fn with_event_span(mut self, enabled: bool) -> Self {
        self.event_span = Some(enabled);
        self
    }

    /// Sets the sampler, which decides which traces are recorded. Default: `OTEL_TRACES_SAMPLER`.
    pub fn with_sampler(mut self, sampler: impl ShouldSample + 'static) -> Self {
        self.sampler = Some(Box::new(sampler));
        self
    }

    /// Sets the limits of a span: numbers of attributes, events and links, and of their attributes. Default:
    /// for each one its variable (`OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT` and so on), otherwise 128.
    pub fn with_span_limits(mut self, limits: SpanLimits) -> Self {
        self.span_limits = Some(limits);
        self
    }

    /// Truncates string attributes after this many characters. Default:
    /// `OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT`, otherwise `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`, otherwise no
    /// limit.
    pub fn with_attribute_value_length(mut self, characters: usize) -> Self {
        self.value_length = Some(characters);
        self
    }

    /// Sets whether the invocation's id is also recorded under the obsolete name `faas.execution`. Default:
    /// `LAMPLIGHT_FAAS_EXECUTION`, otherwise no.
    pub fn with_execution_alias(mut self, enabled: bool) -> Self {
        self.execution_alias = Some(enabled);
        self
    }

    /// Sets a logger provider, with which exceptions can be recorded as log records. OpenTelemetry for Rust
    /// has no global one. Default: none, and exceptions are span events.
    ///
    /// Lamplight delivers spans only: the logger provider must export its records itself.
    pub fn with_logger_provider<P>(mut self, provider: &P) -> Self
    where
        P: LoggerProvider,
        P::Logger: Send + Sync + 'static,
    {
        self.exception_logger = Some(ExceptionLogger::new(provider));
        self
    }

    /// Sets how exceptions are recorded. It requires [`with_logger_provider`](Self::with_logger_provider).
    /// Default: [`OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN`](crate::OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN),
    /// otherwise [`ExceptionSignal::Events`].
    pub fn with_exception_signal(mut self, signal: ExceptionSignal) -> Self {
        self.exception_signal = Some(signal);
        self
    }
}
