//! Events of every source, as types of events and Lamplight itself read them.

use std::time::{Duration, SystemTime};

use aws_lambda_events::event::{
    activemq::ActiveMqEvent,
    alb::AlbTargetGroupRequest,
    apigw::{ApiGatewayProxyRequest, ApiGatewayV2httpRequest, ApiGatewayWebsocketProxyRequest},
    appsync::AppSyncDirectResolverEvent,
    cloudformation::CloudFormationCustomResourceRequest,
    cloudwatch_logs::LogsEvent,
    cognito::CognitoEventUserPoolsPreSignup,
    dynamodb::Event as DynamoDbEvent,
    eventbridge::EventBridgeEvent,
    firehose::KinesisFirehoseEvent,
    iot::IoTCoreCustomAuthorizerRequest,
    kafka::KafkaEvent,
    kinesis::KinesisEvent,
    lambda_function_urls::LambdaFunctionUrlRequest,
    lex::LexEvent,
    rabbitmq::RabbitMqEvent,
    s3::S3Event,
    ses::SimpleEmailEvent,
    sns::{SnsEvent, SnsMessage},
    sqs::SqsEvent,
    vpc_lattice::VpcLatticeRequestV2,
};
use lamplight::propagation::inbound::{EventExtractor, RawInvocation};
use lamplight_testing::events;
use opentelemetry::trace::TraceContextExt;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{CALLER, OTHER, message};

/// Returns the source that Lamplight recognizes, and the `traceparent` it continues.
fn seen(event: &Value) -> (&'static str, Option<String>) {
    let body = event.to_string();
    let incoming = EventExtractor::new().extract(&RawInvocation::new(body.as_bytes(), "function"));
    let parent = incoming.parent.span().span_context().clone();
    let parent = parent.is_valid().then(|| {
        let flags = parent.trace_flags().to_u8();
        format!("00-{}-{}-{flags:02x}", parent.trace_id(), parent.span_id())
    });
    (incoming.source.as_str(), parent)
}

#[track_caller]
fn typed<T: DeserializeOwned>(event: &Value) -> T {
    match serde_json::from_str(&event.to_string()) {
        Ok(event) => event,
        Err(error) => panic!("{error}: {event:#}"),
    }
}

/// The event, plain and with context, is of the source and carries the context, and its type reads it.
#[track_caller]
fn carries<T: DeserializeOwned>(source: &str, plain: &Value, traced: &Value) -> T {
    assert_eq!(seen(plain), (source, None), "{plain:#}");
    assert_eq!(
        seen(traced),
        (source, Some(CALLER.to_owned())),
        "{traced:#}"
    );
    typed::<T>(plain);
    typed(traced)
}

#[track_caller]
fn carries_nothing<T: DeserializeOwned>(source: &str, event: &Value) -> T {
    assert_eq!(seen(event), (source, None), "{event:#}");
    typed(event)
}

macro_rules! carries {
    ($type:ty, $source:expr, $builder:expr) => {{
        let builder = $builder;
        carries::<$type>(
            $source,
            &builder.to_json(),
            &builder.clone().with_trace(CALLER).to_json(),
        )
    }};
}

#[test]
fn requests() {
    let request = |door: events::HttpEvent| {
        door.post("/orders/7")
            .with_route("/orders/{id}")
            .with_query("q", "a b")
            .with_query("q", "c&d")
            .with_header("accept", "application/json")
            .with_cookie("session=1")
            .json(&json!({"product": "tea"}))
    };
    let v2: ApiGatewayV2httpRequest = carries!(
        ApiGatewayV2httpRequest,
        "api_gateway_v2",
        request(events::api_gateway_v2())
    );
    assert_eq!(v2.route_key.as_deref(), Some("POST /orders/{id}"));
    assert_eq!(v2.path_parameters["id"], "7");
    assert_eq!(v2.raw_query_string.as_deref(), Some("q=a%20b&q=c%26d"));
    assert_eq!(v2.headers["accept"], "application/json");
    assert_eq!(v2.cookies.as_deref(), Some(&["session=1".to_owned()][..]));
    assert_eq!(v2.body.as_deref(), Some("{\"product\":\"tea\"}"));
    let v1: ApiGatewayProxyRequest = carries!(
        ApiGatewayProxyRequest,
        "api_gateway_v1",
        request(events::api_gateway_v1())
    );
    assert_eq!(v1.resource.as_deref(), Some("/orders/{id}"));
    assert_eq!(v1.path_parameters["id"], "7");
    assert_eq!(v1.headers["cookie"], "session=1");
    let alb: AlbTargetGroupRequest = carries!(AlbTargetGroupRequest, "alb", request(events::alb()));
    assert_eq!(alb.query_string_parameters.first("q"), Some("c%26d"));
    let url: LambdaFunctionUrlRequest = carries!(
        LambdaFunctionUrlRequest,
        "function_url",
        request(events::function_url())
    );
    assert_eq!(url.raw_path.as_deref(), Some("/orders/7"));
    carries!(
        VpcLatticeRequestV2,
        "vpc_lattice",
        request(events::vpc_lattice())
    );
    let query = events::appsync()
        .request("QUERY", "getOrder")
        .body("{\"id\": 7}");
    let query: AppSyncDirectResolverEvent = carries!(AppSyncDirectResolverEvent, "appsync", query);
    assert_eq!(query.arguments, Some(json!({"id": 7})));

    // The rest of a path, and none of it.
    let greedy = events::api_gateway_v1()
        .get("/files/a/b")
        .with_route("/files/{proxy+}")
        .to_json();
    assert_eq!(greedy["pathParameters"]["proxy"], "a/b");
    assert_eq!(
        events::api_gateway_v1().to_json()["pathParameters"],
        Value::Null
    );
    for (door, method) in [
        (events::api_gateway_v2().put("/"), "PUT"),
        (events::api_gateway_v2().patch("/"), "PATCH"),
        (events::api_gateway_v2().delete("/"), "DELETE"),
    ] {
        assert_eq!(door.to_json()["requestContext"]["http"]["method"], method);
    }
}

