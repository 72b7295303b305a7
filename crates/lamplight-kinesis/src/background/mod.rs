//! The thread that does the I/O of exports without a queue.
//!
//! A simple processor runs an export on the thread on which a span ends, and blocks that thread. If it is a
//! worker of a runtime, it may be the one that drives sockets and timers, and then neither an answer nor a
//! timeout would ever arrive. So the waiting and the work happen on two threads.

use std::{
    future::pending,
    io,
    sync::{Mutex, mpsc},
};

use lamplight_internal::sync::lock;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
};
use tracing::{
    Dispatch,
    dispatcher::{get_default, set_default, with_default},
};

use crate::context::suppressed;

/// The result of an export, and a function that writes its log lines afterwards, if there are any.
pub(crate) type Outcome = (OTelSdkResult, Option<Box<dyn FnOnce() + Send>>);

/// Runs `export` on the background thread, and returns its result. Works under any executor, and takes no
/// longer than `export` itself.
pub(crate) async fn run(export: impl Future<Output = Outcome> + Send + 'static) -> OTelSdkResult {
    let thread = thread()?;
    let subscriber = get_default(Dispatch::clone);
    let (answer, answered) = oneshot::channel();
    thread.spawn(async move {
        let (result, log) = export.await;
        let _ = answer.send(result);
        // Logging comes last, and not on the background thread: a subscriber may end a span, and would then
        // wait for the processor that waited for this result, or for that thread.
        if let Some(log) = log {
            tokio::task::spawn_blocking(move || with_default(&subscriber, log));
        }
    });
    answered.await.unwrap_or_else(|_| {
        Err(OTelSdkError::InternalFailure(
            "the export of spans panicked".to_owned(),
        ))
    })
}

/// Returns the thread, which is started by the first export and kept, because it owns the connections.
fn thread() -> Result<Handle, OTelSdkError> {
    static THREAD: Mutex<Option<Handle>> = Mutex::new(None);
    let mut thread = lock(&THREAD);
    if let Some(thread) = &*thread {
        return Ok(thread.clone());
    }
    let started = start(spawn).map_err(|error| {
        OTelSdkError::InternalFailure(format!(
            "no thread could be started to export spans on: {error}"
        ))
    })?;
    Ok(thread.insert(started).clone())
}

fn start(spawn: impl FnOnce(Box<dyn FnOnce() + Send>) -> io::Result<()>) -> io::Result<Handle> {
    let (started, starting) = mpsc::channel();
    let run = move || {
        // Log events of the SDK stay on this thread: a layer that turned them into spans would have them
        // exported by a processor that waits for this thread, without end.
        let _silent = set_default(&Dispatch::none());
        // The same holds for spans that calls of the user's client start here.
        let _unobserved = suppressed().attach();
        // The runtime is created on this thread. If the thread cannot be started, a runtime created outside
        // would be dropped by the code that ends a span, perhaps on a worker of another runtime, and that
        // panics.
        match Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => {
                let _ = started.send(Ok(runtime.handle().clone()));
                runtime.block_on(pending::<()>());
            }
            Err(error) => drop(started.send(Err(error))),
        }
    };
    spawn(Box::new(run))?;
    starting
        .recv()
        .unwrap_or_else(|_| Err(io::Error::other("it ended at once")))
}

fn spawn(run: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    let thread = std::thread::Builder::new().name("lamplight-kinesis".to_owned());
    thread.spawn(run).map(drop)
}

#[cfg(test)]
mod tests;
