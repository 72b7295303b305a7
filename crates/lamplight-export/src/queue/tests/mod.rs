mod flush;
mod hostile;

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    task::{Context as TaskContext, Poll, Waker},
    time::SystemTime,
};

use lamplight_internal::environment::Environment;
use opentelemetry::{
    KeyValue,
    trace::{
        Span as _, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState, Tracer,
        TracerProvider,
    },
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanEvents, SpanLinks};

use super::*;
use crate::{
    events::SpanEventPolicy,
    exporter_sink::ExporterSink,
    sink::{DeliveryFuture, SpanSink},
};

pub(crate) fn span(name: &'static str) -> SpanData {
    let flags = TraceFlags::SAMPLED;
    let (trace, span) = (TraceId::from(1), SpanId::from(2));
    SpanData {
        span_context: SpanContext::new(trace, span, flags, false, TraceState::NONE),
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: name.into(),
        start_time: SystemTime::UNIX_EPOCH,
        end_time: SystemTime::UNIX_EPOCH,
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: opentelemetry::InstrumentationScope::default(),
    }
}

/// Returns the numbers of pending, delivered, dropped and failed spans.
fn counts(queue: &SpanQueue) -> (usize, u64, u64, u64) {
    let snapshot = queue.snapshot();
    let QueueSnapshot {
        delivered, failed, ..
    } = snapshot;
    (snapshot.pending(), delivered, snapshot.dropped(), failed)
}

fn names(batch: &[SpanData]) -> Vec<String> {
    batch.iter().map(|span| span.name.to_string()).collect()
}

/// A sink driven by the test: it delivers, hands back or hangs as told.
#[derive(Clone, Debug, Default)]
pub(super) struct TestSink {
    pub(super) delivered: Arc<Mutex<Vec<Vec<String>>>>,
    pub(super) attempts: Arc<AtomicUsize>,
    pub(super) hang: Arc<AtomicBool>,
    pub(super) refuse: Arc<AtomicBool>,
    pub(super) panic: Arc<AtomicBool>,
    /// The names of what fell back; nothing does unless there is a place for it.
    pub(super) fallen_back: Option<Arc<Mutex<Vec<String>>>>,
}

impl SpanSink for TestSink {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            poll_fn(|_| match self.hang.load(Ordering::Relaxed) {
                true => Poll::Pending,
                false => Poll::Ready(()),
            })
            .await;
            assert!(!self.panic.load(Ordering::Relaxed), "told to panic");
            if self.refuse.load(Ordering::Relaxed) {
                return Delivery::returned(batch).with_unreachable();
            }
            self.delivered.lock().unwrap().push(names(&batch));
            Delivery::all(batch.len())
        })
    }

    fn fall_back(&self, batch: Vec<SpanData>) -> Delivery {
        match &self.fallen_back {
            Some(fallen_back) => {
                fallen_back.lock().unwrap().extend(names(&batch));
                Delivery::all(batch.len())
            }
            None => Delivery::returned(batch),
        }
    }
}

impl TestSink {
    fn queue(&self) -> SpanQueue {
        SpanQueue::new(self.clone())
    }

    fn builder(&self) -> SpanQueueBuilder {
        SpanQueue::builder(self.clone())
    }

    pub(super) fn delivered(&self) -> Vec<Vec<String>> {
        self.delivered.lock().unwrap().clone()
    }
}

/// Polls once and drops the future, as a timeout does.
fn cut_off(future: impl Future) {
    let polled = pin!(future).poll(&mut TaskContext::from_waker(Waker::noop()));
    assert!(polled.is_pending(), "was to be cut off but had finished");
}

#[tokio::test]
async fn delivers_in_the_order_the_spans_ended_in_batches_of_the_limit() {
    let sink = TestSink::default();
    let queue = sink.builder().with_max_batch(2).build();
    for name in ["a", "b", "c"] {
        queue.on_end(span(name));
    }
    queue.flush().await;
    assert_eq!(sink.delivered(), [vec!["a", "b"], vec!["c"]]);
    assert_eq!(counts(&queue), (0, 3, 0, 0));
}

#[tokio::test]
async fn a_cut_off_flush_loses_nothing_and_delivers_nothing_twice() {
    let sink = TestSink::default();
    let queue = sink.queue();
    queue.on_end(span("a"));
    sink.hang.store(true, Ordering::Relaxed);
    cut_off(queue.flush());
    queue.on_end(span("b"));
    cut_off(queue.flush());
    assert_eq!(counts(&queue), (2, 0, 0, 0));

    sink.hang.store(false, Ordering::Relaxed);
    queue.flush().await;
    assert_eq!(sink.delivered(), [["a"], ["b"]]);
    assert_eq!(counts(&queue), (0, 2, 0, 0));
}

