//! Messaging: `messaging/messaging-spans.md` and the documents of single systems, for functions that process
//! messages. Calls are in `aws_sdk.rs`.

use aws_lambda_events::{
    kafka::{KafkaEvent, KafkaRecord},
    kinesis::{KinesisEvent, KinesisEventRecord},
    sns::{SnsEvent, SnsRecord},
    sqs::{SqsEvent, SqsMessage},
};
use lambda_runtime::{Error, LambdaEvent};
use lamplight_lambda::records;
use lamplight_propagation::inbound::{EventExtractor, RecordPolicy};
use opentelemetry::trace::{Link, SpanKind, Status};
use opentelemetry_sdk::trace::SpanData;
use serde_json::{Value as Json, json};
use tower::service_fn;

use crate::conformance::{
    function::Function,
    recorded::{invocation, told},
    statement::statements,
};

/// The span that sent the first message.
const FIRST: &str = "b7ad6b7169203331";

fn traceparent(number: u8) -> String {
    format!("00-{number}af7651916cd43dd8448eb211c80319c-{number}7ad6b7169203331-01")
        .replacen("-17ad", "-b7ad", 1)
}

/// Returns a message with a context of its own.
fn message(number: u8) -> Json {
    json!({
        "messageId": format!("m{number}"), "body": "plain",
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1763700000000"},
        "messageAttributes": {"traceparent": {"stringValue": traceparent(number), "dataType": "String"}},
        "eventSource": "aws:sqs", "awsRegion": "eu-west-1",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders",
    })
}

fn sqs(count: u8) -> Json {
    json!({"Records": (1..=count).map(message).collect::<Vec<_>>()})
}

fn sns() -> Json {
    json!({"Records": [{
        "EventVersion": "1.0", "EventSource": "aws:sns",
        "EventSubscriptionArn": "arn:aws:sns:eu-west-1:1:placed:s",
        "Sns": {
            "Type": "Notification", "MessageId": "n1", "TopicArn": "arn:aws:sns:eu-west-1:1:placed",
            "Message": "plain", "Timestamp": "2026-03-10T05:16:23.000Z", "SignatureVersion": "1",
            "Signature": "s", "SigningCertUrl": "c", "UnsubscribeUrl": "u",
            "MessageAttributes": {"traceparent": {"Type": "String", "Value": traceparent(1)}},
        },
    }]})
}

fn kinesis() -> Json {
    json!({"Records": [{
        "kinesis": {
            "kinesisSchemaVersion": "1.0", "partitionKey": "1", "sequenceNumber": "49",
            "data": "aGVsbG8=", "approximateArrivalTimestamp": 1545084650.987,
        },
        "eventSource": "aws:kinesis", "eventVersion": "1.0", "eventName": "aws:kinesis:record",
        "eventID": "shardId-000000000006:49", "invokeIdentityArn": "r", "awsRegion": "eu-west-1",
        "eventSourceARN": "arn:aws:kinesis:eu-west-1:1:stream/events",
    }]})
}

fn kafka_record(partition: u8, offset: u8, value: &Json) -> Json {
    json!({
        "topic": "orders", "partition": partition, "offset": offset, "timestamp": 1545084650987_u64,
        "timestampType": "CREATE_TIME", "key": "cmVjb3JkS2V5", "value": value, "headers": [],
    })
}

fn kafka(servers: &str, records: &Json) -> Json {
    json!({
        "eventSource": "aws:kafka", "eventSourceArn": "arn:aws:kafka:eu-west-1:1:cluster/c/1",
        "bootstrapServers": servers, "records": records,
    })
}

fn rabbit() -> Json {
    json!({
        "eventSource": "aws:rmq", "eventSourceArn": "arn:aws:mq:eu-west-1:1:broker:b:b-1",
        "rmqMessagesByQueue": {"orders::/": [{
            "basicProperties": {"messageId": "r1", "correlationId": "c1", "headers": {}},
            "redelivered": false, "data": "e30=",
        }]},
    })
}

/// The recorded spans: of the invocation, and of the records.
struct Recorded {
    invocation: SpanData,
    records: Vec<SpanData>,
}

