//! What the layers share, and its options.

use crate::current::{Invocation, Open};
use crate::flush::{FlushPolicy, Pace, Ride, flush_last};
use crate::function::FunctionCache;
use crate::handler::HandlerLayer;
use crate::hops;
use crate::invocation::InvocationLayer;
use crate::panics;
#[cfg(unix)]
use crate::shutdown::Sigterm;
use crate::snapstart::SnapStart;
use crate::startup::Startup;
use http::HeaderName;
use lambda_runtime::LambdaInvocation;
use lamplight_export::SpanQueue;
use lamplight_export::diagnostics::warn_once;
use lamplight_propagation::inbound::{self, Extractor, Hop, Incoming};
use lamplight_semconv as semconv;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::{SpanBuilder, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, InstrumentationScope, Key, KeyValue};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use std::sync::Arc;
#[cfg(unix)]
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long a flush may take when nothing else is said: one second. Nobody waits for it, but it is
/// billed.
pub const DEFAULT_FLUSH_BUDGET: Duration = Duration::from_secs(1);

/// How long before its deadline an invocation counts as timed out when nothing else is said, and a
/// flush ends: 100 ms.
pub const DEFAULT_DEADLINE_MARGIN: Duration = Duration::from_millis(100);

/// The longest a function can run. A deadline further away is not a deadline.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// The caller's client context, in base64.
static CLIENT_CONTEXT: HeaderName = HeaderName::from_static("lambda-runtime-client-context");

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
    shared: Arc<Shared>,
}

/// Builds an [`Instrumentation`].
#[derive(Debug)]
#[must_use]
pub struct InstrumentationBuilder {
    shared: Shared,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) tracer: SdkTracer,
    pub(crate) queue: SpanQueue,
    pub(crate) extractor: Extractor,
    pub(crate) flush_policy: FlushPolicy,
    flush_budget: Duration,
    deadline_margin: Duration,
    pub(crate) pace: Pace,
    pub(crate) open: Open,
    #[cfg(unix)]
    sigterm: OnceLock<Option<Sigterm>>,
    baggage_attributes: Vec<Key>,
    pub(crate) response_headers: Vec<String>,
    execution_alias: bool,
    pub(crate) hop_spans: bool,
    startup: Startup,
    /// Whether a handler layer was made, without which nobody knows whether the handler ran.
    handler_layered: AtomicBool,
    functions: FunctionCache,
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
                extractor: Extractor::new(),
                flush_policy: FlushPolicy::default(),
                flush_budget: DEFAULT_FLUSH_BUDGET,
                deadline_margin: DEFAULT_DEADLINE_MARGIN,
                pace: Pace::default(),
                open: Open::default(),
                #[cfg(unix)]
                sigterm: OnceLock::new(),
                baggage_attributes: Vec::new(),
                response_headers: Vec::new(),
                execution_alias: false,
                hop_spans: false,
                startup: Startup::new(initialization.as_deref() == Ok("provisioned-concurrency")),
                handler_layered: AtomicBool::new(false),
                functions: FunctionCache::default(),
            },
        }
    }

    /// The layer for `lambda_runtime::Runtime::layer`. Add it last, so that it is the outermost.
    pub fn invocation_layer(&self) -> InvocationLayer {
        InvocationLayer::new(self.shared.clone())
    }

    /// A layer for `tracing_subscriber`: spans of `tracing` become children of the invocation's span,
    /// and events outside such spans become events of it, `error!` as an exception.
    ///
    /// It takes spans and events of level `INFO` and above, whatever is logged: filters belong to
    /// the logger, with `Layer::with_filter`, not to the whole subscriber. The runtime's own span and
    /// log lines are left out, so that an invocation has one root. Spans have no `code.*` and no
    /// `thread.*` attributes.
    #[cfg(feature = "tracing")]
    pub fn tracing_layer<S>(&self) -> impl tracing_subscriber::Layer<S> + Send + Sync + use<S>
    where
        S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a> + Send + Sync,
    {
        crate::bridge::layer(self.shared.tracer.clone())
    }

    /// Telemetry's part in SnapStart, for `lambda_runtime::Runtime::register_snapstart_resource`.
    pub fn snapstart(&self) -> SnapStart {
        SnapStart::new(self.shared.clone())
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
    /// `lambda_runtime::spawn_graceful_shutdown_handler`, awaits [`shut_down`](Self::shut_down) in that
    /// instead. An environment that crashes, runs out of memory or is killed gets no signal.
    ///
    /// Does nothing where there are no Unix signals.
    pub async fn handle_sigterm(&self) {
        #[cfg(unix)]
        {
            let start = || Sigterm::start(&self.shared);
            if let Some(sigterm) = self.shared.sigterm.get_or_init(start) {
                sigterm.known().await;
            }
        }
    }

    /// What is to be done when the environment ends: ends the open spans of invocations and records
    /// with the error `sigterm`, and delivers what is queued, for at most `budget`.
    pub async fn shut_down(&self, budget: Duration) {
        self.shared.shut_down(budget).await;
    }

    /// The layer for the handler given to `lambda_runtime::Runtime::new`.
    pub fn handler_layer<B, S>(&self) -> HandlerLayer<B, S> {
        self.shared.handler_layered.store(true, Ordering::Relaxed);
        HandlerLayer::new()
    }
}

