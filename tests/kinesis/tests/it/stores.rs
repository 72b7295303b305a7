//! Stores: all behave alike, and a DynamoDB table is shared.

use std::{sync::Arc, time::Duration};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use aws_types::{SdkConfig, region::Region};
use bytes::Bytes;
use lamplight_local_aws::LocalAws;
use lamplight_relay::{
    record::{HashRange, SequenceNumber, ShardId, StreamTime},
    source::{
        CheckpointStore, FileStore, Lease, MemoryStore, Position, Reader,
        store::{DynamoStore, Row, Save, StoreError},
    },
};
use proptest::{prelude::*, sample::Index};
use tokio::runtime::Runtime;

use crate::common::{STREAM, Seen, kinesis, shard, stream};

/// An operation on a store. Numbers select among the existing items.
#[derive(Debug, Clone)]
enum Step {
    Add(u8),
    Take(u8, u8),
    TakeOld(u8),
    Renew(Index),
    Release(Index),
    Save(Index, u8, usize),
    Log(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0..3_u8).prop_map(Step::Add),
        (0..3_u8, 0..2_u8).prop_map(|(shard, owner)| Step::Take(shard, owner)),
        (0..3_u8).prop_map(Step::TakeOld),
        any::<Index>().prop_map(Step::Renew),
        any::<Index>().prop_map(Step::Release),
        (any::<Index>(), any::<u8>(), 0..40_usize).prop_map(|(l, n, log)| Step::Save(l, n, log)),
        (0..3_u8).prop_map(Step::Log),
    ];
    proptest::collection::vec(step, 1..40)
}

fn id(number: u8) -> ShardId {
    shard(usize::from(number))
}

fn row(number: u8) -> Row {
    let parents = (0..number).map(id).collect();
    let range = HashRange {
        first: u128::from(number),
        last: u128::MAX - u128::from(number),
    };
    Row::new(id(number), parents, range, Position::TrimHorizon)
}

fn save(number: u8, log: usize) -> Save {
    let position = match number % 4 {
        0 => Position::At(SequenceNumber::new(&number.to_string())),
        1 => Position::After(SequenceNumber::new("17")),
        2 => Position::Time(StreamTime::from_millis(5)),
        _ => Position::End,
    };
    let time = StreamTime::from_millis(1000 + u64::from(number));
    let log = Bytes::from(vec![number; log]);
    Save::new(position, Bytes::from(vec![number; 3])).append(log, time, Duration::from_secs(60))
}

/// Runs all steps, and returns the result of each.
async fn run(store: &dyn CheckpointStore, steps: &[Step]) -> Vec<String> {
    let mut leases: Vec<Lease> = Vec::new();
    let mut old: Vec<Row> = Vec::new();
    let mut results = Vec::new();
    for step in steps {
        let rows = store.rows(STREAM).await.unwrap();
        let find = |number: u8| rows.iter().find(|row| row.shard == id(number));
        let result = match step {
            Step::Add(number) => format!("{:?}", store.add(&[row(*number)]).await),
            Step::Take(number, owner) => match find(*number) {
                Some(row) => {
                    let taken = store.take(row, ["one", "two"][usize::from(*owner)]).await;
                    leases.extend(taken.clone().ok());
                    format!("{taken:?}")
                }
                None => String::new(),
            },
            Step::TakeOld(number) => match old.iter().find(|row| row.shard == id(*number)) {
                Some(row) => {
                    let taken = store.take(row, "old").await;
                    leases.extend(taken.clone().ok());
                    format!("{taken:?}")
                }
                None => String::new(),
            },
            Step::Log(number) => format!("{:?}", store.log(&id(*number)).await),
            _ if leases.is_empty() => String::new(),
            Step::Renew(index) => format!("{:?}", store.renew(index.get(&leases)).await),
            Step::Release(index) => format!("{:?}", store.release(index.get(&leases)).await),
            Step::Save(index, number, log) => {
                let save = save(*number, *log);
                format!("{:?}", store.save(index.get(&leases), &save).await)
            }
        };
        results.push(result);
        if results.len() % 5 == 0 {
            old = rows;
        }
    }
    let mut rows = store.rows(STREAM).await.unwrap();
    rows.sort_by(|a, b| a.shard.cmp(&b.shard));
    results.push(format!("{rows:?}"));
    results
}

fn folder(name: &str) -> std::path::PathBuf {
    let number = fastrand();
    std::env::temp_dir().join(format!("lamplight-{name}-{}-{number}", std::process::id()))
}

