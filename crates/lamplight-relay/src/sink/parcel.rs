//! What a queue holds.

use bytes::Bytes;

use super::{claim::Claim, ticket::Ticket};
use crate::{
    clean::Chunk,
    record::{SequenceNumber, ShardId},
};

/// What one sink is to be given of one trace, or of one window of metrics.
#[derive(Debug)]
#[non_exhaustive]
pub struct Parcel {
    /// Whose spans these are; zero for metrics.
    pub trace_id: [u8; 16],
    /// Spans or data points.
    pub content: Content,
    /// The records they came in, which a dead letter names.
    pub records: Vec<RecordId>,
    /// What settles those records; best-effort sinks need none.
    pub ticket: Option<Ticket>,
    /// Once it is revoked the parcel is not sent any more; none where it always is.
    pub claim: Option<Claim>,
}

/// What is in a [`Parcel`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Content {
    /// Spans.
    Traces(Vec<Chunk>),
    /// `ExportMetricsServiceRequest` with so many data points.
    Metrics(Bytes, usize),
}

/// A record, by its shard and its place there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RecordId {
    /// Its shard.
    pub shard: ShardId,
    /// Its place.
    pub sequence: SequenceNumber,
}

impl RecordId {
    /// Returns the id of a record.
    pub const fn new(shard: ShardId, sequence: SequenceNumber) -> Self {
        Self { shard, sequence }
    }
}

impl Parcel {
    /// Returns a parcel of a trace.
    pub const fn new(trace_id: [u8; 16], content: Content) -> Self {
        Self {
            trace_id,
            content,
            records: Vec::new(),
            ticket: None,
            claim: None,
        }
    }

    /// Sets the records it came in.
    #[must_use]
    pub fn with_records(mut self, records: Vec<RecordId>) -> Self {
        self.records = records;
        self
    }

    /// Sets what has to be held for it to be sent.
    #[must_use]
    pub fn with_claim(mut self, claim: Claim) -> Self {
        self.claim = Some(claim);
        self
    }

    /// Sets what settles those records.
    #[must_use]
    pub fn with_ticket(mut self, ticket: Ticket) -> Self {
        self.ticket = Some(ticket);
        self
    }
}
