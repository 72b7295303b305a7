//! How long Kinesis is waited for.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::unconstrained;
use tokio::time::{Instant, sleep};

/// The first wait for a connection, if that is shorter than the timeout, or a share of a long timeout.
/// An attempt that was in vain has sent nothing, so that it is made again at once, and each next wait is
/// twice as long.
const FIRST_CONNECT: Duration = Duration::from_millis(200);
const SHARE: u32 = 5;
const LONGEST_CONNECT: Duration = Duration::from_secs(2);

/// The longest wait for an answer, unless the first one is longer by itself.
const LONGEST_ANSWER: Duration = Duration::from_secs(10);

/// How many times the time that answers take lately is waited for one.
const MARGIN: u32 = 2;

/// What counts of a wait that was interrupted by a freeze.
const TICK: Duration = Duration::from_millis(50);

/// The waits for connections and answers, which grow with what is observed.
///
/// A request without an answer may have been taken, so that each one given up too early is a copy of
/// its records. One that is given up too late holds up the function's flushes.
#[derive(Debug)]
pub(crate) struct Patience {
    timeout: Duration,
    waits: Mutex<Waits>,
}

#[derive(Clone, Copy, Debug)]
struct Waits {
    connect: Duration,
    /// How long answers take lately: at once when one takes longer, and gradually less when they are
    /// quicker again.
    latency: Duration,
}

impl Patience {
    /// `timeout` is the first wait for an answer, and the shortest.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            waits: Mutex::new(Waits {
                connect: first_connect(timeout),
                latency: Duration::ZERO,
            }),
        }
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn first_connect(&self) -> Duration {
        first_connect(self.timeout)
    }

    /// Returns the wait for a connection, if it is no longer the first one.
    pub(crate) fn grown_connect(&self) -> Option<Duration> {
        let connect = self.waits().connect;
        (connect != self.first_connect()).then_some(connect)
    }

    /// Returns the wait for an answer.
    pub(crate) fn answer(&self) -> Duration {
        (self.waits().latency * MARGIN)
            .min(LONGEST_ANSWER)
            .max(self.timeout)
    }

    pub(crate) fn not_connected(&self) {
        let mut waits = self.waits();
        let longest = LONGEST_CONNECT.max(self.first_connect());
        waits.connect = (waits.connect * 2).min(longest);
    }

    pub(crate) fn answered(&self, after: Duration) {
        let mut waits = self.waits();
        waits.latency = after.max(waits.latency - waits.latency.saturating_sub(after) / 4);
    }

    /// Nothing came for as long as `waited`: it takes longer than that.
    pub(crate) fn unanswered(&self, waited: Duration) {
        let mut waits = self.waits();
        waits.latency = waits.latency.max(waited);
    }

    fn waits(&self) -> MutexGuard<'_, Waits> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn first_connect(timeout: Duration) -> Duration {
    FIRST_CONNECT.min(timeout).max(timeout / SHARE)
}

/// Waits for `future` for as long as `limit`, and returns what it did in the end and how long that
/// was.
///
/// Time counts while somebody waits: a flush that ends, or a freeze of the environment, takes a tick
/// however long it lasts, and what has come by then is taken. A timer of the runtime would run out in
/// the meantime, in front of an answer that is there.
pub(crate) async fn within<F: Future>(limit: Duration, future: F) -> (Option<F::Output>, Duration) {
    let mut future = pin!(future);
    let mut waited = Duration::ZERO;
    let mut is_last = false;
    loop {
        let tick = match is_last {
            true => TICK,
            false => TICK.min(limit.saturating_sub(waited)),
        };
        let began = Instant::now();
        let output = one(tick, future.as_mut()).await;
        let took = began.elapsed();
        waited += took.min(tick);
        if output.is_some() || is_last || (waited >= limit && took < tick * 2) {
            return (output, waited);
        }
        // The freeze was in the last tick: sockets have not been looked at since.
        is_last = waited >= limit;
    }
}

