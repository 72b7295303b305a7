//! One function behind every trigger of a local AWS, called from outside: the content of its spans, and the
//! continuation of the caller's trace by every trigger that carries it.
//!
//! The callers write the context by hand, like clients in any language. The spans are read from the
//! function's Kinesis stream.
//!
//! The local AWS passes no client context on, and invokes functions without an X-Ray header; `lifecycle`
//! tests these.

mod stack;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lamplight_local_aws::client::element;
use lamplight_tests::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use serde_json::{Value, json};

use stack::Stack;

/// The caller's span, in a separate trace for each test.
const CALLER: &str = "b7ad6b7169203331";

const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:triggered";

fn trace_id(test: u8) -> String {
    format!("0af7651916cd43dd8448eb211c8031{test:02x}")
}

fn traceparent(test: u8) -> String {
    format!("00-{}-{CALLER}-01", trace_id(test))
}

/// Asserts that the attributes of a span are exactly those of `expected`. `"*"` stands for any text, and `0`
/// for any number.
#[track_caller]
fn has_attributes(span: &Span, expected: &Value) {
    let mut found = json!(span.attributes);
    for (key, expected) in expected.as_object().unwrap() {
        let value = &mut found[key];
        let varies = match expected {
            Value::String(any) if any == "*" => value.as_str().is_some_and(|it| !it.is_empty()),
            Value::Number(any) if any.as_f64() == Some(0.0) => value.is_number(),
            _ => false,
        };
        if varies {
            *value = expected.clone();
        }
    }
    assert_eq!(found, *expected, "{span:#?}");
}

/// Asserts the attributes of an invocation: the common ones, and `expected`.
#[track_caller]
fn is_invocation(span: &Span, name: &str, expected: Value) {
    assert_eq!((span.name.as_str(), span.kind), (name, SpanKind::Server));
    assert_eq!(span.error, None);
    let mut all = json!({
        "aws.lambda.invoked_arn": ARN,
        "cloud.account.id": "000000000000",
        "cloud.resource_id": ARN,
        "faas.invocation_id": "*",
    });
    merge(&mut all, expected);
    // The first trigger is random.
    let is_cold = span.attribute("faas.coldstart") == true;
    all["faas.coldstart"] = is_cold.into();
    if is_cold {
        all["lamplight.init.duration_ms"] = json!(0);
    }
    // All invocations of an environment except the first report the previous flush.
    let flushed = "lamplight.previous_flush.duration_ms";
    if !span.attribute(flushed).is_null() {
        assert!(!is_cold);
        all[flushed] = json!(0);
    }
    has_attributes(span, &all);
}

fn merge(to: &mut Value, from: Value) {
    let Value::Object(from) = from else { panic!() };
    to.as_object_mut().unwrap().extend(from);
}

/// Asserts that the span is a child of the caller's.
#[track_caller]
fn continues(span: &Span, test: u8) {
    assert_eq!(
        (span.trace_id.as_str(), span.parent_span_id.as_str()),
        (trace_id(test).as_str(), CALLER)
    );
    assert_eq!(span.links, []);
}

/// Returns the spans of the test's trace.
fn spans(stack: &Stack, test: u8, count: usize) -> Vec<Span> {
    let trace_id = trace_id(test);
    stack.spans(count, |span| span.trace_id == trace_id)
}

/// Returns the invocation and its only record, in the test's trace.
#[track_caller]
fn invocation_and_record(stack: &Stack, test: u8) -> (Span, Span) {
    let spans = spans(stack, test, 2);
    assert_eq!(spans.len(), 2, "{spans:#?}");
    let of = |kind| spans.iter().find(|span| span.kind == kind).unwrap().clone();
    let (invocation, record) = (of(SpanKind::Server), of(SpanKind::Consumer));
    continues(&invocation, test);
    // A batch of one is one trace: the record's span is a child of the invocation's, and has a link to the
    // span from which the message originates.
    assert_eq!(record.parent_span_id, invocation.span_id);
    let linked = [(trace_id(test), CALLER.to_owned())];
    let links = record.links.iter();
    let links: Vec<_> = links
        .map(|l| (l.trace_id.clone(), l.span_id.clone()))
        .collect();
    assert_eq!(links, linked);
    assert_eq!(record.error, None);
    (invocation, record)
}

