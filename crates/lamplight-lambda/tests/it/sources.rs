//! Batches of every source: order, partial answers, and each record in its own trace.
#![cfg(all(
    feature = "records-dynamodb",
    feature = "records-kafka",
    feature = "records-kinesis",
    feature = "records-sns",
    feature = "records-sqs"
))]

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use aws_lambda_events::{
    dynamodb::{Event as DynamoDbEvent, EventRecord},
    kafka::{KafkaEvent, KafkaRecord},
    kinesis::{KinesisEvent, KinesisEventRecord},
    sns::{SnsEvent, SnsRecord},
    sqs::{SqsEvent, SqsMessage},
};
use lambda_runtime::{Error, LambdaEvent};
use lamplight_lambda::records::{self, Batch};
use lamplight_semconv as semconv;
use opentelemetry::{
    Value,
    trace::{SpanKind, TraceContextExt},
};
use opentelemetry_sdk::trace::SpanData;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tower::service_fn;

use crate::common::{Function, error_type, get};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn kinesis_record(number: &str, key: &str) -> Json {
    // {"_otel":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}
    let data = "eyJfb3RlbCI6eyJ0cmFjZXBhcmVudCI6IjAwLTBhZjc2NTE5MTZjZDQzZGQ4NDQ4ZWIyMTFjODAzMTljLWI3YWQ2YjcxNjkyMDMzMzEtMDEifX0=";
    json!({
        "kinesis": {
            "kinesisSchemaVersion": "1.0", "partitionKey": key, "sequenceNumber": number,
            "data": data, "approximateArrivalTimestamp": 1_763_700_000.25,
        },
        "eventSource": "aws:kinesis", "eventVersion": "1.0",
        "eventID": format!("shardId-000000000006:{number}"),
        "eventName": "aws:kinesis:record",
        "awsRegion": "eu-west-1",
        "eventSourceARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/orders",
    })
}

fn consumers(spans: &[SpanData]) -> Vec<&SpanData> {
    spans
        .iter()
        .filter(|span| span.span_kind == SpanKind::Consumer)
        .collect()
}

/// Returns the number of redelivered records from the invocation's span.
fn again(spans: &[SpanData]) -> Option<Value> {
    let server = |span: &&SpanData| span.span_kind == SpanKind::Server;
    let server = spans.iter().find(server).unwrap();
    get(server, semconv::lamplight::batch::FAILED_COUNT)
}

#[tokio::test]
async fn a_kinesis_shard_stops_at_the_first_failure_and_says_where() {
    let function = Function::new();
    let handler = service_fn(async |event: LambdaEvent<KinesisEvent>| {
        let handle =
            async |record: KinesisEventRecord| match record.kinesis.sequence_number.as_str() {
                "2" => Err("two is bad"),
                _ => Ok(()),
            };
        Ok::<_, Error>(records::kinesis(event.payload, handle).await)
    });
    let batch: Vec<_> = ["1", "2", "3"].map(|n| kinesis_record(n, "k")).into();
    let answer = function.invoke(&json!({ "Records": batch }), handler).await;
    assert_eq!(
        answer.unwrap(),
        json!({"batchItemFailures": [{"itemIdentifier": "2"}]})
    );
    let spans = function.spans();
    let handled = consumers(&spans);
    assert_eq!(handled.len(), 2, "`3` comes again anyway");
    assert_eq!(again(&spans), Some(2.into()));
    assert_eq!(handled[0].name, "process orders");
    assert_eq!(handled[0].span_context.trace_id().to_string(), TRACE);
    assert!(get(handled[0], semconv::lamplight::queue::LATENCY_MS).is_some());
    assert_eq!(error_type(handled[1]).as_deref(), Some("_OTHER"));
}

#[tokio::test]
async fn with_concurrency_a_failure_holds_up_its_partition_key_only() {
    let function = Function::new();
    let handler = service_fn(async |event: LambdaEvent<KinesisEvent>| {
        let handle = async |record: KinesisEventRecord| {
            tokio::task::yield_now().await;
            match record.kinesis.sequence_number.as_str() {
                "1" => Err("one is bad"),
                _ => Ok(()),
            }
        };
        let batch = Batch::new().with_concurrency(4);
        Ok::<_, Error>(batch.kinesis(event.payload, handle).await)
    });
    let batch = json!([
        kinesis_record("1", "a"),
        kinesis_record("2", "a"),
        kinesis_record("3", "b"),
    ]);
    let answer = function.invoke(&json!({ "Records": batch }), handler).await;
    assert_eq!(
        answer.unwrap(),
        json!({"batchItemFailures": [{"itemIdentifier": "1"}]})
    );
    assert_eq!(consumers(&function.spans()).len(), 2, "1 and 3");
}

