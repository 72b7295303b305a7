//! The effects of the two layers on an invocation.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use lambda_runtime::{
    Diagnostic, Error, LambdaEvent, LambdaInvocation, MetadataPrelude, StreamResponse,
};
use lamplight_export::{Delivery, DeliveryFuture, SpanQueue, SpanSink};
use lamplight_lambda::{Instrumentation, Invocation};
use lamplight_semconv as semconv;
use opentelemetry::{
    Context, KeyValue, Value,
    trace::{SpanKind, Status, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData};
use serde_json::{Value as Json, json};
use tower::{Layer, ServiceExt, service_fn};

use crate::common::{ARN, Function, error_type, get, invocation};

fn api_gateway_event() -> Json {
    json!({
        "version": "2.0",
        "routeKey": "POST /orders",
        "rawPath": "/orders",
        "rawQueryString": "",
        "headers": {
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "baggage": "app.event.producer.application=shop,other=1",
        },
        "requestContext": {
            "domainName": "abc.execute-api.eu-west-1.amazonaws.com",
            "http": {
                "method": "POST", "path": "/orders", "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1", "userAgent": "test",
            },
            "stage": "$default",
        },
        "isBase64Encoded": false,
    })
}

async fn echo(event: LambdaEvent<Json>) -> Result<Json, Error> {
    Ok(event.payload)
}

#[tokio::test]
async fn an_invocation_is_one_span_with_the_attributes_of_the_convention() {
    let function = Function::new();
    let answer = function
        .invoke(&json!({"a": 1}), service_fn(echo))
        .await
        .unwrap();
    assert_eq!(answer, json!({"a": 1}));
    let span = function.only_span();
    assert_eq!(span.name, "orders");
    assert_eq!(span.span_kind, SpanKind::Server);
    assert_eq!(span.status, Status::Unset);
    assert_eq!(get(&span, semconv::faas::TRIGGER), Some("other".into()));
    assert_eq!(
        get(&span, semconv::faas::INVOCATION_ID),
        Some("request-1".into())
    );
    assert_eq!(
        get(&span, semconv::aws::lambda::INVOKED_ARN),
        Some(ARN.into())
    );
    assert_eq!(get(&span, semconv::cloud::RESOURCE_ID), Some(ARN.into()));
    assert_eq!(
        get(&span, semconv::cloud::account::ID),
        Some("123456789012".into())
    );
    assert_eq!(span.instrumentation_scope.name(), "lamplight-lambda");
}

#[tokio::test]
async fn only_the_first_invocation_is_a_cold_start() {
    let function = Function::new();
    for _ in 0..3 {
        function.invoke(&json!({}), service_fn(echo)).await.unwrap();
    }
    let cold: Vec<_> = function
        .spans()
        .iter()
        .map(|span| get(span, semconv::faas::COLDSTART).unwrap())
        .collect();
    assert_eq!(
        cold,
        [Value::Bool(true), Value::Bool(false), Value::Bool(false)]
    );
}

#[tokio::test]
async fn the_callers_trace_continues_and_its_baggage_is_current() {
    let function = Function::new();
    let handler = service_fn(|_: LambdaEvent<Json>| async {
        use opentelemetry::baggage::BaggageExt;
        let cx = opentelemetry::Context::current();
        let other = cx.baggage().get("other").map(ToString::to_string);
        Ok::<_, Error>(json!({"statusCode": 201, "body": other}))
    });
    let answer = function
        .invoke(&api_gateway_event(), handler)
        .await
        .unwrap();
    assert_eq!(answer["body"], "1");
    let span = function.only_span();
    assert_eq!(
        span.span_context.trace_id().to_string(),
        "0af7651916cd43dd8448eb211c80319c"
    );
    assert_eq!(span.parent_span_id.to_string(), "b7ad6b7169203331");
    assert!(span.parent_span_is_remote);
    assert_eq!(get(&span, semconv::faas::TRIGGER), Some("http".into()));
    assert_eq!(
        get(&span, semconv::http::response::STATUS_CODE),
        Some(201.into())
    );
    let promoted = get(&span, semconv::app::event::producer::APPLICATION);
    assert_eq!(promoted, Some("shop".into()), "on the allow list");
    assert_eq!(get(&span, "other"), None, "not on it");
}

#[tokio::test]
async fn spans_of_the_handler_are_children_and_current_reaches_through_them() {
    let function = Function::new();
    let tracer = function.provider.tracer("handler");
    let handler = service_fn(move |_: LambdaEvent<Json>| {
        let tracer = tracer.clone();
        async move {
            tokio::task::yield_now().await;
            tracer.in_span("child", |_| {
                Invocation::current().set_attribute(KeyValue::new("test.wide", 1));
            });
            Ok::<_, Error>(())
        }
    });
    function.invoke(&json!({}), handler).await.unwrap();
    let [child, root] = function.spans().try_into().unwrap();
    assert_eq!(child.name, "child");
    assert_eq!(child.parent_span_id, root.span_context.span_id());
    assert_eq!(get(&root, "test.wide"), Some(1.into()));
}

#[tokio::test]
async fn an_error_of_the_handler_is_an_error_and_is_answered_unchanged() {
    let function = Function::new();
    let handler = service_fn(async |_: LambdaEvent<Json>| {
        "seven".parse::<u32>().map(|_| ()).map_err(Error::from)
    });
    let answer = function.invoke(&json!({}), handler).await.unwrap_err();
    let expected: Diagnostic = Error::from("seven".parse::<u32>().unwrap_err()).into();
    assert_eq!(answer, expected);
    let span = function.only_span();
    let name = std::any::type_name::<std::num::ParseIntError>();
    assert_eq!(error_type(&span).as_deref(), Some(name));
    assert_eq!(span.status, Status::error("invalid digit found in string"));
    let [event] = span.events.events.try_into().unwrap();
    assert_eq!(event.name, "exception");
}

#[tokio::test]
async fn a_panic_is_an_error_wherever_it_happens() {
    for during_call in [true, false] {
        let function = Function::new();
        let handler = service_fn(move |_: LambdaEvent<Json>| {
            assert!(!during_call, "told to panic");
            async move {
                tokio::task::yield_now().await;
                if !during_call {
                    panic!("told to panic");
                }
                Ok::<_, Error>(())
            }
        });
        function.invoke(&json!({}), handler).await.unwrap_err();
        let span = function.only_span();
        assert_eq!(error_type(&span).as_deref(), Some("panic"));
        assert_eq!(span.status, Status::error("told to panic"));
        let [event] = span.events.events.try_into().unwrap();
        let place = event.attributes.iter().find_map(|kv| {
            (kv.key.as_str() == semconv::exception::STACKTRACE).then(|| kv.value.to_string())
        });
        assert!(place.unwrap().starts_with(&format!("at {}:", file!())));
    }
}

#[tokio::test]
async fn an_event_that_does_not_deserialize_is_an_error() {
    let function = Function::new();
    let handler = service_fn(async |_: LambdaEvent<u32>| Ok::<_, Error>(()));
    function
        .invoke(&json!({"not": "a number"}), handler)
        .await
        .unwrap_err();
    assert_eq!(
        error_type(&function.only_span()).as_deref(),
        Some("DeserializeError")
    );
}

#[tokio::test]
async fn only_server_errors_of_http_are_errors() {
    for (code, expected) in [
        (200, None),
        (404, None),
        (500, Some("500")),
        (503, Some("503")),
    ] {
        let function = Function::new();
        let handler = service_fn(move |_: LambdaEvent<Json>| async move {
            Ok::<_, Error>(json!({ "statusCode": code }))
        });
        function
            .invoke(&api_gateway_event(), handler)
            .await
            .unwrap();
        let span = function.only_span();
        assert_eq!(
            get(&span, semconv::http::response::STATUS_CODE),
            Some(code.into())
        );
        assert_eq!(error_type(&span).as_deref(), expected);
        assert_eq!(span.status == Status::Unset, expected.is_none());
    }
}

#[tokio::test]
async fn a_status_code_in_quotation_marks_counts_and_one_that_is_none_is_not_invented() {
    for (written, code) in [(json!("503"), Some(503)), (json!("down"), None)] {
        let function = Function::new();
        let handler = service_fn(move |_: LambdaEvent<Json>| {
            let answer = json!({ "statusCode": written });
            async move { Ok::<_, Error>(answer) }
        });
        let answer = function.invoke(&api_gateway_event(), handler).await;
        assert!(
            answer.unwrap()["statusCode"].is_string(),
            "goes through as it is"
        );
        let span = function.only_span();
        let seen = get(&span, semconv::http::response::STATUS_CODE);
        assert_eq!(seen, code.map(Into::into));
        let expected = code.map(|code: i64| code.to_string());
        assert_eq!(error_type(&span), expected);
    }
}

#[tokio::test]
async fn a_streaming_response_gives_its_status_and_goes_through() {
    type Chunks =
        std::pin::Pin<Box<dyn futures_core::Stream<Item = Result<bytes::Bytes, Error>> + Send>>;
    struct Empty;
    impl futures_core::Stream for Empty {
        type Item = Result<bytes::Bytes, Error>;
        fn poll_next(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            std::task::Poll::Ready(None)
        }
    }
    let function = Function::new();
    let handler = service_fn(async |_: LambdaEvent<Json>| {
        let metadata_prelude = MetadataPrelude {
            status_code: http::StatusCode::BAD_GATEWAY,
            ..Default::default()
        };
        let stream: Chunks = Box::pin(Empty);
        Ok::<_, Error>(StreamResponse {
            metadata_prelude,
            stream,
        })
    });
    function
        .invoke(&api_gateway_event(), handler)
        .await
        .unwrap();
    assert_eq!(error_type(&function.only_span()).as_deref(), Some("502"));
}

/// A sink that never answers.
#[derive(Debug)]
struct Hanging;

impl SpanSink for Hanging {
    fn deliver(self: Arc<Self>, _: Vec<SpanData>) -> DeliveryFuture {
        Box::pin(std::future::pending::<Delivery>())
    }
}

#[tokio::test(start_paused = true)]
async fn the_flush_comes_after_the_answer_and_ends_with_its_budget() {
    let queue = SpanQueue::new(Hanging);
    let provider = SdkTracerProvider::builder()
        .with_span_processor(queue.clone())
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue.clone())
        .with_flush_budget(Duration::from_millis(700))
        .build();
    let posted_at = Arc::new(Mutex::new(None));
    let runtime = {
        let posted_at = posted_at.clone();
        service_fn(move |_: LambdaInvocation| {
            let posted_at = posted_at.clone();
            async move {
                *posted_at.lock().unwrap() = Some(tokio::time::Instant::now());
                Ok::<_, Error>(())
            }
        })
    };
    let stack = instrumentation.invocation_layer().layer(runtime);
    let started = tokio::time::Instant::now();
    stack.oneshot(invocation(&json!({}))).await.unwrap();
    assert_eq!(
        posted_at.lock().unwrap().unwrap(),
        started,
        "posted at once"
    );
    assert_eq!(
        started.elapsed().as_millis(),
        700,
        "then the flush took its budget"
    );
    assert_eq!(
        queue.snapshot().pending(),
        1,
        "and what was cut off is still there"
    );
}

