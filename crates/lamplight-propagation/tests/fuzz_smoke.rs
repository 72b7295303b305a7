//! The checks of the fuzz targets, on the stable compiler: the seeds of each target, every golden
//! event, and a bounded number of changes to them.

// Tests fail by panicking.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    unreachable_pub
)]

#[path = "../fuzz/checks.rs"]
mod checks;

use std::{fs, path::Path};

use proptest::prelude::*;

type Check = fn(&[u8]);

const TARGETS: [(&str, Check); 8] = [
    ("baggage", checks::baggage),
    ("body", checks::body),
    ("client_context", checks::client_context),
    ("kinesis_data", checks::kinesis_data),
    ("splice", checks::splice),
    ("traceparent", checks::traceparent),
    ("tracestate", checks::tracestate),
    ("xray", checks::xray),
];

fn read(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|file| fs::read(file).unwrap())
        .collect()
}

#[test]
fn every_target_is_smoked_and_has_seeds() {
    let targets = read("fuzz/fuzz_targets").len();
    assert_eq!(targets, TARGETS.len());
    for (name, check) in TARGETS {
        let seeds = read(&format!("fuzz/corpus/{name}"));
        assert!(seeds.len() >= 4, "{name}");
        for seed in seeds {
            check(&seed);
        }
    }
}

fn changed(mut input: Vec<u8>, changes: &[(prop::sample::Index, u8, u8)]) -> Vec<u8> {
    for (position, kind, byte) in changes {
        let at = position.index(input.len() + 1);
        match kind % 4 {
            0 => input.insert(at, *byte),
            1 if at < input.len() => {
                input.remove(at);
            }
            2 if at < input.len() => input[at] = *byte,
            3 => {
                let tail = input.split_off(at);
                input.extend_from_within(at / 2..);
                input.extend(tail);
            }
            _ => {}
        }
    }
    input
}

proptest! {
    #[test]
    fn changed_seeds_hold_too(
        target in 0..TARGETS.len(), seed in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<u8>()), 0..6),
    ) {
        let (name, check) = TARGETS[target];
        let folder = if name == "body" { "tests/golden".to_owned() } else { format!("fuzz/corpus/{name}") };
        let seeds = read(&folder);
        check(&changed(seeds[seed.index(seeds.len())].clone(), &changes));
    }

    #[test]
    fn any_bytes_hold(target in 0..TARGETS.len(), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        TARGETS[target].1(&bytes);
    }
}
