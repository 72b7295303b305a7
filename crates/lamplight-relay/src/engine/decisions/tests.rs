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
    /// What a restart finds of all decisions for the time of a record is what was found then, or else what
    /// was decided next.
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
            // Of the same tick too: its records were looked at in some order, which does not matter.
            let next = next.clone().find(|entry| entry.key == key);
            prop_assert_eq!(all.find_at(key, tick, WINDOW, max), found.or(next));
        }
    }
}
