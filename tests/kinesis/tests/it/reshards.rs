//! Splits and merges: parents before children, across restarts.

use lamplight_relay::source::{MemoryStore, Position};

use crate::common::{STREAM, Seen, builder, kinesis, save, shard};

const PARENT: &str = "shardId-000000000000";

#[tokio::test(start_paused = true)]
async fn children_are_read_when_their_parent_has_ended() {
    for ends_with_records in [false, true] {
        let kinesis = kinesis(1);
        kinesis.configure(|settings| settings.ends_with_records = ends_with_records);
        kinesis.put(STREAM, "a", "1");
        kinesis.split(STREAM, PARENT);
        for n in 0..20 {
            kinesis.put(STREAM, &n.to_string(), "2");
        }
        let mut reader = builder(&kinesis, &MemoryStore::new()).open();
        let mut seen = Seen::default();
        seen.until(&mut reader, |seen| seen.count() == 21).await;
        let lines = seen.lines();
        let expected = ["0000 opened TRIM_HORIZON", "0000 1", "0000 ended 2"];
        assert_eq!(lines[..3], expected);
        assert!(
            lines[3..5]
                .iter()
                .all(|line| line.ends_with("opened TRIM_HORIZON"))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_merge_is_read_when_both_parents_have_ended() {
    let kinesis = kinesis(2);
    let mut reader = builder(&kinesis, &MemoryStore::new()).open();
    for n in 0..50 {
        kinesis.put(STREAM, &n.to_string(), "1");
    }
    let mut seen = Seen::default();
    seen.until(&mut reader, |seen| seen.count() == 50).await;
    kinesis.merge(STREAM, PARENT, "shardId-000000000001");
    kinesis.put(STREAM, "a", "2");
    seen.until(&mut reader, |seen| seen.count() == 51).await;
    let lines = seen.lines();
    let last = &lines[lines.len() - 4..];
    assert_eq!(
        last,
        [
            "0000 ended 1",
            "0001 ended 1",
            "0002 opened TRIM_HORIZON",
            "0002 1"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_parent_that_is_not_done_is_opened_before_its_child_whose_checkpoint_is_further() {
    let (kinesis, store) = (kinesis(1), MemoryStore::new());
    kinesis.put(STREAM, "a", "1");
    kinesis.split(STREAM, PARENT);
    kinesis.put(STREAM, "a", "2");
    let mut reader = builder(&kinesis, &store).open();
    let mut seen = Seen::default();
    seen.until(&mut reader, |seen| seen.count() == 2).await;
    let child = seen.data.keys().last().unwrap().clone();
    seen.save(&reader, &child).await;
    reader.close().await;

    kinesis.put(STREAM, "a", "3");
    let mut reader = builder(&kinesis, &store).open();
    let mut seen = Seen::default();
    seen.until(&mut reader, |seen| seen.count() == 2).await;
    let data: Vec<_> = seen.data.values().flatten().cloned().collect();
    assert_eq!(
        data,
        [b"1", b"3"],
        "the parent's, and the child's from its checkpoint"
    );
}

/// zio-kinesis#902, harlow/kinesis-consumer#199, KCL#751.
#[tokio::test(start_paused = true)]
async fn a_parent_that_is_empty_behind_its_checkpoint_ends_after_a_restart_and_nothing_is_read_twice()
 {
    let (kinesis, store) = (kinesis(1), MemoryStore::new());
    for n in 0..10 {
        kinesis.put(STREAM, &n.to_string(), "1");
    }
    let mut reader = builder(&kinesis, &store).open();
    let mut seen = Seen::default();
    seen.until(&mut reader, |seen| seen.count() == 10).await;
    seen.save(&reader, &shard(0)).await;
    reader.close().await;

    kinesis.split(STREAM, PARENT);
    for n in 0..10 {
        kinesis.put(STREAM, &n.to_string(), "2");
    }
    let mut reader = builder(&kinesis, &store).open();
    let mut seen = Seen::default();
    seen.until(&mut reader, |seen| seen.count() == 10).await;
    assert!(!seen.data.contains_key(&shard(0)), "{:?}", seen.lines());
    assert!(seen.has("0000 ended 2"));
    save(&reader, &shard(0), Position::End).await.unwrap();
    for child in [shard(1), shard(2)] {
        seen.save(&reader, &child).await;
    }
    reader.close().await;

    kinesis.put(STREAM, "a", "3");
    let mut reader = builder(&kinesis, &store).open();
    let mut seen = Seen::default();
    seen.until(&mut reader, |seen| seen.count() == 1).await;
    assert!(
        !seen.lines().iter().any(|line| line.starts_with("0000")),
        "{:?}",
        seen.lines()
    );
}

#[tokio::test(start_paused = true)]
async fn a_parent_whose_records_are_not_settled_is_read_again_before_its_children() {
    let (kinesis, store) = (kinesis(1), MemoryStore::new());
    kinesis.put(STREAM, "a", "1");
    kinesis.split(STREAM, PARENT);
    kinesis.put(STREAM, "a", "2");
    for _ in 0..3 {
        let mut reader = builder(&kinesis, &store).open();
        let mut seen = Seen::default();
        seen.until(&mut reader, |seen| seen.count() == 2).await;
        assert_eq!(
            seen.lines()[..3],
            ["0000 opened TRIM_HORIZON", "0000 1", "0000 ended 2"]
        );
        reader.close().await;
    }
}

#[tokio::test(start_paused = true)]
async fn generations_of_splits_and_merges_are_read_in_their_order() {
    let (kinesis, store) = (kinesis(1), MemoryStore::new());
    let mut put = 0_usize;
    let mut fill = || {
        for n in 0..30 {
            kinesis.put(STREAM, &n.to_string(), "x");
            put += 1;
        }
    };
    fill();
    let [left, right] = kinesis.split(STREAM, PARENT);
    fill();
    let [middle, end] = kinesis.split(STREAM, &right);
    fill();
    let merged = kinesis.merge(STREAM, &left, &middle);
    fill();
    kinesis.merge(STREAM, &merged, &end);
    fill();
    let mut reader = builder(&kinesis, &store).until_tip(None).open();
    let mut seen = Seen::default();
    seen.all(&mut reader).await;
    assert_eq!(seen.count(), put, "{:?}", seen.lines());
    for number in 0..7 {
        let lines = seen.lines();
        let opened = lines
            .iter()
            .filter(|line| line.starts_with(&format!("{number:04} opened")));
        assert_eq!(opened.count(), 1, "{lines:?}");
    }
}
