use crate::timer::timeout;
use lamplight_export::SpanQueue;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// How much a [`Ride`] delivers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Load {
    /// One batch.
    Batch,
    /// What is queued when it starts.
    Everything,
}

/// A flush beside a handler: a task of its own, so that neither waits for the other. It ends with the
/// `Ride`, and what it leaves under way stays where it is.
#[derive(Debug)]
pub(crate) struct Ride {
    task: JoinHandle<()>,
}

impl Ride {
    /// Delivers for at most `limit`. `None` outside a runtime.
    fn start(queue: SpanQueue, load: Load, limit: Duration) -> Option<Self> {
        let runtime = Handle::try_current().ok()?;
        let task = runtime.spawn(async move {
            match load {
                Load::Batch => timeout(limit, queue.flush_batch()).await,
                Load::Everything => timeout(limit, queue.flush()).await,
            };
        });
        Some(Self { task })
    }

    fn is_over(&self) -> bool {
        self.task.is_finished()
    }
}

impl Future for Ride {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.task).poll(cx).map(|_| ())
    }
}

impl Drop for Ride {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The ride of a function: one at a time, whichever of its invocations it began beside.
#[derive(Debug, Default)]
pub(crate) struct Rides {
    running: Mutex<Option<Ride>>,
}

impl Rides {
    /// Starts one, unless one is under way.
    pub(crate) fn start(&self, queue: &SpanQueue, load: Load, limit: Duration) {
        if limit.is_zero() || self.is_running() {
            return;
        }
        let ride = Ride::start(queue.clone(), load, limit);
        // Of two that start at once the second waits for nothing that the first does not do.
        let before = self.exchange(ride);
        drop(before);
    }

    /// The one under way, to wait for it or to end it.
    pub(crate) fn take(&self) -> Option<Ride> {
        self.exchange(None).filter(|ride| !ride.is_over())
    }

    fn is_running(&self) -> bool {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.as_ref().is_some_and(|ride| !ride.is_over())
    }

    fn exchange(&self, ride: Option<Ride>) -> Option<Ride> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *running, ride)
    }
}
