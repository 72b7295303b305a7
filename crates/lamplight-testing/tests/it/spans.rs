//! The handler's own spans, made with OpenTelemetry's global provider.

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight_testing::{Lambda, events};
use opentelemetry::{
    Context, KeyValue, global,
    trace::{FutureExt, SpanKind, TraceContextExt, Tracer},
};
use serde_json::{Value, json};

use crate::{CALLER, OTHER};

async fn handler(event: LambdaEvent<u64>) -> Result<(), Error> {
    let tracer = global::tracer("shop");
    let number = i64::try_from(event.payload)?;
    let builder = tracer
        .span_builder("reserve")
        .with_kind(SpanKind::Client)
        .with_attributes([KeyValue::new("test.number", number)]);
    let span = tracer.build(builder);
    let cx = Context::current_with_span(span);
    async {
        tokio::task::yield_now().await;
        drop(global::tracer("shop").start("pay"));
    }
    .with_context(cx)
    .await;
    // In a task, with the context and without.
    let with = async { drop(global::tracer("shop").start("with")) };
    tokio::spawn(with.with_context(Context::current())).await?;
    tokio::spawn(async { drop(global::tracer("shop").start("without")) }).await?;
    Ok(())
}

/// One of many tests, which run in parallel and share a caller's trace.
async fn spans_of_one_environment(number: u64) {
    let mut lambda = Lambda::new(service_fn(handler));
    for _ in 0..20 {
        let event = json!(number);
        let invocation = lambda.invoke(&event).await;
        let trace = invocation.trace();
        assert_eq!(trace.len(), 5, "{trace}");
        let reserve = trace.root().child("reserve");
        reserve
            .has("test.number", i64::try_from(number).unwrap())
            .has_kind(SpanKind::Client)
            .child("pay");
        trace.root().child("with");
        // It has no parent, as in production.
        assert_eq!(trace.span("without").parent_traceparent(), None);
    }
}

macro_rules! in_parallel {
    ($($name:ident: $number:expr),*) => {
        $(#[tokio::test]
        async fn $name() {
            spans_of_one_environment($number).await;
        })*
    };
}

in_parallel! {
    spans_come_to_their_own_environment_1: 1,
    spans_come_to_their_own_environment_2: 2,
    spans_come_to_their_own_environment_3: 3,
    spans_come_to_their_own_environment_4: 4
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn environments_of_a_runtime_with_threads_do_not_mix() {
    async fn handler(event: LambdaEvent<u64>) -> Result<(), Error> {
        for _ in 0..3 {
            tokio::spawn(
                async { drop(global::tracer("shop").start("in a task")) }
                    .with_context(Context::current()),
            )
            .await?;
        }
        assert!(event.payload < 4);
        Ok(())
    }
    let one = async |number: u64| {
        let mut lambda = Lambda::new(service_fn(handler));
        for _ in 0..10 {
            let invocation = lambda.invoke(json!(number)).await;
            invocation.response();
            invocation.trace().root().has_children(3);
        }
    };
    futures_util::future::join_all((0..4).map(one)).await;
}

#[tokio::test]
async fn a_span_outside_every_environment_goes_nowhere() {
    // Makes the global provider that of the tests.
    let mut lambda = Lambda::new(service_fn(handler));
    lambda.invoke(json!(1)).await.response();
    let elsewhere = std::thread::spawn(|| {
        let span = global::tracer("shop").start("elsewhere");
        opentelemetry::trace::Span::is_recording(&span)
    });
    assert!(!elsewhere.join().unwrap());
    lambda
        .invoke(json!(1))
        .await
        .trace()
        .has_no_span("elsewhere");
}

#[tokio::test]
async fn records_of_a_batch_and_what_is_below_them() {
    async fn deliver(message: SqsMessage) -> Result<(), Error> {
        drop(global::tracer("shop").start("deliver"));
        match message.body.as_deref() {
            Some("bad") => Err("a bad order".into()),
            _ => Ok(()),
        }
    }
    async fn handler(event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
        Ok(lamplight::records::sqs(event.payload, deliver).await)
    }
    let mut lambda = Lambda::new(service_fn(handler));
    let batch = events::sqs()
        .message("good")
        .with_trace(CALLER)
        .message("bad")
        .with_trace(OTHER)
        .with_id("second")
        .sent_ago(Duration::from_secs(10));
    let invocation = lambda.invoke(batch).await;
    let failures: Value = invocation.response();
    assert_eq!(failures["batchItemFailures"][0]["itemIdentifier"], "second");
    let trace = invocation.trace();
    trace.root().has_link_to(CALLER).has_link_to(OTHER);
    let [good, bad] = trace.named("process orders").collect::<Vec<_>>()[..] else {
        panic!("{trace}");
    };
    good.has_parent(CALLER).has_no_error().child("deliver");
    bad.has_parent(OTHER)
        .has_kind(SpanKind::Consumer)
        .has("messaging.message.id", "second")
        .has_key("error.type")
        .child("deliver");
    let latency = bad.attribute("lamplight.queue.latency_ms").unwrap();
    assert!(latency.to_string().parse::<f64>().unwrap() >= 10_000.0);
}
