//! Options of the layers.

use std::{sync::Arc, time::Duration};

use lamplight_export::SpanQueue;
use lamplight_internal::environment::Environment;
use lamplight_propagation::inbound::EventExtractor;
use lamplight_semconv as semconv;
use opentelemetry::{InstrumentationScope, Key, trace::TracerProvider};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use super::Instrumentation;
use crate::{
    flush::{FlushPolicy, FlushScheduler, FlushSettings},
    panics,
    recorder::{Mode, Recorder},
    span::{ExceptionLogger, ExceptionSignal, Exceptions},
    start::{Settings, SpanStart, Startup},
};

/// Builds an [`Instrumentation`].
#[derive(Debug)]
#[must_use]
pub struct InstrumentationBuilder {
    tracer: SdkTracer,
    queue: SpanQueue,
    extractor: EventExtractor,
    settings: Settings,
    flush: FlushSettings,
    startup: Startup,
}

impl Instrumentation {
    /// Returns options for spans made by `provider`, whose processor is `queue`.
    pub fn builder(provider: &SdkTracerProvider, queue: SpanQueue) -> InstrumentationBuilder {
        let scope = InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
            .with_version(env!("CARGO_PKG_VERSION"))
            .with_schema_url(semconv::SCHEMA_URL)
            .build();
        let initialization = Environment::of_process().get("AWS_LAMBDA_INITIALIZATION_TYPE");
        InstrumentationBuilder {
            tracer: provider.tracer_with_scope(scope),
            queue,
            extractor: EventExtractor::new(),
            settings: Settings::default(),
            flush: FlushSettings::default(),
            startup: Startup::new(initialization.as_deref() == Some("provisioned-concurrency")),
        }
    }
}

impl InstrumentationBuilder {
    /// Finds context in events with `extractor`. Default: [`EventExtractor::new`].
    pub fn with_extractor(mut self, extractor: EventExtractor) -> Self {
        self.extractor = extractor;
        self
    }

    /// Sets when spans are delivered. Default: [`FlushPolicy::AfterResponse`].
    pub fn with_flush_policy(mut self, policy: FlushPolicy) -> Self {
        self.flush.policy = policy;
        self
    }

    /// Bounds each flush. Default: [`DEFAULT_FLUSH_BUDGET`](crate::DEFAULT_FLUSH_BUDGET).
    pub fn with_flush_budget(mut self, budget: Duration) -> Self {
        self.flush.budget = budget;
        self
    }

    /// Sets how long before the invocation's deadline a flush ends; and a handler that still runs
    /// then is given up: the invocation's span and the open spans of records end with the error
    /// `timeout` and are flushed, while the handler goes on undisturbed; this holds for a handler that
    /// blocks its thread too. Default: [`DEFAULT_DEADLINE_MARGIN`](crate::DEFAULT_DEADLINE_MARGIN).
    ///
    /// A deadline that has passed or is more than 15 minutes away is no deadline; local runtimes send
    /// such.
    pub fn with_deadline_margin(mut self, margin: Duration) -> Self {
        self.flush.margin = margin;
        self
    }

    /// Records these entries of the caller's baggage as attributes, under the same keys, on
    /// invocation spans and record spans. Baggage comes from outside, so nothing is recorded that is
    /// not named here. Default: none.
    pub fn with_baggage_attributes<K: Into<Key>>(
        mut self,
        keys: impl IntoIterator<Item = K>,
    ) -> Self {
        self.settings.baggage_attributes = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Records these headers of HTTP responses as attributes, `http.response.header.<name>`. Names are
    /// in any case. Headers hold secrets, so none is recorded that is not named here; those of
    /// requests are named by [`EventExtractor::with_request_headers`]. Default: none.
    pub fn with_response_headers<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        let names = names.into_iter().map(|it| it.as_ref().to_ascii_lowercase());
        self.settings.response_headers = names.collect();
        self
    }

    /// Records exceptions by `logger`, as `signal` says. Default: as events of spans.
    pub fn with_exception_logger(
        mut self,
        logger: ExceptionLogger,
        signal: ExceptionSignal,
    ) -> Self {
        self.settings.exceptions = Some(Exceptions { logger, signal });
        self
    }

    /// Records the id of the invocation under its obsolete name `faas.execution` too, for dashboards
    /// that still ask for it. Default: no.
    pub fn with_execution_alias(mut self, enabled: bool) -> Self {
        self.settings.execution_alias = enabled;
        self
    }

    /// Adds a span for each managed service that the event passed through and that left a timestamp:
    /// API Gateway, EventBridge, SNS, SQS, Kinesis, also one inside the other. They hang one below the
    /// other under the producer's span, and the invocation, or a record's span, under the last, so
    /// that the time an event waited is seen. Default: no.
    ///
    /// Their resource is the function's, their kind `INTERNAL`. Times are those of the services'
    /// clocks, EventBridge's to the second: a span that seems to begin after the next is cut to
    /// nothing, and one with an impossible time is left out. A trace that is not sampled has none.
    pub fn with_inferred_spans(mut self, enabled: bool) -> Self {
        self.settings.inferred_spans = enabled;
        self
    }

    /// Gives an event of messages (SQS, SNS, Kinesis, Kafka, EventBridge and the message brokers) a span
    /// of its own below the invocation's, as the semantic conventions have it (faas/aws-lambda.md, "SQS
    /// Event"). Default: no; the invocation's span is that of the event too, which saves a span.
    ///
    /// The span is of kind `CONSUMER` and called `process {destination}`. All that the event says of its
    /// messages is there and not on the invocation's span: the attributes `messaging.*`, the number of
    /// records that come again, and the links. It is current while the handler runs, so what the
    /// handler does hangs below it, records' spans too unless they continue a trace of their own; then
    /// they are linked with it. It ends with the invocation, with the same status and `error.type`.
    /// [`Invocation`](crate::Invocation) still writes to the invocation's span, and so does what records
    /// the handler's error as an exception.
    ///
    /// A sampler sees the messages' attributes when this span starts, not before. The invocation's span
    /// continues the trace of an only message, and there is no link to it, unless
    /// [`RecordPolicy`](lamplight_propagation::inbound::RecordPolicy) asks for one.
    pub fn with_event_span(mut self, enabled: bool) -> Self {
        self.settings.event_span = enabled;
        self
    }

    /// Returns the instrumentation.
    pub fn build(self) -> Instrumentation {
        panics::install_hook();
        let start = SpanStart::new(self.tracer, self.extractor, self.settings, self.startup);
        let flush = FlushScheduler::new(self.queue, self.flush);
        Instrumentation {
            mode: Mode::On(Arc::new(Recorder::new(start, flush))),
        }
    }
}
