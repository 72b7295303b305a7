use lamplight_testing::{Lambda, aws, events};
use serde_json::json;

use super::*;

#[tokio::test]
async fn the_message_carries_the_trace_and_the_baggage() {
    let replay = aws::replay().json(&json!({"MessageId": "message-1"}));
    let queue: &Queue = Box::leak(Box::new(Queue {
        client: client(Builder::from(&replay.sdk_config())),
        url: "https://sqs.us-east-1.amazonaws.com/123456789012/orders".to_owned(),
    }));
    let order = events::invoke(&json!({"id": "A-1", "tenant": "acme"}));
    let handler = service_fn(|event| place(queue, event));
    let invocation = Lambda::new(handler).invoke(order).await;
    invocation.response();

    let call = invocation.trace().root().child("SQS.SendMessage");
    call.has("messaging.destination.name", "orders")
        .has_no_error();
    let [request] = replay.requests().try_into().unwrap();
    let attributes = &request.json()["MessageAttributes"];
    assert_eq!(attributes["traceparent"]["StringValue"], call.traceparent());
    assert_eq!(attributes["baggage"]["StringValue"], "shop.tenant=acme");
}
