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

/// Makes the layers of one function. A clone shares everything.
///
/// ```no_run
/// use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
/// use lamplight_export::{ExporterSink, SpanQueue};
/// use lamplight_lambda::{Instrumentation, LambdaResourceDetector};
/// use opentelemetry_sdk::resource::ResourceDetector;
/// use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
/// use tower_layer::Layer;
///
/// # async fn example() -> Result<(), Error> {
/// let queue = SpanQueue::new(ExporterSink::new(InMemorySpanExporter::default()));
/// let provider = SdkTracerProvider::builder()
///     .with_resource(LambdaResourceDetector.detect())
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
#[derive(Debug, Clone)]
pub struct Instrumentation {
    mode: Mode,
}

impl Instrumentation {
    /// Returns an instrumentation for a function that is to record nothing: it passes its callers'
    /// context on, the span as well as the baggage, to whatever the function calls, and nothing else.
    /// Its other methods do nothing.
    pub fn off(extractor: EventExtractor) -> Self {
        let mode = Mode::Off(extractor);
        Self { mode }
    }

    /// Returns the layer for `lambda_runtime::Runtime::layer`. Add it last, so that it is the outermost.
    pub fn invocation_layer(&self) -> InvocationLayer {
        InvocationLayer::new(self.mode.clone())
    }

    /// Returns a layer for `tracing_subscriber`: spans of `tracing` become children of the invocation's span,
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
        let tracer = self.recorder().map(|it| it.start.tracer.clone());
        crate::bridge::layer(tracer)
    }

    /// Returns telemetry's part in SnapStart, for `lambda_runtime::Runtime::register_snapstart_resource`.
    pub fn snapstart(&self) -> SnapStart {
        SnapStart::new(self.recorder().cloned())
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
        if let Some(recorder) = self.recorder() {
            recorder.handle_sigterm().await;
        }
    }

    /// Delivers what is queued now, for at most `budget`; what is not delivered by then stays queued. It
    /// needs no timers of the runtime.
    pub async fn flush(&self, budget: Duration) {
        if let Some(recorder) = self.recorder() {
            recorder.flush.flush_within(budget).await;
        }
    }

    /// Ends the open spans of invocations and records with the error `sigterm`, and delivers what is
    /// queued, for at most `budget`: for the end of the environment.
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

    /// Returns what the layers share, where they record.
    fn recorder(&self) -> Option<&Arc<Recorder>> {
        match &self.mode {
            Mode::On(recorder) => Some(recorder),
            Mode::Off(_) => None,
        }
    }
}
