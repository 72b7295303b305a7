//! Calls of the AWS SDK without a network.

use aws_sdk_eventbridge::{
    Client, config::Builder, error::ProvideErrorMetadata, types::PutEventsRequestEntry,
};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::aws::LamplightExt;
use lamplight_testing::{
    Lambda,
    aws::{self, Replay},
};
use opentelemetry::trace::SpanKind;
use serde_json::{Value, json};

use crate::CALLER;

fn function(replay: &Replay) -> Lambda {
    let config = Builder::from(&replay.sdk_config()).lamplight().build();
    let client = Client::from_conf(config);
    Lambda::new(service_fn(move |event: LambdaEvent<Value>| {
        let client = client.clone();
        async move {
            let entry = PutEventsRequestEntry::builder()
                .source("shop")
                .detail_type("OrderPlaced")
                .detail(json!({"order": event.payload["order"]}).to_string())
                .build();
            let put = client.put_events().entries(entry).send().await;
            match put {
                Ok(put) => Ok::<_, Error>(json!(put.entries()[0].event_id())),
                Err(error) => Ok(json!(error.into_service_error().code())),
            }
        }
    }))
}

#[tokio::test]
async fn a_call_is_a_span_and_its_request_carries_the_context() {
    let answer = json!({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]});
    let replay = aws::replay().json(&answer).json(&answer);
    let mut lambda = function(&replay);
    let order = lamplight_testing::events::invoke(&json!({"order": 1})).with_trace(CALLER);
    let invocation = lambda.invoke(order).await;
    assert_eq!(invocation.response(), "1");
    let call = invocation.trace().root().child("EventBridge.PutEvents");
    call.has("rpc.system.name", "aws-api")
        .has_kind(SpanKind::Producer);
    invocation.assert_conforms();
    let [request] = replay.requests().try_into().unwrap();
    assert_eq!(request.method, "POST");
    assert_eq!(request.header("x-amz-target"), Some("AWSEvents.PutEvents"));
    let detail = request.json()["Entries"][0]["Detail"].clone();
    let detail: Value = serde_json::from_str(detail.as_str().unwrap()).unwrap();
    assert_eq!(detail["order"], 1);
    assert_eq!(detail["_otel"]["traceparent"], call.traceparent());

    lambda.invoke(json!({})).await;
    assert_eq!(replay.requests().len(), 2);
}

#[tokio::test]
async fn a_call_that_fails() {
    let replay = aws::replay().error(400, "ThrottlingException");
    let invocation = function(&replay).invoke(json!({})).await;
    assert_eq!(invocation.response(), "ThrottlingException");
    let call = invocation.trace().root().child("EventBridge.PutEvents");
    call.has_error("ThrottlingException");
    assert_eq!(replay.requests().len(), 1);
}