fn http(stack: &Stack, test: u8, path: &str, host: Option<&str>) -> Span {
    let traceparent = traceparent(test);
    let mut headers = vec![
        ("traceparent", traceparent.as_str()),
        ("user-agent", "shop/1"),
    ];
    headers.extend(host.map(|host| ("host", host)));
    let answer = stack.client().get(path, &headers).unwrap();
    assert_eq!(answer.succeeded(path).unwrap(), "yes");
    let span = spans(stack, test, 1).remove(0);
    continues(&span, test);
    span
}

/// Returns the attributes common to all requests.
fn request() -> Value {
    json!({
        "client.address": "127.0.0.1",
        "faas.trigger": "http",
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "network.protocol.version": "1.1",
        "url.path": "/orders/7",
        "url.query": "x=1",
        "url.scheme": "https",
        "user_agent.original": "shop/1",
    })
}

/// Returns the attributes common to all invocations with messages and to the span of each record.
fn messages(system: &str, destination: &str) -> Value {
    json!({
        "faas.trigger": "pubsub",
        "messaging.destination.name": destination,
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.system": system,
    })
}

/// Returns the attributes of a record's span that its invocation has too, because they describe nothing else.
fn known_of(record: &Span) -> Value {
    let mut known = json!(record.attributes);
    let own = |key: &String| key.starts_with("lamplight.");
    known.as_object_mut().unwrap().retain(|key, _| !own(key));
    known
}

/// Returns the attributes of an invocation with this number of records, including `record`.
fn batch(record: &Span, count: usize) -> Value {
    let mut expected = known_of(record);
    merge(
        &mut expected,
        json!({
            "lamplight.batch.failed_count": 0,
            "messaging.batch.message_count": count,
        }),
    );
    expected
}

#[test]
fn a_rest_api() {
    let stack = Stack::shared();
    let id = stack.output("RestApi");
    let path = format!("/restapis/{id}/test/_user_request_/orders/7?x=1");
    let span = http(&stack, 1, &path, None);
    let mut expected = request();
    // The local AWS has no domain in the event, so it is that of the request.
    merge(
        &mut expected,
        json!({
            "http.route": "/orders/{id}",
            "server.address": "127.0.0.1",
            "server.port": stack.port(),
        }),
    );
    is_invocation(&span, "GET /orders/{id}", expected);
}

#[test]
fn an_http_api() {
    let stack = Stack::shared();
    let id = stack.output("HttpApi");
    let path = format!("/_aws/execute-api/{id}/$default/orders/7?x=1");
    let span = http(&stack, 2, &path, None);
    let domain = format!("{id}.execute-api.127.0.0.1");
    let mut expected = request();
    merge(
        &mut expected,
        json!({"http.route": "/orders/{id}", "server.address": domain}),
    );
    is_invocation(&span, "GET /orders/{id}", expected);
}

#[test]
fn a_function_url() {
    let stack = Stack::shared();
    let host = stack
        .output("Url")
        .trim_start_matches("https://")
        .trim_end_matches('/');
    let span = http(&stack, 3, "/orders/7?x=1", Some(host));
    let mut expected = request();
    merge(
        &mut expected,
        json!({"server.address": host, "server.port": 443}),
    );
    is_invocation(&span, "triggered", expected);
}

#[test]
fn a_queue() {
    let stack = Stack::shared();
    let context = json!({"traceparent": {"DataType": "String", "StringValue": traceparent(4)}});
    let message = json!({
        "QueueUrl": stack.output("Queue"),
        "MessageBody": "one",
        "MessageAttributes": context,
    });
    let sent = stack
        .client()
        .call("sqs", "AmazonSQS.SendMessage", &message)
        .unwrap();
    let (invocation, record) = invocation_and_record(&stack, 4);
    let mut expected = messages("aws_sqs", "orders");
    expected["messaging.message.id"] = sent["MessageId"].clone();
    merge(
        &mut expected,
        json!({"lamplight.queue.latency_ms": 0, "lamplight.receive_count": 1}),
    );
    assert_eq!(record.name, "process orders");
    has_attributes(&record, &expected);
    is_invocation(&invocation, "triggered", batch(&record, 1));
}

