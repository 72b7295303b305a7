//! Crashes around splits and merges.

use std::{collections::BTreeMap, time::Duration};

use lamplight_relay::{engine::Settings, record::ShardId};

use super::{
    process::{Process, Step},
    promises::{Case, Event, run, stream},
};

const READ_ALL: [Step; 3] = [Step::Read(0, 9), Step::Read(1, 9), Step::Read(2, 9)];

fn settings(wait: u64, max_wait: u64) -> Settings {
    let mut settings = Settings::default();
    settings.decision_wait = Duration::from_secs(wait);
    settings.max_wait = Duration::from_secs(max_wait);
    settings
}

/// A record of one or two traces, whose spans have this name, and an error or not.
fn event(trace: u8, other: Option<u8>, (name, is_error): (&'static str, bool)) -> Event {
    Event {
        after: 0,
        trace,
        other,
        name,
        is_error,
        is_root: false,
        kind: 4,
    }
}

/// An empty record, where that of the trace would be.
fn nothing(trace: u8, after: u64) -> Event {
    Event {
        after,
        kind: 0,
        ..event(trace, None, ("plain", false))
    }
}

/// The output, by shard.
type Order = BTreeMap<ShardId, Vec<String>>;

/// Asserts that a crash after these steps does not change the output of a case. Returns the output
/// in order, without and with the crash.
fn assert_same(case: &Case, steps: impl IntoIterator<Item = Step>) -> [Order; 2] {
    let stream = stream(case);
    let calm = run(&stream, case, &[]);
    let mut killed = Process::new(&stream, &case.settings, case.adapts);
    for step in steps {
        killed.step(&step);
    }
    killed.step(&Step::Kill);
    killed.finish(&[]);
    assert_eq!(killed.contents, calm.contents);
    [calm.order, killed.order]
}

/// The first of its two records is settled with it, the second one is held by another trace.
#[test]
fn a_split_trace_of_which_only_the_last_record_is_read_again_is_still_the_one_that_was_decided() {
    let plain = ("plain", false);
    let case = Case {
        events: vec![
            event(4, None, ("veto", false)),
            event(1, Some(4), ("plain", true)),
            event(0, None, plain),
            event(1, None, plain),
        ],
        split: 2,
        merge: 10,
        settings: settings(20, 20),
        adapts: false,
    };
    for child in [1, 2] {
        let steps = [
            Step::Wait(30_000),
            // One of the two shards in which trace 4 and trace 1 continue.
            Step::Advance(child),
            Step::Deliver(9),
            Step::Settle(9, false),
            Step::Save(9),
        ];
        assert_same(&case, READ_ALL.into_iter().chain(steps));
    }
}

/// Both parents left trace 0 undecided, and the time of one ended before it would have waited
/// longer for it. If trace 0 were decided before the others, the adaptive rule would not treat them
/// as the first ones.
#[test]
fn a_trace_that_two_parents_left_is_waited_for_as_long_after_a_restart_as_before() {
    let adapt = ("adapt", false);
    for later in [0, 1] {
        let case = Case {
            events: vec![
                event(0, Some(4), adapt),
                event(1, Some(0), adapt),
                nothing(later, 21_000),
                nothing(later, 0),
            ],
            split: 1,
            merge: 3,
            settings: settings(20, 30),
            adapts: true,
        };
        let [calm, killed] = assert_same(&case, [Step::Wait(21_000)].into_iter().chain(READ_ALL));
        assert_eq!(killed, calm);
    }
}

/// One of them decides it itself, and the time of the other one ends before that.
#[test]
fn after_a_restart_each_parent_of_a_merge_has_what_it_decided_about_a_trace_of_both() {
    // The second rule keeps traces 3 and 4, but not trace 0, which both parents have.
    let ways = [("plain", true), ("half", false)];
    for (one, other, later) in [(0, 1, 0), (0, 1, 1), (1, 0, 0), (1, 0, 1)] {
        let case = Case {
            events: vec![
                event(4, Some(0), ways[one]),
                event(3, Some(0), ways[other]),
                nothing(later, 31_000),
                nothing(later, 0),
            ],
            split: 0,
            merge: 3,
            settings: settings(20, 20),
            adapts: true,
        };
        let read = [Step::Wait(31_000)].into_iter().chain(READ_ALL);
        let [calm, killed] = assert_same(&case, read.clone());
        assert_eq!(killed, calm);
        // A parent whose output is completely settled is not read again.
        for (count, is_last) in (1..6).flat_map(|count| [(count, false), (count, true)]) {
            let settle = [
                Step::Deliver(9),
                Step::Settle(count, is_last),
                Step::Save(9),
            ];
            assert_same(&case, read.clone().chain(settle));
        }
    }
}
