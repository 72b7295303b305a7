//! Runs one delivery at a time and keeps it across interrupted flushes.

use crate::diagnostics::warn_once;
use crate::sink::{Delivery, SpanSink};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

/// A delivery that owns its sink and gives it back with the answer.
type Running = Pin<Box<dyn Future<Output = (Box<dyn SpanSink>, Delivery)> + Send>>;

pub(crate) struct Driver {
    state: State,
    /// The size of the running batch, to account for it should the sink panic.
    batch: usize,
}

enum State {
    Idle(Box<dyn SpanSink>),
    Running(Running),
    /// The sink panicked. There is nothing to deliver to any more.
    Gone,
}

impl Driver {
    pub(crate) fn new(sink: Box<dyn SpanSink>) -> Self {
        Self {
            state: State::Idle(sink),
            batch: 0,
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        !matches!(self.state, State::Running(_))
    }

    pub(crate) fn set_resource(&mut self, resource: &Resource) {
        if let State::Idle(sink) = &mut self.state {
            sink.set_resource(resource);
        }
    }

    /// Begins to deliver `batch`. Only when idle.
    pub(crate) fn start(&mut self, batch: Vec<SpanData>) {
        self.batch = batch.len();
        self.state = match std::mem::replace(&mut self.state, State::Gone) {
            State::Idle(sink) => State::Running(Box::pin(async move {
                let delivery = sink.deliver(batch).await;
                (sink, delivery)
            })),
            other => other,
        };
    }

    /// Waits for the delivery under way. If this future is dropped, the delivery stays where it is
    /// and the next call goes on with it.
    pub(crate) async fn finish(&mut self) -> Delivery {
        let State::Running(running) = &mut self.state else {
            return Delivery {
                dropped: self.batch,
                ..Delivery::default()
            };
        };
        let polled = poll_fn(|cx| {
            // A panicking exporter must not take the function down with it.
            match catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(cx))) {
                Ok(poll) => poll.map(Some),
                Err(_) => Poll::Ready(None),
            }
        });
        match polled.await {
            Some((sink, delivery)) => {
                self.state = State::Idle(sink);
                delivery
            }
            None => {
                self.state = State::Gone;
                warn_once("exporter-panicked", || {
                    "the span exporter panicked; spans are dropped and counted from now on".into()
                });
                Delivery {
                    dropped: self.batch,
                    ..Delivery::default()
                }
            }
        }
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            State::Idle(sink) => f.debug_tuple("Idle").field(sink).finish(),
            State::Running(_) => write!(f, "Running({} spans)", self.batch),
            State::Gone => f.write_str("Gone"),
        }
    }
}
