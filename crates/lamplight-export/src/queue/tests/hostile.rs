//! Sinks, subscribers and spans that behave badly: none of them stops the function, and every span is
//! delivered or counted.

use std::{
    future::{Future, pending},
    pin::pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    task::Waker,
    time::Duration,
};

use opentelemetry::{
    Context, KeyValue,
    trace::{
        SpanContext, SpanId, Status, TraceContextExt, TraceFlags, TraceState, Tracer,
        TracerProvider,
    },
};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanProcessor};

use super::{
    TestSink,
    flush::{Lines, Outage, Watch, flush_at_once, outage},
    span,
};
use crate::{Delivery, DeliveryFuture, SpanQueue, SpanSink, span_size};

/// The treatment of a batch with this number of spans.
type Behavior = fn(usize) -> DeliveryFuture;

#[derive(Debug)]
struct Badly(Behavior);

impl SpanSink for Badly {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        (self.0)(batch.len())
    }
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            std::panic::panic_any("dropped");
        }
    }
}

#[tokio::test]
async fn a_sink_may_panic_anywhere_and_forget_spans_or_make_some_up() {
    let behaviors: [(Behavior, u64); 7] = [
        (|_| panic!("before the delivery"), 0),
        (|_| Box::pin(async { panic!("in the delivery") }), 0),
        (|_| Box::pin(async { std::panic::panic_any(Bomb) }), 0),
        (
            |count| {
                let bomb = Bomb;
                let answer = Delivery::all(count);
                let mut answer = Some(answer);
                Box::pin(std::future::poll_fn(move |_| {
                    let _ = &bomb;
                    std::task::Poll::Ready(answer.take().unwrap_or_default())
                }))
            },
            3,
        ),
        (|_| Box::pin(async { Delivery::default() }), 0),
        (|_| Box::pin(async { Delivery::all(1) }), 1),
        (|_| Box::pin(async { Delivery::all(1_000) }), 3),
    ];
    for (number, (behavior, delivered)) in behaviors.into_iter().enumerate() {
        let queue = SpanQueue::builder(Badly(behavior))
            .with_max_pause(Duration::ZERO)
            .build();
        for round in 1..=4 {
            (0..3).for_each(|_| queue.on_end(span("a")));
            queue.flush().await;
            let snapshot = queue.snapshot();
            let expected = (0, round * delivered, round * (3 - delivered));
            let seen = (snapshot.pending(), snapshot.delivered, snapshot.failed);
            assert_eq!(seen, expected, "behavior {number}, round {round}");
        }
    }
}

#[tokio::test]
async fn a_delivery_that_never_ends_is_given_up_and_the_next_ones_arrive() {
    #[derive(Debug, Default)]
    struct FirstHangs(AtomicUsize);
    impl SpanSink for FirstHangs {
        fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
            let first = self.0.fetch_add(1, Ordering::Relaxed) == 0;
            Box::pin(async move {
                if first {
                    pending::<()>().await;
                }
                Delivery::all(batch.len())
            })
        }
    }
    let watch = Watch::default();
    let queue = watch
        .builder(FirstHangs::default())
        .with_max_pause(Duration::ZERO)
        .build();
    queue.on_end(span("first"));
    watch.cut_off(&queue, 1_000);
    for _ in 0..14 {
        assert_eq!(
            queue.snapshot().failed,
            0,
            "an exporter of 10 s can still answer"
        );
        queue.on_end(span("more"));
        watch.cut_off(&queue, 1_000);
    }
    assert_eq!(queue.snapshot().failed, 1);
    queue.flush().await;
    assert_eq!(
        (queue.snapshot().delivered, queue.snapshot().pending()),
        (14, 0)
    );
}

/// That is what no budget can bound.
#[tokio::test]
async fn a_sink_that_blocks_its_thread_is_reported() {
    let (lines, _guard) = Lines::subscribe();
    let blocks = |count| -> DeliveryFuture {
        Box::pin(async move {
            std::thread::sleep(Duration::from_millis(1_050));
            Delivery::all(count)
        })
    };
    let queue = SpanQueue::new(Badly(blocks));
    queue.on_end(span("a"));
    queue.flush().await;
    let said = lines.with("exporter-blocks");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("WARN") && said[0].contains("asynchronous"));
}