/// The messages wait until both exist, so that they are delivered together.
#[test]
fn a_queue_with_several_messages() {
    let stack = Stack::shared();
    let entry = |test: u8| {
        let context = json!({"DataType": "String", "StringValue": traceparent(test)});
        json!({
            "Id": test.to_string(),
            "MessageBody": "one of two",
            "MessageAttributes": {"traceparent": context},
        })
    };
    let entries = json!({"QueueUrl": stack.output("Batches"), "Entries": [entry(5), entry(6)]});
    stack
        .client()
        .call("sqs", "AmazonSQS.SendMessageBatch", &entries)
        .unwrap();
    let mapping = stack.output("BatchesMapping");
    let path = format!("/2015-03-31/event-source-mappings/{mapping}");
    let enabled = json!({"Enabled": true}).to_string();
    stack
        .client()
        .put(&path, "lambda", enabled.as_bytes())
        .unwrap();

    let records = [5, 6].map(|test| spans(&stack, test, 1).remove(0));
    let [first, second] = &records;
    let [to_batch] = first.links.as_slice() else {
        panic!("{first:#?}")
    };
    assert_eq!(second.links, first.links);
    let invocation = stack
        .spans(1, |span| span.span_id == to_batch.span_id)
        .remove(0);
    assert_eq!(invocation.trace_id, to_batch.trace_id);
    assert_eq!(invocation.parent_span_id, "");
    let linked: Vec<_> = invocation
        .links
        .iter()
        .map(|link| link.trace_id.as_str())
        .collect();
    assert_eq!(linked, [trace_id(5), trace_id(6)]);
    for (record, test) in records.iter().zip([5, 6]) {
        assert_eq!(record.trace_id, trace_id(test));
        assert_eq!(record.parent_span_id, CALLER);
        assert_eq!(record.name, "process batches");
    }
    let mut expected = messages("aws_sqs", "batches");
    merge(
        &mut expected,
        json!({
            "lamplight.batch.failed_count": 0,
            "messaging.batch.message_count": 2,
        }),
    );
    is_invocation(&invocation, "triggered", expected);
}

#[test]
fn a_stream() {
    let stack = Stack::shared();
    let data = json!({"_otel": {"traceparent": traceparent(7)}, "order": 7}).to_string();
    let record = json!({"StreamName": "orders", "PartitionKey": "7", "Data": BASE64.encode(data)});
    let put = stack
        .client()
        .call("kinesis", "Kinesis_20131202.PutRecord", &record)
        .unwrap();
    let (invocation, record) = invocation_and_record(&stack, 7);
    let id = |name: &str| put[name].as_str().unwrap().to_owned();
    let mut expected = messages("aws.kinesis", "orders");
    merge(
        &mut expected,
        json!({
            "aws.kinesis.stream_name": "orders",
            "lamplight.queue.latency_ms": 0,
            "messaging.destination.partition.id": put["ShardId"],
            "messaging.message.id": id("ShardId") + ":" + &id("SequenceNumber"),
        }),
    );
    assert_eq!(record.name, "process orders");
    has_attributes(&record, &expected);
    is_invocation(&invocation, "triggered", batch(&record, 1));
}

