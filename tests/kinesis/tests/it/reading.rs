//! Reading of shards without resharding.

use std::time::Duration;

use lamplight_relay::{
    record::StreamTime,
    source::{Happened, MemoryStore, Pace, Position, Start},
};
use lamplight_test_kinesis::{Fault, Kinesis};

use crate::common::{STREAM, Seen, builder, kinesis, save, shard};

fn put(kinesis: &Kinesis, range: std::ops::Range<u32>) -> Vec<Vec<u8>> {
    let all: Vec<_> = range.map(|n| n.to_be_bytes().to_vec()).collect();
    for (index, data) in all.iter().enumerate() {
        kinesis.put(STREAM, &format!("key {index}"), data.clone());
    }
    all
}

#[tokio::test(start_paused = true)]
async fn every_record_of_every_shard_is_read_in_order() {
    let kinesis = kinesis(5);
    kinesis.configure(|settings| settings.page = 2);
    let all = put(&kinesis, 0..3000);
    let mut reader = builder(&kinesis, &MemoryStore::new()).open();
    let mut seen = Seen::default();
    seen.until(&mut reader, |seen| seen.count() >= all.len())
        .await;
    assert_eq!(seen.sorted(), all);
    assert_eq!(seen.data.len(), 5);
    assert!(seen.data.values().all(|data| data.is_sorted()));
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_for_a_while_loses_and_repeats_nothing() {
    let kinesis = kinesis(2);
    let all = put(&kinesis, 0..2000);
    let mut reader = builder(&kinesis, &MemoryStore::new()).open();
    for fault in [
        Fault::throttled(),
        Fault::internal(),
        Fault::Drop,
        Fault::DropAnswer,
        Fault::expired(),
        Fault::answer(400, "AccessDeniedException"),
        Fault::answer(400, "InvalidArgumentException"),
        Fault::answer(503, "Whatever"),
        Fault::Hang,
    ] {
        for operation in ["GetRecords", "GetShardIterator", "ListShards"] {
            kinesis.fault(operation, fault.clone(), 2);
        }
    }
    kinesis.answer_empty(3);
    let mut seen = Seen::default();
    seen.until(&mut reader, |seen| seen.count() >= all.len())
        .await;
    assert_eq!(seen.sorted(), all);
    assert!(
        reader.stats().failed > 0 && reader.stats().expired > 0,
        "{:?}",
        reader.stats()
    );
}

#[tokio::test(start_paused = true)]
async fn iterators_that_expire_are_renewed_at_the_last_record() {
    let kinesis = kinesis(1);
    let mut all = put(&kinesis, 0..10);
    let mut reader = builder(&kinesis, &MemoryStore::new()).open();
    let mut seen = Seen::default();
    seen.until(&mut reader, |seen| seen.count() == 10).await;
    kinesis.expire_iterators();
    all.extend(put(&kinesis, 10..20));
    seen.until(&mut reader, |seen| seen.count() >= 20).await;
    assert_eq!(seen.sorted(), all);
    assert_eq!(reader.stats().expired, 1);
}

#[tokio::test(start_paused = true)]
async fn two_readers_with_half_the_pace_each_are_never_throttled() {
    let kinesis = kinesis(1);
    for n in 0..60_u8 {
        kinesis.put(STREAM, "key", vec![n; 500_000]);
    }
    let half = || {
        let mut pace = Pace::default();
        pace.share = 0.45;
        builder(&kinesis, &MemoryStore::new()).pace(pace).open()
    };
    let (mut one, mut other) = (half(), half());
    let (mut first, mut second) = (Seen::default(), Seen::default());
    let enough = |seen: &Seen| seen.count() == 60;
    tokio::join!(
        first.until(&mut one, enough),
        second.until(&mut other, enough)
    );
    assert_eq!((one.stats().throttled, other.stats().throttled), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_full_shard_is_read_nearly_as_fast_as_it_gives() {
    let kinesis = kinesis(1);
    for n in 0..100_u8 {
        kinesis.put(STREAM, "key", vec![n; 500_000]);
    }
    let began = tokio::time::Instant::now();
    let mut reader = builder(&kinesis, &MemoryStore::new()).open();
    Seen::default()
        .until(&mut reader, |seen| seen.count() == 100)
        .await;
    // 50 MB at 1.8 MB/s are 28 s.
    assert!(
        began.elapsed() < Duration::from_secs(36),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(reader.stats().throttled, 0);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_read_that_nobody_takes() {
    let kinesis = kinesis(1);
    let reads = || {
        kinesis
            .calls()
            .iter()
            .filter(|call| call.operation == "GetRecords")
            .count()
    };
    let reader = builder(&kinesis, &MemoryStore::new()).open();
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(reads(), 3);
    drop(reader);
}

#[tokio::test(start_paused = true)]
async fn at_the_tip_the_streams_time_goes_on_behind_the_clock() {
    let kinesis = kinesis(1);
    let mut reader = builder(&kinesis, &MemoryStore::new()).open();
    let mut last = StreamTime::default();
    for _ in 0..20 {
        let event = reader.next().await.unwrap();
        if let Happened::Records { now, behind, .. } = event.what {
            let clock = StreamTime::from_millis(kinesis.clock().now());
            assert_eq!(behind, Duration::ZERO);
            assert!(now >= last && clock.since(now) >= Duration::from_secs(2));
            assert!(
                clock.since(now) < Duration::from_secs(4),
                "{:?}",
                clock.since(now)
            );
            last = now;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn behind_the_tip_the_streams_time_is_that_of_its_records() {
    let kinesis = kinesis(1);
    kinesis.configure(|settings| settings.most_records = 1);
    let mut arrivals = Vec::new();
    for n in 0..10_u8 {
        kinesis.put(STREAM, "key", vec![n]);
        arrivals.push(kinesis.clock().now());
        kinesis.clock().advance(Duration::from_secs(60));
    }
    let mut reader = builder(&kinesis, &MemoryStore::new()).open();
    let mut seen = Seen::default();
    seen.until(&mut reader, |seen| seen.count() == 9).await;
    let times: Vec<_> = seen
        .events
        .iter()
        .filter_map(|event| match &event.what {
            Happened::Records { now, .. } => Some(now.as_millis()),
            _ => None,
        })
        .collect();
    assert!(
        times
            .iter()
            .zip(&arrivals)
            .all(|(now, arrival)| now.abs_diff(*arrival) < 5000)
    );
}

#[tokio::test(start_paused = true)]
async fn reading_begins_where_it_was_told_to() {
    let kinesis = kinesis(1);
    kinesis.put(STREAM, "key", "old");
    kinesis.clock().advance(Duration::from_secs(60));
    let time = StreamTime::from_millis(kinesis.clock().now());
    kinesis.put(STREAM, "key", "later");
    kinesis.clock().advance(Duration::from_secs(60));
    for (start, expected) in [
        (Start::TrimHorizon, vec!["later", "latest", "old"]),
        (Start::Time(time), vec!["later", "latest"]),
        (Start::Latest, vec!["latest"]),
    ] {
        let mut reader = builder(&kinesis, &MemoryStore::new()).start(start).open();
        let mut seen = Seen::default();
        seen.until(&mut reader, |seen| !seen.events.is_empty())
            .await;
        if start == Start::TrimHorizon {
            kinesis.put(STREAM, "key", "latest");
        }
        seen.until(&mut reader, |seen| seen.count() == expected.len())
            .await;
        assert_eq!(
            seen.sorted(),
            expected
                .iter()
                .map(|text| text.as_bytes())
                .collect::<Vec<_>>()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_begins_at_the_checkpoint_with_its_state_and_log() {
    let (kinesis, store) = (kinesis(1), MemoryStore::new());
    put(&kinesis, 0..5);
    let mut reader = builder(&kinesis, &store).open();
    let mut seen = Seen::default();
    seen.until(&mut reader, |seen| seen.count() == 5).await;
    seen.save(&reader, &shard(0)).await;
    reader.close().await;
    put(&kinesis, 5..8);
    let mut reader = builder(&kinesis, &store).open();
    let mut seen = Seen::default();
    seen.until(&mut reader, |seen| seen.count() >= 3).await;
    assert_eq!(
        seen.sorted(),
        (5..8_u32)
            .map(|n| n.to_be_bytes().to_vec())
            .collect::<Vec<_>>()
    );
    let Happened::Opened { state, .. } = &seen.events[0].what else {
        panic!("{:?}", seen.events[0]);
    };
    assert_eq!(&state[..], b"state");
}

#[tokio::test(start_paused = true)]
async fn a_checkpoint_older_than_the_retention_is_said_to_be() {
    for (settled, certain) in [(true, false), (false, true)] {
        let (kinesis, store) = (kinesis(1), MemoryStore::new());
        let (_, sequence) = kinesis.put(STREAM, "key", "1");
        let mut reader = builder(&kinesis, &store).open();
        let mut seen = Seen::default();
        seen.until(&mut reader, |seen| seen.count() == 1).await;
        let sequence = lamplight_relay::record::SequenceNumber::new(&sequence);
        let position = if settled {
            Position::After(sequence)
        } else {
            Position::At(sequence)
        };
        save(&reader, &shard(0), position).await.unwrap();
        reader.close().await;
        kinesis.put(STREAM, "key", "2");
        kinesis.clock().advance(Duration::from_secs(25 * 60 * 60));
        kinesis.put(STREAM, "key", "3");

        let mut reader = builder(&kinesis, &store).open();
        let mut seen = Seen::default();
        seen.until(&mut reader, |seen| seen.count() == 1).await;
        assert!(
            seen.has(&format!("0000 gap {certain}")),
            "{:?}",
            seen.lines()
        );
        assert_eq!(reader.stats().gaps, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_is_to_end_does_so_at_the_tip_or_at_its_deadline() {
    let (kinesis, store) = (kinesis(3), MemoryStore::new());
    let all = put(&kinesis, 0..500);
    let mut reader = builder(&kinesis, &store).until_tip(None).open();
    let mut seen = Seen::default();
    seen.all(&mut reader).await;
    assert_eq!(seen.sorted(), all);
    for number in 0..3 {
        seen.save(&reader, &shard(number)).await;
    }
    reader.close().await;

    kinesis.fault("GetRecords", Fault::throttled(), usize::MAX);
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    let mut reader = builder(&kinesis, &store).until_tip(Some(deadline)).open();
    let mut seen = Seen::default();
    seen.all(&mut reader).await;
    assert_eq!(seen.count(), 0);
    assert!(deadline.elapsed() < Duration::from_secs(1));
}
