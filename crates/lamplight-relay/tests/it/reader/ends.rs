//! Shards whose ends do not name their children.

use lamplight_relay::source::{Happened, MemoryStore};

use super::{
    rig::{reader, span},
    stream::{NEVER, Stream, shard},
};

const IDS: [&str; 8] = ["0", "1", "2", "3", "4", "5", "6", "7"];

#[tokio::test(start_paused = true)]
async fn a_shard_without_children_is_ended_however_many_others_end_meanwhile() {
    let shards = (0..8).map(|number| {
        let closed = 500 + 1500 * number as u64;
        shard(
            IDS[number],
            &[],
            (number as u128, number as u128 + 1),
            (0, closed),
        )
    });
    let stream = Stream::new("s", shards.collect(), [], 0).without_names();
    let store = MemoryStore::new();
    let mut reader = reader(std::slice::from_ref(&stream), &store).open();
    let mut ended = Vec::new();
    while ended.len() < 8 {
        let event = reader.next().await.unwrap();
        if let Happened::Ended { children } = event.what {
            assert!(children.is_empty());
            if ended.is_empty() {
                let others = stream.ended().len();
                assert!(others < 8, "it was not waited for until all have ended");
            }
            ended.push(event.shard);
        }
    }
    assert!(ended.is_sorted());
}

#[tokio::test(start_paused = true)]
async fn children_that_are_listed_late_are_waited_for_whatever_else_is_listed_meanwhile() {
    // Eight that end at the same time, each of which looks for children; those of the first appear
    // three seconds later.
    let mut shards: Vec<_> = (0..8_u8)
        .map(|number| {
            let eighths = (number.into(), u128::from(number) + 1);
            shard(
                IDS[usize::from(number)],
                &[],
                eighths,
                (0, 10_000 + u64::from(number)),
            )
        })
        .collect();
    shards.push(shard("child", &["0"], (0, 1), (13_000, NEVER)));
    let records = (0..200_u8).map(|n| (13_500, format!("key {n}"), span((n, 0), false)));
    let stream = Stream::new("s", shards, records, 9_000).without_names();
    let mut reader = reader(std::slice::from_ref(&stream), &MemoryStore::new()).open();
    let (mut ended, mut has_child) = (0, false);
    while ended < 8 || !has_child {
        let event = reader.next().await.unwrap();
        if let Happened::Ended { children } = event.what {
            let is_first = event.shard.as_str() == "s/0";
            assert_eq!(children.len(), usize::from(is_first), "{}", event.shard);
            ended += 1;
        } else if let Happened::Records { records, .. } = event.what {
            has_child |= event.shard.as_str() == "s/child" && !records.is_empty();
        }
    }
}
