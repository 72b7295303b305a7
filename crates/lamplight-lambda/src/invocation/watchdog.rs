//! Handling of invocations that do not end in time.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, OnceLock, Weak},
    task::{Context, Poll},
    time::{Instant, SystemTime},
};

use pin_project_lite::pin_project;
use tokio::runtime::{Builder, Runtime};

use crate::{
    alarm::{self, Alarm, Ring},
    clock,
    current::Invocation,
    flush::{FlushScheduler, Flushing},
    recorder::Recorder,
    span::TIMED_OUT,
    timer::{self, Sleep},
};

pin_project! {
    /// A watchdog that ends the spans of an invocation shortly before Lambda kills it, and delivers them.
    ///
    /// It never delays the handler: if the handler still completes, its response is posted, and the spans
    /// remain unchanged. For a handler that awaits, it runs on the function's own runtime. For a handler that
    /// blocks its thread, the alarm calls it a little later.
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

/// The time at which an invocation counts as timed out.
pub(super) struct Timeout {
    pub(super) at: Instant,
    /// The time at which the alarm takes over if the runtime has not.
    alarm_at: Instant,
}

impl Timeout {
    /// Returns the timeout of an invocation with this deadline; `None` if the deadline is invalid.
    pub(super) fn of(deadline: SystemTime, flush: &FlushScheduler) -> Option<Self> {
        let now = clock::now();
        let until_timeout = flush.time_until_timeout(deadline, now)?;
        let at = Instant::now().checked_add(until_timeout)?;
        // A tenth of the remaining time, for a runtime that is busy but not blocked.
        let left = deadline.duration_since(now).ok()?;
        let grace = left.saturating_sub(until_timeout) / 10;
        let alarm_at = at.checked_add(grace)?;
        Some(Self { at, alarm_at })
    }
}

impl Watchdog {
    pub(super) fn new(
        invocation: &Invocation,
        recorder: &Arc<Recorder>,
        timeout: Option<&Timeout>,
    ) -> Self {
        // An invocation that is not sampled has no spans to deliver.
        let alarm = timeout.filter(|_| invocation.is_sampled()).map(|timeout| {
            let recorder = Arc::downgrade(recorder);
            alarm::set(timeout.alarm_at, recorder as Weak<dyn Ring>)
        });
        let state = State::Unset;
        Self { alarm, state }
    }

    /// Performs the step that is due, and wakes the task for the next one.
    pub(super) fn poll(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        invocation: &Invocation,
        flush: &Arc<FlushScheduler>,
        deadline: SystemTime,
    ) {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProjected::Unset => match flush.time_until_timeout(deadline, clock::now()) {
                    Some(left) => State::Waiting {
                        sleep: timer::sleep(left),
                    },
                    None => State::Done,
                },
                StateProjected::Waiting { sleep } => match sleep.poll(cx) {
                    Poll::Pending => return,
                    Poll::Ready(()) => {
                        *this.alarm = None;
                        invocation.abandon(&TIMED_OUT);
                        let (flush, limit) = (flush.clone(), flush.last_limit(deadline));
                        // Dropped if the handler completes first, which loses no spans.
                        State::Flushing {
                            flushing: Box::pin(async move {
                                flush.flush_ignoring_backoff(limit).await;
                            }),
                        }
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

    /// Stops the watchdog, because the handler has completed.
    pub(super) fn stop(self: Pin<&mut Self>) {
        let mut this = self.project();
        *this.alarm = None;
        this.state.set(State::Done);
    }
}

impl Ring for Recorder {
    /// Ends and delivers the spans of invocations whose time is up. At least one of them is not polled,
    /// because its handler blocks the thread.
    ///
    /// Connections are driven by the runtime that opened them, which may have only that thread. So the sink
    /// temporarily opens new ones, on a separate runtime.
    fn ring(self: Arc<Self>) {
        // Kept, with its own thread: a delivery that is cut off here continues there, and the next flush
        // waits for its sockets and timers.
        static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
        // All of them together: no alarm fires for others during this delivery.
        let overdue = self.active.overdue(Instant::now());
        for invocation in &overdue {
            invocation.abandon(&TIMED_OUT);
        }
        let deadlines = overdue.iter().filter_map(Invocation::deadline);
        let limits = deadlines.map(|deadline| self.flush.last_limit(deadline));
        let Some(limit) = limits.max() else { return };
        // May exceed the deadline, in case it is not enforced: this thread delays nothing.
        let limit = limit.saturating_add(self.flush.budget());
        let build = || {
            let mut runtime = Builder::new_multi_thread();
            let runtime = runtime.worker_threads(1).thread_name("lamplight-overdue");
            runtime.enable_all().build().ok()
        };
        let Some(runtime) = RUNTIME.get_or_init(build) else {
            return;
        };
        let queue = self.flush.queue();
        runtime.block_on(async {
            let deliver = async {
                queue.disconnect().await;
                queue.flush_ignoring_backoff().await;
            };
            let _ = timer::timeout(limit, deliver).await;
            // The function's own runtime then opens its own connections again.
            let _ = timer::timeout(limit, queue.disconnect()).await;
        });
    }
}
