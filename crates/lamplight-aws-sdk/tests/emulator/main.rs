//! Messages sent through real services, read back as their consumer sees them: the context that
//! Lamplight put in is the context that Lamplight finds.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod local_aws;

use aws_sdk_sqs::types::{Message, QueueAttributeName, SendMessageBatchRequestEntry};
use aws_types::SdkConfig;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use lamplight_aws_sdk::sqs::message_context;
use lamplight_aws_sdk::{Carrier, Lamplight};
use lamplight_codegen::{Checker, CheckingExporter, Registry};
use lamplight_propagation::inbound::{Extractor, Invocation};
use local_aws::LocalAws;
use opentelemetry::baggage::BaggageExt as _;
use opentelemetry::trace::{
    FutureExt as _, SpanContext, SpanId, SpanKind, TraceContextExt as _, TraceFlags, TraceId,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use serde_json::{Value, json};

/// A tracer whose ended spans can be looked at. A span that is not what the registry in
/// `semconv/` says fails the test in the end.
struct Spans {
    exporter: InMemorySpanExporter,
    checked: CheckingExporter<InMemorySpanExporter>,
    provider: SdkTracerProvider,
}

impl Drop for Spans {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let report = self.checked.report();
            assert!(report.is_clean() && report.spans() > 0, "{report}");
        }
    }
}

impl Spans {
    fn new() -> Self {
        let registry = Registry::load(concat!(env!("CARGO_MANIFEST_DIR"), "/../../semconv"));
        let exporter = InMemorySpanExporter::default();
        let checked = CheckingExporter::new(Checker::new(registry.unwrap()), exporter.clone());
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(checked.clone())
            .build();
        Self {
            exporter,
            checked,
            provider,
        }
    }

    fn lamplight(&self) -> Lamplight {
        Lamplight::new().with_tracer_provider(&self.provider)
    }

    fn named(&self, name: &str) -> SpanData {
        let spans = self.exporter.get_finished_spans().unwrap();
        let found: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
        let [span] = found.as_slice() else {
            panic!("{name} among {spans:#?}")
        };
        (*span).clone()
    }
}

fn caller() -> Context {
    let span = SpanContext::new(
        TraceId::from(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c),
        SpanId::from(0xb7ad_6b71_6920_3331),
        TraceFlags::SAMPLED,
        true,
        "vendor=a".parse().unwrap(),
    );
    Context::new()
        .with_remote_span_context(span)
        .with_baggage([KeyValue::new("app.event.producer.application", "iot")])
}

/// The context is the sending span's, with the caller's state and baggage.
fn check(received: &Context, sent: &SpanData) {
    let received_span = received.span().span_context().clone();
    assert_eq!(received_span.trace_id(), sent.span_context.trace_id());
    assert_eq!(received_span.span_id(), sent.span_context.span_id());
    assert_eq!(received_span.trace_state().header(), "vendor=a");
    assert!(received_span.is_sampled());
    let producer = received
        .baggage()
        .get("app.event.producer.application")
        .unwrap();
    assert_eq!(producer.as_str(), "iot");
    assert_eq!(sent.parent_span_id, SpanId::from(0xb7ad_6b71_6920_3331));
}

fn sqs(config: &SdkConfig, lamplight: Lamplight) -> aws_sdk_sqs::Client {
    let builder = aws_sdk_sqs::config::Builder::from(config).interceptor(lamplight);
    aws_sdk_sqs::Client::from_conf(builder.build())
}

/// A new queue: URL and ARN.
async fn queue(config: &SdkConfig, name: &str) -> (String, String) {
    let client = aws_sdk_sqs::Client::new(config);
    let created = client.create_queue().queue_name(name).send().await.unwrap();
    let url = created.queue_url().unwrap().to_owned();
    let attributes = client
        .get_queue_attributes()
        .queue_url(&url)
        .attribute_names(QueueAttributeName::QueueArn)
        .send()
        .await
        .unwrap();
    let arn = attributes.attributes().unwrap()[&QueueAttributeName::QueueArn].clone();
    (url, arn)
}

/// Everything in a queue, until it has had `count` messages.
async fn receive(client: &aws_sdk_sqs::Client, url: &str, count: usize) -> Vec<Message> {
    let mut messages = Vec::new();
    for _ in 0..5 {
        let output = client
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(10)
            .wait_time_seconds(5)
            .send()
            .await
            .unwrap();
        messages.extend(output.messages.unwrap_or_default());
        if messages.len() >= count {
            break;
        }
    }
    assert_eq!(messages.len(), count);
    messages
}

