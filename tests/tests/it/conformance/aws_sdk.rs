//! Calls to AWS: `cloud-providers/aws-sdk.md`, `db/`, `object-stores/s3.md`, `rpc/`, and the attributes of
//! sending, receiving and settling (`messaging/`).

use aws_sdk_dynamodb::types::{AttributeValue, BatchStatementRequest, KeysAndAttributes};
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use opentelemetry::trace::{FutureExt as _, SpanKind, Status};
use opentelemetry_sdk::trace::SpanData;
use serde_json::json;

use crate::conformance::{
    calls::{
        Spans, attributes, body, caller, config, description, events, replay, reply, reply_with,
        traceparent,
    },
    statement::statements,
};

const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders";
const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:orders";

/// Returns the span of a call of this client with this response, made while a remote span is current.
macro_rules! span {
    ($service:ident, $answers:expr, |$client:ident| $call:expr) => {
        span!($service, $answers, |$client| $call, |it| it)
    };
    ($service:ident, $answers:expr, |$client:ident| $call:expr, |$lamplight:ident| $set:expr) => {{
        let spans = Spans::new();
        let $lamplight = spans.lamplight();
        let builder = $service::config::Builder::from(&config(replay($answers)));
        let $client = $service::Client::from_conf(builder.interceptor($set).build());
        let _ = $call.send().with_context(caller()).await;
        spans.one()
    }};
}

fn told(span: &SpanData, key: &str) -> String {
    attributes(span).remove(key).unwrap_or_default()
}

fn has(span: &SpanData, key: &str) -> bool {
    attributes(span).contains_key(key)
}

async fn get_item(answer: aws_smithy_http_client::test_util::ReplayEvent) -> SpanData {
    let key = AttributeValue::S("1".into());
    span!(aws_sdk_dynamodb, [answer], |it| it
        .get_item()
        .table_name("orders")
        .key("id", key))
}

async fn send_message() -> SpanData {
    let answer = reply_with(200, &[("x-amzn-requestid", "R1")], r#"{"MessageId":"m1"}"#);
    span!(aws_sdk_sqs, [answer], |it| it
        .send_message()
        .queue_url(QUEUE)
        .message_body("b"))
}

async fn receive_message() -> SpanData {
    let text = |value: &str| json!({"DataType": "String", "StringValue": value});
    let traceparent = text("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    let messages = json!({"Messages": [
        {"MessageId": "m1", "Body": "b", "MessageAttributes": {"traceparent": traceparent}},
        {"MessageId": "m2", "Body": "b", "Attributes": {"AWSTraceHeader": header}},
    ]});
    span!(aws_sdk_sqs, [reply(200, &messages.to_string())], |it| it
        .receive_message()
        .queue_url(QUEUE))
}

async fn delete_message() -> SpanData {
    span!(aws_sdk_sqs, [reply(200, "{}")], |it| it
        .delete_message()
        .queue_url(QUEUE)
        .receipt_handle("r"))
}

async fn put_object() -> SpanData {
    let ids = [("x-amz-request-id", "R1"), ("x-amz-id-2", "X2")];
    span!(aws_sdk_s3, [reply_with(200, &ids, "")], |it| it
        .put_object()
        .bucket("photos")
        .key("a/b.jpg"))
}

fn error(code: &str) -> aws_smithy_http_client::test_util::ReplayEvent {
    reply(
        400,
        &json!({"__type": code, "message": "words"}).to_string(),
    )
}

