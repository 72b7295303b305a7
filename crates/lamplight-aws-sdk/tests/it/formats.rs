//! The written formats, and the context passed on if nothing is recorded.

use aws_sdk_lambda::{primitives::Blob, types::InvocationType};
use aws_smithy_http_client::test_util::StaticReplayClient;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lamplight_aws_sdk::{Carrier, LamplightInterceptor};
use lamplight_propagation::Propagators;
use opentelemetry::trace::{FutureExt as _, SpanKind};
use serde_json::{Value, json};

use crate::common::*;

const CALLER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const BAGGAGE: &str = "app.event.producer.application=iot";
const SENT: &str = r#"{"MessageId":"m","MD5OfMessageBody":"d"}"#;
const PUT: &str = r#"{"FailedEntryCount":0,"Entries":[{"EventId":"e1"}]}"#;

fn named(lamplight: LamplightInterceptor, propagators: &str) -> LamplightInterceptor {
    let (propagators, complaint) = Propagators::parse(propagators);
    assert_eq!(complaint, None);
    lamplight.with_propagators(propagators)
}

fn body(http: &StaticReplayClient) -> Value {
    let request = http.actual_requests().next().unwrap();
    serde_json::from_slice(request.body().bytes().unwrap()).unwrap()
}

/// The names of the attributes of a message, in order.
async fn send(lamplight: LamplightInterceptor) -> Value {
    let http = replay([reply(200, SENT)]);
    let config = aws_sdk_sqs::config::Builder::from(&config(http.clone()));
    let client = aws_sdk_sqs::Client::from_conf(config.interceptor(lamplight).build());
    let call = client.send_message().queue_url("https://sqs/1/orders");
    let _ = call.message_body("x").send().with_context(caller()).await;
    let attributes = body(&http)["MessageAttributes"].take();
    let Value::Object(attributes) = attributes else {
        return json!({});
    };
    let text = |attribute: &Value| attribute["StringValue"].clone();
    let attributes = attributes.iter();
    attributes
        .map(|(name, it)| (name.clone(), text(it)))
        .collect()
}

/// The detail and the X-Ray header of an entry.
async fn put(lamplight: LamplightInterceptor) -> (Value, Option<String>) {
    let http = replay([reply(200, PUT)]);
    let config = aws_sdk_eventbridge::config::Builder::from(&config(http.clone()));
    let client = aws_sdk_eventbridge::Client::from_conf(config.interceptor(lamplight).build());
    let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder();
    let entry = entry.source("shop").detail("{}").build();
    let call = client.put_events().entries(entry);
    call.send().with_context(caller()).await.unwrap();
    let entry = body(&http)["Entries"][0].take();
    let detail = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    (detail, entry["TraceHeader"].as_str().map(str::to_owned))
}

/// The client context and the payload of a call.
async fn invoke(lamplight: LamplightInterceptor, payload: &str) -> (Value, Value) {
    let http = replay([reply(200, "")]);
    let config = aws_sdk_lambda::config::Builder::from(&config(http.clone()));
    let client = aws_sdk_lambda::Client::from_conf(config.interceptor(lamplight).build());
    let call = client.invoke().function_name("orders");
    let call = call.invocation_type(InvocationType::RequestResponse);
    let call = call.payload(Blob::new(payload)).send();
    call.with_context(caller()).await.unwrap();
    let request = http.actual_requests().next().unwrap();
    let context = request.headers().get("x-amz-client-context");
    let context = context.map_or(Value::Null, |context| {
        serde_json::from_slice(&BASE64.decode(context).unwrap()).unwrap()
    });
    let payload = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
    (context, payload)
}