#[tokio::test]
async fn sqs_messages_one_by_one_and_in_batches() {
    let aws = LocalAws::shared();
    let config = aws.config();
    let (url, _) = queue(&config, "sqs-direct").await;
    let spans = Spans::new();
    let client = sqs(&config, spans.lamplight());

    let send = client
        .send_message()
        .queue_url(&url)
        .message_body("one")
        .send();
    let sent = send.with_context(caller()).await.unwrap();
    let received = receive(&client, &url, 1).await;
    let span = spans.named("SQS.SendMessage");
    assert_eq!(span.span_kind, SpanKind::Producer);
    check(&message_context(&Extractor::new(), &received[0]), &span);
    assert_eq!(received[0].body(), Some("one"));
    let id = KeyValue::new(
        "messaging.message.id",
        sent.message_id().unwrap().to_owned(),
    );
    assert!(span.attributes.contains(&id));
    let poll = spans.named("SQS.ReceiveMessage");
    assert_eq!(
        poll.links.links[0].span_context.span_id(),
        span.span_context.span_id()
    );
    assert!(poll.attributes.contains(&id), "the id joins both sides");

    let receipt = received[0].receipt_handle().unwrap();
    client
        .delete_message()
        .queue_url(&url)
        .receipt_handle(receipt)
        .send()
        .await
        .unwrap();
    let entry = |id: &str| {
        SendMessageBatchRequestEntry::builder()
            .id(id)
            .message_body(id)
            .build()
            .unwrap()
    };
    let batch = client
        .send_message_batch()
        .queue_url(&url)
        .entries(entry("a"))
        .entries(entry("b"));
    batch.send().with_context(caller()).await.unwrap();
    let span = spans.named("SQS.SendMessageBatch");
    for message in receive(&sqs(&config, Lamplight::new()), &url, 2).await {
        check(&message_context(&Extractor::new(), &message), &span);
    }
}

#[tokio::test]
async fn sns_to_sqs_raw_and_wrapped() {
    let aws = LocalAws::shared();
    let config = aws.config();
    let spans = Spans::new();
    let builder = aws_sdk_sns::config::Builder::from(&config).interceptor(spans.lamplight());
    let client = aws_sdk_sns::Client::from_conf(builder.build());
    let topic = client.create_topic().name("orders").send().await.unwrap();
    let topic = topic.topic_arn().unwrap();
    let mut queues = Vec::new();
    for raw in ["true", "false"] {
        let (url, arn) = queue(&config, &format!("sns-raw-{raw}")).await;
        client
            .subscribe()
            .topic_arn(topic)
            .protocol("sqs")
            .endpoint(arn)
            .attributes("RawMessageDelivery", raw)
            .send()
            .await
            .unwrap();
        queues.push(url);
    }

    let publish = client.publish().topic_arn(topic).message("hello").send();
    publish.with_context(caller()).await.unwrap();
    let span = spans.named("SNS.Publish");
    assert_eq!(span.span_kind, SpanKind::Producer);
    let consumer = sqs(&config, Lamplight::new());
    let raw = receive(&consumer, &queues[0], 1).await;
    assert_eq!(raw[0].body(), Some("hello"));
    check(&message_context(&Extractor::new(), &raw[0]), &span);
    let wrapped = receive(&consumer, &queues[1], 1).await;
    let envelope: Value = serde_json::from_str(wrapped[0].body().unwrap()).unwrap();
    assert_eq!(envelope["Message"], "hello");
    check(&message_context(&Extractor::new(), &wrapped[0]), &span);
}

#[tokio::test]
async fn eventbridge_to_sqs() {
    let aws = LocalAws::shared();
    let config = aws.config();
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
    let received = receive(&sqs(&config, Lamplight::new()), &url, 1).await;
    check(&message_context(&Extractor::new(), &received[0]), &span);
    let event: Value = serde_json::from_str(received[0].body().unwrap()).unwrap();
    let id = event["id"].as_str().unwrap().to_owned();
    assert!(
        span.attributes
            .contains(&KeyValue::new("messaging.message.id", id))
    );
}