#[tokio::test]
async fn a_runtime_that_cannot_post_is_an_error_and_stays_one() {
    let function = Function::new();
    let runtime =
        service_fn(async |_: LambdaInvocation| Err::<(), _>(Error::from("connection lost")));
    let stack = function.instrumentation.invocation_layer().layer(runtime);
    let error = stack.oneshot(invocation(&json!({}))).await.unwrap_err();
    assert_eq!(error.to_string(), "connection lost");
    let span = function.only_span();
    assert_eq!(span.status, Status::error("connection lost"));
}

#[tokio::test]
async fn any_bytes_reach_the_handlers_stack() {
    let function = Function::new();
    for body in [
        &b""[..],
        b"\xff\xfe",
        b"{",
        b"null",
        b"[[[[[[",
        b"{\"Records\": 7}",
    ] {
        let seen = Arc::new(Mutex::new(None));
        let runtime = {
            let seen = seen.clone();
            service_fn(move |event: LambdaInvocation| {
                *seen.lock().unwrap() = Some(event.body);
                async { Ok::<_, Error>(()) }
            })
        };
        let mut event = invocation(&json!({}));
        event.body = bytes::Bytes::copy_from_slice(body);
        event.context.invoked_function_arn = "function-arn".into();
        event.context.deadline = 600_000;
        let stack = function.instrumentation.invocation_layer().layer(runtime);
        stack.oneshot(event).await.unwrap();
        assert_eq!(seen.lock().unwrap().as_deref(), Some(body));
    }
    assert_eq!(function.spans().len(), 6);
}

