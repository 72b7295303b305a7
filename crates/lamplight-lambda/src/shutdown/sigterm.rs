use super::SHUTDOWN_BUDGET;
use super::extension::Extension;
use crate::instrumentation::Shared;
use crate::timer::timeout;
use lamplight_internal::diagnostics::warn_once;
use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Poll;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// The longest that the start of the function waits for Lambda to know the extension. It takes about
/// a millisecond; an Extensions API that hangs is not waited for.
const PATIENCE: Duration = Duration::from_millis(100);

/// What waits for SIGTERM.
#[derive(Debug)]
pub(crate) struct Sigterm {
    /// Whether the Extensions API has answered, whatever it was.
    answered: watch::Receiver<bool>,
}

impl Sigterm {
    /// Begins to wait. `None` where that is impossible: outside a runtime with sockets.
    pub(crate) fn start(shared: &Arc<Shared>) -> Option<Self> {
        let runtime = Handle::try_current().ok()?;
        let signal = signal(SignalKind::terminate()).ok()?;
        let (sender, answered) = watch::channel(false);
        everybody().push(Arc::downgrade(shared));
        runtime.spawn(terminate(signal));
        runtime.spawn(register(sender));
        Some(Self { answered })
    }

    /// Waits until Lambda knows, or for [`PATIENCE`]: it takes no extensions once the function has
    /// asked for its first event.
    pub(crate) async fn known(&self) {
        let mut answered = self.answered.clone();
        let _ = timeout(PATIENCE, answered.wait_for(|answered| *answered)).await;
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
static EVERYBODY: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());

fn everybody() -> MutexGuard<'static, Vec<Weak<Shared>>> {
    let mut everybody = EVERYBODY.lock().unwrap_or_else(PoisonError::into_inner);
    everybody.retain(|shared| shared.strong_count() > 0);
    everybody
}

async fn terminate(mut signal: Signal) {
    if signal.recv().await.is_none() {
        return;
    }
    let all: Vec<_> = everybody().iter().filter_map(Weak::upgrade).collect();
    let mut deliveries: Vec<_> = all
        .iter()
        .map(|shared| Box::pin(shared.shutdown(SHUTDOWN_BUDGET)))
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