#[tokio::test]
async fn a_flush_inside_a_sink_does_not_wait_for_itself() {
    #[derive(Clone, Debug, Default)]
    struct Flushes(Arc<OnceLock<SpanQueue>>);
    impl SpanSink for Flushes {
        fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
            Box::pin(async move {
                if let Some(queue) = self.0.get() {
                    queue.flush().await;
                    queue.flush_ignoring_backoff().await;
                    queue.flush_batch().await;
                    queue.disconnect().await;
                }
                Delivery::all(batch.len())
            })
        }
    }
    let sink = Flushes::default();
    let queue = SpanQueue::new(sink.clone());
    sink.0.set(queue.clone()).unwrap();
    queue.on_end(span("a"));
    queue.flush().await;
    assert_eq!(queue.snapshot().delivered, 1);
}

/// One flush waits for a destination that hangs: no other flush waits for it.
#[tokio::test]
async fn during_a_pause_nobody_waits_for_whoever_is_trying() {
    let Outage { sink, queue, .. } = outage().await;
    sink.hang.store(true, Ordering::Relaxed);
    let mut last = pin!(queue.flush_ignoring_backoff());
    let mut cx = std::task::Context::from_waker(Waker::noop());
    assert!(last.as_mut().poll(&mut cx).is_pending());
    flush_at_once(&queue);
}

/// Calls back into everything public at each event, from wherever that is logged.
struct CallsBack {
    queue: SpanQueue,
    events: Arc<AtomicUsize>,
}

