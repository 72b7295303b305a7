//! What makes the layers, and its options.

mod shared;

pub(crate) use self::shared::{CLIENT_CONTEXT, Shared, deadline};

use crate::exceptions::{ExceptionLogProcessor, ExceptionSignal, Exceptions};
use crate::flush::{FlushPolicy, Pace, Rides};
use crate::function::FunctionCache;
use crate::handler::HandlerLayer;
use crate::invocation::InvocationLayer;
use crate::panics;
use crate::registry::Registry;
#[cfg(unix)]
use crate::shutdown::Sigterm;
use crate::snapstart::SnapStart;
use crate::startup::Startup;
use lamplight_export::SpanQueue;
use lamplight_propagation::inbound::EventExtractor;
use lamplight_semconv as semconv;
use opentelemetry::trace::TracerProvider;
use opentelemetry::{InstrumentationScope, Key};
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::sync::Arc;
#[cfg(unix)]
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a flush may take when nothing else is said: one second. Nobody waits for it, but it is
/// billed.
pub const DEFAULT_FLUSH_BUDGET: Duration = Duration::from_secs(1);

/// How long before its deadline an invocation counts as timed out when nothing else is said, and a
/// flush ends: 100 ms.
pub const DEFAULT_DEADLINE_MARGIN: Duration = Duration::from_millis(100);

/// Makes the layers of one function. A clone shares everything.
///
/// ```no_run
/// use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
/// use lamplight_export::{ExporterSink, SpanQueue};
/// use lamplight_lambda::Instrumentation;
/// use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
/// use tower_layer::Layer;
///
/// # async fn example() -> Result<(), Error> {
/// let queue = SpanQueue::new(ExporterSink::new(InMemorySpanExporter::default()));
/// let provider = SdkTracerProvider::builder()
///     .with_resource(lamplight_lambda::resource())
///     .with_span_processor(queue.clone())
///     .build();
/// let instrumentation = Instrumentation::builder(&provider, queue).build();
///
/// let handler = service_fn(async |event: LambdaEvent<serde_json::Value>| Ok::<_, Error>(event.payload));
/// Runtime::new(instrumentation.handler_layer().layer(handler))
///     .layer(instrumentation.invocation_layer())
///     .run()
///     .await
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Instrumentation {
    mode: Mode,
}

/// What the layers do.
#[derive(Clone, Debug)]
pub(crate) enum Mode {
    /// They record.
    On(Arc<Shared>),
    /// They find the context that the function is to pass on, and record nothing.
    Off(EventExtractor),
}

/// Builds an [`Instrumentation`].
#[derive(Debug)]
#[must_use]
pub struct InstrumentationBuilder {
    shared: Shared,
}

impl Instrumentation {
    /// Options for spans made by `provider`, whose processor is `queue`.
    pub fn builder(provider: &SdkTracerProvider, queue: SpanQueue) -> InstrumentationBuilder {
        let scope = InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
            .with_version(env!("CARGO_PKG_VERSION"))
            .with_schema_url(semconv::SCHEMA_URL)
            .build();
        let initialization = std::env::var("AWS_LAMBDA_INITIALIZATION_TYPE");
        InstrumentationBuilder {
            shared: Shared {
                tracer: provider.tracer_with_scope(scope),
                queue,
                extractor: EventExtractor::new(),
                flush_policy: FlushPolicy::default(),
                flush_budget: DEFAULT_FLUSH_BUDGET,
                deadline_margin: DEFAULT_DEADLINE_MARGIN,
                pace: Pace::default(),
                rides: Rides::default(),
                registry: Registry::default(),
                #[cfg(unix)]
                sigterm: OnceLock::new(),
                baggage_attributes: Vec::new(),
                response_headers: Vec::new(),
                exceptions: None,
                execution_alias: false,
                inferred_spans: false,
                event_span: false,
                startup: Startup::new(initialization.as_deref() == Ok("provisioned-concurrency")),
                handler_layered: AtomicBool::new(false),
                functions: FunctionCache::default(),
            },
        }
    }

    /// Returns an instrumentation for a function that is to record nothing: it passes its callers'
    /// context on, the span as well as the baggage, to whatever the function calls, and nothing else.
    /// Its other methods do nothing.
    pub fn off(extractor: EventExtractor) -> Self {
        let mode = Mode::Off(extractor);
        Self { mode }
    }

    /// The layer for `lambda_runtime::Runtime::layer`. Add it last, so that it is the outermost.
    pub fn invocation_layer(&self) -> InvocationLayer {
        InvocationLayer::new(self.mode.clone())
    }

    /// A layer for `tracing_subscriber`: spans of `tracing` become children of the invocation's span,
    /// and events outside such spans become events of it, `error!` as an exception.
    ///
    /// It takes spans and events of level `INFO` and above, whatever is logged: filters belong to
    /// the logger, with `Layer::with_filter`, not to the whole subscriber. The runtime's own span and
    /// log lines are left out, so that an invocation has one root. Spans have no `code.*` and no
    /// `thread.*` attributes.
    ///
    /// A field `error` or `err` is the exception's message, or its cause beside a message. `error!`
    /// makes the span of `tracing` it is in an error, with an `error.type`: that of a field that is an
    /// error (`error = &e as &dyn Error`), else `_OTHER`. With neither message nor error it is an event
    /// like others. On the span of an invocation or a record it stays an exception beside the outcome,
    /// which the handler gives. The conventions want no exceptions on spans that end well: who keeps to
    /// that writes `warn!` for what was handled.
    ///
    /// An event from
    /// within a call that writes to a span of the function's own, such as an iterator given to
    /// `set_attributes`, is left out, which is said once.
    #[cfg(feature = "tracing")]
    pub fn tracing_layer<S>(&self) -> impl tracing_subscriber::Layer<S> + Send + Sync + use<S>
    where
        S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a> + Send + Sync,
    {
        let tracer = self.shared().map(|shared| shared.tracer.clone());
        crate::bridge::layer(tracer)
    }