#[test]
fn connections_and_their_messages() {
    carries!(
        ApiGatewayWebsocketProxyRequest,
        "websocket",
        events::websocket()
    );
    let message = events::websocket().json("say", &json!({"action": "say"}));
    carries!(ApiGatewayWebsocketProxyRequest, "websocket", message);
}

#[test]
fn events_of_a_bus_and_of_schedules() {
    let event = events::eventbridge()
        .with_source("acme")
        .with_detail_type("Shipped")
        .with_resource("arn:aws:acme")
        .detail(&json!({"order": 7}));
    let event: EventBridgeEvent = carries!(EventBridgeEvent, "eventbridge", event);
    assert_eq!(
        (event.source.as_str(), event.detail_type.as_str()),
        ("acme", "Shipped")
    );
    assert_eq!(event.detail["order"], 7);
    carries_nothing::<EventBridgeEvent>("scheduled", &events::scheduled().to_json());
    let number = events::eventbridge().detail(&7).with_trace(CALLER);
    let wrong = message(|| number.to_json());
    assert!(
        wrong.contains("EventBridge carries context in a JSON object only"),
        "{wrong}"
    );
}

#[test]
fn messages() {
    let sqs: SqsEvent = carries!(SqsEvent, "sqs", events::sqs().message("tea"));
    let message = &sqs.records[0];
    assert_eq!(message.body.as_deref(), Some("tea"));
    // As `md5sum` has it.
    assert_eq!(
        message.md5_of_body.as_deref(),
        Some("7239ea2b5dc943f61f3c0a0276c20974")
    );
    let sns: SnsEvent = carries!(SnsEvent, "sns", events::sns().message("tea"));
    assert_eq!(sns.records[0].sns.message, "tea");
    let wrapped: SqsEvent = carries!(SqsEvent, "sqs", events::sns_in_sqs().message("tea"));
    let body = wrapped.records[0].body.as_deref().unwrap();
    assert_eq!(
        serde_json::from_str::<SnsMessage>(body).unwrap().message,
        "tea"
    );
    let wrapped: SqsEvent = carries!(SqsEvent, "sqs", events::eventbridge_in_sqs());
    let body = wrapped.records[0].body.as_deref().unwrap();
    serde_json::from_str::<EventBridgeEvent>(body).unwrap();
    let kinesis: KinesisEvent = carries!(
        KinesisEvent,
        "kinesis",
        events::kinesis().json(&json!({"n": 1}))
    );
    let data: Value = serde_json::from_slice(&kinesis.records[0].kinesis.data).unwrap();
    assert_eq!(data["n"], 1);
    carries!(KafkaEvent, "kafka", events::kafka().message("tea"));
    carries!(
        KafkaEvent,
        "kafka",
        events::self_managed_kafka().message("tea")
    );
    carries!(
        RabbitMqEvent,
        "rabbit_mq",
        events::rabbitmq().message("tea")
    );
    carries!(
        ActiveMqEvent,
        "active_mq",
        events::activemq().message("tea")
    );
}

#[test]
fn a_batch_has_each_message_with_what_it_was_given() {
    for (batch, key) in [
        (events::sqs(), "messageId"),
        (events::activemq(), "messageID"),
    ] {
        let event = batch
            .with_name("parcels")
            .message("one")
            .with_trace(CALLER)
            .with_id("first")
            .message("two")
            .with_trace(OTHER)
            .with_attribute("shop", "berlin")
            .with_receive_count(3)
            .message("three")
            .to_json();
        let records = event.get("Records").or(event.get("messages")).unwrap();
        assert_eq!(records.as_array().unwrap().len(), 3);
        assert_eq!(records[0][key], "first");
        assert_ne!(records[1][key], records[2][key]);
        assert!(records[0].to_string().contains(CALLER));
        assert!(records[1].to_string().contains(OTHER));
        assert!(records[1].to_string().contains("berlin"));
        assert!(event.to_string().contains("parcels"));
        let body = event.to_string();
        let raw = RawInvocation::new(body.as_bytes(), "function");
        assert_eq!(EventExtractor::new().extract(&raw).links.len(), 2);
    }
    let retried = events::sqs().message("x").with_receive_count(3).to_json();
    let attributes = &retried["Records"][0]["attributes"];
    assert_eq!(attributes["ApproximateReceiveCount"], "3");
}

