use proptest::prelude::*;

use super::*;
use crate::{
    rules::{Condition, Rule, RuleId, Rules, Verdict},
    sampling::Threshold,
};

const WINDOW: u32 = 100;

fn entry(key: u64, tick: u32) -> Entry {
    let verdict = Verdict::kept(RuleId::new(1), Threshold::ALWAYS);
    Entry::new(key, &verdict, tick)
}

fn rules() -> Rules {
    let rule = |name| Rule::keep(name, Condition::always());
    Rules::builder()
        .rules(["zero", "one"].map(rule))
        .build()
        .unwrap()
}

fn logged(decisions: &mut Decisions) -> Vec<Vec<u8>> {
    let rules = rules();
    let next = || Some(decisions.save(&rules)).filter(|chunk| !chunk.is_empty());
    let chunks = std::iter::from_fn(next);
    chunks.collect()
}

#[test]
fn a_decision_is_remembered_for_the_late_window() {
    let mut decisions = Decisions::default();
    decisions.add(entry(1, 10));
    decisions.add(entry(2, 20));
    for (tick, found) in [(110, Some(entry(1, 10))), (111, None)] {
        assert_eq!(decisions.forget(tick, WINDOW, usize::MAX), 0);
        assert_eq!(decisions.find(1), found, "at {tick}");
    }
    assert_eq!(decisions.find(2), Some(entry(2, 20)));
    assert_eq!(decisions.len(), 1);
}

#[test]
fn the_oldest_are_forgotten_where_there_are_too_many_and_counted() {
    let mut decisions = Decisions::default();
    for key in 0..10 {
        decisions.add(entry(key, 10 + key as u32));
    }
    assert_eq!(decisions.forget(20, WINDOW, 4), 6);
    assert_eq!(
        (decisions.find(5), decisions.find(6)),
        (None, Some(entry(6, 16)))
    );
}

#[test]
fn a_restart_remembers_what_was_logged() {
    let mut decisions = Decisions::default();
    let count = 3 * log::CHUNK as u64;
    for key in 0..count {
        decisions.add(entry(key, (key / 100) as u32));
    }
    let log = logged(&mut decisions);
    assert!(log.len() == 3 && log.iter().all(|chunk| chunk.len() <= 257 << 10));
    assert!(decisions.save(&rules()).is_empty());
    let restored = Decisions::of_log(&log, 1000, count - 1, &rules()).unwrap();
    assert_eq!(restored.find(999), None);
    assert_eq!(restored.find(1000), Some(entry(1000, 10)));
    assert_eq!(
        restored.find(count - 2),
        Some(entry(count - 2, ((count - 2) / 100) as u32))
    );
    assert_eq!(restored.find(count - 1), None);
    assert_eq!(restored.next(), count - 1);
}

#[test]
fn however_often_a_shard_is_split_and_merged_a_decision_is_remembered_once() {
    let mut decisions = Decisions::default();
    for key in 0..10 {
        decisions.add(entry(key, 10 + key as u32 / 3));
    }
    for generation in 10..60 {
        let mut children = [(); 2].map(|()| Decisions::merged(&[&decisions]));
        children[generation as usize % 2].add(entry(generation, generation as u32 + 10));
        let [one, other] = &children;
        decisions = Decisions::merged(&[one, other]);
    }
    assert_eq!(decisions.len(), 60);
    assert!((0..60).all(|key| decisions.find(key).is_some()));
}

#[test]
fn decisions_about_one_trace_that_differ_are_all_remembered_and_the_last_one_counts() {
    let vetoed = Verdict {
        kept: false,
        vetoed: true,
        ..Verdict::kept(RuleId::new(0), Threshold::ALWAYS)
    };
    let [kept, vetoed] = [entry(1, 10), Entry::new(1, &vetoed, 10)];
    let [mut one, mut other] = [(); 2].map(|()| Decisions::default());
    one.add(kept);
    other.add(vetoed);
    let merged = Decisions::merged(&[&one, &other]);
    assert_eq!((merged.len(), merged.find(1)), (2, Some(vetoed)));
}

#[test]
fn memory_is_given_back_once_it_is_in_the_log() {
    let mut decisions = Decisions::default();
    for key in 0..20 * SEGMENT as u64 {
        decisions.add(entry(key, 1));
    }
    decisions.forget(1000, WINDOW, usize::MAX);
    assert_eq!((decisions.len(), decisions.segments.len()), (0, 20));
    logged(&mut decisions);
    decisions.forget(1001, WINDOW, usize::MAX);
    assert_eq!(decisions.segments.len(), 0);
}

proptest! {
    /// From all decisions, a restart finds for the time of a record the decision that applied then,
    /// or else the next one.
    #[test]
    fn what_held_at_a_time_is_found_later(
        events in proptest::collection::vec((0_u64..4, 0_u32..40, any::<bool>()), 1..60),
        max in 0_usize..5,
    ) {
        let mut decisions = Decisions::default();
        let (mut tick, mut asked) = (1, Vec::new());
        for (key, step, is_decided) in events {
            if step > 0 {
                tick += step;
                decisions.forget(tick, WINDOW, max);
            }
            if decisions.find(key).is_some() {
                asked.push((key, tick, decisions.find(key), decisions.next()));
            } else if is_decided {
                decisions.add(entry(key, tick));
            } else {
                asked.push((key, tick, None, decisions.next()));
            }
        }
        let log = logged(&mut decisions);
        let all = Decisions::of_log(&log, 0, decisions.next(), &rules()).unwrap();
        for (key, tick, found, number) in asked {
            let next = (number..all.next()).filter_map(|number| all.get(number));
            // Also within the same tick, whose records were observed in an arbitrary order.
            let next = next.clone().find(|entry| entry.key == key);
            prop_assert_eq!(all.find_at(key, tick, WINDOW, max), found.or(next));
        }
    }

    /// Shards forget when their time advances, which may be before or after a merge.
    #[test]
    fn what_was_forgotten_before_a_merge_is_forgotten_behind_it_too(
        before in proptest::collection::vec((0_u64..8, 0_u32..4), 0..8),
        after in proptest::collection::vec((any::<bool>(), 8_u64..16, 0_u32..60), 0..8),
        forgets in any::<[bool; 2]>(),
        max in 0_usize..5,
    ) {
        let mut tick = 1;
        let mut origin = Decisions::default();
        for (key, step) in before {
            tick += step;
            if !origin.entries().any(|known| known == entry(key, tick)) {
                origin.add(entry(key, tick));
            }
        }
        let mut shards = [(); 2].map(|()| Decisions::merged(&[&origin]));
        for (shard, key, step) in after {
            tick += step;
            let shard = &mut shards[usize::from(shard)];
            if !shard.entries().any(|known| known == entry(key, tick)) {
                shard.add(entry(key, tick));
            }
        }
        let merge = |shards: &[Decisions; 2]| {
            let [one, other] = shards;
            let mut merged = Decisions::merged(&[one, other]);
            merged.forget(tick + 1, WINDOW, max);
            merged.entries().collect::<Vec<_>>()
        };
        let late = merge(&shards);
        for (shard, forgets) in shards.iter_mut().zip(forgets) {
            if forgets {
                shard.forget(tick + 1, WINDOW, max);
            }
        }
        prop_assert_eq!(merge(&shards), late);
    }
}