fn split(function: &Function) -> Recorded {
    let (mut servers, records): (Vec<_>, Vec<_>) = function
        .spans()
        .into_iter()
        .partition(|span| span.span_kind == SpanKind::Server);
    Recorded {
        invocation: servers.remove(0),
        records,
    }
}

/// Runs a function that processes each record, and fails according to `outcome`.
macro_rules! worked_on {
    ($event:expr, $batch:ident, $typed:ty, $record:ty, $extractor:expr, $outcome:expr) => {{
        let function = Function::with(|builder| builder.with_extractor($extractor));
        let handler = service_fn(async |event: LambdaEvent<$typed>| {
            let handle = async |_: $record| $outcome;
            Ok::<_, Error>(records::$batch(event.payload, handle).await)
        });
        function.invoke(&$event, handler).await.unwrap();
        split(&function)
    }};
}

async fn sqs_by(event: Json, policy: RecordPolicy) -> Recorded {
    let extractor = EventExtractor::new().with_records(policy);
    worked_on!(
        event,
        sqs,
        SqsEvent,
        SqsMessage,
        extractor,
        Ok::<(), String>(())
    )
}

async fn of_sqs(count: u8) -> Recorded {
    sqs_by(sqs(count), RecordPolicy::default()).await
}

async fn of_sns() -> Recorded {
    worked_on!(
        sns(),
        sns,
        SnsEvent,
        SnsRecord,
        EventExtractor::new(),
        Ok::<(), String>(())
    )
}

async fn of_kinesis() -> Recorded {
    worked_on!(
        kinesis(),
        kinesis,
        KinesisEvent,
        KinesisEventRecord,
        EventExtractor::new(),
        Ok::<(), String>(())
    )
}

async fn of_kafka(event: Json) -> Recorded {
    worked_on!(
        event,
        kafka,
        KafkaEvent,
        KafkaRecord,
        EventExtractor::new(),
        Ok::<(), String>(())
    )
}

fn linked(span: &SpanData) -> Vec<String> {
    let id = |link: &Link| link.span_context.span_id().to_string();
    span.links.iter().map(id).collect()
}

