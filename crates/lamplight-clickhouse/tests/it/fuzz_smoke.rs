//! The checks of the fuzz targets, on the stable compiler: the seeds of each target, and a bounded
//! number of changes to them; and some of these inputs against the engine.

#![allow(unreachable_pub)]

#[path = "../../fuzz/checks.rs"]
mod checks;

use std::{cell::Cell, fs, path::Path};

use lamplight_clickhouse::{MetricBlocks, MetricKind, Schema, TRACES_TABLE, TraceBlock};
use lamplight_test_clickhouse::Database;
use proptest::{prelude::*, test_runner::TestRunner};

type Check = fn(&[u8]);

const TARGETS: [(&str, Check); 2] = [("metrics", checks::metrics), ("spans", checks::spans)];

fn read(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |file| fs::read(file).unwrap();
    files.into_iter().map(read).collect()
}

fn seeds(target: usize) -> Vec<Vec<u8>> {
    read(&format!("fuzz/corpus/{}", TARGETS[target].0))
}

#[test]
fn every_target_is_smoked_and_has_seeds() {
    assert_eq!(read("fuzz/fuzz_targets").len(), TARGETS.len());
    for (target, (name, check)) in TARGETS.into_iter().enumerate() {
        let seeds = seeds(target);
        assert!(seeds.len() >= 4, "{name}");
        for seed in seeds {
            check(&seed);
        }
    }
}

/// A part of a seed, with some bytes changed.
fn changed(target: usize) -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    (prop::sample::select(seeds(target)), changes).prop_map(|(mut input, changes)| {
        for (position, byte) in changes {
            match position.index(2 * input.len() + 1) {
                at if at < input.len() => input[at] = byte,
                at => input.truncate(at - input.len() / 2),
            }
        }
        input
    })
}

proptest! {
    #[test]
    fn changed_seeds_hold_too(metrics in changed(0), spans in changed(1)) {
        checks::metrics(&metrics);
        checks::spans(&spans);
    }

    #[test]
    fn any_bytes_hold(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        checks::metrics(&bytes);
        checks::spans(&bytes);
    }
}

#[test]
fn the_engine_takes_every_block_that_has_rows() {
    let database = Database::new();
    for statement in Schema::new(database.name()).statements() {
        database.run(&statement);
    }
    let inserts = Cell::new(0);
    let insert = |into: String, body: &[u8]| {
        // Equal blocks are other inserts.
        let number = inserts.replace(inserts.get() + 1);
        let answer = ureq::post(database.url())
            .config()
            .http_status_as_error(false)
            .build()
            // Random times are of as many days.
            .query("max_partitions_per_insert_block", "0")
            .query("insert_deduplication_token", number.to_string())
            .query("query", into)
            .send(body);
        let mut answer = answer.unwrap();
        let said = answer.body_mut().read_to_string().unwrap();
        assert_eq!((answer.status().as_u16(), &*said), (200, ""));
    };
    let wanted = Cell::new(0);
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(48)
    });
    let both = (changed(0), changed(1));
    let result = runner.run(&both, |(metrics, spans)| {
        let mut block = TraceBlock::default();
        if block.push(&spans).rows > 0 {
            wanted.set(wanted.get() + block.rows());
            insert(TraceBlock::statement(database.name()), &block.finish());
        }
        let mut blocks = MetricBlocks::default();
        blocks.push(&metrics);
        for block in blocks.finish() {
            wanted.set(wanted.get() + block.rows);
            insert(block.statement(database.name()), &block.body);
        }
        Ok(())
    });
    result.unwrap();
    let metrics = MetricKind::ALL.map(MetricKind::table);
    let tables = [TRACES_TABLE].into_iter().chain(metrics);
    let rows = tables.map(|table| {
        let count = database.run(&format!("SELECT count() FROM {table}"));
        count.trim().parse::<usize>().unwrap()
    });
    assert_eq!(rows.sum::<usize>(), wanted.get());
    assert!(wanted.get() > 0);
}
