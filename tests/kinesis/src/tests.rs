//! The behavior of the simulated Kinesis and mapping.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{Fault, Kinesis, Mapping, MappingSettings};

const STREAM: &str = "telemetry";

fn kinesis(shards: usize) -> Kinesis {
    let kinesis = Kinesis::new();
    kinesis.create_stream(STREAM, shards);
    kinesis
}

async fn call(kinesis: &Kinesis, operation: &str, input: Value) -> Value {
    let answer = kinesis.call(operation, &input).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

async fn iterator(kinesis: &Kinesis, shard: &str) -> Value {
    let input =
        json!({"StreamName": STREAM, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
    call(kinesis, "GetShardIterator", input).await["ShardIterator"].clone()
}

async fn records(kinesis: &Kinesis, iterator: &Value) -> Value {
    call(kinesis, "GetRecords", json!({"ShardIterator": iterator})).await
}

#[tokio::test(start_paused = true)]
async fn a_split_shard_ends_and_names_its_children() {
    let kinesis = kinesis(1);
    kinesis.put(STREAM, "a", "1");
    let children = kinesis.split(STREAM, "shardId-000000000000");
    kinesis.put(STREAM, "a", "2");

    let first = records(&kinesis, &iterator(&kinesis, "shardId-000000000000").await).await;
    assert_eq!(first["Records"].as_array().unwrap().len(), 1);
    let last = records(&kinesis, &first["NextShardIterator"]).await;
    assert_eq!(last["NextShardIterator"], Value::Null);
    let named = last["ChildShards"].as_array().unwrap();
    assert!(named.iter().map(|child| &child["ShardId"]).eq(&children));
}

#[tokio::test(start_paused = true)]
async fn the_sixth_call_within_a_second_is_refused() {
    let kinesis = kinesis(1);
    let iterator = iterator(&kinesis, "shardId-000000000000").await;
    let input = json!({"ShardIterator": iterator});
    for _ in 0..5 {
        records(&kinesis, &iterator).await;
    }
    let refused = kinesis.call("GetRecords", &input).await.unwrap();
    assert_eq!(
        refused.kind(),
        Some("ProvisionedThroughputExceededException")
    );
    tokio::time::advance(Duration::from_secs(1)).await;
    records(&kinesis, &iterator).await;
}

#[tokio::test(start_paused = true)]
async fn a_large_answer_blocks_its_shard() {
    let kinesis = kinesis(1);
    for _ in 0..20 {
        kinesis.put(STREAM, "a", vec![0; 1 << 20]);
    }
    let iterator = iterator(&kinesis, "shardId-000000000000").await;
    let first = records(&kinesis, &iterator).await;
    assert_eq!(first["Records"].as_array().unwrap().len(), 10);
    tokio::time::advance(Duration::from_secs(4)).await;
    let input = json!({"ShardIterator": first["NextShardIterator"]});
    assert!(
        kinesis
            .call("GetRecords", &input)
            .await
            .unwrap()
            .kind()
            .is_some()
    );
    tokio::time::advance(Duration::from_secs(2)).await;
    records(&kinesis, &first["NextShardIterator"]).await;
}

#[tokio::test(start_paused = true)]
async fn iterators_expire_after_five_minutes_and_on_command() {
    let kinesis = kinesis(1);
    let expired = async |iterator: &Value| {
        let input = json!({"ShardIterator": iterator});
        let answer = kinesis.call("GetRecords", &input).await.unwrap();
        answer.kind() == Some("ExpiredIteratorException")
    };
    let old = iterator(&kinesis, "shardId-000000000000").await;
    kinesis.clock().advance(Duration::from_secs(301));
    assert!(expired(&old).await);
    let new = iterator(&kinesis, "shardId-000000000000").await;
    kinesis.expire_iterators();
    assert!(expired(&new).await);
}

#[tokio::test]
async fn a_mapping_retries_from_the_lowest_failure_and_gives_up_what_stays_bad() {
    let kinesis = kinesis(1);
    let sequences: Vec<_> = (0..5)
        .map(|n: u8| kinesis.put(STREAM, "a", vec![n]).1)
        .collect();
    let settings = MappingSettings {
        report_failures: true,
        retries: Some(2),
        ..MappingSettings::default()
    };
    let mut mapping = Mapping::with_settings(&kinesis, STREAM, settings);
    let mut seen = Vec::new();
    let poison = &sequences[2];
    let done = mapping.drain(|event: Value| {
        let records = event["Records"].as_array().unwrap().clone();
        let failed = records
            .iter()
            .map(|record| record["kinesis"]["sequenceNumber"].clone())
            .inspect(|sequence| seen.push(sequence.as_str().unwrap().to_owned()))
            .find(|sequence| sequence == poison);
        let failures: Vec<_> = failed
            .iter()
            .map(|sequence| json!({"itemIdentifier": sequence}))
            .collect();
        std::future::ready(Ok(json!({"batchItemFailures": failures})))
    });
    assert!(done.await);
    // A retry that gives up covers the whole rest of the batch: without splits the failing record
    // is unknown.
    assert_eq!(
        seen.iter().filter(|sequence| *sequence == poison).count(),
        3
    );
    let failure = &mapping.failures()[0];
    assert_eq!(
        failure["requestContext"]["condition"],
        "RetryAttemptsExhausted"
    );
    let info = &failure["KinesisBatchInfo"];
    assert_eq!(info["startSequenceNumber"], json!(poison));
    assert_eq!(info["batchSize"], 3);
}

#[tokio::test]
async fn a_bisecting_mapping_gives_up_one_record_alone() {
    let kinesis = kinesis(1);
    for n in 0..8_u8 {
        kinesis.put(STREAM, "a", vec![n]);
    }
    let settings = MappingSettings {
        bisect: true,
        retries: Some(1),
        ..MappingSettings::default()
    };
    let mut mapping = Mapping::with_settings(&kinesis, STREAM, settings);
    let mut taken = 0;
    let done = mapping.drain(|event: Value| {
        let records = event["Records"].as_array().unwrap();
        let bad = records
            .iter()
            .any(|record| record["kinesis"]["data"] == "BQ==");
        if !bad {
            taken += records.len();
        }
        std::future::ready(if bad {
            Err("5".to_owned())
        } else {
            Ok(Value::Null)
        })
    });
    assert!(done.await);
    assert_eq!(taken, 7);
    assert_eq!(mapping.failures().len(), 1);
    assert_eq!(mapping.failures()[0]["KinesisBatchInfo"]["batchSize"], 1);
}

#[tokio::test]
async fn a_mapping_as_it_is_set_by_default_is_blocked_by_a_batch_that_fails() {
    let kinesis = kinesis(1);
    kinesis.put(STREAM, "a", "1");
    let settings = MappingSettings {
        most_invocations: 50,
        ..MappingSettings::default()
    };
    let mut mapping = Mapping::with_settings(&kinesis, STREAM, settings);
    let never = |_| std::future::ready(Err::<Value, _>(String::new()));
    assert!(!mapping.drain(never).await);
    assert_eq!(mapping.invocations(), 50);
}

#[tokio::test]
async fn faults_come_as_often_as_planned() {
    let kinesis = kinesis(1);
    kinesis.fault("ListShards", Fault::internal(), 1);
    kinesis.fault("ListShards", Fault::DropAnswer, 1);
    let input = json!({"StreamName": STREAM});
    let first = kinesis.call("ListShards", &input).await.unwrap();
    assert_eq!(
        (first.status, first.kind()),
        (500, Some("InternalFailureException"))
    );
    assert_eq!(kinesis.call("ListShards", &input).await, None);
    assert_eq!(
        kinesis.call("ListShards", &input).await.unwrap().status,
        200
    );
}
