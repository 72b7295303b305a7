//! The checks of the fuzz targets, on the stable compiler: the seeds of each target, and a bounded
//! number of changes to them.

#![allow(unreachable_pub)]

#[path = "../../fuzz/checks.rs"]
mod checks;

use std::{fs, path::Path};

use proptest::prelude::*;

type Check = fn(&[u8]);

const TARGETS: [(&str, Check); 2] = [("read", checks::read), ("spans", checks::spans)];

fn read(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |file| fs::read(file).unwrap();
    files.into_iter().map(read).collect()
}

#[test]
fn every_target_is_smoked_and_has_seeds() {
    assert_eq!(read("fuzz/fuzz_targets").len(), TARGETS.len());
    for (name, check) in TARGETS {
        let seeds = read(&format!("fuzz/corpus/{name}"));
        assert!(seeds.len() >= 4, "{name}");
        for seed in seeds {
            check(&seed);
        }
    }
}

/// A part of a seed, with some bytes changed.
fn changed(mut input: Vec<u8>, changes: &[(prop::sample::Index, u8)]) -> Vec<u8> {
    for (position, byte) in changes {
        match position.index(2 * input.len() + 1) {
            at if at < input.len() => input[at] = *byte,
            at => input.truncate(at - input.len() / 2),
        }
    }
    input
}

proptest! {
    #[test]
    fn changed_seeds_hold_too(
        target in 0..TARGETS.len(),
        seed in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let (name, check) = TARGETS[target];
        let seeds = read(&format!("fuzz/corpus/{name}"));
        check(&changed(seeds[seed.index(seeds.len())].clone(), &changes));
    }

    #[test]
    fn any_bytes_hold(
        target in 0..TARGETS.len(),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        TARGETS[target].1(&bytes);
    }
}
