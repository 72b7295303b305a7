//! What can be said in code: the equivalents of variables.

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
    /// Whether nothing is recorded, while the callers' context passes through. Default:
    /// `OTEL_SDK_DISABLED`, which switches telemetry off whatever is said here.
    pub fn with_disabled(mut self, disabled: bool) -> Self {
        self.disabled = disabled;
        self
    }

    /// Sets which lines about itself Lamplight writes, in the whole process. Default: `OTEL_LOG_LEVEL`,
    /// else [`LogLevel::Info`].
    pub fn with_log_level(mut self, level: LogLevel) -> Self {
        self.log_level = Some(level);
        self
    }

    /// Exports to `exporter`, which must not block its thread and must end by itself, within 10 s: see
    /// [`SpanSink::deliver`]. One that does blocks the function, for longer than any flush budget; both
    /// are reported when they are noticed. Default: `OTEL_TRACES_EXPORTER`.
    pub fn with_exporter(self, exporter: impl SpanExporter + 'static) -> Self {
        self.with_sink(ExporterSink::new(exporter))
    }

    /// Delivers to `sink`, such as a `KinesisExporter` with options of its own. Default:
    /// `OTEL_TRACES_EXPORTER`.
    pub fn with_sink(mut self, sink: impl SpanSink) -> Self {
        self.queue = Some(SpanQueue::builder(sink));
        #[cfg(any(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc"))]
        self.otlp.take();
        self
    }

    /// Delivers to an OTLP endpoint. Default: `OTEL_TRACES_EXPORTER`.
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

    /// Limits the number of spans that wait for export. Default: `OTEL_BSP_MAX_QUEUE_SIZE`, else 2048.
    pub fn with_max_spans(mut self, spans: usize) -> Self {
        self.max_spans = Some(spans);
        self
    }

    /// Limits the number of spans in one export; at least 1. Default:
    /// `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`, else 512.
    pub fn with_max_batch(mut self, spans: usize) -> Self {
        self.max_batch = Some(spans);
        self
    }

    /// Limits how long a destination is left alone that could not be reached several times in a row;
    /// zero for not at all. Default: `LAMPLIGHT_MAX_PAUSE`, else a minute.
    pub fn with_max_pause(mut self, longest: Duration) -> Self {
        self.max_pause = Some(longest);
        self
    }

    /// Sets which span events are exported. Default: `LAMPLIGHT_SPAN_EVENTS`, else all.
    pub fn with_span_events(mut self, policy: SpanEventPolicy) -> Self {
        self.span_events = Some(policy);
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
    /// `OTEL_PROPAGATORS`, `LAMPLIGHT_ENVELOPE`, `LAMPLIGHT_RECORDS`,
    /// `LAMPLIGHT_SENSITIVE_QUERY_PARAMETERS`, `LAMPLIGHT_CLIENT_ADDRESS`,
    /// `OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST` and
    /// `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS`.
    /// Its limit of links is its own ([`with_link_limit`](EventExtractor::with_link_limit)), whatever
    /// `OTEL_SPAN_LINK_COUNT_LIMIT` says.
    pub fn with_extractor(mut self, extractor: EventExtractor) -> Self {
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
    /// what records of a batch do are options of the [`EventExtractor`]. Default:
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
    /// [`with_inferred_spans`](lamplight_lambda::InstrumentationBuilder::with_inferred_spans). Default:
    /// `LAMPLIGHT_INFERRED_SPANS`, else no.
    pub fn with_inferred_spans(mut self, enabled: bool) -> Self {
        self.inferred_spans = Some(enabled);
        self
    }

    /// Gives an event of messages (SQS, SNS, Kinesis, Kafka, EventBridge and the message brokers) a span
    /// of its own below the invocation's, as the semantic conventions have it. See
    /// [`with_event_span`](lamplight_lambda::InstrumentationBuilder::with_event_span). Default:
    /// `LAMPLIGHT_EVENT_SPAN`, else no.
    pub fn with_event_span(mut self, enabled: bool) -> Self {
        self.event_span = Some(enabled);
        self
    }

    /// Decides which traces are recorded. Default: `OTEL_TRACES_SAMPLER`.
    pub fn with_sampler(mut self, sampler: impl ShouldSample + 'static) -> Self {
        self.sampler = Some(Box::new(sampler));
        self
    }

    /// Limits what a span has: attributes, events, links, and attributes of these. Default: for each
    /// its variable (`OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT` and so on), else 128.
    pub fn with_span_limits(mut self, limits: SpanLimits) -> Self {
        self.span_limits = Some(limits);
        self
    }

    /// Cuts texts of attributes after this many characters. Default:
    /// `OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT`, else `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`, else no limit.
    pub fn with_attribute_value_length(mut self, characters: usize) -> Self {
        self.value_length = Some(characters);
        self
    }

    /// Records the invocation's id under the obsolete `faas.execution` too. Default:
    /// `LAMPLIGHT_FAAS_EXECUTION`, else no.
    pub fn with_execution_alias(mut self, enabled: bool) -> Self {
        self.execution_alias = Some(enabled);
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
}
