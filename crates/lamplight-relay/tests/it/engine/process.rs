//! A process that reads a stream with the engine, delivers, saves, and is killed.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use lamplight_otlp::trace::{Place, Span};
use lamplight_relay::{
    engine::{Checkpoint, Engine, Observer, Output, RecordNumber, Resume, Settings},
    record::{HashRange, Record, SequenceNumber, ShardId, StreamTime},
    rules::Rules,
};

use super::records::{at, rules_that};

/// Length of metrics windows.
pub(super) const WINDOW: u64 = 20_000;

/// A shard of a stream.
#[derive(Debug, Clone)]
pub(super) struct TestShard {
    pub(super) id: ShardId,
    pub(super) range: HashRange,
    pub(super) parents: Vec<usize>,
    pub(super) records: Vec<Record>,
    /// The time at which it was closed, if it was.
    pub(super) closed: Option<StreamTime>,
}

/// The next step of a process.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// The wall clock advances.
    Wait(u64),
    /// A number of records of a shard is read.
    Read(usize, usize),
    /// A shard at its tip is advanced.
    Advance(usize),
    /// A number of outputs is delivered.
    Deliver(usize),
    /// A number of delivered outputs is settled, from the back or from the front.
    Settle(usize, bool),
    /// Complete metrics windows of a shard are delivered.
    Meter(usize),
    /// Checkpoints are saved, a number of them before a failure.
    Save(usize),
    /// It is killed, and started again.
    Kill,
}

/// A record in the output, with one trace or none.
pub(super) type Key = (u64, Option<[u8; 16]>);

#[derive(Debug, Default)]
struct Meter(BTreeMap<(ShardId, u64), u64>);

impl Observer for Meter {
    fn span(&mut self, shard: &ShardId, at: StreamTime, _: Place<'_, '_>, _: &Span<'_>) {
        let window = at.as_millis() / WINDOW * WINDOW;
        *self.0.entry((shard.clone(), window)).or_default() += 1;
    }
}

#[derive(Debug, Default, Clone)]
struct Saved {
    checkpoint: Option<Vec<u8>>,
    log: Vec<Vec<u8>>,
}

/// A process, and the state that survives when it is killed.
#[derive(Debug)]
pub(super) struct Process<'a> {
    stream: &'a [TestShard],
    settings: Settings,
    rules: Arc<Rules>,
    /// True if rules adapt.
    adapts: bool,
    wall: StreamTime,
    saved: BTreeMap<ShardId, Saved>,
    /// Everything ever delivered, with all variants.
    pub(super) delivered: BTreeMap<Key, BTreeSet<String>>,
    /// The same without the numbers of records: a duplicate record counts once.
    pub(super) contents: BTreeSet<(Option<[u8; 16]>, String)>,
    /// In order, by shard.
    pub(super) order: BTreeMap<ShardId, Vec<String>>,
    pub(super) settled: BTreeSet<Key>,
    pub(super) windows: BTreeMap<(ShardId, u64), BTreeSet<u64>>,
    pub(super) saves: Vec<Checkpoint>,
    /// The state that is lost when it is killed.
    pub(super) engine: Engine,
    meter: Meter,
    next: BTreeMap<usize, usize>,
    ended: BTreeSet<usize>,
    outputs: VecDeque<Output>,
    unsettled: VecDeque<(RecordNumber, Key)>,
}

fn number(sequence: &SequenceNumber) -> u64 {
    sequence.as_str().parse().unwrap()
}

impl<'a> Process<'a> {
    pub(super) fn new(stream: &'a [TestShard], settings: &Settings, adapts: bool) -> Self {
        let rules = Arc::new(rules_that(adapts));
        let mut process = Self {
            stream,
            settings: settings.clone(),
            rules: Arc::clone(&rules),
            adapts,
            wall: at(0),
            saved: BTreeMap::new(),
            delivered: BTreeMap::new(),
            contents: BTreeSet::new(),
            order: BTreeMap::new(),
            settled: BTreeSet::new(),
            windows: BTreeMap::new(),
            saves: Vec::new(),
            engine: Engine::new(settings.clone(), rules),
            meter: Meter::default(),
            next: BTreeMap::new(),
            ended: BTreeSet::new(),
            outputs: VecDeque::new(),
            unsettled: VecDeque::new(),
        };
        process.open();
        process
    }

    pub(super) fn step(&mut self, step: &Step) {
        match *step {
            Step::Wait(millis) => {
                self.wall = StreamTime::from_millis(self.wall.as_millis() + millis);
            }
            Step::Read(shard, count) => self.read(shard % self.stream.len(), count),
            Step::Advance(shard) => self.advance(shard % self.stream.len()),
            Step::Deliver(count) => self.deliver(count),
            Step::Settle(count, is_last) => self.settle(count, is_last),
            Step::Meter(shard) => self.deliver_windows(shard % self.stream.len(), false),
            Step::Save(rows) => self.save(rows),
            Step::Kill => self.kill(),
        }
    }

