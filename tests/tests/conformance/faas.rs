//! Functions: `faas/aws-lambda.md`, `faas/faas-spans.md`, resources of functions.

use crate::function::{Function, get};
use crate::statement::statements;
use lambda_runtime::{Error, LambdaEvent};
use opentelemetry::trace::SpanKind;
use opentelemetry_sdk::trace::SpanData;
use serde_json::{Value as Json, json};
use tower::service_fn;

/// The span of an invocation with this event, whose handler answers `null`.
async fn invocation(event: Json) -> SpanData {
    let function = Function::new();
    let handler = service_fn(async |_: LambdaEvent<Json>| Ok::<_, Error>(Json::Null));
    function.invoke(&event, handler).await.unwrap();
    function.only_span()
}

statements! {
    "faas/aws-lambda.md, Configuring the span" {
        held server_span("MUST be of kind `SERVER`, unless a kind of event says otherwise") {
            assert_eq!(invocation(json!({})).await.span_kind, SpanKind::Server);
        }
        held named_after_the_function("MUST be named like the function, unless a kind of event says otherwise") {
            assert_eq!(invocation(json!({})).await.name, "orders");
        }
        held invocation_id("`faas.invocation_id` is the request id") {
            let span = invocation(json!({})).await;
            assert_eq!(get(&span, "faas.invocation_id").unwrap().as_str(), "request-1");
        }
    }
    "faas/aws-lambda.md, API Gateway" {
        deviates api_gateway_name("SHOULD be named like the event's `resource`";
            does "`{method} {route}`";
            because "`http/http-spans.md` says so, is stable, and the name is then that of every other HTTP server";
            setting "none"
        ) {
            let event = json!({
                "resource": "/orders/{id}", "path": "/orders/7", "httpMethod": "GET",
                "requestContext": {"resourcePath": "/orders/{id}", "httpMethod": "GET", "apiId": "a1"},
            });
            assert_eq!(invocation(event).await.name, "GET /orders/{id}");
        }
    }
}
