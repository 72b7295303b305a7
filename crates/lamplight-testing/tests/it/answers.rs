//! Answers of handlers, and the spans behind them.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight_testing::{Lambda, events};
use opentelemetry::trace::SpanKind;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{CALLER, message};

#[tokio::test]
async fn a_response_and_its_trace() {
    async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
        assert_eq!(event.payload["rawPath"], "/orders");
        Ok(json!({"statusCode": 202, "body": "taken"}))
    }
    let mut lambda = Lambda::new(service_fn(handler));
    let request = events::api_gateway_v2().post("/orders").with_trace(CALLER);
    let invocation = lambda.invoke(&request).await;
    assert_eq!(invocation.response()["statusCode"], 202);
    assert!(!invocation.timed_out());
    let root = invocation.trace().root();
    root.has("faas.trigger", "http")
        .has("http.response.status_code", 202)
        .has("faas.coldstart", true)
        .has("faas.invocation_id", invocation.request_id())
        .has_kind(SpanKind::Server)
        .has_parent(CALLER)
        .has_no_error();
    invocation.assert_conforms();

    let again = lambda.invoke(&request).await;
    again.trace().root().has("faas.coldstart", false);
    assert_eq!(again.trace().len(), 1);
    assert_ne!(again.request_id(), invocation.request_id());
}

#[tokio::test]
async fn an_error_of_the_handler() {
    #[derive(Debug)]
    struct OutOfStock;

    impl std::fmt::Display for OutOfStock {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("no tea left")
        }
    }

    impl From<OutOfStock> for lambda_runtime::Diagnostic {
        fn from(error: OutOfStock) -> Self {
            Self {
                error_type: "OutOfStock".to_owned(),
                error_message: error.to_string(),
            }
        }
    }

    async fn handler(_: LambdaEvent<Value>) -> Result<Value, OutOfStock> {
        Err(OutOfStock)
    }
    let mut lambda = Lambda::new(service_fn(handler));
    let invocation = lambda.invoke(json!({})).await;
    assert_eq!(invocation.error().error_type, "OutOfStock");
    assert_eq!(invocation.error().to_string(), "OutOfStock: no tea left");
    assert_eq!(invocation.result(), Err(invocation.error()));
    invocation.trace().root().has_error("OutOfStock");
    invocation.assert_conforms();

    let message = message(|| invocation.response());
    assert!(message.contains("OutOfStock: no tea left"), "{message}");
    assert!(message.contains("error.type = OutOfStock"), "{message}");
    // The environment lives on.
    lambda.invoke(json!({})).await.error();
}

#[tokio::test]
async fn a_panic_and_an_event_that_does_not_fit() {
    #[derive(Deserialize)]
    struct Order {
        id: u32,
    }

    async fn handler(event: LambdaEvent<Order>) -> Result<u32, Error> {
        assert_ne!(event.payload.id, 13, "an unlucky order");
        Ok(event.payload.id)
    }
    let mut lambda = Lambda::new(service_fn(handler));
    let panicked = lambda.invoke(json!({"id": 13})).await;
    assert!(panicked.error().error_message.contains("an unlucky order"));
    panicked
        .trace()
        .root()
        .has_error("panic")
        .has_event("exception");

    let odd = lambda.invoke(json!({"id": "one"})).await;
    assert!(
        odd.error().error_type.contains("Deserialize"),
        "{:?}",
        odd.error()
    );
    odd.trace().root().has_error("DeserializeError");

    let no_json = lambda.invoke("no JSON").await;
    no_json.trace().root().has_error("DeserializeError");

    let fine = lambda.invoke(json!({"id": 7})).await;
    assert_eq!(fine.response_as::<u32>(), 7);
    let message = message(|| fine.response_as::<String>());
    assert!(message.contains("does not deserialize"), "{message}");
    let message = self::message(|| fine.error());
    assert!(message.contains("without an error: 7"), "{message}");
}

#[tokio::test]
async fn a_response_over_the_limit_is_refused() {
    async fn handler(event: LambdaEvent<usize>) -> Result<String, Error> {
        Ok("x".repeat(event.payload))
    }
    let mut lambda = Lambda::new(service_fn(handler));
    let large = lambda.invoke(json!(6 * 1024 * 1024 + 1)).await;
    assert_eq!(large.error().error_type, "Function.ResponseSizeTooLarge");
    let small = lambda.invoke(json!(5 * 1024 * 1024)).await;
    assert_eq!(small.result().unwrap().len(), 5 * 1024 * 1024 + 2);
}

#[tokio::test]
async fn environments_of_one_task_take_turns() {
    let lambdas = (0..8).map(|number| async move {
        let handler = move |event: LambdaEvent<Value>| async move {
            tokio::task::yield_now().await;
            Ok::<_, Error>(json!([number, event.payload]))
        };
        let mut lambda = Lambda::new(service_fn(handler));
        for turn in 0..3 {
            let invocation = lambda.invoke(json!(turn)).await;
            assert_eq!(invocation.response(), json!([number, turn]));
            assert_eq!(invocation.trace().len(), 1);
        }
    });
    futures_util::future::join_all(lambdas).await;
}
