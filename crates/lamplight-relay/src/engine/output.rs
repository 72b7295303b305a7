//! What comes out.

use lamplight_otlp::trace::{Place, Span};

use crate::{
    decode::{Payloads, Refusal},
    record::{Record, SequenceNumber, ShardId, StreamTime},
    rules::Verdict,
};

/// The number of a record that is held, for [`Engine::settle`](super::Engine::settle). It means nothing in
/// another process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordNumber(u64);

impl RecordNumber {
    /// Returns the number that [`as_u64`](Self::as_u64) returned.
    pub const fn from_u64(number: u64) -> Self {
        Self(number)
    }

    /// Returns it as a plain number.
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

/// What is to be delivered. Each [`Held`] in it is [settled](super::Engine::settle) once, when that is
/// done.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Output {
    /// A trace that was kept, or spans that came late to it.
    Kept(Kept),
    /// A record that could not be read, or not all of it: what could be comes out for itself.
    Refused(DeadLetter),
}

impl Output {
    /// Returns the numbers of the records it holds.
    pub fn numbers(&self) -> impl Iterator<Item = RecordNumber> + '_ {
        let (many, one) = match self {
            Self::Kept(kept) => (kept.records.as_slice(), None),
            Self::Refused(letter) => (&[][..], Some(letter.number)),
        };
        many.iter().map(|held| held.number).chain(one)
    }
}

/// A trace that was kept, or spans that came late to it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Kept {
    /// The trace.
    pub trace_id: [u8; 16],
    /// The shard that it was decided in. Its records may be of shards that were split or merged into it.
    pub shard: ShardId,
    /// The decision. The same for all spans of the trace, unless they are `incomplete`.
    pub verdict: Verdict,
    /// Whether the trace was dropped, and these spans came late and are kept for their own sake.
    pub incomplete: bool,
    /// The records with its spans, in the order in which they were read.
    pub records: Vec<Held>,
}

/// A record with spans that are to be delivered. There may be others in it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Held {
    /// Its number.
    pub number: RecordNumber,
    /// Its shard.
    pub shard: ShardId,
    /// Its place in the shard.
    pub sequence: SequenceNumber,
    /// The `ExportTraceServiceRequest`s in it.
    pub payloads: Payloads,
    /// Whether all its spans are of one trace.
    pub is_whole: bool,
}

/// A record that could not be read, or not all of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeadLetter {
    /// Its number.
    pub number: RecordNumber,
    /// Its shard.
    pub shard: ShardId,
    /// The record as it was read.
    pub record: Record,
    /// What is wrong with it.
    pub refusal: Refusal,
}

/// Somebody who sees all spans, before anything is decided, in the order of their shard.
pub trait Observer {
    /// Sees a span. `at` is the effective time of its record, which does not run backwards in a shard.
    /// Spans of windows that were [delivered](super::Engine::metered) before a restart are not seen again.
    fn span(&mut self, shard: &ShardId, at: StreamTime, place: Place<'_, '_>, span: &Span<'_>);
}

/// Nobody.
impl Observer for () {
    fn span(&mut self, _: &ShardId, _: StreamTime, _: Place<'_, '_>, _: &Span<'_>) {}
}
