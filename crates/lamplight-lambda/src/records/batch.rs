//! Options of a batch.

/// Options for handling the records of a batch. See the [module docs](super).
///
/// ```
/// # #[cfg(feature = "records-sqs")] {
/// use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
/// use lambda_runtime::{Error, LambdaEvent};
/// use lamplight_lambda::records::Batch;
///
/// async fn handler(event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
///     Ok(Batch::new().with_concurrency(8).sqs(event.payload, deliver).await)
/// }
///
/// async fn deliver(message: SqsMessage) -> Result<(), Error> {
///     message.body.map(drop).ok_or_else(|| "a message without a body".into())
/// }
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Batch {
    pub(super) concurrency: usize,
}

impl Batch {
    /// Returns options with which records are handled one after the other, in the order of the event.
    pub fn new() -> Self {
        Self { concurrency: 1 }
    }

    /// Sets the maximum number of records handled at a time, all in the invocation's own task. Default and
    /// minimum: 1.
    ///
    /// Order is preserved where the source has one: records of the same SQS FIFO message group, Kinesis
    /// partition key, DynamoDB item or Kafka topic partition run one after the other.
    #[must_use]
    pub fn with_concurrency(mut self, records: usize) -> Self {
        self.concurrency = records.max(1);
        self
    }

    /// Returns whether order is preserved only within groups.
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
