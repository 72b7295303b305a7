//! Late spans, crashes during the wait, giant traces: known faults of other products.

use std::{sync::Arc, time::Duration};

use lamplight_relay::{
    engine::{Checkpoint, CheckpointError, Engine, Fate, Output, Reason, Resume, Settings},
    rules::{Condition, Rule, Rules},
    sampling::Threshold,
};

use super::records::{TestSpan, at, error, named, record, rules, shard, span};

fn engine(settings: Settings, rules: Rules) -> Engine {
    let mut engine = Engine::new(settings, Arc::new(rules));
    engine.open(shard(), None, &[[]; 0]).unwrap();
    engine
}

/// The output: the trace's number, its rule, whether it is incomplete, and its records.
type Out = (u8, Option<u16>, bool, Vec<u64>);

fn take(engine: &mut Engine) -> Vec<Out> {
    let mut out = Vec::new();
    for output in engine.take() {
        for number in output.numbers().collect::<Vec<_>>() {
            engine.settle(number);
        }
        let Output::Kept(kept) = output else {
            panic!("{output:?}");
        };
        let records = kept.records.iter();
        let records = records.map(|held| held.sequence.as_str().parse().unwrap());
        let rule = kept.verdict.rule.map(|rule| rule.index());
        out.push((
            kept.trace_id[0] - 1,
            rule,
            kept.incomplete,
            records.collect(),
        ));
    }
    out
}

fn push(engine: &mut Engine, sequence: u64, millis: u64, spans: &[TestSpan]) {
    engine.push(&shard(), record(sequence, millis, spans), &mut ());
}

#[test]
fn collector_14760_a_late_span_follows_its_trace_whatever_it_would_have_been_alone() {
    let mut engine = engine(Settings::default(), rules());
    push(&mut engine, 1, 0, &[error(1, 1)]);
    push(&mut engine, 2, 0, &[named(2, 1, "veto")]);
    engine.advance(&shard(), at(40_000));
    assert_eq!(take(&mut engine), [(1, Some(0), false, vec![1])]);
    // On their own, no late span of the first trace would be kept, and all of the second.
    push(&mut engine, 3, 41_000, &[span(1, 2)]);
    push(&mut engine, 4, 41_000, &[error(2, 2)]);
    assert_eq!(take(&mut engine), [(1, Some(0), false, vec![3])]);
}