#[test]
fn times_are_now_or_as_long_ago_as_said() {
    let now = || {
        let since = SystemTime::UNIX_EPOCH.elapsed().unwrap();
        u64::try_from(since.as_millis()).unwrap()
    };
    let sent = |batch: events::Batch| -> u64 {
        let event = batch.to_json();
        let sent = event["Records"][0]["attributes"]["SentTimestamp"].as_str();
        sent.unwrap().parse().unwrap()
    };
    let before = now();
    let fresh = sent(events::sqs());
    assert!((before..=now()).contains(&fresh));
    let hour = Duration::from_secs(3_600);
    let before = now();
    let old = sent(events::sqs().sent_ago(hour));
    assert!((before - 3_600_000..=now() - 3_600_000).contains(&old));
    // The same builder, the same event.
    let batch = events::kinesis();
    assert_eq!(batch.to_json(), batch.to_json());
    assert_eq!(batch.to_bytes(), batch.to_json().to_string());
    events::eventbridge().sent_ago(Duration::MAX).to_json();
}

#[test]
fn changes() {
    let item = json!({"id": {"S": "7"}, "n": {"N": "1"}});
    let changed = events::dynamodb()
        .with_table("parcels")
        .insert(&item)
        .modify(&item, &json!({"id": {"S": "7"}}))
        .remove(&item)
        .to_json();
    let changes: DynamoDbEvent = carries_nothing("dynamodb", &changed);
    let names: Vec<_> = changes
        .records
        .iter()
        .map(|it| it.event_name.as_str())
        .collect();
    assert_eq!(names, ["INSERT", "MODIFY", "REMOVE"]);
    assert!(changed["Records"][2]["dynamodb"].get("NewImage").is_none());
    let objects = events::s3()
        .with_bucket("photos")
        .created("a+b.jpg")
        .removed("c.jpg")
        .to_json();
    let objects: S3Event = carries_nothing("s3", &objects);
    assert_eq!(objects.records[0].s3.object.key.as_deref(), Some("a+b.jpg"));
    assert_eq!(
        objects.records[1].event_name.as_deref(),
        Some("ObjectRemoved:Delete")
    );
    carries_nothing::<DynamoDbEvent>("dynamodb", &events::dynamodb().to_json());
    carries_nothing::<S3Event>("s3", &events::s3().to_json());
}

#[test]
fn invocations_and_tasks() {
    // Without context nothing tells a payload from any other JSON.
    let payload = events::invoke(&json!({"order": 7}));
    assert_eq!(seen(&payload.to_json()), ("unknown", None));
    let traced = payload.with_trace(CALLER).to_json();
    assert_eq!(seen(&traced), ("invoke", Some(CALLER.to_owned())));
    assert_eq!(traced["order"], 7);
    let task = events::step_functions()
        .input(&json!({"order": 7}))
        .with_state("Pack");
    let task: Value = carries!(Value, "step_functions", task);
    assert_eq!(task["Execution"]["Input"]["order"], 7);
    assert_eq!(task["State"]["Name"], "Pack");
}

#[test]
fn events_without_context() {
    let sign_up = events::cognito("PreSignUp_SignUp").to_json();
    carries_nothing::<CognitoEventUserPoolsPreSignup>("cognito", &sign_up);
    carries_nothing::<LexEvent>("lex", &events::lex("order").to_json());
    carries_nothing::<SimpleEmailEvent>("ses", &events::ses("tea").to_json());
    let logs = events::cloudwatch_logs(["one", "two"]).to_json();
    let logs: LogsEvent = carries_nothing("cloudwatch_logs", &logs);
    let lines: Vec<_> = logs
        .aws_logs
        .data
        .log_events
        .iter()
        .map(|it| &it.message)
        .collect();
    assert_eq!(lines, ["one", "two"]);
    let firehose = events::firehose(["tea"]).to_json();
    let firehose: KinesisFirehoseEvent = carries_nothing("firehose", &firehose);
    assert_eq!(firehose.records[0].data.0, b"tea");
    carries_nothing::<IoTCoreCustomAuthorizerRequest>("iot", &events::iot("token").to_json());
    for request in ["Create", "Update", "Delete"] {
        let event = events::cloudformation(request).to_json();
        carries_nothing::<CloudFormationCustomResourceRequest>("cloudformation", &event);
    }
}
