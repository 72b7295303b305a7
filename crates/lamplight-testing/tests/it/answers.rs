//! Answers of handlers, and the spans behind them.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight_testing::{Lambda, events};
use opentelemetry::trace::SpanKind;
use serde_json::{Value, json};

const CALLER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

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
    assert_eq!(invocation.http().status(), 202);
    let root = invocation.trace().root();
    root.has("faas.trigger", "http")
        .has("http.response.status_code", 202)
        .has("faas.coldstart", true)
        .has_kind(SpanKind::Server)
        .has_parent(CALLER)
        .has_no_error();
    invocation.assert_conforms();

    let again = lambda.invoke(&request).await;
    again.trace().root().has("faas.coldstart", false);
    assert_eq!(again.trace().len(), 1);
}