#[tokio::test]
async fn a_dynamodb_stream_answers_with_sequence_numbers() {
    let record = |number: &str, id: &str| {
        json!({
            "eventID": number, "eventName": "MODIFY", "eventVersion": "1.1",
            "eventSource": "aws:dynamodb", "awsRegion": "eu-west-1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_763_700_000,
                "Keys": {"id": {"S": id}, "sort": {"N": "1"}},
                "NewImage": {"id": {"S": id}},
                "SequenceNumber": number, "SizeBytes": 26, "StreamViewType": "NEW_IMAGE",
            },
            "eventSourceARN":
                "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000",
        })
    };
    for (concurrency, handled) in [(1, 1), (4, 2)] {
        let function = Function::new();
        let handler = service_fn(move |event: LambdaEvent<DynamoDbEvent>| async move {
            let handle = async |record: EventRecord| match record.event_id.as_str() {
                "100" => Err("bad"),
                _ => Ok(()),
            };
            let batch = Batch::new().with_concurrency(concurrency);
            Ok::<_, Error>(batch.dynamodb(event.payload, handle).await)
        });
        let batch = json!([record("100", "a"), record("200", "a"), record("300", "b")]);
        let answer = function.invoke(&json!({ "Records": batch }), handler).await;
        assert_eq!(
            answer.unwrap(),
            json!({"batchItemFailures": [{"itemIdentifier": "100"}]})
        );
        let spans = function.spans();
        assert_eq!(consumers(&spans).len(), handled, "{concurrency} at a time");
        assert_eq!(consumers(&spans)[0].name, "process orders");
        assert_eq!(again(&spans), Some(3.into()), "the stream goes on from it");
    }
}

#[tokio::test]
async fn kafka_goes_on_per_topic_partition() {
    let record = |partition: i64, offset: i64| {
        json!({
            "topic": "orders", "partition": partition, "offset": offset,
            "timestamp": 1_763_700_000_000_i64, "timestampType": "CREATE_TIME",
            "key": "a2V5", "value": "dmFsdWU=",
            "headers": [{"traceparent": TRACEPARENT.bytes().collect::<Vec<_>>()}],
        })
    };
    let event = json!({
        "eventSource": "aws:kafka",
        "eventSourceArn": "arn:aws:kafka:eu-west-1:123456789012:cluster/c/1",
        "bootstrapServers": "b-1:9092",
        "records": {
            "orders-1": [record(1, 20), record(1, 21)],
            "orders-0": [record(0, 10), record(0, 11), record(0, 12)],
        },
    });
    let seen = Arc::new(Mutex::new(Vec::new()));
    let function = Function::new();
    let handler = {
        let seen = seen.clone();
        service_fn(move |event: LambdaEvent<KafkaEvent>| {
            let seen = seen.clone();
            async move {
                let handle = |record: KafkaRecord| {
                    seen.lock().unwrap().push(record.offset);
                    async move {
                        match record.offset {
                            11 => Err("bad"),
                            _ => Ok(()),
                        }
                    }
                };
                Ok::<_, Error>(records::kafka(event.payload, handle).await)
            }
        })
    };
    let answer = function.invoke(&event, handler).await.unwrap();
    let place = json!({"partition": "orders-0", "offset": 11});
    assert_eq!(
        answer,
        json!({"batchItemFailures": [{"itemIdentifier": place}]})
    );
    assert_eq!(*seen.lock().unwrap(), [10, 11, 20, 21]);
    assert_eq!(again(&function.spans()), Some(2.into()), "11 and 12");
    for span in consumers(&function.spans()) {
        assert_eq!(span.span_context.trace_id().to_string(), TRACE);
    }
}

#[tokio::test]
async fn sns_has_no_partial_answer_so_a_failure_fails_the_invocation() {
    let record = |id: &str| {
        json!({
            "EventSource": "aws:sns", "EventVersion": "1.0",
            "EventSubscriptionArn": "arn:aws:sns:eu-west-1:123456789012:orders:sub",
            "Sns": {
                "Type": "Notification", "MessageId": id,
                "TopicArn": "arn:aws:sns:eu-west-1:123456789012:orders",
                "Subject": null, "Message": "hello", "Timestamp": "2026-01-01T00:00:00.000Z",
                "SignatureVersion": "1", "Signature": "s",
                "SigningCertUrl": "https://sns", "UnsubscribeUrl": "https://sns",
                "MessageAttributes": {"traceparent": {"Type": "String", "Value": TRACEPARENT}},
            },
        })
    };
    let function = Function::new();
    let handler = service_fn(async |event: LambdaEvent<SnsEvent>| {
        let handle = async |record: SnsRecord| match record.sns.message_id.as_str() {
            "bad" => Err(Error::from("out of stock")),
            _ => Ok(()),
        };
        records::sns(event.payload, handle).await
    });
    let batch = json!([record("bad"), record("good")]);
    let answer = function.invoke(&json!({ "Records": batch }), handler).await;
    assert_eq!(answer.unwrap_err().error_message, "out of stock");
    let spans = function.spans();
    assert_eq!(consumers(&spans).len(), 2, "the good one was handled");
    let server = spans
        .iter()
        .find(|span| span.span_kind == SpanKind::Server)
        .unwrap();
    assert_eq!(error_type(server).as_deref(), Some("_OTHER"));
}