fn fastrand() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, SeqCst)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn files_are_written_under_the_conditions_of_memory_and_are_there_after_a_restart(steps in steps()) {
        let runtime = Runtime::new().unwrap();
        let folder = folder("store");
        let memory = MemoryStore::new();
        let file = FileStore::open(&folder).unwrap();
        let expected = runtime.block_on(run(&memory, &steps));
        let results = runtime.block_on(run(&file, &steps));
        prop_assert_eq!(&results, &expected);
        drop(file);

        let again = FileStore::open(&folder).unwrap();
        let (before, after) = runtime.block_on(async {
            (memory.rows(STREAM).await.unwrap(), again.rows(STREAM).await.unwrap())
        });
        prop_assert_eq!(before.len(), after.len());
        for row in before {
            let same = after.iter().find(|other| other.shard == row.shard).unwrap();
            prop_assert_eq!(
                (&row.parents, row.range, &row.position, &row.state, row.token),
                (&same.parents, same.range, &same.position, &same.state, same.token)
            );
            prop_assert_eq!(&same.owner, &None);
            let logs = runtime.block_on(async {
                (memory.log(&row.shard).await.unwrap(), again.log(&row.shard).await.unwrap())
            });
            prop_assert_eq!(logs.0, logs.1);
        }
        drop(again);
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn a_folder_is_one_processs() {
    let folder = folder("lock");
    let first = FileStore::open(&folder).unwrap();
    let second = FileStore::open(&folder).unwrap_err().to_string();
    assert!(second.contains("another process"), "{second}");
    drop(first);
    FileStore::open(&folder).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn what_a_crash_left_half_written_is_not_believed() {
    let folder = folder("crash");
    let store = FileStore::open(&folder).unwrap();
    store.add(&[row(0)]).await.unwrap();
    let rows = store.rows(STREAM).await.unwrap();
    let lease = store.take(&rows[0], "one").await.unwrap();
    store.save(&lease, &save(0, 10)).await.unwrap();
    drop(store);
    // A log chunk that no checkpoint counts, and a checkpoint that was not renamed yet.
    let log = std::fs::read_dir(&folder).unwrap().map(Result::unwrap);
    let log = log
        .map(|entry| entry.path())
        .find(|path| path.is_dir())
        .unwrap();
    std::fs::write(log.join(format!("{:020}.5.5", 1)), "not counted").unwrap();
    std::fs::write(folder.join("x.checkpoint.new"), "half").unwrap();
    let store = FileStore::open(&folder).unwrap();
    assert_eq!(store.log(&id(0)).await.unwrap(), [Bytes::from(vec![0; 10])]);
    drop(store);
    std::fs::remove_dir_all(folder).unwrap();
}

fn config(aws: &LocalAws) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "test");
    lamplight_aws_config::sdk_config()
        .into_builder()
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(aws.endpoint())
        .build()
}

async fn table(aws: &LocalAws, name: &str) -> DynamoStore {
    let config = config(aws);
    let client = aws_sdk_dynamodb::Client::new(&config);
    let mut create = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest);
    for (attribute, key) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
        let definition = AttributeDefinition::builder().attribute_name(attribute);
        let definition = definition
            .attribute_type(ScalarAttributeType::S)
            .build()
            .unwrap();
        let element = KeySchemaElement::builder()
            .attribute_name(attribute)
            .key_type(key);
        create = create
            .attribute_definitions(definition)
            .key_schema(element.build().unwrap());
    }
    create.send().await.unwrap();
    DynamoStore::with_config(name, &config)
}

#[test]
fn a_table_is_written_under_the_conditions_of_memory() {
    let aws = LocalAws::shared();
    let runtime = Runtime::new().unwrap();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(12));
    let ran = runner.run(&steps(), |steps| {
        let name = format!("conditions-{}", fastrand());
        let (expected, results) = runtime.block_on(async {
            let store = table(&aws, &name).await;
            (
                run(&MemoryStore::new(), &steps).await,
                run(&store, &steps).await,
            )
        });
        prop_assert_eq!(results, expected);
        Ok(())
    });
    ran.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_log_is_in_several_items_and_one_too_large_is_refused() {
    let aws = tokio::task::spawn_blocking(LocalAws::shared).await.unwrap();
    let store = table(&aws, "large").await;
    store.add(&[row(0)]).await.unwrap();
    let rows = store.rows(STREAM).await.unwrap();
    let lease = store.take(&rows[0], "one").await.unwrap();
    let log: Vec<_> = (0..1_000_000_u32).map(|n| (n / 16) as u8).collect();
    let time = StreamTime::from_millis(1);
    let large = Save::new(Position::TrimHorizon, Bytes::new());
    let large = large.append(log.clone().into(), time, Duration::from_secs(60));
    store.save(&lease, &large).await.unwrap();
    let pieces = store.log(&id(0)).await.unwrap();
    assert_eq!(pieces.len(), 3);
    assert_eq!(pieces.concat(), log);
    let too_large = Save::new(Position::TrimHorizon, vec![0; 400_000].into());
    let refused = store.save(&lease, &too_large);
    assert!(matches!(refused.await, Err(StoreError::Unavailable(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_share_a_stream_by_a_table() {
    let aws = tokio::task::spawn_blocking(LocalAws::shared).await.unwrap();
    let store = table(&aws, "shared").await;
    let kinesis = kinesis(2);
    let open = |owner: &str| {
        Reader::builder(Arc::new(store.clone()))
            .stream(stream(&kinesis))
            .owner(owner)
            .lease(Duration::from_secs(1))
            .open()
    };
    let mut one = open("one");
    let mut first = Seen::default();
    first.until(&mut one, |seen| seen.lines().len() == 2).await;
    let mut two = open("two");
    let mut second = Seen::default();
    tokio::join!(
        second.until(&mut two, |seen| seen.lines().len() == 1),
        first.until(&mut one, |seen| seen.lines().len() == 3),
    );
    drop(one);
    second.until(&mut two, |seen| seen.lines().len() == 2).await;
    two.close().await;
    let rows = store.rows(STREAM).await.unwrap();
    assert!(rows.iter().all(|row| row.owner.is_none()));
}
