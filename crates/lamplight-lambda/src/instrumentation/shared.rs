//! What the layers share.

use crate::current::{Invocation, Open};
use crate::flush::{FlushPolicy, Flushing, Load, Pace, Rides, flush, flush_last};
use crate::function::FunctionCache;
use crate::hops;
#[cfg(unix)]
use crate::shutdown::Sigterm;
use crate::startup::Startup;
use crate::timer::timeout;
use http::HeaderName;
use lambda_runtime::LambdaInvocation;
use lamplight_export::SpanQueue;
use lamplight_export::diagnostics::warn_once;
use lamplight_propagation::inbound::{self, Extractor, Hop, Incoming};
use lamplight_semconv as semconv;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::{SpanBuilder, Tracer};
use opentelemetry::{Context, Key, KeyValue};
use opentelemetry_sdk::trace::SdkTracer;
use std::sync::Arc;
#[cfg(unix)]
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// The longest a function can run. A deadline further away is not a deadline.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// The caller's client context, in base64.
static CLIENT_CONTEXT: HeaderName = HeaderName::from_static("lambda-runtime-client-context");

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) tracer: SdkTracer,
    pub(crate) queue: SpanQueue,
    pub(crate) extractor: Extractor,
    pub(crate) flush_policy: FlushPolicy,
    pub(super) flush_budget: Duration,
    pub(super) deadline_margin: Duration,
    pub(crate) pace: Pace,
    pub(super) rides: Rides,
    pub(crate) open: Open,
    #[cfg(unix)]
    pub(super) sigterm: OnceLock<Option<Sigterm>>,
    pub(super) baggage_attributes: Vec<Key>,
    pub(crate) response_headers: Vec<String>,
    pub(super) execution_alias: bool,
    pub(crate) hop_spans: bool,
    pub(super) startup: Startup,
    /// Whether a handler layer was made, without which nobody knows whether the handler ran.
    pub(super) handler_layered: AtomicBool,
    pub(super) functions: FunctionCache,
}

impl Shared {
    /// Starts the span of an invocation. Returns it with the context to run the handler in.
    pub(crate) fn begin(self: &Arc<Self>, event: &LambdaInvocation) -> (Invocation, Context) {
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
        let deadline = deadline(lambda);
        let invocation = Invocation::new(self.clone(), span, source, trigger, batch_size, deadline);
        let cx = invocation.context(&parent);
        (invocation, cx)
    }

    /// An invocation begins.
    pub(crate) fn enter(&self, deadline: SystemTime) {
        if self.flush_policy != FlushPolicy::Adaptive {
            return;
        }
        let now = SystemTime::now();
        if self.pace.enter(now, &self.queue.backlog()) {
            let limit = self.flush_limit(deadline, now);
            self.rides.start(&self.queue, Load::Batch, limit);
        }
    }

    /// A handler is waited for, or about to go on: the time to make room in a queue that fills up.
    pub(crate) fn relieve(&self, deadline: SystemTime) {
        if self.queue.is_half_full() && self.flush_policy != FlushPolicy::Manual {
            let limit = self.flush_limit(deadline, SystemTime::now());
            self.rides.start(&self.queue, Load::Everything, limit);
        }
    }

    /// Waits until there is room for more spans, where that is to be had: for at most `patience`.
    /// Returns how much of that is left.
    #[cfg(feature = "records")]
    pub(crate) async fn make_room(&self, deadline: SystemTime, patience: Duration) -> Duration {
        self.relieve(deadline);
        let is_crowded = self.queue.is_nearly_full() && self.flush_policy != FlushPolicy::Manual;
        if !is_crowded || patience.is_zero() || self.queue.is_outage() {
            return patience;
        }
        let began = Instant::now();
        let limit = self.flush_limit(deadline, SystemTime::now());
        flush(&self.queue, limit.min(patience)).await;
        patience.saturating_sub(began.elapsed())
    }

    /// The response has been posted, or could not be. The flush to wait for before the next event is
    /// asked for; `flushed` says that one was before the response.
    pub(crate) fn after_response(
        self: &Arc<Self>,
        deadline: SystemTime,
        now: SystemTime,
        flushed: bool,
    ) -> Option<Flushing> {
        self.queue.tell();
        let is_due = self.is_due(now, flushed);
        let limit = self.flush_limit(deadline, now);
        if self.open.is_any() {
            // The environment is not frozen while it has other invocations, so nobody waits.
            if is_due {
                self.rides.start(&self.queue, Load::Everything, limit);
            }
            return None;
        }
        let ride = self.rides.take();
        if !is_due && ride.is_none() {
            return None;
        }
        let limit = match self.flush_policy {
            FlushPolicy::Adaptive => self.pace.patience(is_due, limit),
            _ => limit,
        };
        if limit.is_zero() {
            return None;
        }
        let shared = self.clone();
        Some(Box::pin(async move {
            let began = Instant::now();
            if is_due {
                // It waits for the ride, whose batch is the oldest one.
                flush(&shared.queue, limit).await;
            } else if let Some(ride) = ride {
                let _ = timeout(limit, ride).await;
            }
            shared.pace.waited(began.elapsed());
        }))
    }

    /// Whether to flush now that the response has been posted.
    fn is_due(&self, now: SystemTime, flushed: bool) -> bool {
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
        if !self.open.is_any() {
            // Nothing goes on in an environment that may be frozen.
            drop(self.rides.take());
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
    use crate::instrumentation::{DEFAULT_DEADLINE_MARGIN, Instrumentation};
    use lamplight_export::ExporterSink;
    use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};

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
