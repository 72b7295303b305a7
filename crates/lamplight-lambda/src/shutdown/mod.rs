//! The shutdown of the environment.

#[cfg(unix)]
mod extension;
#[cfg(unix)]
mod sigterm;

use std::time::Duration;

use lamplight_internal::diagnostics::warn_once;
#[cfg(unix)]
pub(crate) use sigterm::Sigterm;

use crate::{current::ActiveInvocations, flush::FlushScheduler, span::SHUT_DOWN};

/// The maximum duration of the flush on SIGTERM: 400 ms.
///
/// Lambda kills the process 500 ms after the signal, or 300 ms after it if the function also has an external
/// extension. A shorter budget for the latter would deliver less and save nothing.
pub const SHUTDOWN_BUDGET: Duration = Duration::from_millis(400);

/// Abandons the open spans of invocations and records, and delivers what is queued, for at most `budget`.
pub(crate) async fn shutdown(active: &ActiveInvocations, flush: &FlushScheduler, budget: Duration) {
    for invocation in active.all() {
        invocation.abandon(&SHUT_DOWN);
    }
    flush.flush_ignoring_backoff(budget).await;
    let left = flush.queue().snapshot().pending();
    if left > 0 {
        warn_once("spans-lost-at-shutdown", || {
            format!(
                "{left} spans were not delivered before the environment was shut down; the \
                 exporter could not reach its destination in time"
            )
        });
    }
}