/// Waits for `future` for one tick, of the clock of whoever waits: a flush that goes on with what
/// another began may be on another runtime, and nobody may drive the first one's timers any more.
async fn one<F: Future>(tick: Duration, mut future: Pin<&mut F>) -> Option<F::Output> {
    let mut timer = None;
    let mut runtime = None;
    poll_fn(|cx| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        let now = Handle::try_current().ok().map(|handle| handle.id());
        if now.is_some() && now != runtime {
            (runtime, timer) = (now, None);
        }
        // What the future has left of the task's budget is none of the timer's business.
        let timer = timer.get_or_insert_with(|| Box::pin(unconstrained(sleep(tick))));
        timer.as_mut().poll(cx).map(|()| None)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn waits_double_while_nothing_comes_and_shrink_when_answers_are_quick() {
        let patience = Patience::new(ms(2_000));
        assert_eq!(patience.answer(), ms(2_000));
        for expected in [4_000, 8_000, 10_000, 10_000] {
            patience.unanswered(patience.answer());
            assert_eq!(patience.answer(), ms(expected));
        }
        let mut answers = 0;
        while patience.answer() > ms(2_000) {
            patience.answered(ms(10));
            answers += 1;
        }
        assert!((2..20).contains(&answers), "{answers}");
    }

    #[test]
    fn one_slow_answer_is_remembered_for_a_while() {
        let patience = Patience::new(ms(200));
        patience.answered(ms(900));
        assert_eq!(patience.answer(), ms(1_800));
        patience.answered(ms(10));
        assert!(patience.answer() > ms(1_000));
    }

    #[test]
    fn a_first_wait_that_is_long_by_itself_stays() {
        let patience = Patience::new(ms(20_000));
        patience.unanswered(ms(20_000));
        assert_eq!(patience.answer(), ms(20_000));
    }

    #[test]
    fn waits_for_a_connection_double_and_are_short_at_first() {
        let patience = Patience::new(ms(1_000));
        assert_eq!(patience.grown_connect(), None);
        for expected in [400, 800, 1_600, 2_000, 2_000] {
            patience.not_connected();
            assert_eq!(patience.grown_connect(), Some(ms(expected)));
        }
        for (timeout, first) in [(40, 40), (1_000, 200), (20_000, 4_000)] {
            let patience = Patience::new(ms(timeout));
            assert_eq!(patience.first_connect(), ms(first));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_with_its_limit() {
        let (output, _) = within(ms(120), pending::<()>()).await;
        assert_eq!(output, None);
    }

    /// The answer came while nobody waited, for longer than the limit.
    #[tokio::test]
    async fn what_came_during_a_freeze_is_taken() {
        // Of several ticks, and of one, which is the last.
        for limit in [ms(1_000), ms(50)] {
            let (send, sent) = tokio::sync::oneshot::channel();
            // As the task of a connection, which has to run before an answer is there.
            let connection = tokio::spawn(sent);
            let mut wait = pin!(within(limit, connection));
            let flush = poll_fn(|cx| Poll::Ready(wait.as_mut().poll(cx)));
            assert!(flush.await.is_pending());
            // Blocks the runtime, and all its timers are late.
            std::thread::sleep(ms(1_200));
            send.send("answer").unwrap();
            let (output, waited) = wait.await;
            assert_eq!(output.unwrap().unwrap(), Ok("answer"), "{limit:?}");
            assert!(waited < ms(1_000), "{waited:?}");
        }
    }
    #[test]
    fn a_wait_goes_on_where_its_first_runtime_does_not() {
        let runtime = || {
            let mut builder = tokio::runtime::Builder::new_current_thread();
            builder.enable_time().build().unwrap()
        };
        let mut wait = Box::pin(within(ms(120), pending::<()>()));
        let first = runtime();
        first.block_on(poll_fn(|cx| {
            Poll::Ready(wait.as_mut().poll(cx).is_pending())
        }));
        let (done, ended) = std::sync::mpsc::channel();
        std::thread::spawn(move || done.send(runtime().block_on(wait).0));
        let output = ended.recv_timeout(Duration::from_secs(60));
        assert_eq!(output, Ok(None), "not for ever");
    }
}
