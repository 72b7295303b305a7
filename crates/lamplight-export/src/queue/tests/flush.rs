//! Flushes while the destination is unreachable, and their log lines.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Waker},
    time::{Duration, SystemTime},
};

use opentelemetry_sdk::{
    error::{OTelSdkError, OTelSdkResult},
    trace::{SpanData, SpanExporter, SpanProcessor},
};
use tracing::field::{Field, Visit};

use super::{TestSink, span};
use crate::{Delivery, DeliveryFuture, ExporterSink, SpanQueue, SpanQueueBuilder, SpanSink};

/// A clock that goes when it is told to.
#[derive(Clone, Default)]
pub(super) struct Watch(Arc<AtomicU64>);

impl Watch {
    pub(super) fn advance(&self, millis: u64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }

    pub(super) fn queue(&self, sink: impl SpanSink) -> SpanQueue {
        self.builder(sink).build()
    }

    pub(super) fn builder(&self, sink: impl SpanSink) -> SpanQueueBuilder {
        let millis = self.0.clone();
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let now = move || start + Duration::from_millis(millis.load(Ordering::Relaxed));
        SpanQueue::builder(sink).with_clock(Box::new(now))
    }

    /// A flush that is cut off after `millis` of waiting.
    pub(super) fn cut_off(&self, queue: &SpanQueue, millis: u64) {
        let mut flush = pin!(queue.flush());
        let poll = flush.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(poll.is_pending(), "there is something to wait for");
        self.advance(millis);
    }
}

/// A flush that has nothing to wait for.
pub(super) fn flush_at_once(queue: &SpanQueue) {
    let flush = pin!(queue.flush());
    let poll = flush.poll(&mut Context::from_waker(Waker::noop()));
    assert!(poll.is_ready(), "it waits");
}

pub(super) struct Outage {
    pub(super) sink: TestSink,
    pub(super) watch: Watch,
    pub(super) queue: SpanQueue,
}

/// A queue in its first pause, which is one second long, with three spans in it.
pub(super) async fn outage() -> Outage {
    outage_of(|builder| builder).await
}

async fn outage_of(configure: impl FnOnce(SpanQueueBuilder) -> SpanQueueBuilder) -> Outage {
    let sink = TestSink::default();
    let watch = Watch::default();
    let queue = configure(watch.builder(sink.clone())).build();
    sink.refuse.store(true, Ordering::Relaxed);
    for name in ["a", "b", "c"] {
        queue.on_end(span(name));
        queue.flush().await;
    }
    assert_eq!(attempts(&sink), 3);
    Outage { sink, watch, queue }
}

fn attempts(sink: &TestSink) -> usize {
    sink.attempts.load(Ordering::Relaxed)
}

#[tokio::test]
async fn after_three_failures_nothing_is_tried_for_a_while_and_spans_wait() {
    let Outage { sink, watch, queue } = outage().await;
    for _ in 0..50 {
        queue.on_end(span("more"));
        queue.flush().await;
        watch.advance(19);
    }
    assert_eq!(attempts(&sink), 3, "the pause is not over");
    assert_eq!(
        (queue.snapshot().pending(), queue.snapshot().dropped()),
        (53, 0)
    );

    watch.advance(50);
    queue.flush().await;
    queue.flush().await;
    assert_eq!(attempts(&sink), 4, "one probe");
    watch.advance(1_900);
    queue.flush().await;
    assert_eq!(attempts(&sink), 4, "and twice the pause");
    watch.advance(100);
    queue.flush().await;
    assert_eq!(attempts(&sink), 5);
}

#[tokio::test]
async fn the_first_success_delivers_everything_and_ends_the_matter() {
    let Outage { sink, watch, queue } = outage_of(|it| it.with_max_batch(2)).await;
    sink.refuse.store(false, Ordering::Relaxed);
    queue.flush().await;
    assert_eq!(sink.delivered().len(), 0, "the pause is not over");
    watch.advance(1_000);
    queue.flush().await;
    assert_eq!(sink.delivered(), [vec!["a", "b"], vec!["c"]]);

    // As if nothing had been: a single failure is not significant again.
    sink.refuse.store(true, Ordering::Relaxed);
    queue.on_end(span("d"));
    queue.flush().await;
    queue.flush().await;
    sink.refuse.store(false, Ordering::Relaxed);
    queue.flush().await;
    assert_eq!(sink.delivered().len(), 3);
    assert_eq!(queue.snapshot().delivered, 4);
}