#[tokio::test]
async fn an_event_inside_sns_inside_sqs_gives_the_record_its_context() {
    let event = json!({
        "detail-type": "OrderPlaced", "source": "shop",
        "detail": {"_otel": {"traceparent": TRACEPARENT}},
    });
    let notification = json!({
        "Type": "Notification", "MessageId": "1",
        "TopicArn": "arn:aws:sns:eu-west-1:123456789012:orders",
        "Message": event.to_string(), "Timestamp": "2026-01-01T00:00:00.000Z",
    });
    let message = json!({
        "messageId": "1", "body": notification.to_string(),
        "attributes": {}, "messageAttributes": {}, "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders",
    });
    let function = Function::new();
    let handler = service_fn(async |event: LambdaEvent<SqsEvent>| {
        let handle = async |_: SqsMessage| {
            let cx = opentelemetry::Context::current();
            assert_eq!(cx.span().span_context().trace_id().to_string(), TRACE);
            Ok::<_, Error>(())
        };
        Ok::<_, Error>(records::sqs(event.payload, handle).await)
    });
    let batch = json!([message.clone(), message]);
    let answer = function.invoke(&json!({ "Records": batch }), handler).await;
    assert_eq!(answer.unwrap(), json!({"batchItemFailures": []}));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// For all failures and concurrency limits: within a FIFO group, messages are handled in order, none
    /// after a failed one, each at most once; and messages that are not reported were handled successfully.
    #[test]
    fn order_holds_and_nothing_is_lost(
        batch in proptest::collection::vec((proptest::option::of(0_u8..4), any::<bool>(), 0_u8..4), 0..24),
        concurrency in 1_usize..6,
    ) {
        let records: Vec<_> = batch.iter().enumerate().map(|(index, (group, ..))| {
            let mut attributes = json!({"SequenceNumber": index.to_string()});
            if let Some(group) = group {
                attributes["MessageGroupId"] = group.to_string().into();
            }
            json!({
                "messageId": index.to_string(), "attributes": attributes,
                "messageAttributes": {}, "eventSource": "aws:sqs",
            })
        }).collect();
        let event: SqsEvent = serde_json::from_value(json!({ "Records": records })).unwrap();
        let handled = Mutex::new(Vec::new());
        let index_of = |id: &str| id.parse::<usize>().unwrap();
        let handle = |message: SqsMessage| {
            let index = index_of(message.message_id.as_deref().unwrap());
            let (batch, handled) = (&batch, &handled);
            async move {
                let (_, fails, yields) = batch[index];
                for _ in 0..yields {
                    tokio::task::yield_now().await;
                }
                handled.lock().unwrap().push(index);
                if fails { Err("told to fail") } else { Ok(()) }
            }
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let answer = runtime.block_on(Batch::new().with_concurrency(concurrency).sqs(event, handle));

        let handled = handled.into_inner().unwrap();
        let reported: Vec<_> = answer.batch_item_failures.iter()
            .map(|failure| index_of(&failure.item_identifier)).collect();
        prop_assert!(reported.is_sorted());
        let reported: BTreeSet<_> = reported.into_iter().collect();
        let mut expected = BTreeSet::new();
        let mut failed_groups: BTreeSet<u8> = BTreeSet::new();
        let mut skipped = BTreeSet::new();
        for (index, (group, fails, _)) in batch.iter().enumerate() {
            if group.is_some_and(|group| failed_groups.contains(&group)) {
                skipped.insert(index);
                expected.insert(index);
            } else if *fails {
                expected.insert(index);
                failed_groups.extend(group);
            }
        }
        prop_assert_eq!(&reported, &expected);
        let once: BTreeSet<_> = handled.iter().copied().collect();
        prop_assert_eq!(once.len(), handled.len());
        prop_assert!(once.is_disjoint(&skipped));
        prop_assert_eq!(once.len() + skipped.len(), batch.len());
        for group in 0..4 {
            let order: Vec<_> = handled.iter().filter(|index| batch[**index].0 == Some(group)).collect();
            prop_assert!(order.is_sorted());
        }
    }
}
