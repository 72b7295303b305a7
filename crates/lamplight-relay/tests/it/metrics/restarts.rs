//! Engine and meter together, with crashes and restarts.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use lamplight_relay::{
    engine::{self, Checkpoint, Engine, Resume},
    metrics::{MetricsWindow, Settings, SpanMeter},
    record::{Record, SequenceNumber, ShardId, StreamTime},
    rules::Rules,
};
use proptest::prelude::*;

use super::common::*;

/// A relay of one shard, and the state it has saved.
struct Relay {
    engine: Engine,
    meter: SpanMeter,
    shard: ShardId,
}

#[derive(Default)]
struct Saved {
    checkpoint: Option<Checkpoint>,
    log: Vec<Vec<u8>>,
}

impl Relay {
    /// Returns a relay that resumes from the saved state, and the index of its first record.
    fn start(saved: &Saved, records: &[Record]) -> (Self, usize) {
        let mut settings = engine::Settings::default();
        settings.meter_window = Some(Duration::from_secs(60));
        settings.decision_wait = Duration::from_secs(20);
        settings.max_wait = Duration::from_secs(20);
        let shard = ShardId::new(SHARD);
        let mut engine = Engine::new(settings, Arc::new(Rules::builder().build().unwrap()));
        let checkpoint = saved.checkpoint.clone();
        let place = |sequence: &SequenceNumber| {
            let found = records.iter().position(|it| it.sequence == *sequence);
            found.unwrap()
        };
        let first = match checkpoint.as_ref().map(|it| &it.resume) {
            None | Some(Resume::Start) => 0,
            Some(Resume::At(sequence)) => place(sequence),
            Some(Resume::After(sequence)) => place(sequence) + 1,
            Some(other) => panic!("{other:?}"),
        };
        engine.open(shard.clone(), checkpoint, &saved.log).unwrap();
        let meter = SpanMeter::new(Settings::default());
        let relay = Self {
            engine,
            meter,
            shard,
        };
        (relay, first)
    }

    /// Reads a record, and returns the windows that ended.
    fn read(&mut self, record: &Record) -> Vec<MetricsWindow> {
        self.engine
            .push(&self.shard, record.clone(), &mut self.meter);
        for output in self.engine.take() {
            for number in output.numbers() {
                self.engine.settle(number);
            }
        }
        self.meter.take(&self.shard, record.arrival)
    }

    fn save(&mut self, saved: &mut Saved) {
        saved.log.push(self.engine.decisions(&self.shard));
        saved.checkpoint = self.engine.checkpoint(&self.shard);
    }
}

fn records(all: &[(u64, u8, u32)]) -> Vec<Record> {
    let mut at = MINUTE;
    let record = |(number, (later, name, nanos)): (usize, &(u64, u8, u32))| {
        at += later;
        let mut span = span(&format!("name {name}"), u64::from(*nanos));
        span.trace_id = vec![*name + 1; 16];
        span.span_id = (number as u64 + 1).to_be_bytes().to_vec();
        let sequence = SequenceNumber::new(&(number + 1).to_string());
        let data = Bytes::from(service("shop", vec![span]));
        Record::new(sequence, "key", StreamTime::from_millis(at), data)
    };
    all.iter().enumerate().map(record).collect()
}

/// An event after a record.
#[derive(Debug, Clone, Copy)]
enum Event {
    Nothing,
    /// Windows that were taken are delivered, and the engine is notified.
    Deliver,
    /// They are delivered, and the relay ends before the engine is notified.
    DeliverAndKill,
    Save,
    Kill,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => Just(Event::Nothing),
        3 => Just(Event::Deliver),
        3 => Just(Event::Save),
        1 => Just(Event::DeliverAndKill),
        1 => Just(Event::Kill),
    ]
}

proptest! {
    /// Wherever a relay ends, every window is delivered, duplicates are identical, and no window
    /// that was saved as delivered is delivered again.
    #[test]
    fn every_window_is_delivered_whole_and_the_same_each_time(
        all in proptest::collection::vec((0..30_000_u64, 0..6_u8, any::<u32>()), 1..60),
        events in proptest::collection::vec(event(), 1..100),
    ) {
        let records = records(&all);
        let mut expected = BTreeMap::new();
        let (mut relay, _) = Relay::start(&Saved::default(), &records);
        for record in &records {
            for window in relay.read(record) {
                expected.insert(window.start, window);
            }
        }

        let mut delivered = BTreeMap::<StreamTime, MetricsWindow>::new();
        let (mut saved, mut events) = (Saved::default(), events.into_iter());
        let (mut relay, mut next) = Relay::start(&saved, &records);
        let mut waiting = Vec::new();
        while let Some(record) = records.get(next) {
            next += 1;
            waiting.extend(relay.read(record));
            // After all events, the rest succeeds.
            let event = events.next().unwrap_or(Event::Deliver);
            if matches!(event, Event::Deliver | Event::DeliverAndKill) {
                for window in waiting.drain(..) {
                    // Windows that were saved as delivered are not delivered again.
                    let metered = saved.checkpoint.as_ref().and_then(|it| it.metered);
                    prop_assert!(metered.is_none_or(|metered| window.start >= metered));
                    let before = delivered.insert(window.start, window.clone());
                    prop_assert!(before.is_none_or(|before| before == window));
                }
            }
            match event {
                Event::Deliver => {
                    let until = relay.meter.taken(&relay.shard, record.arrival);
                    relay.engine.metered(&relay.shard, until);
                }
                Event::Save => relay.save(&mut saved),
                Event::Kill | Event::DeliverAndKill => {
                    waiting.clear();
                    (relay, next) = Relay::start(&saved, &records);
                }
                Event::Nothing => {}
            }
        }
        for window in waiting {
            let before = delivered.insert(window.start, window.clone());
            prop_assert!(before.is_none_or(|before| before == window));
        }
        prop_assert_eq!(delivered, expected);
    }
}
