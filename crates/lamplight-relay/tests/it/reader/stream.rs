//! A scripted stream: its shards, the times of splits and merges, and its records.

use std::{sync::Arc, time::Duration};

use lamplight_relay::{
    record::{HashRange, Record, SequenceNumber, ShardId, StreamTime},
    source::{
        BoxFuture, Position, WallClock,
        stream::{Batch, Cursor, ReadError, ShardInfo, StreamClient},
    },
};
use md5::{Digest as _, Md5};
use tokio::time::Instant;

/// The start of all streams, in milliseconds.
const BEGIN: u64 = 1_700_000_000_000;

/// Returns a time of the stream, in milliseconds after its start.
pub(super) fn at(millis: u64) -> StreamTime {
    StreamTime::from_millis(BEGIN + millis)
}

/// A shard.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) id: &'static str,
    pub(super) parents: &'static [&'static str],
    pub(super) range: HashRange,
    /// The range of times at which it accepts records, in milliseconds; the end is exclusive.
    pub(super) open: (u64, u64),
    records: Vec<Record>,
}

/// Never.
pub(super) const NEVER: u64 = u64::MAX;

/// Returns a shard with some eighths of all hash keys, from the first on and before the second.
pub(super) fn shard(
    id: &'static str,
    parents: &'static [&'static str],
    eighths: (u128, u128),
    open: (u64, u64),
) -> Written {
    let eighth = u128::MAX / 8 + 1;
    let last = match eighths.1 {
        8 => u128::MAX,
        end => end * eighth - 1,
    };
    Written {
        id,
        parents,
        range: HashRange {
            first: eighths.0 * eighth,
            last,
        },
        open,
        records: Vec::new(),
    }
}

/// A stream whose time follows Tokio's.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    name: &'static str,
    shards: Arc<Vec<Written>>,
    clock: Clock,
    /// True if the end of a shard names its children.
    names_children: bool,
    /// Maximum number of records per response, whatever was requested.
    most: usize,
}

/// A time, and the stream's time at that moment.
#[derive(Debug, Clone, Copy)]
struct Clock(Instant, u64);

impl Clock {
    fn now(&self) -> StreamTime {
        at(self.1).after(self.0.elapsed())
    }
}

impl Stream {
    /// Returns a stream with records: for each its arrival, in order, its partition key, and its
    /// data. Records that no shard accepts are dropped. A number of milliseconds of its time have
    /// passed.
    pub(super) fn new(
        name: &'static str,
        mut shards: Vec<Written>,
        records: impl IntoIterator<Item = (u64, String, Vec<u8>)>,
        now: u64,
    ) -> Self {
        for (number, (millis, key, data)) in (1..).zip(records) {
            let hash = u128::from_be_bytes(Md5::digest(&key).into());
            let is_there = |shard: &&mut Written| {
                let is_open = (shard.open.0..shard.open.1).contains(&millis);
                is_open && shard.range.contains(hash)
            };
            let Some(shard) = shards.iter_mut().find(is_there) else {
                continue;
            };
            let sequence = SequenceNumber::new(&u64::to_string(&number));
            let record = Record::new(sequence, &key, at(millis), data.into());
            shard.records.push(record);
        }
        Self {
            name,
            shards: Arc::new(shards),
            clock: Clock(Instant::now(), now),
            names_children: true,
            most: 10_000,
        }
    }

    /// Returns the same stream, whose ends of shards do not name children.
    pub(super) fn without_names(self) -> Self {
        Self {
            names_children: false,
            ..self
        }
    }

    /// Returns the same stream, with at most this number of records per response.
    pub(super) fn with_most(self, most: usize) -> Self {
        Self { most, ..self }
    }

    pub(super) fn clock(&self) -> WallClock {
        let clock = self.clock;
        WallClock::new(move || clock.now())
    }

    /// Returns the numbers of the traces in a shard, from records with the keys `key NUMBER`.
    pub(super) fn traces_of(&self, shard: &str) -> Vec<u8> {
        let shard = self.shards.iter().find(|it| it.id == shard).unwrap();
        let keys = shard.records.iter().map(|record| &record.partition_key);
        keys.map(|key| key.strip_prefix("key ").unwrap().parse().unwrap())
            .collect()
    }

    /// Returns the shards that have ended by now.
    pub(super) fn ended(&self) -> Vec<ShardId> {
        let shards = self.shards.iter();
        let ended = shards
            .filter(|shard| at(0).after(Duration::from_millis(shard.open.1)) <= self.clock.now());
        ended
            .map(|shard| ShardId::new(&format!("{}/{}", self.name, shard.id)))
            .collect()
    }
}

impl StreamClient for Stream {
    fn name(&self) -> &str {
        self.name
    }

    fn shards(&self) -> BoxFuture<'_, Result<Vec<ShardInfo>, ReadError>> {
        let now = self.clock.now();
        let is_there = |shard: &&Written| at(shard.open.0) <= now;
        let there = self.shards.iter().filter(is_there).map(info).collect();
        Box::pin(async { Ok(there) })
    }

    fn open<'a>(
        &'a self,
        shard: &'a str,
        position: &'a Position,
    ) -> BoxFuture<'a, Result<Box<dyn Cursor>, ReadError>> {
        let place = self.shards.iter().position(|it| it.id == shard);
        let place = place.expect("it was listed");
        let records = &self.shards[place].records;
        let next = match position {
            Position::TrimHorizon => 0,
            Position::At(sequence) => {
                let is_before = |record: &&Record| record.sequence < *sequence;
                records.iter().take_while(is_before).count()
            }
            other => panic!("no reader asks for {other}"),
        };
        let cursor = At {
            stream: self.clone(),
            place,
            next,
        };
        Box::pin(async { Ok(Box::new(cursor) as Box<dyn Cursor>) })
    }
}

fn info(shard: &Written) -> ShardInfo {
    ShardInfo::new(shard.id, shard.parents, shard.range)
}

/// A position in a shard.
#[derive(Debug)]
struct At {
    stream: Stream,
    place: usize,
    next: usize,
}

impl Cursor for At {
    fn read(&mut self, limit: u32) -> BoxFuture<'_, Result<Batch, ReadError>> {
        let (shard, now) = (&self.stream.shards[self.place], self.stream.clock.now());
        let mut there = shard.records.iter().skip(self.next);
        let mut there = there.by_ref().take_while(|record| record.arrival <= now);
        let limit = usize::try_from(limit).unwrap().min(self.stream.most);
        let records: Vec<_> = there.by_ref().take(limit).cloned().collect();
        self.next += records.len();
        let behind = there.next().map(|next| now.since(next.arrival));
        let mut batch = Batch::new(records, behind.unwrap_or_default());
        let is_closed = shard.open.1 != NEVER && at(shard.open.1) <= now;
        if behind.is_none() && is_closed && batch.records.is_empty() {
            let is_child = |it: &&Written| it.parents.contains(&shard.id);
            let children = self.stream.shards.iter().filter(is_child);
            let named = children.filter(|_| self.stream.names_children);
            batch.ended = Some(named.map(info).collect());
        }
        Box::pin(async { Ok(batch) })
    }
}
