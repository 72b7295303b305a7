//! The process is killed at random points of a run with splits, merges, throttles and a sink that fails: what
//! its rules keep arrives, and nothing else does.

use std::{process::Stdio, time::Duration};

use lamplight_relay::{
    engine::Checkpoint,
    source::{CheckpointStore as _, FileStore, Position},
};
use lamplight_test_kinesis::Kinesis;

use crate::{
    Ends, Folder, config,
    receiver::Receiver,
    relay,
    traffic::{Producer, RULES, STREAM, Verdict},
};

/// How often the process is killed, unless the variable says otherwise: a longer run is
/// `LAMPLIGHT_RELAY_KILLS=500 cargo test -p lamplight-relay --test process kill -- --nocapture`, and one with the
/// traces of another, but for the moments, has its `LAMPLIGHT_RELAY_SEED`.
const KILLS: usize = 25;

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_at_any_point_delivers_what_its_rules_keep_and_nothing_else() {
    let variable = |name| std::env::var(name).ok();
    let kills = variable("LAMPLIGHT_RELAY_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let seed = variable("LAMPLIGHT_RELAY_SEED");
    let seed = seed.map_or_else(|| fastrand::u64(..), |seed| seed.parse().unwrap());
    println!("LAMPLIGHT_RELAY_SEED={seed}");
    let (folder, kinesis) = (Folder::new("kill"), Kinesis::new());
    kinesis.create_stream(STREAM, 2);
    let endpoint = kinesis.serve().await;
    let receiver = Receiver::start().await;
    let config = config(&folder, &endpoint.url(), &receiver.url);
    let rules = std::fs::read_to_string(&config).unwrap();
    let rules = rules.replace("[[sink]]", &format!("{RULES}\n[[sink]]"));
    std::fs::write(&config, rules).unwrap();
    let arguments = ["--config", config.to_str().unwrap()];
    let mut producer = Producer::new(&kinesis, seed);

    let (mut checkpoints, mut passed) = (0, 0);
    for _ in 0..kills {
        let mut child = relay(&arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Now and then long enough for a checkpoint or several.
        let patience = match producer.rng.u8(..4) {
            0 => producer.rng.u64(1_000..2_500),
            _ => producer.rng.u64(20..600),
        };
        producer.step();
        producer.disturb();
        match producer.rng.u8(..6) {
            0 => receiver.refuse(1),
            1 => receiver.forget_to_answer(1),
            _ => {}
        }
        tokio::time::sleep(Duration::from_millis(patience)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        let seen = check_checkpoints(&folder, &producer, &receiver).await;
        checkpoints += seen.0;
        passed = seen.1;
    }
    kinesis.heal();
    receiver.heal();
    let child = Ends::new(relay(&arguments));
    producer.drain(|| receiver.copies()).await;
    // A quiet time: what is decided now comes behind all that was to come.
    producer.mark();
    producer.drain(|| receiver.copies()).await;
    child.terminated().await;
    let seen = check_checkpoints(&folder, &producer, &receiver).await;
    checkpoints += seen.0;

    let verdict = Verdict::new(&producer.truth, &receiver.copies());
    let put: usize = producer.truth.0.values().map(|spans| spans.len()).sum();
    println!(
        "| kills | traces | spans put | kept | delivered | of them again | lost | unwanted | copies that differ \
         | checkpoints read | records they passed | shards |\n\
         | {kills} | {} | {put} | {} | {} | {} | {} | {} | {} | {checkpoints} | {} | {} |",
        producer.truth.0.len(),
        verdict.kept,
        verdict.delivered,
        verdict.again,
        verdict.lost.len(),
        verdict.unwanted.len(),
        verdict.differing.len(),
        passed.max(seen.1),
        kinesis.shards(STREAM).len()
    );
    verdict.check();
}

/// Checks that no checkpoint has passed a record with spans that are kept and have not arrived. Returns how many
/// checkpoints there are, and how many records are before them.
async fn check_checkpoints(
    folder: &Folder,
    producer: &Producer,
    receiver: &Receiver,
) -> (usize, usize) {
    let store = FileStore::open(folder.0.join("checkpoints")).unwrap();
    let rows = store.rows(STREAM).await.unwrap();
    let (kept, arrived) = (producer.truth.kept(), receiver.copies());
    let (mut checkpoints, mut passed) = (0, 0);
    for row in rows.iter().filter(|row| !row.state.is_empty()) {
        let checkpoint = Checkpoint::parse(&row.state).unwrap();
        checkpoints += 1;
        let shard = row.shard.as_str().rsplit('/').next().unwrap();
        let records = producer.records.iter();
        for ((_, sequence), span) in records.filter(|((of, _), _)| of == shard) {
            let is_passed = match (&checkpoint.unsettled, &checkpoint.read) {
                _ if row.position == Position::End => true,
                (Some(unsettled), _) => sequence < unsettled,
                (None, Some(read)) => sequence <= read,
                (None, None) => false,
            };
            passed += usize::from(is_passed);
            assert!(
                !is_passed || !kept.contains(span) || arrived.contains_key(span),
                "{span:?} of {sequence} has not arrived, and is before {checkpoint:?}"
            );
        }
    }
    (checkpoints, passed)
}