statements! {
    "faas/aws-lambda.md, SQS event" {
        held event_trigger("`faas.trigger` MUST be `pubsub`") {
            assert_eq!(told(&invocation(sqs(2)).await, "faas.trigger"), "pubsub");
        }
        held event_operation("`messaging.operation.type` MUST be `process`") {
            assert_eq!(told(&invocation(sqs(2)).await, "messaging.operation.type"), "process");
        }
        held event_system("`messaging.system` MUST be `aws_sqs`") {
            assert_eq!(told(&invocation(sqs(2)).await, "messaging.system"), "aws_sqs");
        }
        held event_links("for every message there SHOULD be a link to the context in its system attributes") {
            let mut event = sqs(2);
            let parents = ["53995c3f42cd8ad8", "63995c3f42cd8ad8"];
            for (record, parent) in event["Records"].as_array_mut().unwrap().iter_mut().zip(parents) {
                record["messageAttributes"] = json!({});
                let header = format!("Root=1-5759e988-bd862e3fe1be46a994272793;Parent={parent};Sampled=1");
                record["attributes"]["AWSTraceHeader"] = json!(header);
            }
            assert_eq!(linked(&invocation(event).await), parents);
        }
        deviates event_xray_only("`AWSTraceHeader` is the mechanism";
            does "W3C context in the message's attributes or its body takes precedence";
            because "a message from another account or service has W3C context and no header, and two links would lead to the same span";
            setting "`OTEL_PROPAGATORS=tracecontext,xray`"
        ) {
            let mut event = sqs(2);
            event["Records"][0]["attributes"]["AWSTraceHeader"] = json!(
                "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
            );
            assert!(linked(&invocation(event).await).contains(&FIRST.to_owned()));
        }
        deviates event_span("the event SHOULD have a span of kind `CONSUMER` below the function's, with the messages' attributes and links";
            does "the function's span has them";
            because "it saves one span per invocation, since records have their own";
            setting "`LAMPLIGHT_EVENT_SPAN=true`, `with_event_span`"
        ) {
            assert_eq!(invocation(sqs(2)).await.span_kind, SpanKind::Server);
            let function = Function::with(|builder| builder.with_event_span(true));
            let handler = service_fn(async |_: LambdaEvent<Json>| Ok::<_, Error>(Json::Null));
            function.invoke(&sqs(2), handler).await.unwrap();
            let recorded = split(&function);
            let [event] = &recorded.records[..] else {
                panic!("{:#?}", recorded.records)
            };
            assert_eq!(event.span_kind, SpanKind::Consumer);
            assert_eq!(event.parent_span_id, recorded.invocation.span_context.span_id());
            assert_eq!(linked(event), [FIRST, "27ad6b7169203331"]);
            assert_eq!(told(event, "messaging.operation.type"), "process");
            assert_eq!(told(&recorded.invocation, "messaging.system"), "none");
        }
        deviates event_span_name("that span is named `{source} process`, or `multiple_sources process`";
            does "`process {destination}`";
            because "`messaging/messaging-spans.md` puts the operation first, for this span too; the messages of a batch come from one queue";
            setting "none"
        ) {
            let function = Function::with(|builder| builder.with_event_span(true));
            let handler = service_fn(async |_: LambdaEvent<Json>| Ok::<_, Error>(Json::Null));
            function.invoke(&sqs(2), handler).await.unwrap();
            assert_eq!(split(&function).records[0].name, "process orders");
        }
        held event_destination("`messaging.destination.name` is that of all messages, if they share it") {
            assert_eq!(told(&invocation(sqs(2)).await, "messaging.destination.name"), "orders");
        }
    }
    "faas/aws-lambda.md, SQS message" {
        held message_kind("the kind MUST be `CONSUMER`") {
            assert_eq!(of_sqs(2).await.records[0].span_kind, SpanKind::Consumer);
        }
        held message_trigger("`faas.trigger` MUST be `pubsub`") {
            for recorded in [of_sqs(2).await, of_sns().await, of_kinesis().await] {
                assert_eq!(told(&recorded.records[0], "faas.trigger"), "pubsub");
            }
        }
        held message_operation("`messaging.operation.type` MUST be `process`, `messaging.system` MUST be `aws_sqs`") {
            let span = &of_sqs(2).await.records[0];
            assert_eq!(told(span, "messaging.operation.type"), "process");
            assert_eq!(told(span, "messaging.system"), "aws_sqs");
        }
        held message_attributes("other attributes of the messaging conventions SHOULD be present") {
            let span = &of_sqs(2).await.records[0];
            assert_eq!(told(span, "messaging.message.id"), "m1");
            assert_eq!(told(span, "messaging.destination.name"), "orders");
        }
        deviates message_parent("the parent SHOULD be the span of the event";
            does "the parent is the message's own span, with a link to the invocation";
            because "the trace of an order is one trace from the first call to the last function; a batch mixes many";
            setting "`LAMPLIGHT_RECORDS=link`"
        ) {
            let recorded = of_sqs(2).await;
            assert_eq!(recorded.records[0].parent_span_id.to_string(), FIRST);
            let literal = sqs_by(sqs(2), RecordPolicy::Link).await;
            assert_eq!(literal.records[0].parent_span_id, literal.invocation.span_context.span_id());
            assert_eq!(linked(&literal.records[0]), [FIRST]);
        }
    }
    "messaging/messaging-spans.md, Span name" {
        held process_name("`{messaging.operation.name} {destination}`") {
            assert_eq!(of_sqs(2).await.records[0].name, "process orders");
            assert_eq!(of_sns().await.records[0].name, "process placed");
            assert_eq!(of_kinesis().await.records[0].name, "process events");
        }
        held process_name_without_destination("the destination is omitted if it is unknown") {
            let mut event = sqs(2);
            event["Records"][0].as_object_mut().unwrap().remove("eventSourceARN");
            let recorded = sqs_by(event, RecordPolicy::default()).await;
            assert_eq!(recorded.records[0].name, "process");
        }
    }
    "messaging/messaging-spans.md, Consumer spans" {
        held batch_links("a span for a batch SHOULD link to the creation context of every message") {
            assert_eq!(linked(&of_sqs(2).await.invocation), [FIRST, "27ad6b7169203331"]);
        }
        deviates creation_link("a process span SHOULD link to its message's creation context";
            does "no link if that context is the parent";
            because "the link would repeat the parent for every record";
            setting "`LAMPLIGHT_RECORDS=continue-and-link`"
        ) {
            let of = async |policy| linked(&sqs_by(sqs(2), policy).await.records[0]);
            assert!(!of(RecordPolicy::Continue).await.contains(&FIRST.to_owned()));
            assert!(of(RecordPolicy::ContinueAndLink).await.contains(&FIRST.to_owned()));
        }
        deviates message_as_parent("the creation context as parent is NOT RECOMMENDED by default if another span is current";
            does "it is the parent of a record";
            because "see the parent of the span of an SQS message above";
            setting "`LAMPLIGHT_RECORDS=link`"
        ) {
            assert_eq!(of_sqs(2).await.records[1].parent_span_id.to_string(), "27ad6b7169203331");
        }
        held ambient_link("if the message is the parent, the ambient context SHOULD be a link") {
            let recorded = of_sqs(2).await;
            let invocation = recorded.invocation.span_context.span_id().to_string();
            assert_eq!(linked(&recorded.records[0]), [invocation]);
        }
        held not_handed_out("no span for messages that the function did not receive for processing") {
            // The handler receives the batch but processes no message.
            let function = Function::new();
            let handler = service_fn(async |_: LambdaEvent<SqsEvent>| Ok::<_, Error>(Json::Null));
            function.invoke(&sqs(2), handler).await.unwrap();
            assert!(split(&function).records.is_empty());
        }
    }
    "messaging/messaging-spans.md, Messaging attributes" {
        held required("`messaging.system` and `messaging.operation.name` are Required") {
            for recorded in [of_sqs(2).await, of_sns().await, of_kinesis().await] {
                for span in [&recorded.invocation, &recorded.records[0]] {
                    assert_ne!(told(span, "messaging.system"), "none");
                    assert_eq!(told(span, "messaging.operation.name"), "process");
                }
            }
        }
        held own_systems("a system without a well-known value has one of its own") {
            assert_eq!(told(&of_kinesis().await.invocation, "messaging.system"), "aws.kinesis");
            let event = json!({"detail-type": "OrderPlaced", "source": "shop", "id": "e1", "detail": {}});
            assert_eq!(told(&invocation(event).await, "messaging.system"), "aws.eventbridge");
        }
        held message_count("`messaging.batch.message_count` is for batches") {
            let recorded = of_sqs(2).await;
            assert_eq!(told(&recorded.invocation, "messaging.batch.message_count"), "2");
            assert_eq!(told(&recorded.records[0], "messaging.batch.message_count"), "none");
        }
        held per_message_on_links("attributes that differ between messages SHOULD be on the links") {
            let invocation = of_sqs(2).await.invocation;
            let ids: Vec<_> = invocation.links.iter().map(|it| it.attributes[0].value.to_string()).collect();
            assert_eq!(ids, ["m1", "m2"]);
        }
        held common_on_the_span("attributes that all messages share SHOULD be on the span") {
            let of = |records: Json| kafka("b-1:9092", &records);
            let value = json!("aGVsbG8=");
            let one = of(json!({"orders-0": [kafka_record(0, 1, &value), kafka_record(0, 2, &value)]}));
            assert_eq!(told(&invocation(one).await, "messaging.destination.partition.id"), "0");
            let two = of(json!({"orders-0": [kafka_record(0, 1, &value)], "orders-1": [kafka_record(1, 2, &value)]}));
            assert_eq!(told(&invocation(two).await, "messaging.destination.partition.id"), "none");
        }
        held conversation("`messaging.message.conversation_id` is the correlation id") {
            assert_eq!(told(&invocation(rabbit()).await, "messaging.message.conversation_id"), "c1");
        }
        held shard("`messaging.destination.partition.id` is the shard") {
            let recorded = of_kinesis().await;
            for span in [&recorded.invocation, &recorded.records[0]] {
                assert_eq!(told(span, "messaging.destination.partition.id"), "shardId-000000000006");
            }
        }
        held body_is_not_recorded("body and envelope size are Opt-In") {
            let span = &of_sqs(2).await.records[0];
            assert!(!format!("{:?}", span.attributes).contains("plain"));
            assert_eq!(told(span, "messaging.message.body.size"), "none");
        }
    }
    "messaging/messaging-spans.md, Recording errors" {
        held failed_record("`error.type` describes the class of error, the status has the message") {
            let recorded = worked_on!(sqs(2), sqs, SqsEvent, SqsMessage, EventExtractor::new(), Err("7 is bad".parse::<u8>().unwrap_err()));
            assert_eq!(told(&recorded.records[0], "error.type"), "core::num::error::ParseIntError");
            assert_eq!(recorded.records[0].status, Status::error("invalid digit found in string"));
        }
    }
    "messaging/sns.md" {
        held sns_attributes("`messaging.system` MUST be `aws.sns`; `aws.sns.topic.arn` is Recommended") {
            for span in [&of_sns().await.invocation, &of_sns().await.records[0]] {
                assert_eq!(told(span, "messaging.system"), "aws.sns");
                assert_eq!(told(span, "aws.sns.topic.arn"), "arn:aws:sns:eu-west-1:1:placed");
            }
        }
    }
    "messaging/kafka.md" {
        held kafka_message("offset, partition and key of a single message") {
            let event = kafka("b-1:9092", &json!({"orders-3": [kafka_record(3, 15, &json!("aGVsbG8="))]}));
            let recorded = of_kafka(event).await;
            for span in [&recorded.invocation, &recorded.records[0]] {
                assert_eq!(told(span, "messaging.kafka.offset"), "15");
                assert_eq!(told(span, "messaging.destination.partition.id"), "3");
                assert_eq!(told(span, "messaging.kafka.message.key"), "recordKey");
                assert_eq!(told(span, "messaging.kafka.message.tombstone"), "none");
            }
        }
        held tombstone("`messaging.kafka.message.tombstone` is Conditionally Required if it is true") {
            let event = kafka("b-1:9092", &json!({"orders-0": [kafka_record(0, 1, &Json::Null)]}));
            let recorded = of_kafka(event).await;
            assert_eq!(told(&recorded.records[0], "messaging.kafka.message.tombstone"), "true");
            assert_eq!(told(&recorded.invocation, "messaging.kafka.message.tombstone"), "true");
        }
        held broker("`server.address` and `server.port` are the broker") {
            let records = json!({"orders-0": [kafka_record(0, 1, &json!("aGVsbG8="))]});
            let span = invocation(kafka("b-1.example:9092", &records)).await;
            assert_eq!(told(&span, "server.address"), "b-1.example");
            assert_eq!(told(&span, "server.port"), "9092");
        }
        deviates brokers("`server.address` is the broker";
            does "omitted if the event lists several";
            because "the event does not identify the broker that had the records";
            setting "none"
        ) {
            let records = json!({"orders-0": [kafka_record(0, 1, &json!("aGVsbG8="))]});
            let span = invocation(kafka("b-1:9092,b-2:9092", &records)).await;
            assert_eq!(told(&span, "server.address"), "none");
        }
    }
    "messaging/rabbitmq.md" {
        deviates rabbit_destination("`messaging.destination.name` is `{exchange}:{routing key}:{queue}`";
            does "the name of the queue only";
            because "the event contains neither exchange nor routing key";
            setting "none"
        ) {
            assert_eq!(told(&invocation(rabbit()).await, "messaging.destination.name"), "orders");
        }
        held rabbit_system("`messaging.system` MUST be `rabbitmq`") {
            assert_eq!(told(&invocation(rabbit()).await, "messaging.system"), "rabbitmq");
        }
    }
}
