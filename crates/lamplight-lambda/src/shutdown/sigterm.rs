//! SIGTERM, by which Lambda ends the environment.

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

/// The longest that the start of the function waits for Lambda to know the extension. It takes about
/// a millisecond; an Extensions API that hangs is not waited for.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// The wait for SIGTERM.
#[derive(Debug)]
pub(crate) struct Sigterm {
    /// True when the Extensions API has answered, whatever it was.
    answered: watch::Receiver<bool>,
}

impl Sigterm {
    /// Begins to wait. Returns `None` where that is impossible: outside a runtime with sockets.
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

    /// Waits until Lambda knows the extension, or for [`LONGEST_WAIT`]: it takes no extensions once the function has
    /// asked for its first event.
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

/// Everything of this process that has something to deliver at its end. Each waits for the signal on
/// the runtime it was started on, and whoever is told first ends the process: not before all the
/// others have delivered too.
static EVERYBODY: Mutex<Vec<Function>> = Mutex::new(Vec::new());

/// One of them, while it is there.
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
    // What the signal does where nobody handles it.
    std::process::exit(0);
}
