//! Items of a queue.

use bytes::Bytes;

use super::{claim::Claim, ticket::Ticket};
use crate::{
    clean::Chunk,
    record::{SequenceNumber, ShardId},
};

/// Data of one trace, or of one window of metrics, for one sink.
#[derive(Debug)]
#[non_exhaustive]
pub struct Parcel {
    /// The id of the trace; zero for metrics.
    pub trace_id: [u8; 16],
    /// Spans or data points.
    pub content: Content,
    /// The records that contained the data, which a dead letter names.
    pub records: Vec<RecordId>,
    /// The ticket that settles these records; not needed for best-effort sinks.
    pub ticket: Option<Ticket>,
    /// The parcel is no longer sent once this is revoked; `None` if it is always sent.
    pub claim: Option<Claim>,
}

/// The content of a [`Parcel`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Content {
    /// Spans.
    Traces(Vec<Chunk>),
    /// An `ExportMetricsServiceRequest`, and its number of data points.
    Metrics(Bytes, usize),
}

/// The identifier of a record: its shard and sequence number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RecordId {
    /// Its shard.
    pub shard: ShardId,
    /// Its position in the shard.
    pub sequence: SequenceNumber,
}

impl RecordId {
    /// Returns the id of a record.
    pub const fn new(shard: ShardId, sequence: SequenceNumber) -> Self {
        Self { shard, sequence }
    }
}

impl Parcel {
    /// Returns a parcel with the data of a trace.
    pub const fn new(trace_id: [u8; 16], content: Content) -> Self {
        Self {
            trace_id,
            content,
            records: Vec::new(),
            ticket: None,
            claim: None,
        }
    }

    /// Sets the records that contained the data.
    #[must_use]
    pub fn with_records(mut self, records: Vec<RecordId>) -> Self {
        self.records = records;
        self
    }

    /// Sets the claim that must hold for the parcel to be sent.
    #[must_use]
    pub fn with_claim(mut self, claim: Claim) -> Self {
        self.claim = Some(claim);
        self
    }

    /// Sets the ticket that settles these records.
    #[must_use]
    pub fn with_ticket(mut self, ticket: Ticket) -> Self {
        self.ticket = Some(ticket);
        self
    }
}
