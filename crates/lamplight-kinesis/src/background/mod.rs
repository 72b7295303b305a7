//! The thread on which exports without a queue do their I/O.
//!
//! A simple processor runs an export on the thread on which a span ends, and blocks it. Where that is
//! a worker of a runtime, it is perhaps the very one that drives sockets and timers, and neither an
//! answer nor a timeout would ever come. So the waiting and the work are on two threads.

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

/// The answer of an export, and what logs afterwards, if there is something to log.
pub(crate) type Outcome = (OTelSdkResult, Option<Box<dyn FnOnce() + Send>>);

/// Runs `export` on the thread for that, and returns its answer. Works under any executor, and waits no
/// longer than `export` does.
pub(crate) async fn run(export: impl Future<Output = Outcome> + Send + 'static) -> OTelSdkResult {
    let thread = thread()?;
    let subscriber = get_default(Dispatch::clone);
    let (answer, answered) = oneshot::channel();
    thread.spawn(async move {
        let (result, log) = export.await;
        let _ = answer.send(result);
        // Only now, and elsewhere: a subscriber may end a span and so wait for the processor that
        // waited for this answer, or for this thread.
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

/// Returns the thread, which is started with the first export and kept, since connections live there.
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
        // What the SDK says of its own work stays here: a layer that makes spans of it would have
        // them exported, and so on, by a processor that waits for this thread.
        let _silent = set_default(&Dispatch::none());
        // So does a span of what a call of the user's client sets going here.
        let _unobserved = suppressed().attach();
        // Made here: where no thread can be started, a runtime would be dropped by whoever ends a
        // span, perhaps on a worker of another runtime, and that panics.
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