#[tokio::test]
async fn what_the_sink_hands_back_is_offered_again_before_newer_spans() {
    let sink = TestSink::default();
    let queue = sink.queue();
    queue.on_end(span("old"));
    sink.refuse.store(true, Ordering::Relaxed);
    queue.flush().await;
    assert_eq!(queue.snapshot().pending(), 1);

    queue.on_end(span("new"));
    sink.refuse.store(false, Ordering::Relaxed);
    queue.flush().await;
    assert_eq!(sink.delivered(), [["old", "new"]]);
}

#[tokio::test]
async fn a_full_queue_drops_the_newest_and_counts_it() {
    let sink = TestSink::default();
    let queue = sink.builder().with_max_spans(2).build();
    for name in ["a", "b", "c", "d"] {
        queue.on_end(span(name));
    }
    assert_eq!(counts(&queue), (2, 0, 2, 0));
    queue.flush().await;
    assert_eq!(sink.delivered(), [["a", "b"]]);
}

#[tokio::test]
async fn returned_spans_count_against_the_limit_too() {
    let sink = TestSink::default();
    let queue = sink.builder().with_max_spans(2).build();
    queue.on_end(span("a"));
    queue.on_end(span("b"));
    sink.hang.store(true, Ordering::Relaxed);
    sink.refuse.store(true, Ordering::Relaxed);
    cut_off(queue.flush());
    queue.on_end(span("c"));
    sink.hang.store(false, Ordering::Relaxed);
    queue.flush().await;
    assert_eq!(counts(&queue), (2, 0, 1, 0));

    sink.refuse.store(false, Ordering::Relaxed);
    queue.flush().await;
    assert_eq!(sink.delivered(), [["a", "b"]], "the newest had to go");
}

#[tokio::test]
async fn memory_is_bounded_in_bytes() {
    let queue = TestSink::default().builder().with_max_bytes(4_096).build();
    for _ in 0..100 {
        let mut big = span("big");
        big.attributes = vec![KeyValue::new("k", "v".repeat(1_000))];
        queue.on_end(big);
    }
    let snapshot = queue.snapshot();
    assert!(
        snapshot.pending() >= 1 && snapshot.pending() <= 4,
        "{snapshot:?}"
    );
    assert_eq!(snapshot.pending() as u64 + snapshot.dropped(), 100);
}

#[tokio::test]
async fn a_panicking_sink_does_not_take_the_function_down() {
    let sink = TestSink::default();
    let queue = sink.queue();
    queue.on_end(span("a"));
    sink.panic.store(true, Ordering::Relaxed);
    queue.flush().await;
    queue.on_end(span("b"));
    queue.flush().await;
    assert_eq!(counts(&queue), (0, 0, 0, 2));
}

#[tokio::test]
async fn one_flush_serves_everyone_who_waits() {
    let sink = TestSink::default();
    let queue = sink.queue();
    queue.on_end(span("a"));
    tokio::join!(queue.flush(), queue.flush(), queue.flush());
    assert_eq!(sink.delivered(), [["a"]]);
}

#[tokio::test]
async fn unsampled_spans_are_not_exported() {
    let exporter = InMemorySpanExporter::default();
    let queue = SpanQueue::new(ExporterSink::new(exporter.clone()));
    let provider = SdkTracerProvider::builder()
        .with_sampler(opentelemetry_sdk::trace::Sampler::AlwaysOff)
        .with_span_processor(queue.clone())
        .build();
    provider.tracer("t").start("off").end();
    queue.flush().await;
    assert_eq!(counts(&queue), (0, 0, 0, 0));
}

#[tokio::test]
async fn the_exporter_learns_the_resource_of_the_provider() {
    #[derive(Debug, Default)]
    struct Capture(Arc<Mutex<Option<Resource>>>);
    impl opentelemetry_sdk::trace::SpanExporter for Capture {
        async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
            Ok(())
        }
        fn set_resource(&mut self, resource: &Resource) {
            *self.0.lock().unwrap() = Some(resource.clone());
        }
    }
    let capture = Capture::default();
    let seen = capture.0.clone();
    let queue = SpanQueue::new(ExporterSink::new(capture));
    let resource = Resource::builder_empty()
        .with_service_name("orders")
        .build();
    let provider = SdkTracerProvider::builder()
        .with_resource(resource.clone())
        .with_span_processor(queue)
        .build();
    assert_eq!(seen.lock().unwrap().as_ref(), Some(&resource));
    drop(provider);
}

