//! Options of a batch.

/// The way in which the records of a batch are run. See the [module docs](super).
#[derive(Debug, Clone, Copy)]
pub struct Batch {
    pub(super) concurrency: usize,
}

impl Batch {
    /// Returns the way that handles one record after the other, in the order of the event.
    pub fn new() -> Self {
        Self { concurrency: 1 }
    }

    /// Sets how many records are handled at a time at most, all on the invocation's own task. Default: 1, which
    /// is also the least.
    ///
    /// Order is kept where the source has one: records of the same SQS FIFO message group, Kinesis
    /// partition key, DynamoDB item or Kafka topic partition run one after the other.
    #[must_use]
    pub fn with_concurrency(mut self, records: usize) -> Self {
        self.concurrency = records.max(1);
        self
    }

    /// Returns whether order is kept within a group only.
    #[cfg(any(feature = "records-dynamodb", feature = "records-kinesis"))]
    pub(super) fn is_concurrent(self) -> bool {
        self.concurrency > 1
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self::new()
    }
}