    /// Reads all records, in an order of shards; lets all waits pass; delivers and saves.
    pub(super) fn finish(&mut self, order: &[usize]) {
        self.wall = at(1 << 40);
        for shard in order {
            self.read(shard % self.stream.len(), 1);
        }
        // Parents come before their children.
        for shard in 0..self.stream.len() {
            self.read(shard, usize::MAX);
        }
        for shard in 0..self.stream.len() {
            self.advance(shard);
        }
        self.deliver(usize::MAX);
        self.settle(usize::MAX, false);
        for shard in 0..self.stream.len() {
            self.deliver_windows(shard, true);
        }
        self.save(usize::MAX);
    }

    fn open(&mut self) {
        for (shard, known) in self.stream.iter().enumerate() {
            let is_ready = known
                .parents
                .iter()
                .all(|parent| self.ended.contains(parent));
            if !is_ready || self.next.contains_key(&shard) || self.ended.contains(&shard) {
                continue;
            }
            let saved = self.saved.entry(known.id.clone()).or_default();
            let checkpoint = saved.checkpoint.as_ref();
            let checkpoint = checkpoint.map(|text| Checkpoint::parse(text).unwrap());
            let place = |sequence: &SequenceNumber| {
                let is_it = |record: &Record| record.sequence == *sequence;
                known.records.iter().position(is_it).unwrap()
            };
            let next = match checkpoint.as_ref().map(|checkpoint| &checkpoint.resume) {
                None | Some(Resume::Start) => 0,
                Some(Resume::At(sequence)) => place(sequence),
                Some(Resume::After(sequence)) => place(sequence) + 1,
                Some(Resume::End) => {
                    self.engine
                        .open(known.id.clone(), checkpoint, &saved.log)
                        .unwrap();
                    self.ended.insert(shard);
                    self.open();
                    return;
                }
                Some(other) => panic!("{other:?}"),
            };
            self.engine
                .open(known.id.clone(), checkpoint, &saved.log)
                .unwrap();
            self.next.insert(shard, next);
        }
    }

    fn is_read(&self, shard: usize) -> bool {
        self.next
            .get(&shard)
            .is_none_or(|next| *next == self.stream[shard].records.len())
    }

    fn read(&mut self, shard: usize, count: usize) {
        let known = &self.stream[shard];
        let Some(next) = self.next.get_mut(&shard) else {
            return;
        };
        for record in known.records.iter().skip(*next).take(count) {
            if record.arrival > self.wall {
                return;
            }
            *next += 1;
            self.engine.push(&known.id, record.clone(), &mut self.meter);
        }
        self.tell_time(shard);
        let is_closed = known.closed.is_some_and(|closed| closed <= self.wall);
        if is_closed && self.is_read(shard) && self.ended.insert(shard) {
            let children = self
                .stream
                .iter()
                .filter(|child| child.parents.contains(&shard));
            let children: Vec<_> = children
                .map(|child| (child.id.clone(), child.range))
                .collect();
            self.engine.end(&known.id, &children);
            self.open();
            self.save(usize::MAX);
        }
    }

    fn advance(&mut self, shard: usize) {
        let known = &self.stream[shard];
        let Some(next) = self.next.get(&shard) else {
            return;
        };
        let mut unread = known.records.iter().skip(*next);
        let is_read = unread.len() == 0;
        let is_at_tip = unread.all(|record| record.arrival > self.wall);
        let will_end = known.closed.is_some_and(|closed| closed <= self.wall);
        if known.closed.is_some() && is_read && self.adapts {
            // The state of adaptive rules at the end of a shard depends on its records and the
            // clock, and two of three processes would have checked the clock at other times.
            return;
        }
        if is_at_tip && (!will_end || self.ended.contains(&shard)) {
            self.engine.advance(&known.id, self.wall);
        } else {
            self.tell_time(shard);
        }
    }

    /// Reports the time that is known after any response, with or without records.
    fn tell_time(&mut self, shard: usize) {
        let known = &self.stream[shard];
        let Some(next) = self.next.get(&shard) else {
            return;
        };
        let read = known.records.iter().take(*next);
        if let Some(last) = read.map(|record| record.arrival).max() {
            self.engine.advance(&known.id, last);
        }
    }

