//! Traces with spans in two shards, in the shard these were merged into.

use std::sync::Arc;

use lamplight_relay::{
    engine::{Checkpoint, Engine, Output, Settings},
    record::{HashRange, ShardId},
    rules::Rules,
};

use super::records::{TestSpan, at, error, named, record, rules, span};

/// The output: the trace's number, its rule, whether it is incomplete, and its records.
type Out = (u8, Option<u16>, bool, Vec<String>);

fn take(engine: &mut Engine) -> Vec<Out> {
    let kept = engine.take().into_iter().map(|output| match output {
        Output::Kept(kept) => kept,
        other => panic!("{other:?}"),
    });
    kept.map(|kept| {
        let records = kept.records.iter();
        let records = records.map(|held| held.sequence.as_str().to_owned());
        let rule = kept.verdict.rule.map(|rule| rule.index());
        (
            kept.trace_id[0] - 1,
            rule,
            kept.incomplete,
            records.collect(),
        )
    })
    .collect()
}

fn open(engine: &mut Engine, shard: &ShardId, checkpoint: Option<Checkpoint>, log: &[Vec<u8>]) {
    engine.open(shard.clone(), checkpoint, log).unwrap();
}

/// Two shards that were merged after half a minute, with their content.
struct Merged {
    parents: [ShardId; 2],
    child: ShardId,
    rules: Arc<Rules>,
    spans: [Vec<TestSpan>; 2],
}

impl Merged {
    /// Traces of `early` are decided before the merge, those of `late` are not.
    fn new(early: Vec<TestSpan>, late: Vec<TestSpan>) -> Self {
        Self {
            parents: ["early", "late"].map(ShardId::new),
            child: ShardId::new("child"),
            rules: Arc::new(rules()),
            spans: [early, late],
        }
    }

    /// Reads a parent to its end, from its beginning or its checkpoint.
    fn read(&self, engine: &mut Engine, parent: usize, saved: Option<&Checkpoint>) {
        let shard = &self.parents[parent];
        let is_passed = saved.is_some_and(|saved| saved.unsettled.is_none());
        if !is_passed {
            let (sequence, millis) = [(1, 0), (2, 20_000)][parent];
            let record = record(sequence, millis, &self.spans[parent]);
            engine.push(shard, record, &mut ());
        }
        engine.advance(shard, at(31_000));
        engine.end(shard, &[(self.child.clone(), HashRange::ALL)]);
    }

    /// Returns the output of the child, and its output after a restart before any of it was
    /// settled.
    fn run(&self) -> [Vec<Out>; 2] {
        let mut engine = Engine::new(Settings::default(), Arc::clone(&self.rules));
        for parent in 0..2 {
            open(&mut engine, &self.parents[parent], None, &[]);
            self.read(&mut engine, parent, None);
        }
        for number in engine.take().iter().flat_map(Output::numbers) {
            engine.settle(number);
        }
        open(&mut engine, &self.child, None, &[]);
        engine.advance(&self.child, at(60_000));
        let once = take(&mut engine);

        let saved = |engine: &mut Engine, shard: &ShardId| {
            let checkpoint = engine.checkpoint(shard).unwrap();
            (checkpoint, vec![engine.decisions(shard)])
        };
        let parents = [0, 1].map(|parent| saved(&mut engine, &self.parents[parent]));
        let (checkpoint, log) = saved(&mut engine, &self.child);
        let mut engine = Engine::new(Settings::default(), Arc::clone(&self.rules));
        for (parent, (checkpoint, log)) in parents.into_iter().enumerate() {
            let shard = &self.parents[parent];
            open(&mut engine, shard, Some(checkpoint.clone()), &log);
            if !checkpoint.is_end() {
                self.read(&mut engine, parent, Some(&checkpoint));
            }
        }
        open(&mut engine, &self.child, Some(checkpoint), &log);
        engine.advance(&self.child, at(100_000));
        [once, take(&mut engine)]
    }
}

#[test]
fn what_is_undecided_goes_the_way_that_the_other_parent_decided_for_its_trace() {
    let early = vec![error(1, 1), named(2, 2, "veto"), span(3, 3)];
    let late = vec![span(1, 4), error(2, 5), error(3, 6)];
    let merged = Merged::new(early, late);
    let record = || vec!["2".to_owned()];
    // The first spans of the third trace were dropped, but not by a veto: the late ones are judged
    // on their own.
    let expected = [(1, Some(0), false, record()), (3, Some(0), true, record())];
    let [once, again] = merged.run();
    assert_eq!(once, expected);
    assert_eq!(again, expected, "after a restart");
}