statements! {
    "cloud-providers/aws-sdk.md, AWS SDK spans" {
        held sdk_name("the name MUST be `Service.Operation`") {
            assert_eq!(get_item(reply(200, "{}")).await.name, "DynamoDB.GetItem");
        }
        held sdk_kind("the kind SHOULD be `CLIENT`") {
            assert_eq!(put_object().await.span_kind, SpanKind::Client);
        }
        held sdk_rpc("`rpc.system` is `aws-api`, Required; `rpc.service` and `rpc.method` are the SDK's names") {
            let span = put_object().await;
            assert_eq!(told(&span, "rpc.system"), "aws-api");
            assert_eq!(told(&span, "rpc.service"), "S3");
            assert_eq!(told(&span, "rpc.method"), "PutObject");
        }
        held sdk_region("`cloud.region` is the region that the client targets") {
            assert_eq!(told(&put_object().await, "cloud.region"), "eu-west-1");
        }
        held sdk_request_id("`aws.request_id` is the value in the response's headers") {
            assert_eq!(told(&send_message().await, "aws.request_id"), "R1");
            assert_eq!(told(&put_object().await, "aws.request_id"), "R1");
        }
        held sdk_extended_request_id("`aws.extended_request_id`, Conditionally Required, is that of `x-amz-id-2`") {
            assert_eq!(told(&put_object().await, "aws.extended_request_id"), "X2");
        }
    }
    "non-normative/compatibility/aws.md, Context propagation" {
        deviates sdk_xray_header("an AWS format should be used for the headers of the request";
            does "leaves the SDK's own `X-Amzn-Trace-Id` as it is";
            because "in a backend other than X-Ray, it refers to spans that do not exist";
            setting "`OTEL_PROPAGATORS=xray,tracecontext,baggage` or `with_xray_header()`"
        ) {
            let spans = Spans::new();
            let header = async |lamplight: lamplight_aws_sdk::LamplightInterceptor| {
                let http = replay([reply(200, "{}")]);
                let builder = aws_sdk_sqs::config::Builder::from(&config(http.clone()));
                let client = aws_sdk_sqs::Client::from_conf(builder.interceptor(lamplight).build());
                client.list_queues().send().with_context(caller()).await.unwrap();
                let request = http.actual_requests().next().unwrap();
                request.headers().get("x-amzn-trace-id").map(str::to_owned)
            };
            assert_eq!(header(spans.lamplight()).await, None);
            let written = header(spans.lamplight().with_xray_header()).await.unwrap();
            assert!(written.starts_with("Root=1-0af76519-16cd43dd8448eb211c80319c;"), "{written}");
        }
        deviates sdk_headers_signed("headers must be added before the signature is calculated";
            does "`X-Amzn-Trace-Id` is written before, W3C headers (off by default) after and unsigned";
            because "a presigned request must not be signed with this call's context, and AWS reads no W3C headers";
            setting "none"
        ) {
            let spans = Spans::new();
            let http = replay([reply(200, "{}")]);
            let builder = aws_sdk_sqs::config::Builder::from(&config(http.clone()));
            let lamplight = spans.lamplight().with_carrier(lamplight_aws_sdk::Carrier::HttpHeaders);
            let client = aws_sdk_sqs::Client::from_conf(builder.interceptor(lamplight).build());
            client.list_queues().send().with_context(caller()).await.unwrap();
            let request = http.actual_requests().next().unwrap();
            let signed = request.headers().get("authorization").unwrap();
            assert!(request.headers().get("traceparent").is_some());
            assert!(!signed.contains("traceparent"), "{signed}");
        }
    }
    "rpc/rpc-spans.md, RPC client span" {
        held rpc_system_name("`rpc.system.name` is Required") {
            assert_eq!(told(&put_object().await, "rpc.system.name"), "aws-api");
        }
        held rpc_one_span("SHOULD cover the logical call with all retries") {
            let slow = || reply(500, r#"{"__type":"InternalFailure"}"#);
            let answers = [slow(), reply(200, r#"{"MessageId":"m"}"#)];
            let span = span!(aws_sdk_sqs, answers, |it| it.send_message().queue_url(QUEUE).message_body("b"));
            assert_eq!(told(&span, "lamplight.aws.attempts"), "2");
            assert_eq!(span.status, Status::Unset);
        }
        held rpc_port("`server.port` is Conditionally Required with `server.address`") {
            let span = send_message().await;
            assert_eq!(told(&span, "server.address"), "sqs.eu-west-1.amazonaws.com");
            assert_eq!(told(&span, "server.port"), "443");
        }
        deviates rpc_method("`rpc.method` is fully qualified, the span has its name";
            does "`rpc.method` is the operation, the name is `Service.Operation`";
            because "`cloud-providers/aws-sdk.md` specifies it, with MUST for the name";
            setting "none"
        ) {
            let span = put_object().await;
            assert_eq!((span.name.as_ref(), told(&span, "rpc.method").as_str()), ("S3.PutObject", "PutObject"));
        }
        deviates rpc_stream("a span of streaming lasts until the streams are closed";
            does "ends when the headers of the response have arrived";
            because "the SDK then returns the stream, and interceptors do not see its end";
            setting "none"
        ) {
            let span = span!(aws_sdk_s3, [reply(200, "photo")], |it| it.get_object().bucket("photos").key("a"));
            assert_eq!(told(&span, "http.response.status_code"), "200");
            assert_eq!(span.status, Status::Unset);
        }
    }
    "general/recording-errors.md, Recording errors on spans (calls)" {
        held call_error("SHOULD set the status to `Error`, `error.type`, and a description with further details") {
            let span = get_item(error("ResourceNotFoundException")).await;
            assert_eq!(told(&span, "error.type"), "ResourceNotFoundException");
            assert_eq!(description(&span), "words");
        }
        held call_without_error("SHOULD leave the status unset and set no `error.type` on success") {
            let span = get_item(reply(200, "{}")).await;
            assert_eq!(span.status, Status::Unset);
            assert!(!has(&span, "error.type"));
        }
        held error_in_an_answer("`error.type` SHOULD be predictable and have low cardinality, also for a failed function or execution") {
            let failed = |error: &str| reply(200, &json!({
                "executionArn": "arn:e", "startDate": 1.0, "stopDate": 2.0, "status": "FAILED", "error": error,
            }).to_string());
            let run = async |error: &str| {
                let span = span!(aws_sdk_sfn, [failed(error)], |it| it.start_sync_execution().state_machine_arn("arn:m"));
                told(&span, "error.type")
            };
            assert_eq!(run("States.Timeout").await, "States.Timeout");
            assert_eq!(run("Order 4711 of Jane was not found").await, "FAILED");
        }
        deviates retried_errors("errors that were retried or handled SHOULD NOT be recorded";
            does "no status and no `error.type`, but an event `aws.retry` for each further attempt";
            because "throttling that only costs time is often what users look for";
            setting "`LAMPLIGHT_SPAN_EVENTS`"
        ) {
            let answers = [reply(500, r#"{"__type":"InternalFailure"}"#), reply(200, r#"{"MessageId":"m"}"#)];
            let span = span!(aws_sdk_sqs, answers, |it| it.send_message().queue_url(QUEUE).message_body("b"));
            assert!(!has(&span, "error.type"));
            assert_eq!(events(&span)[0].0, "aws.retry");
        }
        deviates dropped_call("a cancellation on purpose SHOULD NOT be an error (`http/http-spans.md`; `rpc` and `general` do not say)";
            does "a call whose future is dropped is an `Error` with `error.type` `cancelled`";
            because "a future is often dropped because of the caller's timeout, and it is unknown whether the request was carried out";
            setting "none"
        ) {
            let spans = Spans::new();
            let http = aws_smithy_http_client::test_util::NeverClient::new();
            let builder = aws_sdk_sqs::config::Builder::from(&config(http));
            let client = aws_sdk_sqs::Client::from_conf(builder.interceptor(spans.lamplight()).build());
            let pause = std::time::Duration::from_millis(20);
            let _ = tokio::time::timeout(pause, client.list_queues().send()).await;
            assert_eq!(told(&spans.one(), "error.type"), "cancelled");
        }
    }
    "spec: trace/api.md, Get a Tracer (calls)" {
        held scope_schema("a schema URL MAY be given, and is that of the attributes") {
            let span = put_object().await;
            assert_eq!(span.instrumentation_scope.schema_url(), Some(lamplight_semconv::SCHEMA_URL));
        }
    }
    "db/dynamodb.md, Spans" {
        held db_system("`db.system.name` MUST be `aws.dynamodb`, SHOULD be present at the start") {
            // `Spans` checks with the registry that it is present at the start.
            assert_eq!(told(&get_item(reply(200, "{}")).await, "db.system.name"), "aws.dynamodb");
            let other = span!(aws_sdk_dynamodb, [reply(200, "{}")], |it| it.describe_limits());
            assert_eq!(told(&other, "db.system.name"), "aws.dynamodb");
        }
        held db_tables("`aws.dynamodb.table_names` has the table, or the keys of `RequestItems`") {
            let span = get_item(reply(200, "{}")).await;
            assert_eq!(told(&span, "aws.dynamodb.table_names"), r#"["orders"]"#);
        }
        held db_consumed("`aws.dynamodb.consumed_capacity` is each item as JSON, indexes and table included") {
            let used = r#"{"CapacityUnits":1.0,"Table":{"CapacityUnits":1.0},"TableName":"orders"}"#;
            let span = get_item(reply(200, &format!(r#"{{"ConsumedCapacity":{used}}}"#))).await;
            let told = told(&span, "aws.dynamodb.consumed_capacity");
            assert!(told.contains("Table\\\":{") || told.contains(r#""Table":{"#), "{told}");
        }
        held db_query_counts("`Query` and `Scan`: count, scanned count, limit, index, select, consistent read, direction, segments, projection") {
            let span = span!(aws_sdk_dynamodb, [reply(200, r#"{"Count":2,"ScannedCount":3}"#)], |it| it
                .scan().table_name("orders").limit(10).index_name("by_date").consistent_read(true)
                .segment(1).total_segments(4).projection_expression("id")
                .select(aws_sdk_dynamodb::types::Select::SpecificAttributes));
            for (key, value) in [
                ("count", "2"), ("scanned_count", "3"), ("limit", "10"), ("index_name", "by_date"),
                ("consistent_read", "true"), ("segment", "1"), ("total_segments", "4"),
                ("projection", "id"), ("select", "SPECIFIC_ATTRIBUTES"),
            ] {
                assert_eq!(told(&span, &format!("aws.dynamodb.{key}")), value);
            }
        }
        deviates db_collection_metrics("`aws.dynamodb.item_collection_metrics` is the member of the response as JSON";
            does "omits the keys of the items";
            because "they are user data";
            setting "`with_response_attributes`"
        ) {
            let metrics = r#"{"ItemCollectionMetrics":{"ItemCollectionKey":{"id":{"S":"hunter2"}},"SizeEstimateRangeGB":[1.0]}}"#;
            let span = span!(aws_sdk_dynamodb, [reply(200, metrics)], |it| it
                .delete_item().table_name("orders").key("id", AttributeValue::S("1".into())));
            assert_eq!(told(&span, "aws.dynamodb.item_collection_metrics"), r#"{"SizeEstimateRangeGB":[1.0]}"#);
        }
    }
    "db/database-spans.md, Span definition" {
        held db_operation("`db.operation.name` is Conditionally Required") {
            assert_eq!(told(&get_item(reply(200, "{}")).await, "db.operation.name"), "GetItem");
        }
        held db_collection("`db.collection.name` is Conditionally Required for a single collection") {
            assert_eq!(told(&get_item(reply(200, "{}")).await, "db.collection.name"), "orders");
            let keys = || KeysAndAttributes::builder().keys([("id".to_owned(), AttributeValue::S("1".into()))].into()).build().unwrap();
            let two = span!(aws_sdk_dynamodb, [reply(200, "{}")], |it| it
                .batch_get_item().request_items("a", keys()).request_items("b", keys()));
            assert!(!has(&two, "db.collection.name"));
        }
        held db_batch("`db.operation.batch.size` is of two or more, and SHOULD never be 1") {
            let keys = |count| {
                let key = || [("id".to_owned(), AttributeValue::S("1".into()))].into();
                let keys = (0..count).fold(KeysAndAttributes::builder(), |keys, _| keys.keys(key()));
                keys.build().unwrap()
            };
            let one = span!(aws_sdk_dynamodb, [reply(200, "{}")], |it| it.batch_get_item().request_items("a", keys(1)));
            let two = span!(aws_sdk_dynamodb, [reply(200, "{}")], |it| it.batch_get_item().request_items("a", keys(2)));
            assert!(!has(&one, "db.operation.batch.size"));
            assert_eq!(told(&two, "db.operation.batch.size"), "2");
        }
        held db_status("`db.response.status_code` is Conditionally Required on failure, and `error.type` SHOULD match it") {
            let span = get_item(error("ResourceNotFoundException")).await;
            assert_eq!(told(&span, "db.response.status_code"), "ResourceNotFoundException");
            assert_eq!(told(&span, "error.type"), "ResourceNotFoundException");
        }
        held db_query_text("a query text with parameters SHOULD be collected, one without SHOULD NOT unless it is sanitized") {
            let run = async |text: &str, has_value: bool| {
                let value = has_value.then(|| vec![AttributeValue::S("hunter2".into())]);
                span!(aws_sdk_dynamodb, [reply(200, "{}")], |it| it
                    .execute_statement().statement(text).set_parameters(value))
            };
            let by_id = "SELECT * FROM orders WHERE id = ?";
            assert_eq!(told(&run(by_id, true).await, "db.query.text"), by_id);
            assert!(!has(&run("SELECT * FROM orders WHERE id = 'hunter2'", false).await, "db.query.text"));
        }
        held db_query_texts("query texts of a batch SHOULD be joined by `; ` if they differ") {
            let statement = |text: &str| BatchStatementRequest::builder()
                .statement(text).parameters(AttributeValue::S("1".into())).build().unwrap();
            let span = span!(aws_sdk_dynamodb, [reply(200, "{}")], |it| it
                .batch_execute_statement().statements(statement("A ?")).statements(statement("B ?")));
            assert_eq!(told(&span, "db.query.text"), "A ?; B ?");
        }
    }
    "object-stores/s3.md" {
        held s3_bucket("`aws.s3.bucket` is on all operations that reference a bucket") {
            let span = span!(aws_sdk_s3, [reply(200, "<A/>")], |it| it.get_bucket_versioning().bucket("photos"));
            assert_eq!(told(&span, "aws.s3.bucket"), "photos");
        }
        held s3_key("`aws.s3.key` is on all operations that require a key") {
            assert_eq!(told(&put_object().await, "aws.s3.key"), "a/b.jpg");
            let span = span!(aws_sdk_s3, [reply(200, "")], |it| it.get_object_torrent().bucket("photos").key("a"));
            assert_eq!(told(&span, "aws.s3.key"), "a");
        }
        held s3_upload("`aws.s3.upload_id`, `aws.s3.part_number`, `aws.s3.copy_source` of uploads and copies") {
            let span = span!(aws_sdk_s3, [reply(200, "<A/>")], |it| it
                .upload_part_copy().bucket("photos").key("a").upload_id("u").part_number(3).copy_source("b/k"));
            for (key, value) in [("upload_id", "u"), ("part_number", "3"), ("copy_source", "b/k")] {
                assert_eq!(told(&span, &format!("aws.s3.{key}")), value);
            }
        }
        deviates s3_delete("`aws.s3.delete` is the parameter `--delete`";
            does "truncates it to 2 KiB, with `...` for the rest";
            because "a request may name a thousand keys of 1 KiB";
            setting "`with_request_attributes`"
        ) {
            use aws_sdk_s3::types::{Delete, ObjectIdentifier};
            let object = |n: usize| ObjectIdentifier::builder().key(format!("{n:0100}")).build().unwrap();
            let delete = Delete::builder().set_objects(Some((0..100).map(object).collect())).build().unwrap();
            let span = span!(aws_sdk_s3, [reply(200, "<DeleteResult/>")], |it| it.delete_objects().bucket("photos").delete(delete));
            let told = told(&span, "aws.s3.delete");
            assert!(told.starts_with("Objects=[{Key=0") && told.ends_with("...],Quiet=false"), "{told}");
        }
    }
    "registry: aws.lambda.resource_mapping.id" {
        held mapping_id("is populated by the SDK, as on Create/Delete/Get/List/Update EventSourceMapping") {
            let span = span!(aws_sdk_lambda, [reply(200, "{}")], |it| it.get_event_source_mapping().uuid("587ad24b"));
            assert_eq!(told(&span, "aws.lambda.resource_mapping.id"), "587ad24b");
        }
    }
    "faas/faas-spans.md, Client" {
        held invoked("`faas.invoked_name` and `faas.invoked_provider` are Required, `faas.invoked_region` on AWS") {
            let span = span!(aws_sdk_lambda, [reply(200, "{}")], |it| it.invoke().function_name("orders:live"));
            assert_eq!(told(&span, "faas.invoked_name"), "orders");
            assert_eq!(told(&span, "faas.invoked_provider"), "aws");
            assert_eq!(told(&span, "faas.invoked_region"), "eu-west-1");
        }
    }
    "messaging/messaging-spans.md, Producer spans" {
        held send_kind("a `Send` span is `PRODUCER` if its context is in the messages, otherwise `CLIENT`") {
            assert_eq!(send_message().await.span_kind, SpanKind::Producer);
            let without = span!(aws_sdk_sqs, [reply(200, "{}")],
                |it| it.send_message().queue_url(QUEUE).message_body("b"),
                |it| it.without_carrier(lamplight_aws_sdk::Carrier::SqsAttributes));
            assert_eq!(without.span_kind, SpanKind::Client);
        }
        held custom_context("a creation context of the user's own MUST NOT be replaced, and SHOULD be linked") {
            let own = "00-11111111111111111111111111111111-2222222222222222-01";
            let spans = Spans::new();
            let http = replay([reply(200, r#"{"MessageId":"m"}"#)]);
            let builder = aws_sdk_sqs::config::Builder::from(&config(http.clone()));
            let client = aws_sdk_sqs::Client::from_conf(builder.interceptor(spans.lamplight()).build());
            let existing_context = MessageAttributeValue::builder().data_type("String").string_value(own);
            let send = client.send_message().queue_url(QUEUE).message_body("b");
            let send = send.message_attributes("traceparent", existing_context.build().unwrap());
            send.send().with_context(caller()).await.unwrap();
            assert_eq!(body(&http, 0)["MessageAttributes"]["traceparent"]["StringValue"], own);
            let links = &spans.one().links.links;
            assert_eq!(links[0].span_context.span_id().to_string(), "2222222222222222");
        }
        deviates create_spans("for APIs that usually take batches a `Create` span for each message is RECOMMENDED, with a switch";
            does "the context of the one `Send` span is in every message";
            because "the specification allows this form too, and ten spans for a request of ten messages would add no information";
            setting "none: a message with a context of its own keeps it"
        ) {
            let spans = Spans::new();
            let http = replay([reply(200, r#"{"Successful":[],"Failed":[]}"#)]);
            let builder = aws_sdk_sqs::config::Builder::from(&config(http.clone()));
            let client = aws_sdk_sqs::Client::from_conf(builder.interceptor(spans.lamplight()).build());
            let entry = |id: &str| SendMessageBatchRequestEntry::builder().id(id).message_body("b").build().unwrap();
            let send = client.send_message_batch().queue_url(QUEUE).entries(entry("1")).entries(entry("2"));
            send.send().with_context(caller()).await.unwrap();
            let sent = body(&http, 0);
            for n in 0..2 {
                let carried = &sent["Entries"][n]["MessageAttributes"]["traceparent"]["StringValue"];
                assert_eq!(*carried, traceparent(&spans.one()));
            }
            assert_eq!(told(&spans.one(), "messaging.batch.message_count"), "2");
        }
        deviates call_names("the name SHOULD be `{messaging.operation.name} {destination}`";
            does "`SQS.SendMessage`";
            because "`cloud-providers/aws-sdk.md` specifies it with MUST, for the same span";
            setting "none"
        ) {
            assert_eq!(send_message().await.name, "SQS.SendMessage");
        }
    }
    "messaging/messaging-spans.md, Consumer spans (calls)" {
        held receive_kind("a `Receive` span is `CLIENT`") {
            assert_eq!(receive_message().await.span_kind, SpanKind::Client);
        }
        held receive_links("a `Receive` span SHOULD link to the creation context of every message, in any carrier") {
            let span = receive_message().await;
            let ids = span.links.links.iter().map(|link| link.span_context.span_id().to_string());
            assert_eq!(ids.collect::<Vec<_>>(), ["b7ad6b7169203331", "53995c3f42cd8ad8"]);
        }
        held link_attributes("attributes that differ between messages SHOULD be on the links") {
            let span = receive_message().await;
            let ids = span.links.links.iter().map(|link| link.attributes[0].value.to_string());
            assert_eq!(ids.collect::<Vec<_>>(), ["m1", "m2"]);
        }
        held settle("settling is a `CLIENT` span of the operation type `settle`") {
            let span = delete_message().await;
            assert_eq!(span.span_kind, SpanKind::Client);
            assert_eq!(told(&span, "messaging.operation.type"), "settle");
        }
    }
    "messaging/messaging-spans.md, Messaging attributes (calls)" {
        held call_messaging("`messaging.system` and `messaging.operation.name` are Required, the type if it applies") {
            let span = send_message().await;
            assert_eq!(told(&span, "messaging.system"), "aws_sqs");
            assert_eq!(told(&span, "messaging.operation.name"), "send");
            assert_eq!(told(&span, "messaging.operation.type"), "send");
            assert_eq!(told(&receive_message().await, "messaging.operation.type"), "receive");
        }
        held call_message_count("`messaging.batch.message_count` is for batch APIs, and not for those of single messages") {
            assert!(!has(&send_message().await, "messaging.batch.message_count"));
            assert_eq!(told(&receive_message().await, "messaging.batch.message_count"), "2");
        }
        held call_message_id("`messaging.message.id` is that of the single message") {
            assert_eq!(told(&send_message().await, "messaging.message.id"), "m1");
        }
        held call_destination("`messaging.destination.name` is Conditionally Required") {
            assert_eq!(told(&send_message().await, "messaging.destination.name"), "orders");
        }
    }
    "messaging/sqs.md" {
        held sqs_url("`aws.sqs.queue.url` is Recommended") {
            assert_eq!(told(&send_message().await, "aws.sqs.queue.url"), QUEUE);
        }
    }
    "messaging/sns.md" {
        held sns_publish("`messaging.system` MUST be `aws.sns`; `aws.sns.topic.arn`; `publish` is of the type `send`") {
            let published = reply(200, "<PublishResponse><PublishResult/></PublishResponse>");
            let span = span!(aws_sdk_sns, [published], |it| it.publish().topic_arn(TOPIC).message("m"));
            assert_eq!(told(&span, "messaging.system"), "aws.sns");
            assert_eq!(told(&span, "aws.sns.topic.arn"), TOPIC);
            assert_eq!(told(&span, "messaging.operation.name"), "publish");
            assert_eq!(told(&span, "messaging.operation.type"), "send");
        }
    }
    "AWS: limits of messages" {
        elsewhere a_queue_that_takes_less_has_a_limit_of_its_own("a queue accepts messages up to its `MaximumMessageSize`, from 1 KiB to 1 MiB"; "crates/lamplight-aws-sdk/tests/it/limit_settings.rs") {}
        elsewhere each_message_of_a_batch_has_the_limit_of_its_queue("the limit of a queue applies to each message, that of a request to all of them"; "crates/lamplight-aws-sdk/tests/it/limit_settings.rs") {}
        elsewhere a_payload_has_the_limit_of_its_kind_of_invocation("a payload may have 6 MB, that of an asynchronous invocation 1 MB"; "crates/lamplight-aws-sdk/tests/it/limit_settings.rs") {}
    }
}
