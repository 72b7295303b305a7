//! Outputs of the engine.

use lamplight_otlp::trace::{Place, Span};

use crate::{
    decode::{Payloads, Refusal},
    record::{Record, SequenceNumber, ShardId, StreamTime},
    rules::Verdict,
};

/// The number of a held record, for [`Engine::settle`](super::Engine::settle). It is only valid in
/// this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordNumber(u64);

impl RecordNumber {
    /// Returns the record number with this value of [`as_u64`](Self::as_u64).
    pub const fn from_u64(number: u64) -> Self {
        Self(number)
    }

    /// Returns the number as an integer.
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

/// Data to deliver. [Settle](super::Engine::settle) each [`Held`] in it once, when its delivery is
/// done.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Output {
    /// A kept trace, or late spans of one.
    Kept(Kept),
    /// A record that could not be read completely; its valid part is a separate output.
    Refused(DeadLetter),
}

impl Output {
    /// Returns the numbers of its records.
    pub fn numbers(&self) -> impl Iterator<Item = RecordNumber> + '_ {
        let (many, one) = match self {
            Self::Kept(kept) => (kept.records.as_slice(), None),
            Self::Refused(letter) => (&[][..], Some(letter.number)),
        };
        many.iter().map(|held| held.number).chain(one)
    }
}

/// A kept trace, or late spans of one.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Kept {
    /// The trace.
    pub trace_id: [u8; 16],
    /// The shard in which it was decided. Its records may come from ancestors of that shard.
    pub shard: ShardId,
    /// The decision: the same for all spans of the trace, unless they are `incomplete`.
    pub verdict: Verdict,
    /// True if the trace was dropped, and these spans arrived late and are kept on their own.
    pub incomplete: bool,
    /// The records with its spans, in the order in which they were read.
    pub records: Vec<Held>,
}

/// A record with spans to deliver. It may contain spans of other traces.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Held {
    /// Its number.
    pub number: RecordNumber,
    /// Its shard.
    pub shard: ShardId,
    /// Its position in the shard.
    pub sequence: SequenceNumber,
    /// Its `ExportTraceServiceRequest`s.
    pub payloads: Payloads,
    /// True if all its spans belong to one trace.
    pub is_whole: bool,
}

/// A record that could not be read completely.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeadLetter {
    /// Its number.
    pub number: RecordNumber,
    /// Its shard.
    pub shard: ShardId,
    /// The record as read.
    pub record: Record,
    /// The fault of the record.
    pub refusal: Refusal,
}

/// An observer of all spans before any decision, in the order of their shard.
pub trait Observer {
    /// Observes a span. `at` is the effective time of its record, which never goes backward in a
    /// shard. Spans of windows that were [delivered](super::Engine::metered) before a restart are
    /// not passed again.
    fn span(&mut self, shard: &ShardId, at: StreamTime, place: Place<'_, '_>, span: &Span<'_>);
}

/// No observer.
impl Observer for () {
    fn span(&mut self, _: &ShardId, _: StreamTime, _: Place<'_, '_>, _: &Span<'_>) {}
}
