//! EventBridge to SQS.

use lamplight_aws_sdk::sqs::message_context;
use lamplight_propagation::inbound::EventExtractor;
use opentelemetry::{
    KeyValue,
    trace::{FutureExt as _, SpanKind},
};
use serde_json::Value;

use super::*;
use crate::common::*;

#[tokio::test]
async fn eventbridge_to_sqs() {
    let aws = LocalAws::shared();
    let config = local(&aws);
    let (url, arn) = queue(&config, "events").await;
    let spans = Spans::new();
    let builder =
        aws_sdk_eventbridge::config::Builder::from(&config).interceptor(spans.lamplight());
    let client = aws_sdk_eventbridge::Client::from_conf(builder.build());
    client
        .create_event_bus()
        .name("orders")
        .send()
        .await
        .unwrap();
    let pattern = r#"{"source":["shop"]}"#;
    let rule = client
        .put_rule()
        .name("all")
        .event_bus_name("orders")
        .event_pattern(pattern);
    rule.send().await.unwrap();
    let target = aws_sdk_eventbridge::types::Target::builder()
        .id("queue")
        .arn(arn);
    let targets = client.put_targets().rule("all").event_bus_name("orders");
    targets
        .targets(target.build().unwrap())
        .send()
        .await
        .unwrap();

    let detail = r#"{"price":1.10,"big":12345678901234567890}"#;
    let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder()
        .event_bus_name("orders")
        .source("shop")
        .detail_type("Order")
        .detail(detail)
        .build();
    let put = client.put_events().entries(entry).send();
    let output = put.with_context(caller()).await.unwrap();
    assert_eq!(output.failed_entry_count(), 0);
    let span = spans.named("EventBridge.PutEvents");
    assert_eq!(span.span_kind, SpanKind::Producer);
    let received = receive(&sqs(&config, LamplightInterceptor::new()), &url, 1).await;
    check(
        &message_context(&EventExtractor::new(), &received[0]),
        &span,
    );
    let event: Value = serde_json::from_str(received[0].body().unwrap()).unwrap();
    let id = event["id"].as_str().unwrap().to_owned();
    assert!(
        span.attributes
            .contains(&KeyValue::new("messaging.message.id", id))
    );
}