impl InstrumentationBuilder {
    /// Finds context in events with `extractor`. Default: [`Extractor::new`].
    pub fn with_extractor(mut self, extractor: Extractor) -> Self {
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
    /// `timeout` and are flushed, while the handler goes on undisturbed. Default:
    /// [`DEFAULT_DEADLINE_MARGIN`].
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
    /// requests are named by [`Extractor::with_request_headers`]. Default: none.
    pub fn with_response_headers<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        let names = names.into_iter().map(|it| it.as_ref().to_ascii_lowercase());
        self.shared.response_headers = names.collect();
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
    /// clocks, EventBridge's to the second: a hop that seems to begin after the next is cut to
    /// nothing, and one with an impossible time is left out. A trace that is not sampled has none.
    pub fn with_hop_spans(mut self, enabled: bool) -> Self {
        self.shared.hop_spans = enabled;
        self
    }

    /// The instrumentation.
    pub fn build(self) -> Instrumentation {
        panics::install_hook();
        Instrumentation {
            shared: Arc::new(self.shared),
        }
    }
}

impl Shared {
    /// Starts the span of an invocation.
    pub(crate) fn begin(self: &Arc<Self>, event: &LambdaInvocation) -> Invocation {
        let lambda = &event.context;
        let client_context = event.parts.headers.get(&CLIENT_CONTEXT);
        let function_name = &lambda.env_config.function_name;
        let inbound = inbound::Invocation::new(&event.body, function_name)
            .with_client_context(client_context.and_then(|value| value.to_str().ok()))
            .with_xray_trace_id(lambda.xray_trace_id.as_deref());
        let incoming = self.extractor.extract(&inbound);
        let hops = match self.hop_spans {
            true => self.extractor.hops(&inbound, &incoming),
            false => Vec::new(),
        };
        let Incoming {
            source,
            trigger,
            span_name,
            span_kind,
            parent,
            links,
            mut attributes,
            ..
        } = incoming;
        let batch_size = batch_size(&attributes);
        attributes.push(semconv::faas::invocation_id(lambda.request_id.clone()));
        if self.execution_alias {
            #[expect(deprecated, reason = "its name is what is asked for")]
            attributes.push(semconv::faas::execution(lambda.request_id.clone()));
        }
        let tenant = lambda.tenant_id.clone();
        attributes.extend(tenant.map(semconv::lamplight::tenant::id));
        let start = self.startup.invoked();
        attributes.push(semconv::faas::coldstart(start.is_cold));
        attributes.extend(
            start
                .init
                .map(|init| semconv::lamplight::init::duration_ms(init.as_secs_f64() * 1e3)),
        );
        if incoming.dropped_links > 0 {
            attributes.push(semconv::lamplight::links::dropped(
                incoming.dropped_links.into(),
            ));
        }
        self.functions.add(&mut attributes, lambda);
        self.add_baggage(&mut attributes, &parent);

        let mut builder = SpanBuilder::from_name(span_name)
            .with_kind(span_kind)
            .with_attributes(attributes);
        if !links.is_empty() {
            builder = builder.with_links(links);
        }
        let parent = self.infer(hops, parent);
        let span = self.tracer.build_with_context(builder, &parent);
        Invocation::new(
            self.clone(),
            parent.with_span(span),
            source,
            trigger,
            batch_size,
            deadline(lambda),
        )
    }

    /// An invocation begins. The flush beside it, if there is to be one.
    pub(crate) fn enter(&self, deadline: SystemTime) -> Option<Ride> {
        if self.flush_policy != FlushPolicy::Adaptive {
            return None;
        }
        let now = SystemTime::now();
        let beside = self.pace.enter(now, &self.queue.backlog());
        beside.then(|| Ride::start(self, self.flush_limit(deadline, now)))?
    }

    /// The response has been posted. Whether to flush now; `flushed` says that it was done before.
    pub(crate) fn is_due(&self, now: SystemTime, flushed: bool) -> bool {
        let backlog = self.queue.backlog();
        !backlog.is_empty()
            && match self.flush_policy {
                FlushPolicy::AfterResponse => true,
                FlushPolicy::Adaptive => self.pace.is_due(now, &backlog),
                FlushPolicy::BeforeResponse => !flushed,
                FlushPolicy::Manual => false,
            }
    }

    /// An invocation is over, its flush included.
    pub(crate) fn leave(&self) {
        if self.flush_policy == FlushPolicy::Adaptive {
            self.pace.leave(SystemTime::now());
        }
    }

    /// How long a flush may take now: the budget, or less where the deadline is near. A deadline
    /// that has long passed, or is hours away, is no deadline (local runtimes send such).
    pub(crate) fn flush_limit(&self, deadline: SystemTime, now: SystemTime) -> Duration {
        match deadline.duration_since(now) {
            Ok(left) if left <= LONGEST_TIMEOUT => self
                .flush_budget
                .min(left.saturating_sub(self.deadline_margin)),
            _ => self.flush_budget,
        }
    }