#[test]
fn outside_an_invocation_the_handle_does_nothing() {
    let invocation = Invocation::current();
    invocation.set_attribute(KeyValue::new("a", 1));
    assert_eq!(invocation.span_context(), None);
    assert!(
        !opentelemetry::Context::current()
            .span()
            .span_context()
            .is_valid()
    );
}

#[test]
fn layers_can_be_cloned_and_sent_for_concurrent_instances() {
    fn assert_worker<T: Clone + Send + 'static>(_: &T) {}
    let function = Function::new();
    let layer = function.instrumentation.handler_layer::<Json, Json>();
    assert_worker(&layer.layer(service_fn(echo)));
    assert_worker(
        &function
            .instrumentation
            .invocation_layer()
            .layer(service_fn(async |_: LambdaInvocation| Ok::<_, Error>(()))),
    );
}

/// OpenTelemetry runs an iterator under the lock of the context's span, which its panic poisons.
#[tokio::test]
async fn a_panic_while_the_span_is_locked_loses_neither_outcome_nor_end() {
    let function = Function::new();
    let handler = service_fn(async |_: LambdaEvent<Json>| {
        let rows = ["1", "x"].map(str::parse::<i64>).into_iter();
        let rows = rows.map(|row| KeyValue::new("test.row", row.unwrap()));
        let set = || Context::current().span().set_attributes(rows);
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(set)).unwrap_err();
        Invocation::current().set_attribute(KeyValue::new("test.later", true));
        Err::<Json, Error>("it failed later".into())
    });
    function.invoke(&json!({}), handler).await.unwrap_err();
    let span = function.only_span();
    assert_eq!(span.status, Status::error("it failed later"));
    assert_eq!(get(&span, "test.row"), Some(1.into()));
    assert_eq!(get(&span, "test.later"), Some(true.into()));
}

