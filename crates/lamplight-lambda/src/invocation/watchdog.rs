//! What happens when an invocation does not end in time.

use crate::Invocation;
use crate::flush::Flushing;
use crate::instrumentation::Shared;
use crate::timer::{self, Sleep};
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::SystemTime;

pin_project! {
    /// Ends the spans of an invocation shortly before Lambda kills it, and delivers them.
    ///
    /// It is set only when a handler has to be waited for, and it never holds the handler up: should
    /// that still finish, its answer is posted, and the spans stay as they are.
    #[project = WatchdogProjected]
    #[derive(Default)]
    pub(super) enum Watchdog {
        #[default]
        Unset,
        Waiting { #[pin] sleep: Sleep },
        Flushing { flushing: Flushing },
        Done,
    }
}

impl Watchdog {
    /// Does what is due now, and has the task woken for the next step.
    pub(super) fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        invocation: &Invocation,
        shared: &Shared,
        deadline: SystemTime,
    ) {
        loop {
            let next = match self.as_mut().project() {
                WatchdogProjected::Unset => match shared.patience(deadline, SystemTime::now()) {
                    Some(patience) => Self::Waiting {
                        sleep: timer::sleep(patience),
                    },
                    None => Self::Done,
                },
                WatchdogProjected::Waiting { sleep } => match sleep.poll(cx) {
                    Poll::Pending => return,
                    Poll::Ready(()) => {
                        invocation.time_out();
                        let queue = shared.queue.clone();
                        // Bounded by what is left of the environment's life, and dropped, which
                        // loses nothing, should the handler finish first.
                        let flushing: Flushing = Box::pin(async move { queue.flush_last().await });
                        Self::Flushing { flushing }
                    }
                },
                WatchdogProjected::Flushing { flushing } => match flushing.as_mut().poll(cx) {
                    Poll::Pending => return,
                    Poll::Ready(()) => Self::Done,
                },
                WatchdogProjected::Done => return,
            };
            self.set(next);
        }
    }

    /// The handler has finished.
    pub(super) fn stop(mut self: Pin<&mut Self>) {
        self.set(Self::Done);
    }
}
