//! The queue is full and the destination away, the bridge is on, and a subscriber calls everything that
//! is public at each event, under every policy.

use std::{
    cell::Cell,
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    task::Poll,
    time::Duration,
};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use lambda_runtime::{Error, LambdaEvent, LambdaInvocation};
use lamplight_export::{Delivery, DeliveryFuture, SpanQueue, SpanSink};
use lamplight_lambda::{FlushPolicy, Instrumentation, Invocation, OpenSpanProcessor, records};
use opentelemetry::{
    Context, KeyValue,
    trace::{Status, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData};
use serde_json::{Value as Json, json};
use tower::{Layer as _, ServiceExt, service_fn};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context as LayerContext, SubscriberExt},
};

use crate::{common::invocation, listen_everywhere};

/// A destination that is away.
#[derive(Debug)]
struct Away;

impl SpanSink for Away {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        tracing::info!("about to deliver");
        Box::pin(async move {
            tokio::task::yield_now().await;
            tracing::warn!("away");
            Delivery::returned(batch).with_unreachable()
        })
    }
}

/// Everything that there is to call.
#[derive(Clone, Default)]
struct CallsBack {
    of: Arc<OnceLock<(SpanQueue, Instrumentation)>>,
    events: Arc<AtomicUsize>,
}

/// Polls once: a future that waits may stay pending, but must not block the thread.
fn poll(future: impl Future) {
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let _ = pin!(future).poll(&mut cx).is_ready();
}

impl CallsBack {
    fn call_back(&self) {
        thread_local! { static INSIDE: Cell<bool> = const { Cell::new(false) }; }
        let Some((queue, instrumentation)) = self.of.get() else {
            return;
        };
        if INSIDE.replace(true) {
            return;
        }
        self.events.fetch_add(1, Ordering::Relaxed);
        let (invocation, record) = (Invocation::current(), records::current());
        let key = || KeyValue::new("test.called", true);
        let error = std::io::Error::other("test");
        invocation.set_attribute(key());
        invocation.set_attributes([key()]);
        invocation.set_status(Status::Unset);
        invocation.add_event("test", Vec::new());
        invocation.record_error(&error);
        invocation.add("test.calls", 1);
        record.set_attribute(key());
        record.set_attributes([key()]);
        record.set_status(Status::Unset);
        record.add_event("test", Vec::new());
        record.record_error(&error);
        record.add("test.calls", 1);
        let _ = format!("{invocation:?} {record:?} {queue:?} {instrumentation:?}");
        let _ = (invocation.span_context(), record.span_context());
        let _ = (queue.snapshot(), queue.is_destination_down());
        let _ = (queue.is_half_full(), queue.is_nearly_full());
        queue.log_drops();
        Context::current().span().set_attribute(key());
        poll(invocation.flush());
        poll(queue.flush());
        poll(queue.flush_ignoring_backoff());
        poll(queue.flush_batch());
        poll(queue.disconnect());
        tracing::info!("called back");
        INSIDE.set(false);
    }
}

impl<S: tracing::Subscriber> Layer<S> for CallsBack {
    fn on_event(&self, _: &tracing::Event<'_>, _: LayerContext<'_, S>) {
        self.call_back();
    }
}

async fn handle(event: LambdaEvent<SqsEvent>) -> Result<Json, Error> {
    let deliver = async |message: SqsMessage| {
        tracing::info!("at work");
        tracing::info_span!("of tracing").in_scope(|| tracing::error!("in a span"));
        tokio::task::yield_now().await;
        match message.message_id.as_deref() {
            Some("0") => Err("failed"),
            _ => Ok(()),
        }
    };
    let answer = records::sqs(event.payload, deliver).await;
    Ok(serde_json::to_value(answer)?)
}

async fn run(policy: FlushPolicy, calls_back: &CallsBack) {
    let queue = SpanQueue::builder(Away).with_max_spans(1).build();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(OpenSpanProcessor::new(queue.clone()))
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue.clone())
        .with_flush_policy(policy)
        .with_flush_budget(Duration::from_millis(20))
        .build();
    let subscriber = Registry::default()
        .with(calls_back.clone())
        .with(instrumentation.tracing_layer());
    let _default = tracing::subscriber::set_default(subscriber);
    let _ = calls_back.of.set((queue.clone(), instrumentation.clone()));
    let tracer = provider.tracer("handler");
    let handler = instrumentation.handler_layer().layer(service_fn(handle));
    let runtime = service_fn(move |event: LambdaInvocation| {
        let (handler, tracer) = (handler.clone(), tracer.clone());
        async move {
            // A span of the current context that ends while the queue is full.
            tracer.in_span("own", |cx| cx.span().end());
            let payload = serde_json::from_slice(&event.body)?;
            let event = LambdaEvent::new(payload, event.context);
            let _ = handler.oneshot(event).await;
            Ok::<_, Error>(())
        }
    });
    let stack = instrumentation.invocation_layer().layer(runtime);
    let message = |id| json!({"messageId": id, "body": "", "eventSource": "aws:sqs"});
    let event = json!({"Records": [message("0"), message("1")]});
    for _ in 0..5 {
        let mut call = pin!(stack.clone().oneshot(invocation(&event)));
        poll_fn(|cx| match call.as_mut().poll(cx) {
            Poll::Pending => {
                calls_back.call_back();
                Poll::Pending
            }
            ready => ready,
        })
        .await
        .unwrap();
    }
    instrumentation.shutdown(Duration::from_millis(20)).await;
    assert!(queue.snapshot().dropped() > 0, "the queue is not full");
}

#[test]
fn a_full_queue_never_stops_the_function_whatever_a_subscriber_calls() {
    for policy in [
        FlushPolicy::AfterResponse,
        FlushPolicy::Adaptive,
        FlushPolicy::BeforeResponse,
        FlushPolicy::Manual,
    ] {
        let (done, finished) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            listen_everywhere();
            let calls_back = CallsBack::default();
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(run(policy, &calls_back));
            assert!(calls_back.events.load(Ordering::Relaxed) > 10);
            done.send(()).unwrap();
        });
        let finished = finished.recv_timeout(Duration::from_secs(60));
        assert_ne!(
            finished,
            Err(mpsc::RecvTimeoutError::Timeout),
            "{policy:?}: it hangs"
        );
        thread.join().unwrap();
    }
}
