//! Responses to batches, recorded according to Lambda's interpretation: "Success and failure conditions" of
//! partial batch responses in the Lambda developer guide, for SQS, for Kinesis and DynamoDB, and for Kafka.

use lambda_runtime::{Error, LambdaEvent};
use lamplight_semconv::lamplight::batch::FAILED_COUNT;
use opentelemetry::{Value, trace::Status};
use serde_json::{Value as Json, json};
use tower::service_fn;

use crate::common::{Function, error_type, get};

fn sqs(ids: &[&str]) -> Json {
    let message = |id: &&str| {
        json!({
            "messageId": id, "receiptHandle": "h", "body": "{}",
            "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1793697302000"},
            "messageAttributes": {}, "md5OfBody": "99914b932bd37a50b983c5e7c90ae93b",
            "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-north-1:111122223333:orders",
            "awsRegion": "eu-north-1",
        })
    };
    ids.iter().map(message).collect()
}

fn dynamodb(numbers: &[&str]) -> Json {
    let record = |number: &&str| {
        json!({
            "eventID": format!("e{number}"), "eventName": "REMOVE", "eventVersion": "1.1",
            "eventSource": "aws:dynamodb", "awsRegion": "eu-north-1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_793_697_302.0,
                "Keys": {"SequenceNumber": {"S": "1"}},
                "OldImage": {"SequenceNumber": {"S": "1"}, "ttl": {"N": "1793690000"}},
                "SequenceNumber": number, "SizeBytes": 59, "StreamViewType": "OLD_IMAGE",
            },
            "eventSourceARN": "arn:aws:dynamodb:eu-north-1:111122223333:table/sessions/stream/2026-01-01T00:00:00.000",
        })
    };
    numbers.iter().map(record).collect()
}

fn kinesis(numbers: &[&str]) -> Json {
    let record = |number: &&str| {
        json!({
            "kinesis": {
                "kinesisSchemaVersion": "1.0", "partitionKey": "k", "sequenceNumber": number,
                "data": "e30=", "approximateArrivalTimestamp": 1_793_697_302.25,
            },
            "eventSource": "aws:kinesis", "eventVersion": "1.0", "eventID": format!("e{number}"),
            "eventName": "aws:kinesis:record", "awsRegion": "eu-north-1",
            "eventSourceARN": "arn:aws:kinesis:eu-north-1:111122223333:stream/orders",
        })
    };
    numbers.iter().map(record).collect()
}

/// As a pipe delivers records of a stream: a bare array of flat ones.
fn piped_kinesis(numbers: &[&str]) -> Json {
    let record = |number: &&str| {
        json!({
            "kinesisSchemaVersion": "1.0", "partitionKey": "k", "sequenceNumber": number,
            "data": "e30=", "approximateArrivalTimestamp": 1_793_697_302.25,
            "eventSource": "aws:kinesis", "eventVersion": "1.0", "eventID": format!("e{number}"),
            "eventName": "aws:kinesis:record", "awsRegion": "eu-north-1",
            "eventSourceARN": "arn:aws:kinesis:eu-north-1:111122223333:stream/orders",
        })
    };
    numbers.iter().map(record).collect()
}

fn kafka(partitions: &[(&str, i64, &[i64])]) -> Json {
    let record = |partition: i64, offset: &i64| {
        json!({
            "topic": "orders", "partition": partition, "offset": offset,
            "timestamp": 1_793_697_302_000_i64, "timestampType": "CREATE_TIME",
            "key": "a2V5", "value": "e30=", "headers": [],
        })
    };
    let partitions = partitions.iter().map(|(name, partition, offsets)| {
        let records: Json = offsets.iter().map(|at| record(*partition, at)).collect();
        ((*name).to_owned(), records)
    });
    json!({
        "eventSource": "aws:kafka", "bootstrapServers": "b-1:9092",
        "eventSourceArn": "arn:aws:kafka:eu-north-1:111122223333:cluster/c/1",
        "records": partitions.collect::<serde_json::Map<_, _>>(),
    })
}

fn records(records: &Json) -> Json {
    json!({ "Records": records })
}

/// The failed records of the invocation's span, and whether it is one that failed.
async fn recorded(event: &Json, answer: &Json) -> (Option<Value>, bool) {
    let function = Function::new();
    let answered = answer.clone();
    let handler = service_fn(move |_: LambdaEvent<Json>| {
        let answer = answered.clone();
        async move { Ok::<_, Error>(answer) }
    });
    assert_eq!(function.invoke(event, handler).await.unwrap(), *answer);
    let span = function.only_span();
    let failed = match &span.status {
        Status::Error { description } => {
            assert!(description.starts_with("all "), "{description}");
            assert_eq!(error_type(&span).as_deref(), Some("batch_item_failure"));
            true
        }
        status => {
            assert_eq!(*status, Status::Unset);
            assert_eq!(error_type(&span), None);
            false
        }
    };
    (get(&span, FAILED_COUNT), failed)
}

fn named(identifiers: &Json) -> Json {
    let failures = identifiers.as_array().unwrap().iter();
    let failures = failures.map(|it| json!({ "itemIdentifier": it }));
    json!({"batchItemFailures": failures.collect::<Json>()})
}