    fn deliver(&mut self, count: usize) {
        while self.outputs.len() < count {
            let Some(output) = self.engine.next_output() else {
                break;
            };
            self.outputs.push_back(output);
        }
        for output in self.outputs.drain(..count.min(self.outputs.len())) {
            match &output {
                Output::Kept(kept) => {
                    for held in &kept.records {
                        let key = (number(&held.sequence), Some(kept.trace_id));
                        let payloads: Vec<_> = held.payloads.iter().collect();
                        let what = format!("{:?} {} {payloads:?}", kept.verdict, kept.incomplete);
                        self.contents.insert((key.1, what.clone()));
                        self.delivered.entry(key).or_default().insert(what);
                        self.unsettled.push_back((held.number, key));
                    }
                }
                Output::Refused(letter) => {
                    let key = (number(&letter.record.sequence), None);
                    let what = format!("{} {:?}", letter.refusal, letter.record.data);
                    self.contents.insert((None, what.clone()));
                    self.delivered.entry(key).or_default().insert(what);
                    self.unsettled.push_back((letter.number, key));
                }
                other => panic!("{other:?}"),
            }
            let (shard, what) = match &output {
                Output::Kept(kept) => {
                    let records = kept.records.iter();
                    let records: Vec<_> = records
                        .map(|held| (&held.sequence, &held.payloads))
                        .collect();
                    let what = (kept.trace_id, kept.verdict, kept.incomplete, records);
                    (&kept.shard, format!("{what:?}"))
                }
                Output::Refused(letter) => (&letter.shard, format!("{:?}", letter.record)),
                other => panic!("{other:?}"),
            };
            self.order.entry(shard.clone()).or_default().push(what);
        }
    }

    fn settle(&mut self, count: usize, is_last: bool) {
        for _ in 0..count.min(self.unsettled.len()) {
            let next = if is_last {
                self.unsettled.pop_back()
            } else {
                self.unsettled.pop_front()
            };
            let (number, key) = next.unwrap();
            self.engine.settle(number);
            self.settled.insert(key);
        }
    }

    fn deliver_windows(&mut self, shard: usize, is_end: bool) {
        let id = &self.stream[shard].id;
        let known: Vec<_> = self
            .meter
            .0
            .keys()
            .filter(|(of, _)| of == id)
            .map(|key| key.1)
            .collect();
        let Some(mut until) = known.last().copied() else {
            return;
        };
        if is_end {
            until = u64::MAX;
        }
        for window in known.into_iter().filter(|window| *window < until) {
            let count = self.meter.0.remove(&(id.clone(), window)).unwrap();
            self.windows
                .entry((id.clone(), window))
                .or_default()
                .insert(count);
        }
        self.engine.metered(id, StreamTime::from_millis(until));
    }

    fn save(&mut self, rows: usize) {
        let checkpoints = self.engine.checkpoints();
        let with_logs: Vec<_> = checkpoints
            .into_iter()
            .map(|checkpoint| {
                let log = std::iter::from_fn(|| {
                    Some(self.engine.decisions(&checkpoint.shard)).filter(|chunk| !chunk.is_empty())
                });
                (log.collect::<Vec<_>>(), checkpoint)
            })
            .collect();
        for (place, (log, checkpoint)) in with_logs.into_iter().enumerate() {
            // Data that could not be saved is saved before later data.
            let saved = self.saved.entry(checkpoint.shard.clone()).or_default();
            saved.log.extend(log);
            if place < rows {
                saved.checkpoint = Some(checkpoint.to_text().into_bytes());
                self.saves.push(checkpoint);
                self.check_last_save();
            }
        }
    }

    /// Asserts that no unsettled record is before a checkpoint.
    fn check_last_save(&self) {
        let saved = self.saves.last().unwrap();
        let known = self
            .stream
            .iter()
            .find(|known| known.id == saved.shard)
            .unwrap();
        for record in &known.records {
            let is_passed = match (&saved.unsettled, &saved.read) {
                (Some(unsettled), _) => record.sequence < *unsettled,
                (None, Some(read)) => record.sequence <= *read,
                (None, None) => false,
            };
            let keys =
                (number(&record.sequence), None)..=(number(&record.sequence), Some([255; 16]));
            for key in self.delivered.range(keys).map(|(key, _)| key) {
                assert!(
                    !is_passed || self.settled.contains(key),
                    "{key:?} {saved:?}"
                );
            }
        }
    }

    fn kill(&mut self) {
        self.engine = Engine::new(self.settings.clone(), self.rules.clone());
        self.meter = Meter::default();
        self.next.clear();
        self.ended.clear();
        self.outputs.clear();
        self.unsettled.clear();
        self.open();
    }

    /// Returns the numbers of records before the last checkpoint of each shard.
    pub(super) fn passed(&self, checkpoint: &Checkpoint) -> Vec<u64> {
        let known = self
            .stream
            .iter()
            .find(|known| known.id == checkpoint.shard)
            .unwrap();
        let numbers =
            known
                .records
                .iter()
                .filter(|record| match (&checkpoint.unsettled, &checkpoint.read) {
                    (Some(unsettled), _) => record.sequence < *unsettled,
                    (None, Some(read)) => record.sequence <= *read,
                    (None, None) => false,
                });
        numbers.map(|record| number(&record.sequence)).collect()
    }
}
