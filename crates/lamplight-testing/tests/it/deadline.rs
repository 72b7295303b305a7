//! The end of the time of an invocation, by the clock and by a paused one.

use std::{future::pending, time::Duration};

use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight_testing::Lambda;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// Waits as many seconds as the event says.
async fn wait(event: LambdaEvent<u64>) -> Result<&'static str, Error> {
    lamplight::current().add("test.waits", 1);
    sleep(Duration::from_secs(event.payload)).await;
    Ok("waited")
}

#[tokio::test(start_paused = true)]
async fn with_a_paused_clock_a_handler_waits_no_time_and_is_in_time() {
    let began = std::time::Instant::now();
    let mut lambda = Lambda::builder()
        .with_timeout(Duration::from_secs(900))
        .build(service_fn(wait));
    for _ in 0..3 {
        let before = Instant::now();
        let invocation = lambda.invoke(json!(600)).await;
        assert_eq!(invocation.response(), "waited");
        // To the millisecond: the clock does not move on while the answer is on its way.
        assert_eq!(invocation.took(), Duration::from_secs(600));
        assert_eq!(before.elapsed(), Duration::from_secs(600));
        invocation.trace().root().has_no_error();
    }
    assert!(began.elapsed() < Duration::from_secs(300));
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_is_late_is_stopped_and_its_span_is_there() {
    let mut lambda = Lambda::builder()
        .with_timeout(Duration::from_secs(3))
        .build(service_fn(wait));
    let late = lambda.invoke(json!(4)).await;
    assert!(late.timed_out());
    assert_eq!(late.error().error_type, "Sandbox.Timedout");
    assert_eq!(
        late.error().error_message,
        "Task timed out after 3.00 seconds"
    );
    let root = late.trace().root();
    root.has_error("timeout").has("test.waits", 1);

    let message = {
        let mut invoking = Box::pin(lambda.invoke(json!(0)));
        crate::message(|| {
            let mut task = std::task::Context::from_waker(std::task::Waker::noop());
            let _ = invoking.as_mut().poll(&mut task);
        })
    };
    assert!(message.contains("this environment is gone"), "{message}");
}

#[tokio::test]
async fn by_the_real_clock_a_handler_is_stopped_and_dropped() {
    struct Dropped(tokio::sync::mpsc::UnboundedSender<()>);

    impl Drop for Dropped {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }

    let (sender, mut dropped) = tokio::sync::mpsc::unbounded_channel();
    let handler = move |_: LambdaEvent<Value>| {
        let guard = Dropped(sender.clone());
        async move {
            pending::<()>().await;
            drop(guard);
            Ok::<_, Error>(())
        }
    };
    let mut lambda = Lambda::builder()
        .with_timeout(Duration::from_millis(400))
        .build(service_fn(handler));
    let invocation = lambda.invoke(json!({})).await;
    assert!(invocation.timed_out());
    assert!(invocation.took() >= Duration::from_millis(400));
    assert_eq!(dropped.try_recv(), Ok(()));
    invocation.trace().root().has_error("timeout");
}

#[tokio::test]
async fn a_handler_that_blocks_its_thread_past_the_deadline_is_late_too() {
    async fn handler(_: LambdaEvent<Value>) -> Result<&'static str, Error> {
        std::thread::sleep(Duration::from_millis(2_000));
        Ok("too late")
    }
    let mut lambda = Lambda::builder()
        .with_timeout(Duration::from_millis(500))
        .build(service_fn(handler));
    let invocation = lambda.invoke(json!({})).await;
    assert!(invocation.timed_out(), "{:?}", invocation.result());
    invocation.trace().root().has_error("timeout");
}
