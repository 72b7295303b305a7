//! The engine's guarantees, for any stream, any order of reading and any crashes.

use std::{collections::BTreeMap, time::Duration};

use lamplight_relay::{
    engine::Settings,
    record::{HashRange, ShardId, StreamTime},
};
use proptest::prelude::*;

use super::{
    process::{Process, Step, TestShard, WINDOW},
    records::{TestSpan, at, raw, request},
};

/// Partition keys whose MD5 is below, and above, the middle of the range.
const KEYS: [[&str; 4]; 2] = [
    ["key-1", "key-3", "key-7", "key-12"],
    ["key-0", "key-4", "key-8", "key-13"],
];

const MIDDLE: u128 = 1 << 127;

/// An arrival.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// Time since the previous arrival.
    pub(super) after: u64,
    pub(super) trace: u8,
    pub(super) other: Option<u8>,
    pub(super) name: &'static str,
    pub(super) is_error: bool,
    pub(super) is_root: bool,
    pub(super) kind: u8,
}

#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) events: Vec<Event>,
    pub(super) split: usize,
    pub(super) merge: usize,
    pub(super) settings: Settings,
    pub(super) adapts: bool,
}

fn event() -> impl Strategy<Value = Event> {
    let after = prop_oneof![8 => 0_u64..2500, 2 => 2500_u64..20_000, 1 => 20_000_u64..120_000];
    let name = prop_oneof![
        5 => Just("plain"), 3 => Just("half"), 1 => Just("veto"), 4 => Just("adapt"), 2 => Just("tenth"),
    ];
    let other = prop_oneof![4 => Just(None), 1 => (0_u8..8).prop_map(Some)];
    let flags = (
        prop::bool::weighted(0.15),
        prop::bool::weighted(0.2),
        0_u8..16,
    );
    (after, 0_u8..8, other, name, flags).prop_map(|(after, trace, other, name, flags)| Event {
        after,
        trace,
        other,
        name,
        is_error: flags.0,
        is_root: flags.1,
        kind: flags.2,
    })
}

fn settings() -> impl Strategy<Value = Settings> {
    let waits = (
        prop::option::of(0_u64..8),
        prop_oneof![Just(30_u64), Just(50)],
    );
    let bounds = prop_oneof![Just(1_usize << 26), 1500_usize..8000];
    let decisions = prop_oneof![Just(1_000_usize), 0_usize..4];
    let spans = prop_oneof![Just(1000_u32), 1_u32..5];
    (waits, bounds, decisions, spans).prop_map(|(waits, bytes, decisions, spans)| {
        let mut settings = Settings::default();
        settings.decision_wait = Duration::from_millis(20_300);
        settings.wait_after_root = waits.0.map(Duration::from_secs);
        settings.max_wait = Duration::from_secs(waits.1);
        settings.late_window = Duration::from_secs(60);
        settings.max_bytes = bytes;
        settings.max_decisions = decisions;
        settings.max_trace_spans = spans;
        settings.meter_window = Some(Duration::from_millis(WINDOW));
        settings
    })
}

fn case() -> impl Strategy<Value = Case> {
    let events = proptest::collection::vec(event(), 1..60);
    // Half of them are within most streams, so that much happens after a merge too.
    let split = prop_oneof![0_usize..80, 0_usize..30];
    let more = prop_oneof![0_usize..60, 0_usize..20];
    (events, split, more, settings(), any::<bool>()).prop_map(
        |(events, split, more, settings, adapts)| Case {
            events,
            split,
            merge: split + more,
            settings,
            adapts,
        },
    )
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0_u64..15_000).prop_map(Step::Wait),
        8 => (0_usize..4, 1_usize..6).prop_map(|(shard, count)| Step::Read(shard, count)),
        4 => (0_usize..4).prop_map(Step::Advance),
        4 => (0_usize..5).prop_map(Step::Deliver),
        4 => (0_usize..5, any::<bool>()).prop_map(|(count, last)| Step::Settle(count, last)),
        1 => (0_usize..4).prop_map(Step::Meter),
        3 => prop_oneof![3 => Just(9), 1 => 0_usize..4].prop_map(Step::Save),
        2 => Just(Step::Kill),
    ];
    proptest::collection::vec(step, 0..120)
}