    /// Telemetry's part in SnapStart, for `lambda_runtime::Runtime::register_snapstart_resource`.
    pub fn snapstart(&self) -> SnapStart {
        SnapStart::new(self.shared().cloned())
    }

    /// Delivers what is queued, and ends the process, when Lambda ends the environment.
    ///
    /// Lambda says so with SIGTERM, and only to environments with an extension, so this registers an
    /// internal one that wants no events: await it before the runtime runs. It returns when the
    /// extension is known, at the latest after 100 ms, and whatever the Extensions API answers: where
    /// there is none, the signal of anybody else is handled. Awaited again it does nothing more.
    ///
    /// On the signal, open spans of invocations and records end with the error `sigterm`, the flush
    /// takes up to [`SHUTDOWN_BUDGET`](crate::SHUTDOWN_BUDGET), and the process exits with status 0. A
    /// function with a SIGTERM handler of its own, such as
    /// `lambda_runtime::spawn_graceful_shutdown_handler`, awaits [`shutdown`](Self::shutdown) in that
    /// instead. An environment that crashes, runs out of memory or is killed gets no signal.
    ///
    /// Does nothing where there are no Unix signals.
    pub async fn handle_sigterm(&self) {
        #[cfg(unix)]
        {
            let Some(shared) = self.shared() else { return };
            let start = || Sigterm::start(shared);
            if let Some(sigterm) = shared.sigterm.get_or_init(start) {
                sigterm.known().await;
            }
        }
    }

    /// Delivers what is queued now, for at most `budget`; what is not delivered by then stays queued. It
    /// needs no timers of the runtime.
    pub async fn flush(&self, budget: Duration) {
        if let Some(shared) = self.shared() {
            crate::flush::flush(&shared.queue, budget).await;
        }
    }

    /// What is to be done when the environment ends: ends the open spans of invocations and records
    /// with the error `sigterm`, and delivers what is queued, for at most `budget`.
    pub async fn shutdown(&self, budget: Duration) {
        if let Some(shared) = self.shared() {
            shared.shutdown(budget).await;
        }
    }

    /// The layer for the handler given to `lambda_runtime::Runtime::new`.
    pub fn handler_layer<B, S>(&self) -> HandlerLayer<B, S> {
        if let Some(shared) = self.shared() {
            shared.handler_layered.store(true, Ordering::Relaxed);
        }
        HandlerLayer::new()
    }

    /// What the layers share, where they record.
    pub(crate) fn shared(&self) -> Option<&Arc<Shared>> {
        match &self.mode {
            Mode::On(shared) => Some(shared),
            Mode::Off(_) => None,
        }
    }
}

impl InstrumentationBuilder {
    /// Finds context in events with `extractor`. Default: [`EventExtractor::new`].
    pub fn with_extractor(mut self, extractor: EventExtractor) -> Self {
        self.shared.extractor = extractor;
        self
    }

    /// When spans are delivered. Default: [`FlushPolicy::AfterResponse`].
    pub fn with_flush_policy(mut self, policy: FlushPolicy) -> Self {
        self.shared.flush_policy = policy;
        self
    }

    /// Bounds each flush. Default: [`DEFAULT_FLUSH_BUDGET`].
    pub fn with_flush_budget(mut self, budget: Duration) -> Self {
        self.shared.flush_budget = budget;
        self
    }

    /// Sets how long before the invocation's deadline a flush ends; and a handler that still runs
    /// then is given up: the invocation's span and the open spans of records end with the error
    /// `timeout` and are flushed, while the handler goes on undisturbed; this holds for a handler that
    /// blocks its thread too. Default: [`DEFAULT_DEADLINE_MARGIN`].
    ///
    /// A deadline that has passed or is more than 15 minutes away is no deadline; local runtimes send
    /// such.
    pub fn with_deadline_margin(mut self, margin: Duration) -> Self {
        self.shared.deadline_margin = margin;
        self
    }

    /// Records these entries of the caller's baggage as attributes, under the same keys, on
    /// invocation spans and record spans. Baggage comes from outside, so nothing is recorded that is
    /// not named here. Default: none.
    pub fn with_baggage_attributes<K: Into<Key>>(
        mut self,
        keys: impl IntoIterator<Item = K>,
    ) -> Self {
        self.shared.baggage_attributes = keys.into_iter().map(Into::into).collect();
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
        self.shared.response_headers = names.collect();
        self
    }

    /// Records exceptions by `logger`, as `signal` says. Default: as events of spans.
    pub fn with_exception_logger(
        mut self,
        logger: ExceptionLogProcessor,
        signal: ExceptionSignal,
    ) -> Self {
        self.shared.exceptions = Some(Exceptions { logger, signal });
        self
    }

    /// Records the id of the invocation under its obsolete name `faas.execution` too, for dashboards
    /// that still ask for it. Default: no.
    pub fn with_execution_alias(mut self, enabled: bool) -> Self {
        self.shared.execution_alias = enabled;
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
        self.shared.inferred_spans = enabled;
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
        self.shared.event_span = enabled;
        self
    }

    /// The instrumentation.
    pub fn build(self) -> Instrumentation {
        panics::install_hook();
        let mode = Mode::On(Arc::new(self.shared));
        Instrumentation { mode }
    }
}