#[tokio::test]
async fn a_queue_that_fills_up_during_a_pause_counts_what_it_drops() {
    let Outage { sink, watch, queue } = outage_of(|it| it.with_max_spans(10)).await;
    for _ in 0..20 {
        queue.on_end(span("more"));
        queue.flush().await;
    }
    let snapshot = queue.snapshot();
    assert_eq!((snapshot.pending(), snapshot.dropped()), (10, 13));
    sink.refuse.store(false, Ordering::Relaxed);
    watch.advance(1_000);
    queue.flush().await;
    assert_eq!(queue.snapshot().delivered, 10);
}

#[tokio::test]
async fn a_hanging_destination_is_given_up_after_three_windows() {
    let sink = TestSink::default();
    let watch = Watch::default();
    let queue = watch.queue(sink.clone());
    queue.on_end(span("a"));
    sink.hang.store(true, Ordering::Relaxed);
    // One delivery that hangs through all of them: each was billed.
    for _ in 0..3 {
        watch.cut_off(&queue, 200);
    }
    queue.on_end(span("b"));
    flush_at_once(&queue);
    assert_eq!(attempts(&sink), 1, "nothing is waited for");
    assert_eq!(queue.snapshot().pending(), 2);

    watch.advance(1_000);
    sink.hang.store(false, Ordering::Relaxed);
    queue.flush().await;
    assert_eq!(sink.delivered(), [["a"], ["b"]]);
}

#[tokio::test]
async fn a_flush_that_had_no_time_says_nothing_about_the_destination() {
    let sink = TestSink::default();
    let watch = Watch::default();
    let queue = watch.queue(sink.clone());
    queue.on_end(span("a"));
    sink.hang.store(true, Ordering::Relaxed);
    for _ in 0..10 {
        watch.cut_off(&queue, 49);
    }
    assert!(!queue.is_paused());
}

#[tokio::test]
async fn an_answer_that_comes_during_a_pause_ends_it() {
    let Outage { sink, watch, queue } = outage().await;
    watch.advance(1_000);
    sink.hang.store(true, Ordering::Relaxed);
    watch.cut_off(&queue, 100);
    queue.on_end(span("d"));
    flush_at_once(&queue);
    assert_eq!(sink.delivered().len(), 0, "a pause, and no answer yet");

    sink.refuse.store(false, Ordering::Relaxed);
    sink.hang.store(false, Ordering::Relaxed);
    queue.flush().await;
    assert_eq!(sink.delivered(), [vec!["a", "b", "c"], vec!["d"]]);
}

#[tokio::test]
async fn the_failure_of_an_old_attempt_does_not_stand_for_a_probe() {
    let Outage { sink, watch, queue } = outage().await;
    watch.advance(1_000);
    sink.hang.store(true, Ordering::Relaxed);
    watch.cut_off(&queue, 100);
    watch.advance(2_000);

    // The old attempt fails at last.
    sink.hang.store(false, Ordering::Relaxed);
    queue.flush().await;
    assert_eq!(attempts(&sink), 5, "the old one, and a new one at once");
}

#[tokio::test]
async fn the_last_chance_is_taken_during_a_pause_too() {
    let Outage { sink, queue, .. } = outage().await;
    queue.flush_ignoring_backoff().await;
    assert_eq!(attempts(&sink), 4);
    sink.refuse.store(false, Ordering::Relaxed);
    assert!(queue.shutdown_with_timeout(Duration::ZERO).is_err());
    queue.flush().await;
    assert_eq!(sink.delivered(), [["a", "b", "c"]]);
}

#[tokio::test]
async fn a_sink_with_another_way_out_is_asked_for_it_during_a_pause() {
    let fallen_back = Arc::new(Mutex::new(Vec::new()));
    let sink = TestSink {
        fallen_back: Some(fallen_back.clone()),
        ..TestSink::default()
    };
    let queue = Watch::default().queue(sink.clone());
    sink.refuse.store(true, Ordering::Relaxed);
    queue.on_end(span("a"));
    for _ in 0..3 {
        queue.flush().await;
    }
    assert_eq!(fallen_back.lock().unwrap().len(), 0);
    queue.on_end(span("b"));
    queue.flush().await;
    assert_eq!(*fallen_back.lock().unwrap(), ["a", "b"]);
    assert_eq!(
        (queue.snapshot().pending(), queue.snapshot().delivered),
        (0, 2)
    );
}

