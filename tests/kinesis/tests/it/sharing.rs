//! Several instances, one stream.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use bytes::Bytes;
use lamplight_relay::{
    record::ShardId,
    source::{
        BoxFuture, CheckpointStore, Lease, MemoryStore, Position,
        store::{Row, Save, StoreError},
    },
};

use crate::common::{STREAM, Seen, builder, kinesis, save, shard};

/// A store whose connection to one instance can be cut.
#[derive(Debug, Clone, Default)]
struct Cut {
    store: MemoryStore,
    is_cut: Arc<AtomicBool>,
}

impl Cut {
    async fn through(&self) {
        if self.is_cut.load(SeqCst) {
            std::future::pending::<()>().await;
        }
    }
}

macro_rules! through {
    ($($name:ident($($argument:ident: $type:ty),*) -> $output:ty;)*) => {
        $(fn $name<'a>(&'a self, $($argument: $type),*) -> BoxFuture<'a, Result<$output, StoreError>> {
            Box::pin(async move {
                self.through().await;
                self.store.$name($($argument),*).await
            })
        })*
    };
}

impl CheckpointStore for Cut {
    through! {
        rows(stream: &'a str) -> Vec<Row>;
        add(rows: &'a [Row]) -> ();
        take(seen: &'a Row, owner: &'a str) -> Lease;
        renew(lease: &'a Lease) -> ();
        release(lease: &'a Lease) -> ();
        save(lease: &'a Lease, save: &'a Save) -> ();
        log(shard: &'a ShardId) -> Vec<Bytes>;
    }

    fn is_shared(&self) -> bool {
        true
    }
}

async fn owners(store: &MemoryStore) -> Vec<String> {
    let rows = store.rows(STREAM).await.unwrap();
    let mut owners: Vec<_> = rows.into_iter().filter_map(|row| row.owner).collect();
    owners.sort();
    owners
}

#[tokio::test(start_paused = true)]
async fn a_second_instance_gets_its_share_one_shard_after_the_other() {
    let (kinesis, store) = (kinesis(5), MemoryStore::new());
    let mut one = builder(&kinesis, &store).owner("one").open();
    let mut first = Seen::default();
    first.until(&mut one, |seen| seen.lines().len() == 5).await;
    let mut two = builder(&kinesis, &store).owner("two").open();
    let mut second = Seen::default();
    tokio::join!(
        second.until(&mut two, |seen| seen.lines().len() == 2),
        first.until(&mut one, |seen| seen.lines().len() == 7),
    );
    assert_eq!(
        first
            .lines()
            .iter()
            .filter(|line| line.ends_with("lost"))
            .count(),
        2
    );
    // It stays there.
    let taken = two.stats().taken;
    let more = async |reader: &mut lamplight_relay::source::Reader| {
        for _ in 0..200 {
            reader.next().await;
        }
    };
    tokio::join!(more(&mut one), more(&mut two));
    assert_eq!(two.stats().taken, taken);
    assert_eq!(owners(&store).await, ["one", "one", "one", "two", "two"]);
}

#[tokio::test(start_paused = true)]
async fn a_dead_instances_shards_are_taken_over_when_its_leases_have_run_out() {
    let (kinesis, store) = (kinesis(4), MemoryStore::new());
    let mut one = builder(&kinesis, &store).owner("one").open();
    Seen::default()
        .until(&mut one, |seen| seen.lines().len() == 4)
        .await;
    drop(one);
    let died = tokio::time::Instant::now();
    let mut two = builder(&kinesis, &store).owner("two").open();
    Seen::default()
        .until(&mut two, |seen| seen.lines().len() == 4)
        .await;
    let after = died.elapsed();
    assert!(
        after >= Duration::from_secs(30) && after < Duration::from_secs(45),
        "{after:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_given_back_is_taken_at_once() {
    let (kinesis, store) = (kinesis(4), MemoryStore::new());
    let mut one = builder(&kinesis, &store).owner("one").open();
    Seen::default()
        .until(&mut one, |seen| seen.lines().len() == 4)
        .await;
    one.close().await;
    let closed = tokio::time::Instant::now();
    let mut two = builder(&kinesis, &store).owner("two").open();
    Seen::default()
        .until(&mut two, |seen| seen.lines().len() == 4)
        .await;
    assert!(closed.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_cannot_renew_its_leases_stops_and_is_fenced() {
    let kinesis = kinesis(1);
    let cut = Cut::default();
    let mut one = builder(&kinesis, &cut).owner("one").open();
    let mut first = Seen::default();
    kinesis.put(STREAM, "a", "1");
    first.until(&mut one, |seen| seen.count() == 1).await;
    assert!(one.checkpoints().holds(&shard(0)));
    cut.is_cut.store(true, SeqCst);

    let mut two = builder(&kinesis, &cut.store).owner("two").open();
    let mut second = Seen::default();
    second.until(&mut two, |seen| seen.count() == 1).await;
    // By its own clock it knew before the other could take over.
    assert!(!one.checkpoints().holds(&shard(0)));
    kinesis.put(STREAM, "a", "2");
    second.until(&mut two, |seen| seen.count() == 2).await;

    // It recovers, and gets no record that the other has.
    cut.is_cut.store(false, SeqCst);
    let refused = save(&one, &shard(0), Position::TrimHorizon).await;
    assert_eq!(refused, Err(StoreError::Fenced));
    first.until(&mut one, |seen| seen.has("0000 lost")).await;
    assert_eq!(first.count(), 1);
    save(&two, &shard(0), Position::TrimHorizon).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_merge_of_two_instances_shards_is_read_by_one() {
    let (kinesis, store) = (kinesis(2), MemoryStore::new());
    let mut one = builder(&kinesis, &store).owner("one").open();
    let mut first = Seen::default();
    first.until(&mut one, |seen| seen.lines().len() == 2).await;
    let mut two = builder(&kinesis, &store).owner("two").open();
    let mut second = Seen::default();
    tokio::join!(
        second.until(&mut two, |seen| seen.lines().len() == 1),
        first.until(&mut one, |seen| seen.lines().len() == 3),
    );
    kinesis.put(STREAM, "a", "1");
    kinesis.merge(STREAM, "shardId-000000000000", "shardId-000000000001");
    kinesis.put(STREAM, "a", "2");
    // The owner of the smaller parent takes over the other's as well.
    let merged = |seen: &Seen| seen.has("0002 1");
    tokio::select! {
        () = async { tokio::join!(first.until(&mut one, merged), second.until(&mut two, |_| false)); } => {}
        () = async { tokio::time::sleep(Duration::from_secs(120)).await; } => {}
    }
    let (with, without) = if merged(&first) {
        (first, second)
    } else {
        (second, first)
    };
    assert!(
        with.has("0000 ended 1") && with.has("0001 ended 1"),
        "{:?}",
        with.lines()
    );
    assert!(
        !without.lines().iter().any(|line| line.starts_with("0002")),
        "{:?}",
        without.lines()
    );
}