#[test]
fn collector_50623_a_late_span_has_the_threshold_of_its_trace_even_when_that_was_decided_early() {
    for max_trace_spans in [10_000, 0] {
        let mut settings = Settings::default();
        settings.max_trace_spans = max_trace_spans;
        let all = Rule::probability("tenth", Condition::always(), 0.1);
        let mut engine = engine(settings, Rules::builder().rule(all).build().unwrap());
        // Its randomness is 0xe8aaaa....
        push(&mut engine, 1, 0, &[span(6, 1)]);
        push(&mut engine, 2, 40_000, &[span(6, 2)]);
        let thresholds: Vec<String> = engine
            .take()
            .into_iter()
            .map(|output| match output {
                Output::Kept(kept) => kept.verdict.threshold.th().to_string(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(thresholds, ["e666", "e666"]);
        let early = engine
            .stats()
            .decisions
            .keys()
            .any(|(.., reason)| reason.is_early());
        assert_eq!(early, max_trace_spans == 0);
    }
}

#[test]
fn collector_45200_a_trace_that_never_ends_is_capped_and_others_do_not_notice() {
    let mut engine = engine(Settings::default(), rules());
    let mut out = Vec::new();
    let (mut sequence, mut largest) = (0, 0);
    for second in 0..3600 {
        for part in 0..14 {
            sequence += 1;
            push(
                &mut engine,
                sequence,
                second * 1000 + part,
                &[span(1, sequence as u32)],
            );
        }
        if second % 60 == 0 {
            sequence += 1;
            push(
                &mut engine,
                sequence,
                second * 1000 + 20,
                &[error(2 + (second / 60) as u8, 1)],
            );
        }
        out.extend(take(&mut engine));
        largest = largest.max(engine.shard_stats()[0].bytes);
    }
    engine.advance(&shard(), at(3_700_000));
    out.extend(take(&mut engine));
    let others: Vec<u8> = out
        .iter()
        .map(|out| out.0)
        .filter(|trace| *trace != 1)
        .collect();
    assert_eq!(others, (2..62).collect::<Vec<_>>());
    assert!(largest < 1 << 20, "{largest}");
}

#[test]
fn collector_13865_spans_of_two_records_are_counted_together() {
    let mut engine = engine(
        Settings::default(),
        Rules::builder()
            .rule(Rule::keep("two", Condition::span_count(2..)))
            .build()
            .unwrap(),
    );
    push(&mut engine, 1, 0, &[span(1, 1)]);
    push(&mut engine, 2, 1, &[span(1, 2)]);
    push(&mut engine, 3, 2, &[span(2, 1)]);
    engine.advance(&shard(), at(40_000));
    assert_eq!(take(&mut engine), [(1, Some(0), false, vec![1, 2])]);
}

#[test]
fn collector_46832_late_spans_of_a_vetoed_trace_are_dropped_even_if_they_would_be_kept() {
    let mut engine = engine(Settings::default(), rules());
    push(&mut engine, 1, 0, &[named(1, 1, "veto")]);
    push(&mut engine, 2, 40_000, &[error(1, 2)]);
    assert_eq!(take(&mut engine), []);
    assert_eq!(engine.stats().late_dropped, 1);
    let vetoes = engine
        .stats()
        .decisions
        .keys()
        .filter(|(fate, ..)| *fate == Fate::Vetoed);
    assert_eq!(vetoes.count(), 1);
}

#[test]
fn a_late_span_of_a_dropped_trace_that_must_be_kept_is_marked_incomplete() {
    let mut engine = engine(Settings::default(), rules());
    push(&mut engine, 1, 0, &[span(1, 1)]);
    push(&mut engine, 2, 40_000, &[error(1, 2)]);
    push(&mut engine, 3, 41_000, &[span(1, 3)]);
    assert_eq!(take(&mut engine), [(1, Some(0), true, vec![2])]);
    assert_eq!(engine.stats().late_incomplete, 1);
    assert_eq!(engine.stats().late_dropped, 2);
}

#[test]
fn collector_26490_killed_in_the_wait_nothing_is_lost() {
    let mut first = engine(Settings::default(), rules());
    push(&mut first, 1, 0, &[span(1, 1)]);
    push(&mut first, 2, 10_000, &[span(2, 1)]);
    let checkpoint = first.checkpoint(&shard()).unwrap();
    assert!(matches!(&checkpoint.resume, Resume::At(sequence) if sequence.as_str() == "1"));
    let text = checkpoint.to_text();
    drop(first);

    let mut second = Engine::new(Settings::default(), Arc::new(rules()));
    let checkpoint = Checkpoint::parse(text.as_bytes()).unwrap();
    second.open(shard(), Some(checkpoint), &[[]; 0]).unwrap();
    push(&mut second, 1, 0, &[span(1, 1)]);
    push(&mut second, 2, 10_000, &[span(2, 1)]);
    push(&mut second, 3, 20_000, &[error(1, 2)]);
    second.advance(&shard(), at(60_000));
    assert_eq!(take(&mut second), [(1, Some(0), false, vec![1, 3])]);
    assert_eq!(second.stats().replayed, 2);
}

#[test]
fn a_checkpoint_does_not_pass_what_is_not_read_again_yet_however_it_is_told_what_time_it_is() {
    let mut first = engine(Settings::default(), rules());
    push(&mut first, 1, 0, &[error(1, 1)]);
    push(&mut first, 2, 1_000, &[error(2, 1)]);
    push(&mut first, 3, 2_000, &[error(3, 1)]);
    let saved = first.checkpoint(&shard()).unwrap();

    let mut second = Engine::new(Settings::default(), Arc::new(rules()));
    second.open(shard(), Some(saved.clone()), &[[]; 0]).unwrap();
    // Responses without records, and one with some of them.
    second.advance(&shard(), at(0));
    assert_eq!(second.checkpoint(&shard()), Some(saved.clone()));
    push(&mut second, 1, 0, &[error(1, 1)]);
    push(&mut second, 2, 1_000, &[error(2, 1)]);
    for now in [1_000, 2_000] {
        second.advance(&shard(), at(now));
        assert_eq!(second.checkpoint(&shard()), Some(saved.clone()), "at {now}");
    }
    push(&mut second, 3, 2_000, &[error(3, 1)]);
    assert_eq!(second.checkpoint(&shard()), Some(saved));
    assert_eq!(second.stats().replayed, 3);
    // If the last record that was read is gone from the stream, time proves that no more records of
    // it follow.
    second.advance(&shard(), at(60_000));
    let out = take(&mut second);
    assert_eq!(out.iter().map(|out| out.0).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_restart_without_a_part_of_the_log_is_refused_with_what_to_do() {
    let mut first = engine(Settings::default(), rules());
    push(&mut first, 1, 0, &[span(1, 1)]);
    first.advance(&shard(), at(60_000));
    let checkpoint = first.checkpoint(&shard()).unwrap();
    assert_eq!(checkpoint.decisions, 1);
    let mut second = Engine::new(Settings::default(), Arc::new(rules()));
    let opened = second.open(shard(), Some(checkpoint.clone()), &[[]; 0]);
    assert_eq!(opened, Err(CheckpointError::Missing(0)));
    assert!(second.checkpoint(&shard()).is_none(), "it is not open");
    second
        .open(shard(), Some(checkpoint), &[first.decisions(&shard())])
        .unwrap();
    assert_eq!(second.shard_stats()[0].decisions, 1);
}

#[test]
fn the_reason_of_each_decision_is_counted() {
    let mut settings = Settings::default();
    settings.wait_after_root = Some(Duration::from_secs(2));
    settings.max_wait = Duration::from_secs(60);
    let mut engine = engine(settings, rules());
    let root = TestSpan {
        is_root: true,
        ..error(1, 1)
    };
    push(&mut engine, 1, 0, &[root]);
    push(&mut engine, 2, 0, &[error(2, 1)]);
    engine.advance(&shard(), at(1_000));
    assert_eq!(take(&mut engine), []);
    engine.advance(&shard(), at(2_000));
    assert_eq!(take(&mut engine), [(1, Some(0), false, vec![1])]);
    engine.advance(&shard(), at(59_000));
    assert_eq!(take(&mut engine), []);
    engine.advance(&shard(), at(60_000));
    assert_eq!(take(&mut engine), [(2, Some(0), false, vec![2])]);
    push(&mut engine, 3, 61_000, &[error(3, 1)]);
    engine.finish(&shard());
    assert_eq!(take(&mut engine), [(3, Some(0), false, vec![3])]);
    let reasons: Vec<Reason> = engine
        .stats()
        .decisions
        .keys()
        .map(|(.., reason)| *reason)
        .collect();
    assert_eq!(reasons, [Reason::Root, Reason::MaxWait, Reason::Finish]);
}

#[test]
fn a_record_that_comes_twice_counts_once() {
    let mut engine = engine(Settings::default(), rules());
    push(&mut engine, 1, 0, &[error(1, 1)]);
    push(&mut engine, 2, 0, &[error(1, 1)]);
    engine.advance(&shard(), at(60_000));
    assert_eq!(take(&mut engine), [(1, Some(0), false, vec![1])]);
    assert_eq!(engine.stats().duplicates, 1);
}

#[test]
fn a_record_of_several_traces_is_decided_for_each_and_settled_with_the_last() {
    let mut engine = engine(Settings::default(), rules());
    push(&mut engine, 1, 0, &[error(1, 1), span(2, 1), error(3, 1)]);
    push(&mut engine, 2, 0, &[span(4, 1)]);
    engine.advance(&shard(), at(60_000));
    let outputs = engine.take();
    assert_eq!(outputs.len(), 2);
    assert_eq!(engine.stats().mixed, 1);
    for (output, resume) in outputs.iter().zip([
        Resume::At(record(1, 0, &[]).sequence),
        Resume::After(record(2, 0, &[]).sequence),
    ]) {
        let Output::Kept(kept) = output else {
            panic!("{output:?}");
        };
        assert!(!kept.records[0].is_whole);
        assert_eq!(kept.verdict.threshold, Threshold::ALWAYS);
        output.numbers().for_each(|number| engine.settle(number));
        assert_eq!(engine.checkpoint(&shard()).unwrap().resume, resume);
    }
}

#[test]
fn a_late_span_has_the_name_of_the_rule_that_decided_or_none_whatever_rules_there_are_now() {
    let named = |names: &[(&str, &str)]| {
        let rules = names.iter().map(|(name, of)| {
            let about = Condition::span_name().is(*of);
            Rule::keep(*name, about)
        });
        Rules::builder().rules(rules).build().unwrap()
    };
    let then = [("plain", "plain"), ("other", "other")];
    let mut first = engine(Settings::default(), named(&then));
    push(&mut first, 1, 0, &[span(1, 1)]);
    first.advance(&shard(), at(40_000));
    assert_eq!(take(&mut first), [(1, Some(0), false, vec![1])]);
    let log = first.decisions(&shard());
    let checkpoint = first.checkpoint(&shard()).unwrap();
    // Before logs named rules, they contained only numbers: the header and the decision.
    let old = [b"LLD\x01", &log[4..32]].concat();

    let cases = [
        (&log, vec![("plain", "plain"), ("other", "other")], Some(0)),
        (&log, vec![("other", "other"), ("plain", "plain")], Some(1)),
        (&log, vec![("other", "plain"), ("more", "other")], None),
        (&log, vec![("other", "plain")], None),
        (&old, vec![("plain", "plain")], None),
    ];
    for (log, now, expected) in cases {
        let mut second = Engine::new(Settings::default(), Arc::new(named(&now)));
        let checkpoint = Some(checkpoint.clone());
        second.open(shard(), checkpoint, &[log]).unwrap();
        push(&mut second, 2, 41_000, &[span(1, 2)]);
        assert_eq!(
            take(&mut second),
            [(1, expected, false, vec![2])],
            "with {now:?}"
        );
    }
}
