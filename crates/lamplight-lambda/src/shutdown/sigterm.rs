//! SIGTERM, with which Lambda shuts down the environment.

use std::{
    future::{Future, poll_fn},
    sync::{Arc, Mutex, MutexGuard, Weak},
    task::Poll,
    time::Duration,
};

use lamplight_internal::{diagnostics::warn_once, sync::lock};
use tokio::{
    runtime::Handle,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

use super::{SHUTDOWN_BUDGET, extension::Extension, shutdown};
use crate::{current::ActiveInvocations, flush::FlushScheduler, timer::timeout};

/// The maximum time for which the start of the function waits for the registration of the extension. It takes
/// about a millisecond, unless the Extensions API hangs.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// A task that waits for SIGTERM.
#[derive(Debug)]
pub(crate) struct Sigterm {
    /// True when the Extensions API has answered, whatever the answer.
    answered: watch::Receiver<bool>,
}

impl Sigterm {
    /// Starts to wait. Returns `None` if that is impossible: outside a runtime with sockets.
    pub(crate) fn start(
        active: &Arc<ActiveInvocations>,
        flush: &Arc<FlushScheduler>,
    ) -> Option<Self> {
        let runtime = Handle::try_current().ok()?;
        let signal = signal(SignalKind::terminate()).ok()?;
        let (sender, answered) = watch::channel(false);
        everybody().push(Function {
            active: Arc::downgrade(active),
            flush: Arc::downgrade(flush),
        });
        runtime.spawn(terminate(signal));
        runtime.spawn(register(sender));
        Some(Self { answered })
    }

    /// Waits until the extension is registered, or for [`LONGEST_WAIT`]. Lambda accepts no extensions once
    /// the function has requested its first event.
    pub(crate) async fn known(&self) {
        let mut answered = self.answered.clone();
        let _ = timeout(LONGEST_WAIT, answered.wait_for(|answered| *answered)).await;
    }
}

async fn register(answered: watch::Sender<bool>) {
    let registered = Extension::register().await;
    answered.send_replace(true);
    match registered {
        Ok(extension) => {
            let _ = extension.stay().await;
        }
        Err(reason) => warn_once("extension-not-registered", || {
            format!(
                "the Extensions API took no registration ({reason}); Lambda will not send SIGTERM, \
                 and spans that are queued when it ends the environment are lost"
            )
        }),
    }
}

/// All functions of this process that have spans to deliver at its end. Each waits for the signal on the
/// runtime it was started on, and the first one to receive it ends the process, but only after all others
/// have delivered too.
static EVERYBODY: Mutex<Vec<Function>> = Mutex::new(Vec::new());

/// One of these functions.
struct Function {
    active: Weak<ActiveInvocations>,
    flush: Weak<FlushScheduler>,
}

impl Function {
    fn upgrade(&self) -> Option<(Arc<ActiveInvocations>, Arc<FlushScheduler>)> {
        Some((self.active.upgrade()?, self.flush.upgrade()?))
    }
}

fn everybody() -> MutexGuard<'static, Vec<Function>> {
    let mut everybody = lock(&EVERYBODY);
    everybody.retain(|function| function.active.strong_count() > 0);
    everybody
}

async fn terminate(mut signal: Signal) {
    if signal.recv().await.is_none() {
        return;
    }
    let all: Vec<_> = everybody().iter().filter_map(Function::upgrade).collect();
    let mut deliveries: Vec<_> = all
        .iter()
        .map(|(active, flush)| Box::pin(shutdown(active, flush, SHUTDOWN_BUDGET)))
        .collect();
    poll_fn(|cx| {
        deliveries.retain_mut(|delivery| delivery.as_mut().poll(cx).is_pending());
        match deliveries.is_empty() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
    // The default action of the signal.
    std::process::exit(0);
}
