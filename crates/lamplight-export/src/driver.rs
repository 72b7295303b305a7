//! Runs one delivery at a time and keeps it across interrupted flushes.

use crate::diagnostics::warn_once;
use crate::sink::{Delivery, DeliveryFuture, SpanSink};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

pub(crate) struct Driver {
    /// `None` after it panicked: there is nothing to deliver to any more.
    sink: Option<Arc<dyn SpanSink>>,
    running: Option<DeliveryFuture>,
    /// The size of the running batch, to account for it should there be no answer.
    batch: usize,
    /// Whether a flush has waited for the running delivery in vain, and counted that.
    counted: bool,
}

impl Driver {
    pub(crate) fn new(sink: Arc<dyn SpanSink>) -> Self {
        Self {
            sink: Some(sink),
            running: None,
            batch: 0,
            counted: false,
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.running.is_none()
    }

    /// Whether [`count`](Self::count) was called for the latest delivery.
    pub(crate) fn is_counted(&self) -> bool {
        self.counted
    }

    /// Notes that the wait for the running delivery has counted as a failure.
    pub(crate) fn count(&mut self) {
        self.counted = true;
    }

    /// Nothing else has the sink before the first delivery.
    pub(crate) fn set_resource(&mut self, resource: &Resource) {
        if let Some(sink) = self.sink.as_mut().and_then(Arc::get_mut) {
            sink.set_resource(resource);
        }
    }

    pub(crate) fn disconnect(&self) {
        if let Some(sink) = &self.sink {
            let _ = guarded(|| sink.disconnect());
        }
    }

    /// Begins to deliver `batch`. Only when idle.
    pub(crate) fn start(&mut self, batch: Vec<SpanData>) {
        self.batch = batch.len();
        self.counted = false;
        let Some(sink) = self.sink.clone() else {
            return;
        };
        match guarded(|| sink.deliver(batch)) {
            Ok(delivery) => self.running = Some(delivery),
            Err(_) => self.give_up(),
        }
    }

    /// The answer of the delivery under way, if it is there by now.
    pub(crate) fn look(&mut self) -> Option<Delivery> {
        self.running.as_ref()?;
        match self.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(delivery) => Some(delivery),
            Poll::Pending => None,
        }
    }

    /// Goes on with the delivery under way. It stays where it is, whoever polls next.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Delivery> {
        let answer = match &mut self.running {
            None => None,
            Some(running) => match guarded(|| running.as_mut().poll(cx)) {
                Ok(poll) => Some(ready!(poll)),
                Err(_) => None,
            },
        };
        self.running = None;
        Poll::Ready(answer.unwrap_or_else(|| {
            self.give_up();
            Delivery {
                failed: self.batch,
                ..Delivery::default()
            }
        }))
    }

    /// What the sink does with `batch` without its destination.
    pub(crate) fn divert(&mut self, batch: Vec<SpanData>) -> Delivery {
        let count = batch.len();
        let diverted = match &self.sink {
            Some(sink) => guarded(|| sink.divert(batch)).ok(),
            None => None,
        };
        diverted.unwrap_or_else(|| {
            self.give_up();
            Delivery {
                failed: count,
                ..Delivery::default()
            }
        })
    }

    fn give_up(&mut self) {
        if self.sink.take().is_some() {
            warn_once("exporter-panicked", || {
                "the span exporter panicked; spans are dropped and counted from now on".to_owned()
            });
        }
    }
}

/// Calls the sink. What it does is not traced, whoever flushes and whatever context is current there,
/// and its panic does not take the function down.
fn guarded<T>(call: impl FnOnce() -> T) -> std::thread::Result<T> {
    let _suppressed = opentelemetry::Context::enter_telemetry_suppressed_scope();
    catch_unwind(AssertUnwindSafe(call))
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver")
            .field("sink", &self.sink)
            .field("running", &self.running.is_some())
            .finish_non_exhaustive()
    }
}
