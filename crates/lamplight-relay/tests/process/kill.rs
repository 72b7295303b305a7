//! The process is killed at random points of a run with splits, merges, throttling and a failing
//! sink: exactly the spans that its rules keep arrive.

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

/// Number of kills. A longer run is `LAMPLIGHT_RELAY_KILLS=500 cargo test -p lamplight-relay --test
/// process kill -- --nocapture`; `LAMPLIGHT_RELAY_SEED` repeats the traces of another run, but not
/// its moments.
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
        // Sometimes long enough for one or several checkpoints.
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
    // A pause: traces decided now come after all pending ones.
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

/// Checks that no checkpoint has passed a record with kept spans that have not arrived. Returns the
/// number of checkpoints, and of records before them.
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
