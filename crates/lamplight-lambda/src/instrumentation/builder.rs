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

/// A builder for an [`Instrumentation`].
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
    /// Returns a builder for spans created by `provider`, whose processor is `queue`.
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
    /// Sets the extractor of context from events. Default: [`EventExtractor::new`].
    pub fn with_extractor(mut self, extractor: EventExtractor) -> Self {
        self.extractor = extractor;
        self
    }

    /// Sets when spans are delivered. Default: [`FlushPolicy::AfterResponse`].
    pub fn with_flush_policy(mut self, policy: FlushPolicy) -> Self {
        self.flush.policy = policy;
        self
    }

    /// Limits the duration of each flush. Default: [`DEFAULT_FLUSH_BUDGET`](crate::DEFAULT_FLUSH_BUDGET).
    pub fn with_flush_budget(mut self, budget: Duration) -> Self {
        self.flush.budget = budget;
        self
    }

    /// Sets the margin before the invocation's deadline. Flushes end then, and a handler that is still
    /// running counts as timed out: the invocation's span and the open spans of records end with the error
    /// `timeout` and are flushed, while the handler continues undisturbed. This also works for a handler that
    /// blocks its thread. Default: [`DEFAULT_DEADLINE_MARGIN`](crate::DEFAULT_DEADLINE_MARGIN).
    ///
    /// A deadline that has passed or is more than 15 minutes away is ignored; local runtimes send such
    /// deadlines.
    pub fn with_deadline_margin(mut self, margin: Duration) -> Self {
        self.flush.margin = margin;
        self
    }

    /// Sets the entries of the caller's baggage that become attributes, under the same keys, of invocation
    /// spans and record spans. Baggage comes from outside, so only entries named here are recorded. Default:
    /// none.
    pub fn with_baggage_attributes<K: Into<Key>>(
        mut self,
        keys: impl IntoIterator<Item = K>,
    ) -> Self {
        self.settings.baggage_attributes = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the headers of HTTP responses that become attributes `http.response.header.<name>`. Names may be
    /// in any case. Headers hold secrets, so only those named here are recorded; request headers are
    /// configured with [`EventExtractor::with_request_headers`]. Default: none.
    pub fn with_response_headers<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        let names = names.into_iter().map(|it| it.as_ref().to_ascii_lowercase());
        self.settings.response_headers = names.collect();
        self
    }

    /// Sets the logger for exceptions, and whether they are also span events. Default: only span events.
    pub fn with_exception_logger(
        mut self,
        logger: ExceptionLogger,
        signal: ExceptionSignal,
    ) -> Self {
        self.settings.exceptions = Some(Exceptions { logger, signal });
        self
    }

    /// Sets whether the id of the invocation is also recorded under its obsolete name `faas.execution`, for
    /// dashboards that still use it. Default: no.
    pub fn with_execution_alias(mut self, enabled: bool) -> Self {
        self.settings.execution_alias = enabled;
        self
    }

    /// Adds a span for each managed service that the event passed through and that left a timestamp: API
    /// Gateway, EventBridge, SNS, SQS, Kinesis, also nested in each other. They form a chain below the
    /// producer's span, and the span of the invocation, or of a record, is a child of the last one, so that
    /// the time an event waited is visible. Default: no.
    ///
    /// Their resource is that of the function, and their kind is `INTERNAL`. Times are those of the services'
    /// clocks, EventBridge's to the second: a span that seems to begin after the next one gets zero length,
    /// and one with an impossible time is left out. A trace that is not sampled has none.
    pub fn with_inferred_spans(mut self, enabled: bool) -> Self {
        self.settings.inferred_spans = enabled;
        self
    }

    /// Adds a separate span for messaging events (SQS, SNS, Kinesis, Kafka, EventBridge and the message
    /// brokers), below the invocation's span, as the semantic conventions define it (faas/aws-lambda.md, "SQS
    /// Event"). Default: no, and the invocation's span also describes the event, which saves a span.
    ///
    /// The span has kind `CONSUMER` and the name `process {destination}`. It has all attributes of the
    /// messages, instead of the invocation's span: `messaging.*`, the number of records to be redelivered,
    /// and the links. It is current while the handler runs, so the handler's spans are its children. Spans of
    /// records are too, unless they continue a trace of their own, in which case they have a link to it. It
    /// ends with the invocation, with the same status and `error.type`. [`Invocation`](crate::Invocation)
    /// still writes to the invocation's span, and the exception for the handler's error is recorded there.
    ///
    /// A sampler sees the attributes of messages only when this span starts. The invocation's span continues
    /// the trace of a single message, without a link to it, unless
    /// [`RecordPolicy`](lamplight_propagation::inbound::RecordPolicy) requests one.
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