#[tokio::test]
async fn a_failing_exporter_gets_the_batch_again_as_often_as_allowed() {
    #[derive(Clone, Debug, Default)]
    struct Failing(Arc<Mutex<Vec<usize>>>);
    impl opentelemetry_sdk::trace::SpanExporter for Failing {
        async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
            self.0.lock().unwrap().push(batch.len());
            Err(OTelSdkError::InternalFailure("connection refused".into()))
        }
    }
    let failing = Failing::default();
    let queue = SpanQueue::new(ExporterSink::new(failing.clone()).with_retries(2));
    queue.on_end(span("a"));
    for expected in [(1, 0), (1, 0), (0, 1), (0, 1)] {
        queue.flush().await;
        let snapshot = queue.snapshot();
        assert_eq!((snapshot.pending(), snapshot.failed), expected);
    }
    assert_eq!(*failing.0.lock().unwrap(), [1, 1, 1]);
}

#[tokio::test]
async fn span_events_are_kept_stripped_or_reduced_to_exceptions_and_counted() {
    let event = |name| opentelemetry::trace::Event::new(name, SystemTime::UNIX_EPOCH, vec![], 0);
    for (policy, kept, dropped) in [
        (SpanEventPolicy::All, 3, 1),
        (SpanEventPolicy::Exceptions, 1, 3),
        (SpanEventPolicy::None, 0, 4),
    ] {
        let exporter = InMemorySpanExporter::default();
        let queue = SpanQueue::builder(ExporterSink::new(exporter.clone()))
            .with_span_events(policy)
            .build();
        let mut eventful = span("a");
        eventful.events.events = vec![event("start"), event("exception"), event("end")];
        eventful.events.dropped_count = 1;
        queue.on_end(eventful);
        queue.flush().await;
        let [exported] = exporter.get_finished_spans().unwrap().try_into().unwrap();
        assert_eq!(
            (exported.events.len(), exported.events.dropped_count),
            (kept, dropped)
        );
    }
}

#[test]
fn force_flush_without_await_says_what_to_do() {
    let queue = TestSink::default().queue();
    assert!(queue.force_flush().is_ok());
    queue.on_end(span("a"));
    let error = queue.force_flush().unwrap_err().to_string();
    assert!(error.contains("SpanQueue::flush"), "{error}");
}

#[test]
fn handles_can_be_shared_between_threads() {
    fn assert_send_sync<T: Send + Sync + Clone + 'static>() {}
    assert_send_sync::<SpanQueue>();
}

#[tokio::test]
async fn of_many_flushes_at_once_the_first_two_deliver_everything() {
    let sink = TestSink::default();
    let queue = sink.queue();
    queue.on_end(span("first"));
    sink.hang.store(true, Ordering::Relaxed);
    let mut cx = TaskContext::from_waker(Waker::noop());
    let mut flushes = vec![Box::pin(queue.flush())];
    assert!(flushes[0].as_mut().poll(&mut cx).is_pending());
    for number in 0..16 {
        queue.on_end(span(["even", "odd"][number % 2]));
        flushes.push(Box::pin(queue.flush()));
        assert!(flushes[number + 1].as_mut().poll(&mut cx).is_pending());
    }
    sink.hang.store(false, Ordering::Relaxed);
    for flush in flushes {
        flush.await;
    }
    let sizes: Vec<_> = sink.delivered().iter().map(Vec::len).collect();
    assert_eq!(sizes, [1, 16]);
}

/// A flush does not deliver the spans that are queued after it began.
#[tokio::test]
async fn a_flush_ends_when_what_was_queued_before_is_delivered() {
    #[derive(Clone, Debug, Default)]
    struct Echo(Arc<Mutex<Option<SpanQueue>>>);
    impl SpanSink for Echo {
        fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
            let queue = self.0.lock().unwrap().clone().unwrap();
            queue.on_end(span("later"));
            Box::pin(async move { Delivery::all(batch.len()) })
        }
    }
    let echo = Echo::default();
    let queue = SpanQueue::builder(echo.clone()).with_max_batch(2).build();
    *echo.0.lock().unwrap() = Some(queue.clone());
    for name in ["a", "b", "c"] {
        queue.on_end(span(name));
    }
    queue.flush().await;
    let snapshot = queue.snapshot();
    // The second batch had room for the span that ended during the first.
    assert_eq!((snapshot.delivered, snapshot.pending()), (4, 1));
}