async fn check(event: &Json, answer: &Json, count: i64, failed: bool) {
    let expected = (Some(count.into()), failed);
    assert_eq!(
        recorded(event, answer).await,
        expected,
        "{answer} to {event}"
    );
}

#[tokio::test]
async fn an_answer_without_failures_is_a_success_of_every_batch() {
    let kafka = kafka(&[("orders-0", 0, &[1, 2])]);
    let (sqs, kinesis) = (records(&sqs(&["a", "b"])), records(&kinesis(&["1", "2"])));
    for event in [sqs, kinesis, records(&dynamodb(&["1", "2"])), kafka] {
        check(&event, &json!({"batchItemFailures": []}), 0, false).await;
        check(&event, &json!({"batchItemFailures": null}), 0, false).await;
        for answer in [json!(null), json!({}), json!("done")] {
            assert_eq!(recorded(&event, &answer).await, (None, false), "{answer}");
        }
    }
}

#[tokio::test]
async fn an_identifier_that_is_none_of_the_batch_fails_all_of_it() {
    let kafka = kafka(&[("orders-0", 0, &[1, 2]), ("orders-1", 1, &[1])]);
    let sqs = records(&sqs(&["a", "b", "c"]));
    let kinesis = records(&kinesis(&["1", "2", "3"]));
    for event in [sqs, kinesis, records(&dynamodb(&["1", "2", "3"])), kafka] {
        for answer in [
            named(&json!([""])),
            named(&json!([null])),
            named(&json!(["elsewhere"])),
            named(&json!([{"partition": "orders-0", "offset": 9}])),
            json!({"batchItemFailures": [{"id": "a"}]}),
            json!({"batchItemFailures": ["a"]}),
            json!({"batchItemFailures": "a"}),
        ] {
            check(&event, &answer, 3, true).await;
        }
    }
    let sqs = records(&self::sqs(&["a", "b", "c"]));
    check(&sqs, &named(&json!(["a", ""])), 3, true).await;
}

#[tokio::test]
async fn messages_of_a_queue_fail_one_by_one() {
    let event = records(&sqs(&["a", "b", "c"]));
    check(&event, &named(&json!(["b"])), 1, false).await;
    check(&event, &named(&json!(["c", "b"])), 2, false).await;
    check(&event, &named(&json!(["a", "a"])), 1, false).await;
    check(&event, &named(&json!(["a", "b", "c"])), 3, true).await;
    check(&records(&sqs(&["a"])), &named(&json!(["a"])), 1, true).await;
    check(&sqs(&["a", "b"]), &named(&json!(["b"])), 1, false).await;
}

#[tokio::test]
async fn a_stream_is_delivered_again_from_the_lowest_number() {
    let numbers = [
        "11000000000000001",
        "11000000000000002",
        "11000000000000003",
    ];
    for event in [records(&dynamodb(&numbers)), records(&kinesis(&numbers))] {
        check(&event, &named(&json!([numbers[2]])), 1, false).await;
        check(&event, &named(&json!([numbers[1]])), 2, false).await;
        check(&event, &named(&json!([numbers[2], numbers[1]])), 2, false).await;
        check(&event, &named(&json!([numbers[0]])), 3, true).await;
    }
}

/// "Partial batch failure" in the user guide of EventBridge: a pipe identifies records of streams by their
/// `eventID`.
#[tokio::test]
async fn a_pipe_has_names_of_its_own_for_records_of_streams() {
    for event in [piped_kinesis(&["1", "2", "3"]), dynamodb(&["1", "2", "3"])] {
        check(&event, &named(&json!(["e2"])), 2, false).await;
        check(&event, &named(&json!(["2"])), 3, true).await;
    }
}

#[tokio::test]
async fn kafka_is_delivered_again_from_the_lowest_offset_of_each_partition() {
    let event = kafka(&[("orders-0", 0, &[10, 11, 12]), ("orders-1", 1, &[10, 20])]);
    let place = |partition: &str, offset: i64| json!({"partition": partition, "offset": offset});
    let one = named(&json!([place("orders-0", 11)]));
    check(&event, &one, 2, false).await;
    let both = named(&json!([place("orders-0", 12), place("orders-1", 20)]));
    check(&event, &both, 2, false).await;
    let all = named(&json!([place("orders-0", 10), place("orders-1", 10)]));
    check(&event, &all, 5, true).await;
    let wrong = named(&json!([place("orders-1", 11)]));
    check(&event, &wrong, 5, true).await;
}

/// Lambda reads no such answer of theirs.
#[tokio::test]
async fn sources_without_partial_answers_record_none() {
    let active_mq = json!({
        "eventSource": "aws:mq", "eventSourceArn": "arn:aws:mq:eu-north-1:111122223333:broker:b:1",
        "messages": [{
            "messageID": "a", "messageType": "jms/text-message", "data": "e30=",
            "destination": {"physicalName": "orders"},
        }],
    });
    for event in [active_mq, json!({"batchItemFailures": []})] {
        let answer = named(&json!(["a"]));
        assert_eq!(recorded(&event, &answer).await, (None, false), "{event}");
    }
}