/// In plain OpenTelemetry terms, the span of the context is the invocation's span.
#[tokio::test]
async fn the_contexts_span_is_the_invocations() {
    let function = Function::new();
    let handler = service_fn(async |_: LambdaEvent<Json>| {
        let cx = Context::current();
        let span = cx.span();
        let identity = Invocation::current().span_context().unwrap();
        assert_eq!(*span.span_context(), identity);
        assert!(span.is_recording());
        span.set_attribute(KeyValue::new("test.a", 1));
        span.set_attributes([KeyValue::new("test.b", 2)]);
        span.add_event("test.event", vec![KeyValue::new("test.c", 3)]);
        span.add_link(identity, Vec::new());
        span.update_name("renamed");
        span.set_status(Status::error("of its own"));
        span.end();
        assert!(!span.is_recording());
        // The end has been.
        span.set_attribute(KeyValue::new("test.late", true));
        Invocation::current().set_attribute(KeyValue::new("test.late", true));
        Ok::<_, Error>(json!(null))
    });
    function.invoke(&json!({}), handler).await.unwrap();
    let span = function.only_span();
    assert_eq!(span.name, "renamed");
    assert_eq!(span.status, Status::error("of its own"));
    assert_eq!(get(&span, "test.a"), Some(1.into()));
    assert_eq!(get(&span, "test.b"), Some(2.into()));
    assert_eq!(get(&span, "test.late"), None);
    assert_eq!((span.events.len(), span.links.len()), (1, 1));
}

/// Recording errors: the type of an error that is no box is its name, the same as of one in a box.
#[tokio::test]
async fn an_error_of_a_known_type_has_its_name() {
    let function = Function::new();
    let handler =
        service_fn(async |_: LambdaEvent<Json>| Err::<Json, _>(std::io::Error::other("gone")));
    let event = json!({});
    function.invoke(&event, handler).await.unwrap_err();
    let found = error_type(&function.only_span());
    assert_eq!(found.as_deref(), Some("std::io::error::Error"));
}