/// Tracing API, "Behavior of the API in the absence of an installed SDK": the parent's span context
/// is what is injected. There is no provider in this process but the one that does nothing.
#[tokio::test]
async fn where_nothing_is_recorded_the_callers_context_passes_through() {
    let fields = json!({"traceparent": CALLER, "tracestate": "vendor=a", "baggage": BAGGAGE});
    let lamplight = || {
        LamplightInterceptor::new()
            .with_carrier(Carrier::LambdaPayload)
            .with_carrier(Carrier::LambdaHeaders)
    };
    assert_eq!(send(lamplight()).await, fields);
    assert_eq!(put(lamplight()).await.0, json!({"_otel": fields}));
    let (context, payload) = invoke(lamplight(), r#"{"n":1}"#).await;
    assert_eq!(context, json!({"custom": fields}));
    assert_eq!(payload, json!({"headers": fields, "_otel": fields, "n": 1}));
}

#[tokio::test]
async fn formats_left_out_are_not_written() {
    for (propagators, names) in [
        (
            "tracecontext,baggage",
            &["baggage", "traceparent", "tracestate"][..],
        ),
        ("tracecontext", &["traceparent", "tracestate"]),
        ("baggage", &["baggage"]),
        ("xray", &[]),
        ("none", &[]),
    ] {
        let spans = Spans::new();
        let lamplight = || named(spans.lamplight(), propagators);
        let of = |value: &Value| -> Vec<String> {
            let members = value.as_object().into_iter().flatten();
            let mut names: Vec<_> = members.map(|(name, _)| name.clone()).collect();
            names.sort();
            names
        };
        assert_eq!(of(&send(lamplight()).await), names, "{propagators}");
        let (detail, trace_header) = put(lamplight()).await;
        assert_eq!(of(&detail["_otel"]), names, "{propagators}");
        assert_eq!(trace_header.is_some(), propagators == "xray");
        let (context, _) = invoke(lamplight(), "{}").await;
        assert_eq!(of(&context["custom"]), names, "{propagators}");
        // Only a span whose context is in the message is a producer's.
        let kind = match names.contains(&"traceparent") {
            true => SpanKind::Producer,
            false => SpanKind::Client,
        };
        for name in ["SQS.SendMessage", "EventBridge.PutEvents"] {
            assert_eq!(spans.named(name).span_kind, kind, "{propagators} {name}");
        }
    }
}

/// Not even for a link to the context that the user has put into a message.
#[tokio::test]
async fn a_format_left_out_is_not_read_in_messages_that_are_sent() {
    for (propagators, links) in [("tracecontext", 1), ("baggage", 0), ("none", 0)] {
        let spans = Spans::new();
        let http = replay([reply(200, SENT)]);
        let config = aws_sdk_sqs::config::Builder::from(&config(http.clone()));
        let lamplight = named(spans.lamplight(), propagators);
        let client = aws_sdk_sqs::Client::from_conf(config.interceptor(lamplight).build());
        let own = aws_sdk_sqs::types::MessageAttributeValue::builder();
        let own = own.data_type("String").string_value(CALLER).build();
        let call = client.send_message().queue_url("https://sqs/1/orders");
        let call = call.message_attributes("traceparent", own.unwrap());
        let _ = call.message_body("x").send().await;
        assert_eq!(spans.one().links.len(), links, "{propagators}");
    }
}

/// The member that instrumentations of Lambda in JavaScript and Python look into.
#[tokio::test]
async fn headers_of_a_payload_get_context_beside_what_they_have() {
    let spans = Spans::new();
    let lamplight = || {
        let lamplight = spans.lamplight().with_carrier(Carrier::LambdaHeaders);
        lamplight.without_carrier(Carrier::LambdaClientContext)
    };
    let names = |payload: &Value| -> Vec<String> {
        let members = payload["headers"].as_object().into_iter().flatten();
        let mut names: Vec<_> = members.map(|(name, _)| name.clone()).collect();
        names.sort();
        names
    };
    let (context, payload) = invoke(lamplight(), r#"{"n":1}"#).await;
    assert_eq!(context, Value::Null);
    assert_eq!(names(&payload), ["baggage", "traceparent", "tracestate"]);
    assert_eq!(payload["n"], 1);
    let (_, payload) = invoke(lamplight(), r#"{"headers":{"accept":"x"}}"#).await;
    let with_own = ["accept", "baggage", "traceparent", "tracestate"];
    assert_eq!(names(&payload), with_own);
    // Context set by the user is kept, and so are texts that cannot take context.
    for payload in [
        json!({"headers": {"Traceparent": CALLER}}),
        json!({"headers": ["a"]}),
        json!([1]),
    ] {
        let (_, sent) = invoke(lamplight(), &payload.to_string()).await;
        assert_eq!(sent, payload);
    }
}