impl tracing::Subscriber for CallsBack {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "lamplight"
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {
        self.events.fetch_add(1, Ordering::Relaxed);
        let queue = &self.queue;
        // The lock of the span that is ending, if one is.
        Context::current()
            .span()
            .set_attribute(KeyValue::new("seen", true));
        assert!(queue.snapshot().delivered < u64::MAX);
        let _ = (
            queue.snapshot(),
            queue.is_half_full(),
            queue.is_destination_down(),
        );
        let _ = (format!("{queue:?}"), queue.force_flush());
        queue.log_drops();
        queue.on_end(span("from the subscriber"));
        flush_at_once(queue);
        let mut flushes = pin!(async {
            queue.flush_ignoring_backoff().await;
            queue.flush_batch().await;
            queue.disconnect().await;
        });
        let mut cx = std::task::Context::from_waker(Waker::noop());
        assert!(flushes.as_mut().poll(&mut cx).is_ready());
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn a_subscriber_may_call_anything_while_the_queue_is_full_and_a_span_is_locked() {
    // `tracing` caches the interest of subscribers for each callsite.
    let _ = tracing::subscriber::set_global_default(tracing_core_always());
    let sink = TestSink::default();
    let queue = SpanQueue::builder(sink.clone()).with_max_spans(1).build();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(queue.clone())
        .build();
    let tracer = provider.tracer("test");
    let events = Arc::new(AtomicUsize::new(0));
    let subscriber = CallsBack {
        queue: queue.clone(),
        events: events.clone(),
    };
    let (done, finished) = std::sync::mpsc::channel();
    // A thread of its own: what is tested for is that it comes to an end.
    std::thread::spawn(move || {
        tracing::subscriber::with_default(subscriber, || {
            for refuse in [false, true, true, true, true, false] {
                sink.refuse.store(refuse, Ordering::Relaxed);
                for _ in 0..3 {
                    tracer.in_span("full", |cx| cx.span().end());
                }
                flush_at_once(&queue);
            }
        });
        done.send(()).unwrap();
    });
    let patience = Duration::from_secs(30);
    assert!(
        finished.recv_timeout(patience).is_ok(),
        "the function hangs"
    );
    assert!(events.load(Ordering::Relaxed) > 0, "nothing was logged");
}

fn tracing_core_always() -> impl tracing::Subscriber + Send + Sync {
    struct Always;
    impl tracing::Subscriber for Always {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            tracing::span::Id::from_u64(1)
        }
        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
        fn event(&self, _: &tracing::Event<'_>) {}
        fn enter(&self, _: &tracing::span::Id) {}
        fn exit(&self, _: &tracing::span::Id) {}
    }
    Always
}

fn child(name: &'static str) -> SpanData {
    let mut child = span(name);
    child.parent_span_id = SpanId::from(9);
    child
}

#[tokio::test]
async fn the_root_has_a_place_in_a_full_queue() {
    let sink = TestSink::default();
    let queue = SpanQueue::builder(sink.clone()).with_max_spans(2).build();
    queue.on_end(child("first"));
    queue.on_end(child("second"));
    queue.on_end(span("root"));
    queue.flush().await;
    assert_eq!(sink.delivered(), [["first", "root"]]);
    assert_eq!(queue.snapshot().dropped(), 1);

    // Records of a batch have traces of their own, and the invocation began before them.
    let record = |name| {
        let mut record = span(name);
        record.start_time += Duration::from_secs(1);
        record
    };
    queue.on_end(record("one"));
    queue.on_end(record("two"));
    queue.on_end(record("three"));
    queue.on_end(span("invocation"));
    queue.flush().await;
    assert_eq!(sink.delivered().last().unwrap(), &["one", "invocation"]);
    let snapshot = queue.snapshot();
    assert_eq!((snapshot.delivered, snapshot.dropped()), (4, 3));
}

#[tokio::test]
async fn what_is_under_way_counts_against_the_bytes_and_is_an_eighth_of_them() {
    const MOST: usize = 64 << 10;
    let sink = TestSink::default();
    let queue = SpanQueue::builder(sink.clone())
        .with_max_bytes(MOST)
        .build();
    let heavy = || {
        let mut heavy = span("heavy");
        heavy.status = Status::error("x".repeat(1_000));
        let state = TraceState::from_key_value([("vendor", "v".repeat(200))]).unwrap();
        let (trace, id) = (1_u128.into(), 2_u64.into());
        heavy.span_context = SpanContext::new(trace, id, TraceFlags::SAMPLED, false, state);
        heavy
    };
    let fits = MOST / span_size(&heavy());
    sink.hang.store(true, Ordering::Relaxed);
    for _ in 0..3 {
        (0..100).for_each(|_| queue.on_end(heavy()));
        let mut flush = pin!(queue.flush());
        let mut cx = std::task::Context::from_waker(Waker::noop());
        assert!(flush.as_mut().poll(&mut cx).is_pending());
        assert_eq!(queue.snapshot().pending(), fits, "{:?}", queue.snapshot());
        assert!(queue.snapshot().in_flight <= fits / 8);
        assert!(queue.is_half_full() && queue.is_nearly_full());
    }
    sink.hang.store(false, Ordering::Relaxed);
    queue.flush().await;
    let snapshot = queue.snapshot();
    assert_eq!((snapshot.pending(), snapshot.delivered), (0, fits as u64));
    assert_eq!(snapshot.delivered + snapshot.dropped(), 300);
    assert!(sink.delivered().iter().all(|batch| batch.len() <= fits / 8));
    assert!(!queue.is_half_full());

    let mut alone = span("more than an eighth");
    alone.status = Status::error("x".repeat(MOST / 4));
    queue.on_end(alone);
    let mut never = span("more than everything");
    never.status = Status::error("x".repeat(MOST));
    queue.on_end(never);
    queue.flush().await;
    assert_eq!(queue.snapshot().delivered, fits as u64 + 1);
    assert_eq!(queue.snapshot().pending(), 0);
}

#[tokio::test]
async fn a_restored_environment_tries_its_destination_at_once() {
    let Outage { sink, queue, .. } = outage().await;
    sink.refuse.store(false, Ordering::Relaxed);
    queue.flush().await;
    assert_eq!(queue.snapshot().pending(), 3, "a pause");
    queue.disconnect().await;
    queue.flush().await;
    assert_eq!(queue.snapshot().delivered, 3);
}
