//! Records of a stream, and stream time.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;

/// A time of the stream: milliseconds since 1970, as the stream stamped a record on arrival. The
/// core uses no other time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct StreamTime(u64);

impl StreamTime {
    /// Returns the time this many milliseconds after the start of 1970.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Returns the milliseconds since the start of 1970.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Returns the time `duration` later; saturates at the maximum.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// Returns the duration since `earlier`, or zero if `earlier` is later than this.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// The name of a shard.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShardId(Arc<str>);

impl ShardId {
    /// Returns the shard with this name, such as `shardId-000000000000`.
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ShardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The position of a record in its shard: a decimal number of up to 129 digits that grows with
/// time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SequenceNumber(Arc<str>);

impl SequenceNumber {
    /// Returns the sequence number with these digits.
    pub fn new(digits: &str) -> Self {
        Self(digits.into())
    }

    /// Returns the digits of the number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Ord for SequenceNumber {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        fn number(text: &str) -> (usize, &str) {
            let digits = text.trim_start_matches('0');
            (digits.len(), digits)
        }
        number(&self.0).cmp(&number(&other.0))
    }
}

impl PartialOrd for SequenceNumber {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The range of hash keys of a shard, both ends included. A record belongs to the shard whose range
/// contains the MD5 of its partition key, read as a big-endian number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HashRange {
    /// The smallest key.
    pub first: u128,
    /// The largest key.
    pub last: u128,
}

impl HashRange {
    /// The range of all keys.
    pub const ALL: Self = Self {
        first: 0,
        last: u128::MAX,
    };

    /// Returns whether a key is in the range.
    pub const fn contains(self, key: u128) -> bool {
        self.first <= key && key <= self.last
    }
}

/// A record of a shard, as read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Record {
    /// Its position in the shard.
    pub sequence: SequenceNumber,
    /// The key that determines its shard.
    pub partition_key: Box<str>,
    /// The time of its arrival in the stream.
    pub arrival: StreamTime,
    /// Its data, which can be any bytes.
    pub data: Bytes,
}

impl Record {
    /// Returns a record.
    pub fn new(
        sequence: SequenceNumber,
        partition_key: &str,
        arrival: StreamTime,
        data: Bytes,
    ) -> Self {
        Self {
            sequence,
            partition_key: partition_key.into(),
            arrival,
            data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_are_numbers() {
        let mut numbers = ["10", "9", "0100", "1"].map(SequenceNumber::new);
        numbers.sort();
        let sorted: Vec<_> = numbers.iter().map(SequenceNumber::as_str).collect();
        assert_eq!(sorted, ["1", "9", "10", "0100"]);
    }
}
