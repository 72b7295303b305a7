//! Timeouts that a freeze of the environment does not shorten.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use tokio::{
    runtime::Handle,
    task::unconstrained,
    time::{Instant, sleep},
};

/// The maximum time that counts for a wait interrupted by a freeze.
const TICK: Duration = Duration::from_millis(50);

/// Waits for `future` for up to `limit`. Returns its output, if it completed, and the time spent waiting.
///
/// Only time while this future is polled counts: between flushes, or while the environment is frozen, at most
/// one tick counts, and a result that arrived meanwhile is taken. A timer of the runtime would expire in the
/// meantime, although the result is there.
///
/// # Panics
///
/// Panics if it has to wait outside a Tokio runtime, or in one without timers.
pub async fn within<F: Future>(limit: Duration, future: F) -> (Option<F::Output>, Duration) {
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
        // The freeze happened in the last tick: sockets have not been polled since.
        is_last = waited >= limit;
    }
}

/// Waits for `future` for one tick, on the current runtime: a later flush that continues the wait may run on
/// another runtime, and the timers of the first one may have stopped.
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
        // The timer must not be limited by what the future has left of the task's budget.
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

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_with_its_limit() {
        let (output, _) = within(ms(120), pending::<()>()).await;
        assert_eq!(output, None);
    }

    /// The answer arrived while nothing was waiting, for longer than the limit.
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
