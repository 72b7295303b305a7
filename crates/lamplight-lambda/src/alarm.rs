//! A thread that checks the time when no runtime can.
//!
//! Tokio's timers need a runtime that has them and a thread that polls, and a blocking handler occupies that
//! thread. The alarm's thread sleeps until the earliest time that was set. A time is discarded if it has
//! passed while the environment was frozen, or if its owner is gone, so that the thread does no work during
//! another invocation.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, Once, PoisonError, Weak},
    thread,
    time::Instant,
};

use lamplight_internal::{diagnostics::warn_once, sync::lock};

/// An action on the alarm's thread.
pub(crate) trait Ring: Send + Sync {
    fn ring(self: Arc<Self>);
}

/// A time that was set. Dropping it cancels the alarm.
#[derive(Debug)]
pub(crate) struct Alarm {
    id: u64,
}

struct Clock {
    state: Mutex<State>,
    earlier: Condvar,
}

struct State {
    /// The time at which the thread wakes up by itself; `None` while it waits to be woken.
    planned: Option<Instant>,
    set: Vec<Set>,
    next_id: u64,
}

struct Set {
    id: u64,
    at: Instant,
    what: Weak<dyn Ring>,
}

static CLOCK: Clock = Clock {
    state: Mutex::new(State {
        planned: None,
        set: Vec::new(),
        next_id: 0,
    }),
    earlier: Condvar::new(),
};

/// Calls `what` at `at`, unless it is gone by then or the alarm has been dropped.
///
/// The thread is only woken if it would otherwise sleep too long. Usually it will wake up for an earlier
/// invocation, whose deadline comes first.
pub(crate) fn set(at: Instant, what: Weak<dyn Ring>) -> Alarm {
    start();
    let mut state = CLOCK.state();
    let id = state.next_id;
    state.next_id = id.wrapping_add(1);
    state.set.push(Set { id, at, what });
    if state.planned.is_none_or(|planned| at < planned) {
        drop(state);
        CLOCK.earlier.notify_one();
    }
    Alarm { id }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        let mut state = CLOCK.state();
        let index = state.set.iter().position(|set| set.id == self.id);
        let gone = index.map(|index| state.set.swap_remove(index));
        // The target may be dropped together with the alarm.
        drop(state);
        drop(gone);
    }
}

/// Starts the thread, unless it is running.
fn start() {
    static STARTED: Once = Once::new();
    let mut failure = None;
    STARTED.call_once(|| {
        let thread = thread::Builder::new().name("lamplight-alarm".to_owned());
        failure = thread.spawn(|| CLOCK.run()).err();
    });
    if let Some(error) = failure {
        warn_once("no-alarm", || {
            format!(
                "no thread could be started to watch deadlines ({error}): a handler that blocks its \
                 thread past its deadline leaves no span"
            )
        });
    }
}

impl Clock {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn run(&self) {
        let mut state = self.state();
        loop {
            let now = Instant::now();
            if let Some(index) = state.set.iter().position(|set| set.at <= now) {
                let set = state.set.swap_remove(index);
                drop(state);
                if let Some(what) = set.what.upgrade() {
                    let _ = catch_unwind(AssertUnwindSafe(|| what.ring()));
                }
                state = self.state();
                continue;
            }
            state.planned = state.set.iter().map(|set| set.at).min();
            state = match state.planned {
                None => wait(&self.earlier, state),
                Some(at) => {
                    let left = at.saturating_duration_since(now);
                    let woken = self.earlier.wait_timeout(state, left);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
            };
            // The thread is awake until it has checked, so it need not be woken.
            state.planned = Some(Instant::now());
        }
    }
}

fn wait<'s>(condvar: &Condvar, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
    condvar.wait(state).unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{
        sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
        time::Duration,
    };

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// Says its name when it rings.
    struct Bell(&'static str, Sender<&'static str>);

    impl Ring for Bell {
        fn ring(self: Arc<Self>) {
            self.1.send(self.0).unwrap();
            assert_ne!(self.0, "bad", "a fault in what rings");
        }
    }

    fn bell(name: &'static str, said: &Sender<&'static str>) -> (Arc<Bell>, Weak<dyn Ring>) {
        let bell = Arc::new(Bell(name, said.clone()));
        let weak: Weak<dyn Ring> = Arc::downgrade(&bell) as _;
        (bell, weak)
    }

    fn rings(said: &Receiver<&'static str>, name: &str) {
        assert_eq!(said.recv_timeout(MINUTE), Ok(name));
    }

    #[test]
    fn it_rings_for_the_earliest_though_it_sleeps_for_a_later_one() {
        let (say, said) = channel();
        let (_late, late) = bell("late", &say);
        let (_soon, soon) = bell("soon", &say);
        let began = Instant::now();
        let _late = set(began + 10 * MINUTE, late);
        let at = began + Duration::from_millis(20);
        let _soon = set(at, soon);
        rings(&said, "soon");
        assert!(Instant::now() >= at);
    }

    #[test]
    fn what_was_dropped_does_not_ring_and_neither_does_what_has_gone() {
        let (say, said) = channel();
        let at = Instant::now() + Duration::from_millis(10);
        let (_kept, dropped) = bell("dropped", &say);
        drop(set(at, dropped));
        let (owner, gone) = bell("gone", &say);
        let _gone = set(at, gone);
        drop(owner);
        let (_last, last) = bell("last", &say);
        let _last = set(at + Duration::from_millis(20), last);
        rings(&said, "last");
        drop(say);
        let nothing = said.recv_timeout(Duration::from_millis(1));
        assert_eq!(nothing, Err(RecvTimeoutError::Timeout));
    }

    #[test]
    fn it_rings_once_and_survives_what_rings() {
        let (say, said) = channel();
        let (_bad, bad) = bell("bad", &say);
        let bad = set(Instant::now(), bad);
        rings(&said, "bad");
        let (_next, next) = bell("next", &say);
        let _next = set(Instant::now(), next);
        rings(&said, "next");
        drop(bad);
    }
}