#[test]
fn a_table() {
    let stack = Stack::shared();
    let item = json!({"id": {"S": "7"}, "otel": {"S": traceparent(8)}});
    let put = json!({"TableName": "orders", "Item": item});
    stack
        .client()
        .call("dynamodb", "DynamoDB_20120810.PutItem", &put)
        .unwrap();
    let (invocation, record) = invocation_and_record(&stack, 8);
    let expected = json!({
        "faas.document.collection": "orders",
        "faas.document.operation": "insert",
        "faas.trigger": "datasource",
        "lamplight.aws.dynamodb.event.id": "*",
        "lamplight.queue.latency_ms": 0,
    });
    assert_eq!(record.name, "process orders");
    has_attributes(&record, &expected);
    let expected = json!({
        "faas.document.collection": "orders",
        "faas.document.operation": "insert",
        "faas.document.time": "*",
        "faas.trigger": "datasource",
        "lamplight.batch.failed_count": 0,
    });
    is_invocation(&invocation, "triggered", expected);
}

#[test]
fn a_topic() {
    let stack = Stack::shared();
    let traceparent = traceparent(9);
    let message = [
        ("TopicArn", stack.output("Topic")),
        ("Message", "one"),
        ("MessageAttributes.entry.1.Name", "traceparent"),
        ("MessageAttributes.entry.1.Value.DataType", "String"),
        ("MessageAttributes.entry.1.Value.StringValue", &traceparent),
    ];
    let published = stack
        .client()
        .query("sns", "2010-03-31", "Publish", &message)
        .unwrap();
    let (invocation, record) = invocation_and_record(&stack, 9);
    let mut expected = messages("aws.sns", "orders");
    merge(
        &mut expected,
        json!({
            "aws.sns.topic.arn": stack.output("Topic"),
            "lamplight.queue.latency_ms": 0,
            "messaging.message.id": element(&published, "MessageId"),
        }),
    );
    assert_eq!(record.name, "process orders");
    has_attributes(&record, &expected);
    is_invocation(&invocation, "triggered", known_of(&record));
}

#[test]
fn an_event_bus() {
    let stack = Stack::shared();
    let detail = json!({"_otel": {"traceparent": traceparent(10)}, "order": 7}).to_string();
    let entry = json!({
        "EventBusName": "orders",
        "Source": "shop",
        "DetailType": "OrderPlaced",
        "Detail": detail,
    });
    let answer = stack
        .client()
        .call(
            "events",
            "AWSEvents.PutEvents",
            &json!({"Entries": [entry]}),
        )
        .unwrap();
    let span = spans(&stack, 10, 1).remove(0);
    continues(&span, 10);
    let expected = json!({
        "faas.trigger": "pubsub",
        "messaging.message.id": answer["Entries"][0]["EventId"],
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.system": "aws.eventbridge",
    });
    is_invocation(&span, "triggered", expected);
}

/// A notification has no room for context: the invocation begins a trace, and records the object by which the
/// trace can be found.
#[test]
fn a_bucket() {
    let stack = Stack::shared();
    stack
        .client()
        .put("/orders/invoices/7.pdf", "s3", b"%PDF")
        .unwrap();
    let key = |span: &Span| span.attribute("aws.s3.key") == "invoices/7.pdf";
    let span = stack.spans(1, key).remove(0);
    assert_eq!(span.parent_span_id, "");
    assert_eq!(span.links, []);
    let expected = json!({
        "aws.s3.bucket": "orders",
        "aws.s3.key": "invoices/7.pdf",
        "faas.document.collection": "orders",
        "faas.document.name": "invoices/7.pdf",
        "faas.document.operation": "insert",
        "faas.document.time": "*",
        "faas.trigger": "datasource",
        "lamplight.aws.s3.extended_request_id": "*",
        "lamplight.aws.s3.request_id": "*",
    });
    is_invocation(&span, "triggered", expected);
}

#[test]
fn another_program() {
    let stack = Stack::shared();
    let payload = json!({"_otel": {"traceparent": traceparent(11)}, "order": 7});
    let path = "/2015-03-31/functions/triggered/invocations";
    let answer = stack.client().post(path, &payload.to_string()).unwrap();
    answer.succeeded(path).unwrap();
    let span = spans(&stack, 11, 1).remove(0);
    continues(&span, 11);
    is_invocation(&span, "triggered", json!({"faas.trigger": "other"}));
}
