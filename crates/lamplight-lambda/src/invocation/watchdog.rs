//! What happens when an invocation does not end in time.

use crate::Invocation;
use crate::alarm::{self, Alarm};
use crate::flush::{Flushing, flush_ignoring_backoff};
use crate::instrumentation::Shared;
use crate::timer::{self, Sleep};
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};
use std::time::{Duration, Instant, SystemTime};
use tokio::runtime::{Builder, Runtime};

pin_project! {
    /// Ends the spans of an invocation shortly before Lambda kills it, and delivers them.
    ///
    /// It never holds the handler up: should that still finish, its answer is posted, and the spans
    /// stay as they are. A handler that awaits leaves it to the function's own runtime; where the
    /// handler blocks its thread, the alarm rings a little later.
    pub(super) struct Watchdog {
        alarm: Option<Alarm>,
        #[pin]
        state: State,
    }
}

pin_project! {
    #[project = StateProjected]
    enum State {
        Unset,
        Waiting { #[pin] sleep: Sleep },
        Flushing { flushing: Flushing },
        Done,
    }
}

impl Watchdog {
    pub(super) fn new(invocation: &Invocation, shared: &Shared, deadline: SystemTime) -> Self {
        let alarm = || {
            let now = SystemTime::now();
            let patience = shared.patience(deadline, now)?;
            // A tenth of the time that is left then, for a runtime that is busy and not blocked.
            let left = deadline.duration_since(now).ok()?;
            let grace = left.saturating_sub(patience) / 10;
            let at = Instant::now().checked_add(patience + grace)?;
            Some(alarm::set(at, invocation.bell()?))
        };
        Self {
            alarm: alarm(),
            state: State::Unset,
        }
    }

    /// Does what is due now, and has the task woken for the next step.
    pub(super) fn poll(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        invocation: &Invocation,
        shared: &Shared,
        deadline: SystemTime,
    ) {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProjected::Unset => match shared.patience(deadline, SystemTime::now()) {
                    Some(patience) => State::Waiting {
                        sleep: timer::sleep(patience),
                    },
                    None => State::Done,
                },
                StateProjected::Waiting { sleep } => match sleep.poll(cx) {
                    Poll::Pending => return,
                    Poll::Ready(()) => {
                        *this.alarm = None;
                        invocation.time_out();
                        let (queue, limit) = (shared.queue.clone(), last_time(shared, deadline));
                        // Dropped, which loses nothing, should the handler finish first.
                        let flushing =
                            Box::pin(async move { flush_ignoring_backoff(&queue, limit).await });
                        State::Flushing { flushing }
                    }
                },
                StateProjected::Flushing { flushing } => match flushing.as_mut().poll(cx) {
                    Poll::Pending => return,
                    Poll::Ready(()) => State::Done,
                },
                StateProjected::Done => return,
            };
            this.state.set(next);
        }
    }

    /// The handler has finished.
    pub(super) fn stop(self: Pin<&mut Self>) {
        let mut this = self.project();
        *this.alarm = None;
        this.state.set(State::Done);
    }
}

/// How long a flush may take that begins when the time is up: until the deadline, which is the end
/// of the environment. Where that has passed already, nobody enforces it.
fn last_time(shared: &Shared, deadline: SystemTime) -> Duration {
    let left = deadline.duration_since(SystemTime::now());
    left.unwrap_or(shared.flush_budget())
}

/// The alarm rings: the invocation's time is up, and nobody polls it, since its handler blocks the
/// thread. Ends its spans and delivers them from here.
///
/// Connections are driven by the runtime that opened them, which may have had that thread only. So
/// the sink is to open new ones, for the moment, on a runtime of their own.
pub(crate) fn overdue(invocation: &Invocation, shared: &Shared, deadline: SystemTime) {
    // Kept, with a thread of its own: a delivery that is cut off here goes on there, and whoever
    // flushes next waits for its sockets and timers.
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    invocation.time_out();
    // Others at the same time go with it: nothing rings for them while this one is delivered.
    let now = SystemTime::now();
    let open = shared.registry.all().into_iter();
    open.filter(|other| other.is_overdue(now))
        .for_each(|other| other.time_out());
    let build = || {
        let mut runtime = Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).thread_name("lamplight-overdue");
        runtime.enable_all().build().ok()
    };
    let Some(runtime) = RUNTIME.get_or_init(build) else {
        return;
    };
    let queue = &shared.queue;
    // Beyond the deadline too, in case that nobody enforces it: this thread holds nobody up.
    let limit = last_time(shared, deadline).saturating_add(shared.flush_budget());
    runtime.block_on(async {
        let deliver = async {
            queue.disconnect().await;
            queue.flush_ignoring_backoff().await;
        };
        let _ = timer::timeout(limit, deliver).await;
        // The function's own runtime is to have its own again.
        let _ = timer::timeout(limit, queue.disconnect()).await;
    });
}
