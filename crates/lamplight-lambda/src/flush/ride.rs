use crate::instrumentation::Shared;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// A flush of what earlier invocations left, beside a handler: a task of its own, so that neither
/// waits for the other. It ends with the `Ride`, and what it leaves under way stays where it is.
#[derive(Debug)]
pub(crate) struct Ride {
    task: JoinHandle<()>,
}

impl Ride {
    /// Delivers one batch, for at most `limit`. `None` outside a runtime.
    pub(crate) fn start(shared: &Shared, limit: Duration) -> Option<Self> {
        let runtime = Handle::try_current().ok()?;
        let queue = shared.queue.clone();
        let task = runtime.spawn(async move {
            let _ = tokio::time::timeout(limit, queue.flush_batch()).await;
        });
        Some(Self { task })
    }

    pub(crate) fn is_over(&self) -> bool {
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