/// Returns the shards of a case: one, which may be split into two, which may be merged into one.
pub(super) fn stream(case: &Case) -> Vec<TestShard> {
    let shard = |name: &str, range, parents: &[usize]| TestShard {
        id: ShardId::new(name),
        range,
        parents: parents.to_vec(),
        records: Vec::new(),
        closed: None,
    };
    let low = HashRange {
        first: 0,
        last: MIDDLE - 1,
    };
    let high = HashRange {
        first: MIDDLE,
        last: u128::MAX,
    };
    let mut shards = vec![
        shard("a", HashRange::ALL, &[]),
        shard("b", low, &[0]),
        shard("c", high, &[0]),
        shard("d", HashRange::ALL, &[1, 2]),
    ];
    let (mut millis, mut last): (u64, Option<Vec<u8>>) = (0, None);
    let mut closed: Vec<StreamTime> = Vec::new();
    for (index, event) in case.events.iter().enumerate() {
        if index == case.split || index == case.merge {
            closed.push(at(millis));
        }
        millis += event.after;
        let half = usize::from(event.trace % 2);
        let place = match (index < case.split, index < case.merge) {
            (true, _) => 0,
            (false, true) => 1 + half,
            (false, false) => 3,
        };
        let span = |trace| TestSpan {
            trace,
            id: index as u32,
            name: event.name,
            is_error: event.is_error,
            is_root: event.is_root,
        };
        let spans: Vec<_> = [Some(event.trace), event.other]
            .into_iter()
            .flatten()
            .map(span)
            .collect();
        let data = match (event.kind, &last) {
            (0, _) => b"this is no record".to_vec(),
            (1 | 2, Some(last)) => last.clone(),
            _ => request(&spans),
        };
        let key = KEYS[half][usize::from(event.trace / 2) % 4];
        // Arrivals are stamped by several machines.
        let early = u64::from(event.kind == 3) * millis.min(400);
        let early = if closed.is_empty() { early } else { 0 };
        shards[place]
            .records
            .push(raw(index as u64 + 1, millis - early, key, data.clone()));
        last = Some(data);
    }
    let split_at = closed.first().copied();
    let merged_at = if case.split == case.merge {
        split_at
    } else {
        closed.get(1).copied()
    };
    shards[0].closed = split_at;
    for child in shards.iter_mut().skip(1).take(2) {
        child.closed = merged_at;
    }
    shards
}

pub(super) fn run<'a>(stream: &'a [TestShard], case: &Case, order: &[usize]) -> Process<'a> {
    let mut process = Process::new(stream, &case.settings, case.adapts);
    process.finish(order);
    process
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// The same records give identical outputs, in the same order in each shard, regardless of the
    /// order in which shards are read.
    #[test]
    fn a_replay_and_any_order_of_shards_give_the_same(
        case in case(),
        order in proptest::collection::vec(0_usize..4, 0..80),
    ) {
        let stream = stream(&case);
        let once = run(&stream, &case, &[]);
        let again = run(&stream, &case, &[]);
        prop_assert_eq!(&once.order, &again.order);
        prop_assert_eq!(&once.saves, &again.saves);
        let otherwise = run(&stream, &case, &order);
        prop_assert_eq!(&once.order, &otherwise.order);
    }

    /// Wherever the process is killed, and from whichever checkpoint it resumes: the output equals
    /// that of a run without a crash, and duplicates are identical.
    #[test]
    fn kills_lose_nothing_change_nothing_and_add_nothing(case in case(), steps in steps()) {
        let stream = stream(&case);
        let calm = run(&stream, &case, &[]);
        let mut killed = Process::new(&stream, &case.settings, case.adapts);
        for step in &steps {
            killed.step(step);
        }
        killed.finish(&[]);
        for (key, ways) in &killed.delivered {
            prop_assert_eq!(ways.len(), 1, "{:?} came out in several ways: {:#?}", key, ways);
        }
        for (key, ways) in &calm.delivered {
            prop_assert_eq!(killed.delivered.get(key), Some(ways), "{:?}", key);
        }
        // A copy of a record may be output beside it, which is equivalent to a duplicate output.
        prop_assert_eq!(&killed.contents, &calm.contents);
        prop_assert_eq!(&killed.windows, &calm.windows);
        // No checkpoint has passed a record that was not settled when it was saved, including at
        // the end.
        for saved in &killed.saves {
            for number in killed.passed(saved) {
                let of = calm.delivered.keys().filter(|key| key.0 == number);
                prop_assert!(of.clone().all(|key| killed.settled.contains(key)));
            }
        }
    }
}

#[test]
fn the_streams_of_these_tests_have_everything_in_them() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};

    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    for _ in 0..200 {
        let case = case().new_tree(&mut runner).unwrap().current();
        let stream = stream(&case);
        let process = run(&stream, &case, &[]);
        let stats = process.engine.stats();
        for (name, count) in [
            ("late_kept", stats.late_kept),
            ("late_dropped", stats.late_dropped),
            ("late_incomplete", stats.late_incomplete),
            ("duplicates", stats.duplicates),
            ("refused", stats.refused),
            ("mixed", stats.mixed),
            ("forgotten", stats.forgotten),
        ] {
            *seen.entry(name).or_default() += count;
        }
        for ((_, rule, reason), count) in &stats.decisions {
            *seen.entry(reason.as_str()).or_default() += count;
            *seen
                .entry(rule.map_or("none", |rule| {
                    ["errors", "health", "half", "tenth", "many", "adaptive"]
                        [usize::from(rule.index())]
                }))
                .or_default() += count;
        }
    }
    assert_eq!(seen.len(), 7 + 5 + 7, "{seen:?}");
    assert!(seen.values().all(|count| *count > 20), "{seen:?}");
}