#[tokio::test]
async fn a_batch_at_a_time_begins_with_what_was_left_under_way() {
    let sink = TestSink::default();
    let queue = sink.builder().with_max_batch(2).build();
    for name in ["a", "b", "c", "d", "e"] {
        queue.on_end(span(name));
    }
    sink.hang.store(true, Ordering::Relaxed);
    cut_off(queue.flush_batch());
    assert_eq!((queue.snapshot().in_flight, queue.snapshot().size), (2, 3));
    sink.hang.store(false, Ordering::Relaxed);
    queue.flush_batch().await;
    assert_eq!(sink.delivered(), [["a", "b"]]);
    queue.flush_batch().await;
    assert_eq!(sink.delivered(), [["a", "b"], ["c", "d"]]);
    assert_eq!(queue.snapshot().pending(), 1);
}

#[tokio::test]
async fn a_snapshot_has_age_size_and_failures() {
    let sink = TestSink::default();
    let queue = sink.builder().with_max_batch(2).with_max_spans(8).build();
    assert!(queue.snapshot().is_empty());
    let mut failed = span("failed child");
    failed.status = Status::error("");
    failed.parent_span_id = SpanId::from(7);
    queue.on_end(failed.clone());
    let snapshot = queue.snapshot();
    assert_eq!(snapshot.oldest, Some(SystemTime::UNIX_EPOCH));
    assert!(!snapshot.has_failed_root && !snapshot.has_full_batch && !snapshot.is_half_full);

    failed.parent_span_is_remote = true;
    queue.on_end(failed);
    assert!(queue.snapshot().has_failed_root && queue.snapshot().has_full_batch);
    queue.on_end(span("a"));
    queue.on_end(span("b"));
    assert!(queue.snapshot().is_half_full);

    sink.refuse.store(true, Ordering::Relaxed);
    queue.flush_batch().await;
    assert!(queue.snapshot().has_failed_root, "it was handed back");
    sink.refuse.store(false, Ordering::Relaxed);
    queue.flush_batch().await;
    let snapshot = queue.snapshot();
    assert!(!snapshot.has_failed_root && !snapshot.is_empty());
    queue.flush().await;
    assert!(queue.snapshot().is_empty());
    assert_eq!(queue.snapshot().bytes, 0);
}

/// A flush may be awaited in a handler, whose context is current there.
#[tokio::test]
async fn what_a_sink_does_is_not_traced_whoever_flushes() {
    #[derive(Clone, Debug, Default)]
    struct Watched(Arc<Mutex<Vec<bool>>>);
    impl Watched {
        fn look(&self) {
            let suppressed = opentelemetry::Context::is_current_telemetry_suppressed();
            self.0.lock().unwrap().push(suppressed);
        }
    }
    impl SpanSink for Watched {
        fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
            self.look();
            Box::pin(async move {
                tokio::task::yield_now().await;
                self.look();
                Delivery::all(batch.len())
            })
        }
        fn disconnect(&self) {
            self.look();
        }
    }
    let sink = Watched::default();
    let queue = SpanQueue::new(sink.clone());
    queue.on_end(span("a"));
    queue.flush().await;
    queue.disconnect().await;
    assert_eq!(*sink.0.lock().unwrap(), [true; 3]);
    assert!(!opentelemetry::Context::is_current_telemetry_suppressed());
}

/// Environment variable specification, Batch Span Processor: the batch "Must be less than or equal to
/// OTEL_BSP_MAX_QUEUE_SIZE. Valid values are positive."
#[test]
fn a_batch_is_never_more_than_the_queue() {
    for (spans, batch, expected) in [
        ("", "", (DEFAULT_MAX_SPANS, DEFAULT_MAX_BATCH)),
        (" 100 ", "10", (100, 10)),
        ("100", "", (100, 100)),
        ("100", "101", (100, 100)),
        ("0", "0", (DEFAULT_MAX_SPANS, DEFAULT_MAX_BATCH)),
        ("-1", "many", (DEFAULT_MAX_SPANS, DEFAULT_MAX_BATCH)),
    ] {
        let limits = Limits::of(&Environment::new(|name| {
            let value = match name {
                "OTEL_BSP_MAX_QUEUE_SIZE" => spans,
                _ => batch,
            };
            (!value.is_empty()).then(|| value.to_owned())
        }));
        assert_eq!((limits.spans, limits.batch), expected, "{spans} {batch}");
    }
}
