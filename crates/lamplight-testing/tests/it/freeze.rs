//! Environments that stand still between invocations.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight_testing::{Invoke, Lambda};
use opentelemetry::{global, trace::Tracer};
use serde_json::{Value, json};
use tokio::{sync::Notify, task::yield_now};

/// Turns of a task that a handler spawned and left behind.
fn counted(count: &Arc<AtomicUsize>) -> impl Fn() + Send + 'static {
    let count = count.clone();
    move || {
        let count = count.clone();
        tokio::spawn(async move {
            loop {
                count.fetch_add(1, Ordering::SeqCst);
                yield_now().await;
            }
        });
    }
}

#[tokio::test]
async fn tasks_stand_still_while_the_environment_is_frozen() {
    let count = Arc::new(AtomicUsize::new(0));
    let spawn = counted(&count);
    let mut lambda = Lambda::builder().build_frozen(move || {
        let spawn = Arc::new(spawn);
        service_fn(move |event: LambdaEvent<bool>| {
            let spawn = spawn.clone();
            async move {
                if event.payload {
                    spawn();
                }
                // The task has turns while the handler runs.
                for _ in 0..10 {
                    yield_now().await;
                }
                Ok::<_, Error>(())
            }
        })
    });
    lambda.invoke(json!(true)).await.response();
    let after_the_first = count.load(Ordering::SeqCst);
    assert!(after_the_first > 0);
    // The test's own runtime goes on, and so does time.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(count.load(Ordering::SeqCst), after_the_first);
    lambda.invoke(json!(false)).await.response();
    assert!(count.load(Ordering::SeqCst) > after_the_first);
}

#[tokio::test]
async fn without_freezing_tasks_go_on() {
    let count = Arc::new(AtomicUsize::new(0));
    let spawn = counted(&count);
    let mut lambda = Lambda::new(service_fn(move |_: LambdaEvent<Value>| {
        spawn();
        async { Ok::<_, Error>(()) }
    }));
    lambda.invoke(json!({})).await.response();
    let after = count.load(Ordering::SeqCst);
    while count.load(Ordering::SeqCst) == after {
        yield_now().await;
    }
}

#[tokio::test]
async fn a_span_of_a_task_that_was_frozen_comes_with_a_later_invocation() {
    let gate = Arc::new(Notify::new());
    let opened = gate.clone();
    let mut lambda = Lambda::builder().build_frozen(move || {
        service_fn(move |event: LambdaEvent<bool>| {
            let gate = gate.clone();
            async move {
                if event.payload {
                    tokio::spawn(async move {
                        gate.notified().await;
                        drop(global::tracer("test").start("in the background"));
                    });
                }
                Ok::<_, Error>(())
            }
        })
    });
    let first = lambda.invoke(json!(true)).await;
    assert_eq!(first.trace().len(), 1);
    // What the task waits for happens while it is frozen.
    opened.notify_one();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let is_late = async |lambda: &mut Lambda| {
        let invocation = lambda.invoke(json!(false)).await;
        invocation.trace().root();
        invocation.trace().find("in the background").is_some()
    };
    // One of the next invocations gives it a turn, and delivers its span.
    while !is_late(&mut lambda).await {}
}

#[tokio::test]
async fn a_frozen_environment_has_deadlines_context_and_spans_of_its_own() {
    async fn handler(event: LambdaEvent<u64>) -> Result<u64, Error> {
        drop(global::tracer("test").start("inside"));
        tokio::time::sleep(Duration::from_secs(event.payload)).await;
        Ok(event.payload)
    }
    let mut lambda = Lambda::builder().build_frozen(|| service_fn(handler));
    let invocation = lambda.invoke(json!(0)).await;
    assert_eq!(invocation.response(), 0);
    invocation.trace().root().child("inside");
    assert!(lambda.telemetry().tracer_provider().is_some());
    let late = Invoke::new(json!(3_600)).with_timeout(Duration::from_millis(400));
    let late = lambda.invoke(late).await;
    assert!(late.timed_out());
    late.trace().root().has_error("timeout");
}

#[test]
fn a_handler_that_cannot_be_made_is_reported() {
    let message = crate::message(|| {
        Lambda::builder().build_frozen(
            || -> lambda_runtime::tower::util::BoxService<LambdaEvent<Value>, Value, Error> {
                panic!("no database")
            },
        );
    });
    assert!(message.contains("while it was set up"), "{message}");
}
