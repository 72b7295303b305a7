//! Enhanced fan-out.

use std::{sync::Arc, time::Duration};

use lamplight_relay::{
    record::StreamTime,
    source::{MemoryStore, Reader, WallClock},
};
use lamplight_test_kinesis::{Fault, Kinesis};

use crate::common::{STREAM, Seen, kinesis, pushed};

fn reader(kinesis: &Kinesis) -> Reader {
    let clock = kinesis.clock().clone();
    Reader::builder(Arc::new(MemoryStore::new()))
        .stream(pushed(kinesis))
        .clock(WallClock::new(move || StreamTime::from_millis(clock.now())))
        .open()
}

#[tokio::test(start_paused = true)]
async fn records_are_pushed_in_order_through_splits_and_subscriptions_that_end() {
    let kinesis = kinesis(1);
    for n in 0..1000_u32 {
        kinesis.put(STREAM, &n.to_string(), n.to_be_bytes().to_vec());
    }
    let mut reader = reader(&kinesis);
    let mut seen = Seen::default();
    seen.until(&mut reader, |seen| seen.count() == 1000).await;
    kinesis.split(STREAM, "shardId-000000000000");
    for n in 1000..1100_u32 {
        kinesis.put(STREAM, &n.to_string(), n.to_be_bytes().to_vec());
    }
    kinesis.fault(
        "SubscribeToShard",
        Fault::answer(400, "ResourceInUseException"),
        3,
    );
    kinesis.fault("SubscribeToShard", Fault::Drop, 1);
    seen.until(&mut reader, |seen| seen.count() >= 1100).await;
    let all: Vec<_> = (0..1100_u32).map(|n| n.to_be_bytes().to_vec()).collect();
    assert_eq!(seen.sorted(), all);
    assert!(seen.data.values().all(|data| data.is_sorted()));
    assert!(seen.has("0000 ended 2"), "{:?}", seen.lines());
    assert!(
        kinesis
            .calls()
            .iter()
            .all(|call| call.operation != "GetRecords")
    );
}

#[tokio::test(start_paused = true)]
async fn a_shard_is_not_subscribed_to_again_within_five_seconds() {
    let kinesis = kinesis(1);
    let mut reader = reader(&kinesis);
    let began = tokio::time::Instant::now();
    while began.elapsed() < Duration::from_secs(60) {
        reader.next().await;
    }
    let calls = kinesis.calls();
    assert!(calls.len() > 10);
    assert!(calls.iter().all(|call| call.error.is_none()), "{calls:?}");
}
