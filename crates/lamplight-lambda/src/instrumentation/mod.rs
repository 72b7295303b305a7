//! The layers of a function.

mod builder;

use std::{sync::Arc, time::Duration};

use lamplight_propagation::inbound::EventExtractor;

pub use self::builder::InstrumentationBuilder;
use crate::{
    handler::HandlerLayer,
    invocation::InvocationLayer,
    recorder::{Mode, Recorder},
    snapstart::SnapStart,
};

/// The source of the two layers of a function. A clone shares everything.
///
/// The tracer provider needs two processors in front of the queue:
/// [`OpenSpanProcessor`](crate::OpenSpanProcessor), without which open spans are missing from the trace of a
/// timeout, and [`AttributeLimitProcessor`](crate::AttributeLimitProcessor), which applies the limits that
/// the SDK does not.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
/// use lamplight_export::{ExporterSink, SpanQueue};
/// use lamplight_lambda::{
///     AttributeLimitProcessor, Instrumentation, LambdaResourceDetector, OpenSpanProcessor,
///     SnapStartIdGenerator,
/// };
/// use opentelemetry_sdk::resource::ResourceDetector;
/// use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
/// use tower_layer::Layer;
///
/// # async fn example() -> Result<(), Error> {
/// let queue = SpanQueue::new(ExporterSink::new(InMemorySpanExporter::default()));
/// let processor = OpenSpanProcessor::new(AttributeLimitProcessor::new(queue.clone()));
/// let ids = SnapStartIdGenerator::new();
/// let provider = SdkTracerProvider::builder()
///     .with_resource(LambdaResourceDetector.detect())
///     .with_id_generator(ids.clone())
///     .with_span_processor(processor)
///     .build();
/// opentelemetry::global::set_tracer_provider(provider.clone());
/// let instrumentation = Instrumentation::builder(&provider, queue).build();
/// instrumentation.handle_sigterm().await;
///
/// let handler = service_fn(async |event: LambdaEvent<serde_json::Value>| Ok::<_, Error>(event.payload));
/// Runtime::new(instrumentation.handler_layer().layer(handler))
///     .layer(instrumentation.invocation_layer())
///     .register_snapstart_resource(Arc::new(instrumentation.snapstart().with_ids(ids)))
///     .run()
///     .await
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Instrumentation {
    mode: Mode,
}

impl Instrumentation {
    /// Returns an instrumentation for a function that records nothing: it passes the callers' context, span
    /// and baggage, on to the function's own calls. Its other methods do nothing.
    pub fn off(extractor: EventExtractor) -> Self {
        let mode = Mode::Off(extractor);
        Self { mode }
    }

    /// Returns the layer for `lambda_runtime::Runtime::layer`. Add it last, so that it is the outermost.
    pub fn invocation_layer(&self) -> InvocationLayer {
        InvocationLayer::new(self.mode.clone())
    }

    /// Returns a layer for `tracing_subscriber`: `tracing` spans become children of the invocation's span,
    /// and events outside such spans become events of the invocation's span; `error!` becomes an exception.
    ///
    /// The layer takes spans and events of level `INFO` and above, whatever is logged: attach filters to the
    /// logger, with `Layer::with_filter`, instead of the whole subscriber. The runtime's own span and log
    /// lines are left out, so that an invocation has one root. Spans have no `code.*` and no `thread.*`
    /// attributes.
    ///
    /// A field `error` or `err` is the exception's message, or its cause if there is a message. `error!` sets
    /// an error status on its `tracing` span, with the `error.type` of a field that is an error (`error = &e
    /// as &dyn Error`), otherwise `_OTHER`. Without a message and an error, it is an ordinary event. On the
    /// span of an invocation or a record, the exception does not change the outcome, which the handler's
    /// result determines. The conventions advise against exceptions on successful spans: use `warn!` for
    /// handled errors.
    ///
    /// An event emitted inside a call that writes to one of the function's own spans, such as by an iterator
    /// passed to `set_attributes`, is left out, which is logged once.
    ///
    /// ```no_run
    /// use tracing_subscriber::{Layer, filter::LevelFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};
    ///
    /// # fn example(instrumentation: &lamplight_lambda::Instrumentation) {
    /// tracing_subscriber::registry()
    ///     .with(instrumentation.tracing_layer())
    ///     .with(fmt::layer().json().with_filter(LevelFilter::WARN))
    ///     .init();
    /// # }
    /// ```
    #[cfg(feature = "tracing")]
    pub fn tracing_layer<S>(&self) -> impl tracing_subscriber::Layer<S> + Send + Sync + use<S>
    where
        S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a> + Send + Sync,
    {
        let tracer = self.recorder().map(|it| it.start.tracer.clone());
        crate::bridge::layer(tracer)
    }

    /// Returns telemetry's part in SnapStart, for `lambda_runtime::Runtime::register_snapstart_resource`.
    pub fn snapstart(&self) -> SnapStart {
        SnapStart::new(self.recorder().cloned())
    }

    /// Handles SIGTERM, with which Lambda shuts down an environment: delivers queued spans, and ends the
    /// process.
    ///
    /// Lambda sends SIGTERM only to environments with an extension, so this registers an internal extension
    /// without events. Await it before the runtime runs. It returns when the extension is registered, after
    /// 100 ms at most, whatever the Extensions API answers; without that API, signals from other senders are
    /// handled. Further calls do nothing.
    ///
    /// On the signal, open spans of invocations and records end with the error `sigterm`, the flush takes up
    /// to [`SHUTDOWN_BUDGET`](crate::SHUTDOWN_BUDGET), and the process exits with status 0. A function with
    /// its own SIGTERM handler, such as `lambda_runtime::spawn_graceful_shutdown_handler`, awaits
    /// [`shutdown`](Self::shutdown) in it instead. An environment that crashes, runs out of memory or is
    /// killed receives no signal.
    ///
    /// Does nothing on platforms without Unix signals.
    pub async fn handle_sigterm(&self) {
        #[cfg(unix)]
        if let Some(recorder) = self.recorder() {
            recorder.handle_sigterm().await;
        }
    }

    /// Delivers the spans that are queued now, for at most `budget`; the remaining spans stay queued. It does
    /// not need the runtime's timers.
    pub async fn flush(&self, budget: Duration) {
        if let Some(recorder) = self.recorder() {
            recorder.flush.flush_within(budget).await;
        }
    }

    /// Ends the open spans of invocations and records with the error `sigterm`, and delivers queued spans,
    /// for at most `budget`. For the shutdown of the environment.
    pub async fn shutdown(&self, budget: Duration) {
        if let Some(recorder) = self.recorder() {
            recorder.shutdown(budget).await;
        }
    }

    /// Returns the layer for the handler given to `lambda_runtime::Runtime::new`.
    pub fn handler_layer<B, S>(&self) -> HandlerLayer<B, S> {
        if let Some(recorder) = self.recorder() {
            recorder.set_handler_layer();
        }
        HandlerLayer::new()
    }

    /// Returns the part that the layers share, if they record.
    fn recorder(&self) -> Option<&Arc<Recorder>> {
        match &self.mode {
            Mode::On(recorder) => Some(recorder),
            Mode::Off(_) => None,
        }
    }
}
