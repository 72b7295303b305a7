//! With random events in any order, no record is lost, and none before a checkpoint is read again.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use lamplight_relay::{
    record::{SequenceNumber, ShardId},
    source::{Happened, MemoryStore, Position, Reader, ShardEvent},
};
use lamplight_test_kinesis::{Fault, Kinesis};
use proptest::{prelude::*, sample::Index};
use tokio::time::timeout;

use crate::common::{STREAM, builder, kinesis, save};

#[derive(Debug, Clone)]
enum Step {
    Put(u8),
    Split(Index),
    Merge(Index),
    ExpireIterators,
    AnswerEmpty(u8),
    Fault(u8, u8),
    /// The checkpoints of all shards are written.
    Save,
    /// The driver ends abruptly, and starts again.
    Crash,
    Close,
    Wait(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (1..40_u8).prop_map(Step::Put),
        2 => any::<Index>().prop_map(Step::Split),
        1 => any::<Index>().prop_map(Step::Merge),
        1 => Just(Step::ExpireIterators),
        1 => (1..4_u8).prop_map(Step::AnswerEmpty),
        3 => (0..6_u8, 1..4_u8).prop_map(|(fault, times)| Step::Fault(fault, times)),
        3 => Just(Step::Save),
        1 => Just(Step::Crash),
        1 => Just(Step::Close),
        5 => (1..20_u8).prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, 1..60)
}

/// A driver that checks every event.
struct Driver {
    kinesis: Kinesis,
    store: MemoryStore,
    reader: Option<Reader>,
    put: BTreeSet<Vec<u8>>,
    seen: BTreeSet<Vec<u8>>,
    /// The last record of each shard that was read since it was opened.
    last: BTreeMap<ShardId, SequenceNumber>,
    opened: BTreeSet<ShardId>,
    ended: BTreeSet<ShardId>,
    /// The saved position of each shard.
    saved: BTreeMap<ShardId, Position>,
}

impl Driver {
    fn open(&mut self) {
        self.last.clear();
        self.opened.clear();
        self.ended.clear();
        let reader = builder(&self.kinesis, &self.store).lease(Duration::from_secs(3));
        self.reader = Some(reader.discovery(Duration::from_secs(7)).open());
    }

    async fn step(&mut self, step: Step) {
        let shards = self.kinesis.shards(STREAM);
        let open: Vec<_> = shards
            .iter()
            .filter(|shard| shard.closed.is_none())
            .collect();
        match step {
            Step::Put(count) => {
                for _ in 0..count {
                    let number = self.put.len();
                    let data = number.to_string().into_bytes();
                    self.kinesis.put(STREAM, &number.to_string(), data.clone());
                    self.put.insert(data);
                }
            }
            Step::Split(index) if shards.len() < 20 => {
                self.kinesis.split(STREAM, &index.get(&open).id);
            }
            Step::Merge(index) if open.len() > 1 && shards.len() < 20 => {
                let first = index.get(&open);
                let mut others = open.iter();
                let next = others.find(|other| first.last.checked_add(1) == Some(other.first));
                if let Some(next) = next {
                    self.kinesis.merge(STREAM, &first.id, &next.id);
                }
            }
            Step::ExpireIterators => self.kinesis.expire_iterators(),
            Step::AnswerEmpty(times) => self.kinesis.answer_empty(times.into()),
            Step::Fault(fault, times) => {
                let faults = [
                    Fault::internal(),
                    Fault::throttled(),
                    Fault::Drop,
                    Fault::DropAnswer,
                    Fault::Hang,
                    Fault::expired(),
                ];
                let fault = faults[usize::from(fault)].clone();
                self.kinesis.fault("*", fault, times.into());
            }
            Step::Save => self.save().await,
            Step::Crash => {
                self.reader = None;
                self.open();
            }
            Step::Close => {
                self.reader.take().unwrap().close().await;
                self.open();
            }
            Step::Wait(seconds) => self.wait(Duration::from_secs(seconds.into())).await,
            _ => {}
        }
    }