#[tokio::test]
async fn kinesis_records() {
    let aws = LocalAws::shared();
    let config = aws.config();
    let spans = Spans::new();
    let lamplight = spans.lamplight().with_carrier(Carrier::KinesisData);
    let builder = aws_sdk_kinesis::config::Builder::from(&config).interceptor(lamplight);
    let client = aws_sdk_kinesis::Client::from_conf(builder.build());
    client
        .create_stream()
        .stream_name("orders")
        .shard_count(1)
        .send()
        .await
        .unwrap();
    let put = async || {
        let blob = aws_sdk_kinesis::primitives::Blob::new(r#"{"n":1}"#);
        let put = client
            .put_record()
            .stream_name("orders")
            .partition_key("k")
            .data(blob);
        put.send().with_context(caller()).await
    };
    // A new stream takes records once it is active.
    while client
        .describe_stream_summary()
        .stream_name("orders")
        .send()
        .await
        .unwrap()
        .stream_description_summary()
        .is_some_and(|stream| stream.stream_status().as_str() != "ACTIVE")
    {}
    let stored = put().await.unwrap();
    let span = spans.named("Kinesis.PutRecord");
    let iterator = client
        .get_shard_iterator()
        .stream_name("orders")
        .shard_id(stored.shard_id())
        .shard_iterator_type(aws_sdk_kinesis::types::ShardIteratorType::TrimHorizon)
        .send()
        .await
        .unwrap();
    let read = client
        .get_records()
        .set_shard_iterator(iterator.shard_iterator)
        .send();
    let records = read.await.unwrap().records;
    let event = json!({"Records": [{
        "eventSource": "aws:kinesis",
        "eventID": format!("{}:{}", stored.shard_id(), stored.sequence_number()),
        "kinesis": {"data": BASE64.encode(records[0].data()), "partitionKey": "k"},
    }]});
    let body = event.to_string();
    let incoming = Extractor::new().extract(&Invocation::new(body.as_bytes(), "consumer"));
    check(&incoming.parent, &span);
    let id = event["Records"][0]["eventID"].as_str().unwrap().to_owned();
    assert!(
        span.attributes
            .contains(&KeyValue::new("messaging.message.id", id))
    );
}

#[tokio::test]
async fn step_functions_input() {
    let aws = LocalAws::shared();
    let config = aws.config();
    let spans = Spans::new();
    let lamplight = spans.lamplight().with_carrier(Carrier::StepFunctionsInput);
    let builder = aws_sdk_sfn::config::Builder::from(&config).interceptor(lamplight);
    let client = aws_sdk_sfn::Client::from_conf(builder.build());
    let machine = client
        .create_state_machine()
        .name("orders")
        .role_arn("arn:aws:iam::000000000000:role/any")
        .definition(r#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#)
        .send()
        .await
        .unwrap();
    let start = client
        .start_execution()
        .state_machine_arn(machine.state_machine_arn())
        .input(r#"{"n":1}"#)
        .send();
    let started = start.with_context(caller()).await.unwrap();
    let span = spans.named("SFN.StartExecution");
    let describe = client
        .describe_execution()
        .execution_arn(started.execution_arn())
        .send();
    // What the first state, a function say, is invoked with.
    let input = describe.await.unwrap().input.unwrap();
    let incoming = Extractor::new().extract(&Invocation::new(input.as_bytes(), "task"));
    check(&incoming.parent, &span);
}

#[tokio::test]
async fn services_without_a_carrier_and_a_service_that_refuses() {
    let aws = LocalAws::shared();
    let config = aws.config();
    let spans = Spans::new();
    let builder = aws_sdk_s3::config::Builder::from(&config)
        .force_path_style(true)
        .interceptor(spans.lamplight());
    let s3 = aws_sdk_s3::Client::from_conf(builder.build());
    s3.create_bucket().bucket("photos").send().await.unwrap();
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"x");
    s3.put_object()
        .bucket("photos")
        .key("a.jpg")
        .body(body)
        .send()
        .await
        .unwrap();
    let span = spans.named("S3.PutObject");
    assert!(
        span.attributes
            .contains(&KeyValue::new("aws.s3.key", "a.jpg"))
    );
    s3.get_object()
        .bucket("photos")
        .key("missing")
        .send()
        .await
        .unwrap_err();
    let span = spans.named("S3.GetObject");
    assert!(
        span.attributes
            .contains(&KeyValue::new("error.type", "NoSuchKey")),
        "{span:?}"
    );

    let builder = aws_sdk_dynamodb::config::Builder::from(&config).interceptor(spans.lamplight());
    let dynamodb = aws_sdk_dynamodb::Client::from_conf(builder.build());
    let error = dynamodb.get_item().table_name("missing").key(
        "id",
        aws_sdk_dynamodb::types::AttributeValue::S("1".to_owned()),
    );
    error.send().await.unwrap_err();
    let span = spans.named("DynamoDB.GetItem");
    let expected = KeyValue::new("error.type", "ResourceNotFoundException");
    assert!(span.attributes.contains(&expected), "{span:?}");

    let missing = format!("{}/000000000000/missing", config.endpoint_url().unwrap());
    let client = sqs(&config, spans.lamplight());
    client
        .send_message()
        .queue_url(missing)
        .message_body("x")
        .send()
        .await
        .unwrap_err();
    let span = spans.named("SQS.SendMessage");
    let expected = KeyValue::new("error.type", "AWS.SimpleQueueService.NonExistentQueue");
    assert!(span.attributes.contains(&expected), "{span:?}");
}
