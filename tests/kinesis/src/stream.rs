//! Streams, their shards and records.

use bytes::Bytes;
use md5::{Digest, Md5};

/// A stored record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// The number in its sequence number.
    pub number: u64,
    /// Its partition key.
    pub key: String,
    /// Its data.
    pub data: Bytes,
    /// Time of arrival, in milliseconds since 1970.
    pub arrival: u64,
}

impl Stored {
    /// Returns its sequence number.
    pub fn sequence(&self) -> String {
        sequence(self.number)
    }
}

/// A shard, with its remaining records.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Shard {
    /// Its name.
    pub id: String,
    /// Its parents.
    pub parents: Vec<String>,
    /// Its smallest hash key.
    pub first: u128,
    /// Its largest hash key.
    pub last: u128,
    /// Its records, in order.
    pub records: Vec<Stored>,
    /// The number at which it was opened.
    pub opened: u64,
    /// The time at which it was opened.
    pub opened_at: u64,
    /// The number and time at which it was closed, if it was.
    pub closed: Option<(u64, u64)>,
    pub(crate) limits: Limits,
}

/// Usage of a shard, for its read limits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Limits {
    /// Times of calls within the last second.
    pub(crate) calls: Vec<u64>,
    /// The time until which reads are blocked, because of the amount read.
    pub(crate) blocked_until: u64,
    /// The time at which the amount read is used up, at 2 MB per second.
    pub(crate) read_until: u64,
    /// The time of the last subscription.
    pub(crate) subscribed: Option<u64>,
}

impl Limits {
    /// Maximum number of calls per second.
    const CALLS: usize = 5;
    /// Bytes per millisecond.
    const BYTES: u64 = 2_000_000 / 1000;

    /// Returns whether a call is within the limits, and counts it.
    pub(crate) fn call(&mut self, now: u64) -> bool {
        self.calls.retain(|at| at + 1000 > now);
        let allowed = self.calls.len() < Self::CALLS
            && now >= self.blocked_until
            && self.read_until < now + 1000;
        if allowed {
            self.calls.push(now);
        }
        allowed
    }

    /// Counts bytes read.
    pub(crate) fn read(&mut self, bytes: usize, now: u64) {
        let takes = u64::try_from(bytes).unwrap() / Self::BYTES;
        self.read_until = self.read_until.max(now) + takes;
        // A response of 10 MB blocks the shard for 5 seconds.
        if takes > 1000 {
            self.blocked_until = now + takes;
        }
    }
}

#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) shards: Vec<Shard>,
    pub(crate) created_at: u64,
    next_shard: usize,
}

impl Stream {
    pub(crate) fn new(shards: usize, now: u64) -> Self {
        let mut stream = Self {
            shards: Vec::new(),
            created_at: now,
            next_shard: 0,
        };
        let width = u128::MAX / u128::try_from(shards).unwrap();
        for index in 0..shards {
            let first = u128::try_from(index).unwrap() * (width + u128::from(shards > 1));
            let last = if index + 1 == shards {
                u128::MAX
            } else {
                first + width
            };
            stream.open(Vec::new(), first, last, 0, now);
        }
        stream
    }

    fn open(
        &mut self,
        parents: Vec<String>,
        first: u128,
        last: u128,
        opened: u64,
        now: u64,
    ) -> String {
        let id = format!("shardId-{:012}", self.next_shard);
        self.next_shard += 1;
        self.shards.push(Shard {
            id: id.clone(),
            parents,
            first,
            last,
            records: Vec::new(),
            opened,
            opened_at: now,
            closed: None,
            limits: Limits::default(),
        });
        id
    }

    pub(crate) fn shard(&mut self, id: &str) -> Option<&mut Shard> {
        self.shards.iter_mut().find(|shard| shard.id == id)
    }

    pub(crate) fn put(
        &mut self,
        number: u64,
        key: &str,
        hash: Option<u128>,
        data: Bytes,
        now: u64,
    ) -> String {
        let hash = hash.unwrap_or_else(|| hash_key(key));
        let shard = self
            .shards
            .iter_mut()
            .find(|shard| shard.closed.is_none() && (shard.first..=shard.last).contains(&hash));
        let shard = shard.expect("every hash key has an open shard");
        shard.records.push(Stored {
            number,
            key: key.to_owned(),
            data,
            arrival: now,
        });
        shard.id.clone()
    }

    /// Splits a shard so that its second child begins with the hash key `middle`.
    pub(crate) fn split(
        &mut self,
        id: &str,
        middle: u128,
        number: u64,
        now: u64,
    ) -> Option<[String; 2]> {
        let shard = self.shard(id)?;
        let (first, last) = (shard.first, shard.last);
        if shard.closed.is_some() || middle <= first || middle > last {
            return None;
        }
        shard.closed = Some((number, now));
        let parents = vec![id.to_owned()];
        Some([
            self.open(parents.clone(), first, middle - 1, number, now),
            self.open(parents, middle, last, number, now),
        ])
    }

    pub(crate) fn merge(
        &mut self,
        first: &str,
        second: &str,
        number: u64,
        now: u64,
    ) -> Option<String> {
        let (from, to) = {
            let (a, b) = (self.shard(first)?.clone(), self.shard(second)?.clone());
            let neighbors =
                a.last.checked_add(1) == Some(b.first) || b.last.checked_add(1) == Some(a.first);
            if a.closed.is_some() || b.closed.is_some() || !neighbors {
                return None;
            }
            (a.first.min(b.first), a.last.max(b.last))
        };
        for id in [first, second] {
            self.shard(id)?.closed = Some((number, now));
        }
        let parents = vec![first.to_owned(), second.to_owned()];
        Some(self.open(parents, from, to, number, now))
    }

    pub(crate) fn trim(&mut self, before: u64) {
        self.shards
            .retain(|shard| shard.closed.is_none_or(|(_, at)| at >= before));
        for shard in &mut self.shards {
            shard.records.retain(|record| record.arrival >= before);
        }
    }
}

/// Returns the hash key of a partition key.
pub(crate) fn hash_key(key: &str) -> u128 {
    u128::from_be_bytes(Md5::digest(key).into())
}

/// Returns the sequence number with this number.
pub(crate) fn sequence(number: u64) -> String {
    format!("4959{number:052}")
}

/// Returns the number in a sequence number.
pub(crate) fn number(sequence: &str) -> Option<u64> {
    let digits = sequence.strip_prefix("4959")?;
    (digits.len() == 52).then(|| digits.parse().ok()).flatten()
}
