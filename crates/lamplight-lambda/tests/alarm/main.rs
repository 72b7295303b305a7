//! Handlers that block their threads at the same time, and a destination that never answers. The thread
//! of the alarm, of which a process has one, waits for it: so this is a process of its own.

// Tests fail by panicking, and read the clock.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

#[path = "../it/common.rs"]
mod common;

use std::{
    sync::{
        Arc, Mutex,
        mpsc::{Sender, channel},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use lambda_runtime::{Error, LambdaInvocation};
use lamplight_export::{DeliveryFuture, SpanQueue, SpanSink};
use lamplight_lambda::Instrumentation;
use opentelemetry::Context;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SdkTracerProvider, Span, SpanData, SpanProcessor},
};
use serde_json::json;
use tower::{Layer, ServiceExt, service_fn};

use common::{error_type, invocation};

const MINUTE: Duration = Duration::from_secs(60);
const MARGIN: Duration = Duration::from_secs(2);
/// The time of a function that is given up after a second.
const TIME: Duration = MARGIN.saturating_add(Duration::from_secs(1));

/// A destination that never answers.
#[derive(Debug)]
struct Silent;

impl SpanSink for Silent {
    fn deliver(self: Arc<Self>, _: Vec<SpanData>) -> DeliveryFuture {
        Box::pin(std::future::pending())
    }
}

/// Tells why spans have ended.
#[derive(Debug)]
struct Ends(Sender<Option<String>>);

impl SpanProcessor for Ends {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        self.0.send(error_type(&span)).unwrap();
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

#[test]
fn handlers_that_block_at_the_same_time_do_not_wait_for_each_others_delivery() {
    let (end, ends) = channel();
    let queue = SpanQueue::new(Silent);
    let provider = SdkTracerProvider::builder()
        .with_span_processor(Ends(end))
        .with_span_processor(queue.clone())
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue)
        .with_deadline_margin(MARGIN)
        .with_flush_budget(10 * MINUTE)
        .build();
    let (release, released) = channel::<()>();
    let released = Arc::new(Mutex::new(released));
    let blocking = service_fn(move |_: LambdaInvocation| {
        let released = released.clone();
        async move {
            let _ = released.lock().unwrap().recv();
            Ok::<_, Error>(())
        }
    });
    let stack = instrumentation.invocation_layer().layer(blocking);
    let deadline = (SystemTime::now() + TIME).duration_since(UNIX_EPOCH);
    let deadline = deadline.unwrap().as_millis() as u64;
    let workers = [(); 3].map(|()| {
        let stack = stack.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build();
            let mut event = invocation(&json!({}));
            event.context.deadline = deadline;
            // The flush after it is not awaited.
            let once = stack.oneshot(event);
            let _ = runtime
                .unwrap()
                .block_on(async { tokio::time::timeout(Duration::ZERO, once).await });
        })
    });
    for _ in &workers {
        assert_eq!(
            ends.recv_timeout(MINUTE).unwrap().as_deref(),
            Some("timeout")
        );
    }
    drop(release);
    for worker in workers {
        worker.join().unwrap();
    }
}
