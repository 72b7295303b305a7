//! Timers for any Tokio runtime, including one without timers.
//!
//! `tokio::time` panics if the runtime was built with `enable_io` alone, and outside a runtime. In these
//! cases, the thread of the [alarm](crate::alarm) is used.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use lamplight_internal::{diagnostics::warn_once, sync::lock};
use pin_project_lite::pin_project;
use tokio::{
    runtime::{Handle, Id},
    task::unconstrained,
};

use crate::{
    alarm::{self, Alarm, Ring},
    panics,
};

/// Longer than any wait here, and short enough not to overflow.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

/// Waits for `duration`, starting now. Never panics, on whatever runtime it is created and polled.
pub(crate) fn sleep(duration: Duration) -> Sleep {
    let duration = duration.min(LONGEST);
    match of_the_runtime(duration) {
        Some(sleep) => Sleep::Tokio { sleep },
        None => Sleep::Alarm {
            wait: Wait::new(Instant::now() + duration),
        },
    }
}

/// Returns the output of the future, or `None` if it takes longer than `limit`. Never panics itself.
pub(crate) async fn timeout<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    // Unconstrained, so that a future which uses up the task's budget in every poll times out too.
    let mut sleep = pin!(unconstrained(sleep(limit)));
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => sleep.as_mut().poll(cx).map(|()| None),
    })
    .await
}

pin_project! {
    /// The future of [`sleep`].
    #[project = SleepProjected]
    pub(crate) enum Sleep {
        Tokio { #[pin] sleep: tokio::time::Sleep },
        Alarm { wait: Wait },
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.project() {
            SleepProjected::Tokio { sleep } => sleep.poll(cx),
            SleepProjected::Alarm { wait } => wait.poll(cx),
        }
    }
}

/// A sleep that the alarm ends.
pub(crate) struct Wait {
    until: Instant,
    bell: Arc<Bell>,
    alarm: Option<Alarm>,
}

impl Wait {
    fn new(until: Instant) -> Self {
        let bell = Arc::default();
        let alarm = None;
        Self { until, bell, alarm }
    }

    fn poll(&mut self, cx: &Context<'_>) -> Poll<()> {
        if Instant::now() >= self.until {
            return Poll::Ready(());
        }
        // Set before the alarm is checked, so that an alarm which fires now is not missed.
        let before = self.bell.waker().replace(cx.waker().clone());
        drop(before);
        if self.bell.rang.swap(false, Ordering::AcqRel) {
            self.alarm = None;
        }
        self.alarm.get_or_insert_with(|| {
            let bell = Arc::downgrade(&self.bell);
            alarm::set(self.until, bell as Weak<dyn Ring>)
        });
        Poll::Pending
    }
}

#[derive(Default)]
struct Bell {
    waker: Mutex<Option<Waker>>,
    rang: AtomicBool,
}

impl Bell {
    fn waker(&self) -> std::sync::MutexGuard<'_, Option<Waker>> {
        lock(&self.waker)
    }
}

impl Ring for Bell {
    fn ring(self: Arc<Self>) {
        self.rang.store(true, Ordering::Release);
        let waker = self.waker().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The runtimes without timers seen so far; usually none, rarely one.
static TIMELESS: Mutex<Vec<Id>> = Mutex::new(Vec::new());
static MET: AtomicBool = AtomicBool::new(false);

/// Returns a sleep with the current runtime's timers; `None` if there is no runtime or it has none, which
/// only an attempt reveals.
fn of_the_runtime(duration: Duration) -> Option<tokio::time::Sleep> {
    let timeless = || lock(&TIMELESS);
    let id = Handle::try_current().ok()?.id();
    if MET.load(Ordering::Acquire) && timeless().contains(&id) {
        return None;
    }
    let attempt = panics::quietly(|| tokio::time::sleep(duration));
    if attempt.is_none() {
        timeless().push(id);
        MET.store(true, Ordering::Release);
        warn_once("no-timers", || {
            "the Tokio runtime has no timers, so that exporters which need them deliver nothing: \
             build it with `enable_all`, or with `enable_time` too"
                .to_owned()
        });
    }
    attempt
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::runtime::Builder;

    use super::*;

    async fn is_bounded() {
        let before = Instant::now();
        let limit = Duration::from_millis(20);
        assert_eq!(timeout(limit, pending::<()>()).await, None);
        assert!(before.elapsed() >= limit);
        assert_eq!(timeout(limit, async { 7 }).await, Some(7));
        let hour = Duration::from_secs(3_600);
        let soon = sleep(limit);
        assert_eq!(timeout(hour, soon).await, Some(()));
        drop(sleep(Duration::MAX));
    }

    #[test]
    fn a_wait_is_bounded_on_a_runtime_without_timers() {
        let io = Builder::new_current_thread().enable_io().build().unwrap();
        io.block_on(is_bounded());
        let bare = Builder::new_multi_thread().worker_threads(1).build();
        let bare = bare.unwrap();
        bare.block_on(async { tokio::spawn(is_bounded()).await.unwrap() });
    }

    #[test]
    fn a_runtime_with_timers_has_its_own_beside_one_without() {
        let bare = Builder::new_current_thread().build().unwrap();
        let timed = Builder::new_current_thread().enable_time().build().unwrap();
        bare.block_on(async {
            for _ in 0..2 {
                assert!(matches!(sleep(Duration::ZERO), Sleep::Alarm { .. }));
            }
        });
        timed.block_on(async {
            assert!(matches!(sleep(Duration::ZERO), Sleep::Tokio { .. }));
            is_bounded().await;
        });
    }

    #[tokio::test]
    async fn a_future_that_is_never_idle_is_bounded_too() {
        let busy = poll_fn::<(), _>(|cx| {
            while let Poll::Ready(step) = tokio::task::coop::poll_proceed(cx) {
                step.made_progress();
            }
            Poll::Pending
        });
        assert_eq!(timeout(Duration::from_millis(20), busy).await, None);
    }

    #[test]
    fn a_wait_is_bounded_outside_every_runtime() {
        struct Unpark(std::thread::Thread);
        impl std::task::Wake for Unpark {
            fn wake(self: Arc<Self>) {
                self.0.unpark();
            }
        }
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut waiting = pin!(is_bounded());
        while waiting
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
        {
            std::thread::park();
        }
    }
}
