//! A relay that is killed at any point among the saves of parents and children.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::pending,
    time::Duration,
};

use lamplight_relay::source::{CheckpointStore as _, MemoryStore};
use proptest::prelude::*;
use tokio::time::timeout;

use super::{
    rig::{Memory, Mortal, SpanId, reader, relay, span},
    stream::{NEVER, Stream, Written, shard},
};

/// A second.
const S: u64 = 1000;

/// Streams of shards that are split and merged at 10, 20 and 30 seconds.
fn layouts() -> [Vec<Written>; 5] {
    let (first, second, third) = ((0, 10 * S), (10 * S, 20 * S), (20 * S, 30 * S));
    let after = |begin: u64| (begin * S, NEVER);
    [
        // A split, of which one child is split again.
        vec![
            shard("a", &[], (0, 8), first),
            shard("b", &["a"], (0, 4), second),
            shard("c", &["a"], (4, 8), after(10)),
            shard("d", &["b"], (0, 2), after(20)),
            shard("e", &["b"], (2, 4), after(20)),
        ],
        // A merge that is split.
        vec![
            shard("a", &[], (0, 3), first),
            shard("b", &[], (3, 8), first),
            shard("c", &["a", "b"], (0, 8), second),
            shard("d", &["c"], (0, 4), after(20)),
            shard("e", &["c"], (4, 8), after(20)),
        ],
        // A split that is merged and split.
        vec![
            shard("a", &[], (0, 8), first),
            shard("b", &["a"], (0, 4), second),
            shard("c", &["a"], (4, 8), second),
            shard("d", &["b", "c"], (0, 8), third),
            shard("e", &["d"], (0, 6), after(30)),
            shard("f", &["d"], (6, 8), after(30)),
        ],
        // Merges of shards of several ages.
        vec![
            shard("a", &[], (0, 2), first),
            shard("b", &[], (2, 4), first),
            shard("c", &[], (4, 8), (0, 20 * S)),
            shard("d", &["a", "b"], (0, 4), second),
            shard("e", &["d", "c"], (0, 8), third),
            shard("f", &["e"], (0, 8), after(30)),
        ],
        // A shard that ends without children.
        vec![
            shard("a", &[], (0, 8), first),
            shard("b", &["a"], (0, 4), (10 * S, 101 * S)),
            shard("c", &["a"], (4, 8), after(10)),
        ],
    ]
}

/// The records of a stream, and the spans of them that are kept.
struct Put {
    records: Vec<(u64, String, Vec<u8>)>,
    kept: BTreeSet<SpanId>,
}

/// Returns traces with spans in and after all generations, and some time at the end.
fn traces() -> Put {
    let times = [4, 8, 12, 16, 22, 28, 34, 100];
    let (mut spans, mut kept) = (BTreeMap::new(), BTreeSet::new());
    for trace in 0..60_u8 {
        let key = format!("key {}", trace % 23);
        // Some of the times, and possibly an error at one of them.
        let is_there = |place: &usize| trace.wrapping_mul(97) >> place & 1 == 1 || *place == 7;
        let places: Vec<_> = (0..times.len()).filter(is_there).collect();
        let bad = places.get(usize::from(trace / 3)).filter(|_| trace % 3 > 0);
        let due = times[places[0]] + 15;
        let is_kept = bad.is_some_and(|bad| times[*bad] < due);
        for place in &places {
            let (id, is_error) = ((trace, *place as u8), Some(place) == bad);
            if is_kept || is_error {
                kept.insert(id);
            }
            // None at the time of another.
            let millis = times[*place] * S + u64::from(trace);
            spans.insert((millis, trace), (key.clone(), span(id, is_error)));
        }
    }
    // Advances time in all shards.
    for trace in 100..140 {
        let data = span((trace, 0), false);
        spans.insert((300 * S, trace), (format!("key {trace}"), data));
    }
    let records = spans.into_iter();
    let records = records.map(|((millis, _), (key, data))| (millis, key, data));
    Put {
        records: records.collect(),
        kept,
    }
}

/// Runs a relay that is killed after a number of saves in each of its lives, and lives to the end
/// of the stream in the last one. Its sink responds after `delay` milliseconds, and a response of
/// the stream has at most `most` records. Returns whether it was killed in all other lives.
async fn live(layout: &[Written], put: &Put, kills: &[usize], delay: u64, most: usize) -> bool {
    let stream = Stream::new("s", layout.to_vec(), put.records.clone(), 600 * S);
    let stream = stream.with_most(most);
    let (store, mut sink) = (MemoryStore::new(), Memory::default());
    sink.delay = Duration::from_millis(delay);
    let mut was_killed = true;
    for saves in kills.iter().copied().chain([usize::MAX]) {
        let mortal = Mortal::new(&store, saves);
        let reader = reader(std::slice::from_ref(&stream), &mortal).until_tip(None);
        let relay = relay(reader.open(), &sink).build().unwrap();
        let ended = timeout(Duration::from_secs(600), relay.run(pending()));
        tokio::select! {
            () = mortal.died() => {}
            ended = ended => {
                ended.expect("it ends").unwrap();
                was_killed &= saves == usize::MAX;
            }
        }
    }
    let delivered: BTreeSet<_> = sink.spans().into_iter().collect();
    assert_eq!(delivered, put.kept, "{kills:?}");
    for copies in sink.taken.lock().unwrap().values() {
        assert!(copies.iter().all(|copy| *copy == copies[0]), "{kills:?}");
    }
    // Nothing is pending in ended shards: otherwise they would not be done.
    let rows = store.rows("s").await.unwrap();
    let done = rows.into_iter().filter(|row| row.is_done());
    let done: BTreeSet<_> = done.map(|row| row.shard).collect();
    assert_eq!(done, stream.ended().into_iter().collect(), "{kills:?}");
    was_killed
}

fn paused() -> tokio::runtime::Runtime {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().start_paused(true).build().unwrap()
}

#[test]
fn killed_behind_any_save_of_parents_and_children_it_delivers_all_that_is_kept_and_ends_them() {
    let put = traces();
    for layout in layouts() {
        let mut saves = 0;
        while paused().block_on(live(&layout, &put, &[saves], 0, 10_000)) {
            saves += 1;
        }
        assert!(saves > layout.len(), "there are saves to be killed at");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn killed_again_and_again_it_delivers_all_that_is_kept_and_ends_what_has_ended(
        layout in 0..5_usize,
        kills in proptest::collection::vec(0..24_usize, 2..6),
        delay in prop_oneof![Just(0), 1..1500_u64],
        most in prop_oneof![Just(10_000), 1..6_usize],
    ) {
        paused().block_on(live(&layouts()[layout], &traces(), &kills, delay, most));
    }
}