#[tokio::test]
async fn any_exporter_that_fails_is_left_alone_for_a_while() {
    #[derive(Clone, Debug, Default)]
    struct Away(Arc<AtomicU64>);
    impl SpanExporter for Away {
        async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
            self.0.fetch_add(1, Ordering::Relaxed);
            Err(OTelSdkError::InternalFailure("connection refused".into()))
        }
    }
    let away = Away::default();
    let queue = Watch::default().queue(ExporterSink::new(away.clone()).with_retries(100));
    queue.on_end(span("a"));
    for _ in 0..20 {
        queue.flush().await;
    }
    assert_eq!(away.0.load(Ordering::Relaxed), 3);
    assert_eq!(queue.snapshot().pending(), 1);
}

/// The lines that this thread logs.
#[derive(Clone, Default)]
pub(super) struct Lines(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.push_str(&format!(" {}={value:?}", field.name()));
    }
}

impl tracing::Subscriber for Lines {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "lamplight"
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

impl Lines {
    /// Captures the log of this thread while the guard lives.
    pub(super) fn subscribe() -> (Self, tracing::subscriber::DefaultGuard) {
        // Without a subscriber on the threads of the other tests, what they log first would be off
        // here too: whether anybody listens is remembered for each place that logs.
        let _ = tracing::subscriber::set_global_default(Self::default());
        let lines = Self::default();
        let guard = tracing::subscriber::set_default(lines.clone());
        (lines, guard)
    }

    pub(super) fn with(&self, text: &str) -> Vec<String> {
        let lines = self.0.lock().unwrap();
        let found = lines.iter().filter(|line| line.contains(text));
        found.cloned().collect()
    }
}

#[tokio::test]
async fn an_outage_is_two_lines_in_the_log_however_long_it_lasts() {
    let (lines, _guard) = Lines::subscribe();
    let Outage { sink, watch, queue } = outage().await;
    for _ in 0..20 {
        watch.advance(70_000);
        queue.flush().await;
    }
    sink.refuse.store(false, Ordering::Relaxed);
    watch.advance(70_000);
    queue.flush().await;
    let began = lines.with("export-paused");
    assert_eq!(began.len(), 1, "{began:?}");
    assert!(began[0].starts_with("WARN"), "{began:?}");
    let ended = lines.with("export-resumed");
    assert_eq!(ended.len(), 1, "{ended:?}");
    assert!(ended[0].starts_with("INFO"), "{ended:?}");
}

#[tokio::test]
async fn each_flush_is_one_line_that_says_what_it_did() {
    let (lines, _guard) = Lines::subscribe();
    let sink = TestSink::default();
    let watch = Watch::default();
    let queue = watch.queue(sink.clone());
    queue.on_end(span("a"));
    sink.hang.store(true, Ordering::Relaxed);
    watch.cut_off(&queue, 40);
    sink.hang.store(false, Ordering::Relaxed);
    queue.flush().await;
    let flushes = lines.with("message=flush");
    let [cut_off, finished] = flushes.as_slice() else {
        panic!("{flushes:?}");
    };
    for part in [
        "DEBUG",
        "end=CutOff",
        "took_ms=40",
        "delivered=0",
        "queued=1",
    ] {
        assert!(cut_off.contains(part), "{part}: {cut_off}");
    }
    for part in ["end=Done", " delivered=1", "queued=0", "dropped_so_far=0"] {
        assert!(finished.contains(part), "{part}: {finished}");
    }
}

/// A sink that is busy: it requests a pause of this number of seconds.
#[derive(Clone, Debug, Default)]
struct Busy(Arc<AtomicU64>);

impl SpanSink for Busy {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            Delivery::returned(batch)
                .with_unreachable()
                .with_retry_after(Duration::from_secs(20))
        })
    }
}

#[tokio::test]
async fn a_destination_that_asks_for_time_gets_it_and_nothing_is_said_of_an_outage() {
    let (lines, _guard) = Lines::subscribe();
    let (sink, watch) = (Busy::default(), Watch::default());
    let queue = watch.queue(sink.clone());
    queue.on_end(span("a"));
    let attempts = || sink.0.load(Ordering::Relaxed);
    // The environment is frozen for most of it.
    for (advance, expected) in [(0, 1), (1, 1), (19_998, 1), (1, 2), (19_999, 2)] {
        watch.advance(advance);
        queue.flush().await;
        assert_eq!(attempts(), expected);
    }
    queue.flush_ignoring_backoff().await;
    assert_eq!(attempts(), 3, "the last chance is taken");
    assert_eq!(queue.snapshot().pending(), 1);
    assert_eq!(lines.with("export-resumed").len(), 0);
}
