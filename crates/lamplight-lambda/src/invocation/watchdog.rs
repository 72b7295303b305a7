//! Invocations that do not end in time.

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

/// The time at which an invocation counts as timed out.
pub(super) struct Timeout {
    pub(super) at: Instant,
    /// The time at which the alarm rings, if nobody has noticed.
    alarm_at: Instant,
}

impl Timeout {
    /// Returns the timeout of an invocation with this deadline; `None` when that makes no sense.
    pub(super) fn of(deadline: SystemTime, flush: &FlushScheduler) -> Option<Self> {
        let now = clock::now();
        let until_timeout = flush.time_until_timeout(deadline, now)?;
        let at = Instant::now().checked_add(until_timeout)?;
        // A tenth of the time that is left then, for a runtime that is busy and not blocked.
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
        // Of what is not sampled no trace is to be had.
        let alarm = timeout.filter(|_| invocation.is_sampled()).map(|timeout| {
            let recorder = Arc::downgrade(recorder);
            alarm::set(timeout.alarm_at, recorder as Weak<dyn Ring>)
        });
        let state = State::Unset;
        Self { alarm, state }
    }

    /// Does what is due now, and has the task woken for the next step.
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
                        // Dropped, which loses nothing, should the handler finish first.
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

    /// The handler has finished.
    pub(super) fn stop(self: Pin<&mut Self>) {
        let mut this = self.project();
        *this.alarm = None;
        this.state.set(State::Done);
    }
}

impl Ring for Recorder {
    /// Ends and delivers the spans of invocations whose time is up, of which at least one is not polled,
    /// since its handler blocks the thread.
    ///
    /// Connections are driven by the runtime that opened them, which may have had that thread only. So
    /// the sink is to open new ones, for the moment, on a runtime of their own.
    fn ring(self: Arc<Self>) {
        // Kept, with a thread of its own: a delivery that is cut off here goes on there, and whoever
        // flushes next waits for its sockets and timers.
        static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
        // All at the same time: nothing rings for others while this is delivered.
        let overdue = self.active.overdue(Instant::now());
        for invocation in &overdue {
            invocation.abandon(&TIMED_OUT);
        }
        let deadlines = overdue.iter().filter_map(Invocation::deadline);
        let limits = deadlines.map(|deadline| self.flush.last_limit(deadline));
        let Some(limit) = limits.max() else { return };
        // Beyond the deadline too, in case that nobody enforces it: this thread holds nobody up.
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
            // The function's own runtime is to have its own again.
            let _ = timer::timeout(limit, queue.disconnect()).await;
        });
    }
}