    /// Handles events for a duration.
    async fn wait(&mut self, duration: Duration) {
        let end = tokio::time::Instant::now() + duration;
        loop {
            let left = end.saturating_duration_since(tokio::time::Instant::now());
            let reader = self.reader.as_mut().unwrap();
            match timeout(left, reader.next()).await {
                Ok(Some(event)) => self.take(event),
                Ok(None) => panic!("the reader has ended"),
                Err(_) => return,
            }
        }
    }

    fn take(&mut self, event: ShardEvent) {
        let shard = event.shard;
        match event.what {
            Happened::Opened { position, .. } => {
                let saved = self.saved.get(&shard).unwrap_or(&Position::TrimHorizon);
                assert_eq!(position, *saved, "{shard}");
                let id = shard.as_str().rsplit('/').next().unwrap();
                for parent in self.kinesis.shard(STREAM, id).parents {
                    let parent = ShardId::new(&format!("{STREAM}/{parent}"));
                    let done = self.saved.get(&parent) == Some(&Position::End);
                    assert!(
                        done || self.ended.contains(&parent),
                        "{shard} before {parent}"
                    );
                }
                self.last.remove(&shard);
                assert!(self.opened.insert(shard));
            }
            Happened::Records { records, .. } => {
                assert!(self.opened.contains(&shard) && !self.ended.contains(&shard));
                for record in records {
                    let before = self.last.insert(shard.clone(), record.sequence.clone());
                    let saved = self.saved.get(&shard).and_then(Position::sequence);
                    assert!(
                        before.as_ref().or(saved) < Some(&record.sequence),
                        "{shard} again"
                    );
                    self.seen.insert(record.data.to_vec());
                }
            }
            Happened::Ended { .. } => assert!(self.ended.insert(shard)),
            Happened::Lost => {
                // Its own lease expired while there were no responses.
                self.opened.remove(&shard);
                self.ended.remove(&shard);
            }
            other => panic!("{shard}: {other:?}"),
        }
    }

    async fn save(&mut self) {
        let reader = self.reader.as_ref().unwrap();
        for shard in &self.opened {
            let position = match self.last.get(shard) {
                _ if self.ended.contains(shard) => Position::End,
                Some(last) => Position::After(last.clone()),
                None => continue,
            };
            if self.saved.get(shard) == Some(&Position::End) {
                continue;
            }
            let saved = save(reader, shard, position.clone()).await;
            if saved == Ok(()) {
                self.saved.insert(shard.clone(), position);
            }
        }
    }

    async fn run(&mut self, steps: Vec<Step>) {
        self.open();
        for step in steps {
            self.step(step).await;
        }
        self.kinesis.heal();
        for _ in 0..60 {
            if self.seen == self.put && self.is_put_away() {
                break;
            }
            self.save().await;
            self.wait(Duration::from_secs(3)).await;
        }
        assert_eq!(self.seen, self.put);
        assert!(self.is_put_away(), "{:?}", self.saved);
    }

    /// Returns whether exactly the ended shards are done.
    fn is_put_away(&self) -> bool {
        let shards = self.kinesis.shards(STREAM);
        shards.iter().all(|shard| {
            let name = ShardId::new(&format!("{STREAM}/{}", shard.id));
            let done = self.saved.get(&name) == Some(&Position::End);
            done == shard.closed.is_some()
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        max_shrink_iters: 200,
        ..ProptestConfig::with_cases(24)
    })]

    #[test]
    fn nothing_is_lost_and_nothing_before_a_checkpoint_is_read_again(
        shards in 1..4_usize,
        steps in steps(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut driver = Driver {
                kinesis: kinesis(shards),
                store: MemoryStore::new(),
                reader: None,
                put: BTreeSet::new(),
                seen: BTreeSet::new(),
                last: BTreeMap::new(),
                opened: BTreeSet::new(),
                ended: BTreeSet::new(),
                saved: BTreeMap::new(),
            };
            driver.run(steps).await;
        });
    }
}