    /// How long an invocation may still take before it counts as timed out: until the margin before
    /// the deadline. `None` when the deadline makes no sense.
    pub(crate) fn patience(&self, deadline: SystemTime, now: SystemTime) -> Option<Duration> {
        let left = deadline.duration_since(now).ok()?;
        (left <= LONGEST_TIMEOUT).then(|| left.saturating_sub(self.deadline_margin))
    }

    /// Whether a missing outcome means that the handler was never called.
    pub(crate) fn sees_handler(&self) -> bool {
        self.handler_layered.load(Ordering::Relaxed)
    }

    /// The context below spans for `hops`, which lead from `parent` to here.
    pub(crate) fn infer(&self, hops: Vec<Hop>, parent: Context) -> Context {
        match hops.is_empty() {
            true => parent,
            false => hops::infer(&self.tracer, hops, parent, SystemTime::now()),
        }
    }

    /// Adds the allow-listed baggage of `cx`.
    pub(crate) fn add_baggage(&self, attributes: &mut Vec<KeyValue>, cx: &Context) {
        for key in &self.baggage_attributes {
            if let Some(value) = cx.baggage().get(key.as_str()) {
                attributes.push(KeyValue::new(key.clone(), value.clone()));
            }
        }
    }

    pub(crate) fn flush_budget(&self) -> Duration {
        self.flush_budget
    }

    /// The environment ends.
    pub(crate) async fn shut_down(&self, budget: Duration) {
        for invocation in self.open.all() {
            invocation.shut_down();
        }
        flush_last(&self.queue, budget).await;
        let left = self.queue.stats().queued;
        if left > 0 {
            warn_once("spans-lost-at-shutdown", || {
                format!(
                    "{left} spans were not delivered before the environment was shut down; the \
                     exporter could not reach its destination in time"
                )
            });
        }
    }

    /// The environment was restored from a snapshot.
    pub(crate) fn restored(&self) {
        self.startup.restored();
        self.pace.forget();
    }
}

/// How many records the event has, if it is a batch.
fn batch_size(attributes: &[KeyValue]) -> Option<usize> {
    let count = attributes
        .iter()
        .find(|kv| kv.key.as_str() == semconv::messaging::batch::MESSAGE_COUNT)?;
    match count.value {
        opentelemetry::Value::I64(count) => usize::try_from(count).ok(),
        _ => None,
    }
}

/// The deadline of an invocation, which comes in milliseconds since 1970.
pub(crate) fn deadline(lambda: &lambda_runtime::Context) -> SystemTime {
    UNIX_EPOCH
        .checked_add(Duration::from_millis(lambda.deadline))
        .unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamplight_export::ExporterSink;
    use opentelemetry_sdk::trace::InMemorySpanExporter;

    #[test]
    fn a_flush_is_bounded_by_budget_and_deadline() {
        let queue = SpanQueue::new(ExporterSink::new(InMemorySpanExporter::default()));
        let provider = SdkTracerProvider::builder().build();
        let shared = Instrumentation::builder(&provider, queue)
            .with_flush_budget(Duration::from_secs(2))
            .with_deadline_margin(Duration::from_millis(100))
            .build()
            .shared;
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let limit = |left| shared.flush_limit(now + left, now);
        assert_eq!(limit(Duration::from_secs(60)), Duration::from_secs(2));
        assert_eq!(
            limit(Duration::from_millis(500)),
            Duration::from_millis(400)
        );
        assert_eq!(limit(Duration::from_millis(50)), Duration::ZERO);
        let absurd = UNIX_EPOCH + Duration::from_millis(600_000);
        assert_eq!(shared.flush_limit(absurd, now), Duration::from_secs(2));
        assert_eq!(limit(Duration::from_secs(86_400)), Duration::from_secs(2));
    }

    #[test]
    fn an_absurd_deadline_is_never_waited_for() {
        let queue = SpanQueue::new(ExporterSink::new(InMemorySpanExporter::default()));
        let provider = SdkTracerProvider::builder().build();
        let shared = Instrumentation::builder(&provider, queue).build().shared;
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let patience = |left| shared.patience(now + left, now);
        let usual = Duration::from_secs(3);
        assert_eq!(patience(usual), Some(usual - DEFAULT_DEADLINE_MARGIN));
        assert_eq!(patience(Duration::from_millis(50)), Some(Duration::ZERO));
        assert_eq!(patience(Duration::from_secs(86_400)), None);
        let of_1970 = UNIX_EPOCH + Duration::from_millis(600_000);
        assert_eq!(shared.patience(of_1970, now), None);
    }

    #[test]
    fn any_number_is_a_deadline_without_overflow() {
        let mut lambda = lambda_runtime::Context::default();
        lambda.deadline = u64::MAX;
        deadline(&lambda);
    }
}
