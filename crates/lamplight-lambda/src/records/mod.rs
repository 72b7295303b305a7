//! The records of a batch, each in its own span.
//!
//! Each record has a `process` span of kind `CONSUMER`. The span continues the record's own trace,
//! whatever the record was wrapped in (SNS, EventBridge), and is linked with the invocation's span, or
//! that of the event ([`with_event_span`](crate::InstrumentationBuilder::with_event_span));
//! its context, with the record's baggage, is current while the handler runs. A record without
//! context becomes a child of the invocation's span; with
//! [`RecordPolicy::Link`](lamplight_propagation::inbound::RecordPolicy::Link) every record does, linked
//! with the span it comes from; and with
//! [`RecordPolicy::ContinueAndLink`](lamplight_propagation::inbound::RecordPolicy::ContinueAndLink) the
//! span that continues a record's trace is linked with the record's sender too, which is its parent. How long the record waited and how often it has
//! been received are attributes.
//!
//! ```
//! # #[cfg(feature = "records-sqs")] {
//! use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
//! use lambda_runtime::{Error, LambdaEvent};
//! use lamplight_lambda::records::{self, Batch};
//!
//! async fn one_by_one(event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
//!     Ok(records::sqs(event.payload, deliver).await)
//! }
//!
//! async fn eight_at_a_time(event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
//!     Ok(Batch::new().with_concurrency(8).sqs(event.payload, deliver).await)
//! }
//!
//! async fn deliver(message: SqsMessage) -> Result<(), Error> {
//!     let body = message.body.ok_or("a message without a body")?;
//!     println!("{body}");
//!     Ok(())
//! }
//! # }
//! ```
//!
//! # Failures
//!
//! | source | answer | what follows a failure |
//! |---|---|---|
//! | SQS | failed messages; the others are deleted | FIFO: the rest of the message group is not handled, and reported too |
//! | Kinesis, DynamoDB | sequence numbers, of which Lambda resumes from the lowest | nothing more of the shard is handled: Lambda delivers it all again |
//! | Kafka | a position for each topic partition | nothing more of the partition is handled |
//! | SNS | none: the first error fails the invocation | the other records are handled |
//!
//! The event source mapping needs `ReportBatchItemFailures` in its function response types. Without
//! it Lambda takes every record of the batch for done, failed or not.
//!
//! The invocation's span says in `lamplight.batch.failed_count` how many records come again, whether
//! the answer is one of these or a function's own; the event's span does, where
//! [`with_event_span`](crate::InstrumentationBuilder::with_event_span) asks for one. Behind the first failure of a shard or of a topic
//! partition all records do, and all of the batch where `batchItemFailures` has an identifier that is
//! empty, null, missing or not in the batch, which the log tells once. When all come again, the span has
//! failed with the `error.type` `batch_item_failure`.
//!
//! A record handler that panics has failed like one that returns an error: one bad record does not
//! bring its whole batch back. Where there is nothing to report to, for SNS, the panic goes on to the
//! runtime when the other records have been handled.
//!
//! [`current`] gives the record's span to code below the record handler, for attributes, counters and
//! events; the invocation's is still there, from [`Invocation::current`](crate::Invocation::current).
//!
//! A record handler is a closure or an `async fn`; [`service`] makes one of a `tower` service.

// Without a source there is nothing to run.
#![cfg_attr(
    not(any(
        feature = "records-dynamodb",
        feature = "records-kafka",
        feature = "records-kinesis",
        feature = "records-sns",
        feature = "records-sqs"
    )),
    allow(dead_code)
)]

mod batch;
mod context;
#[cfg(feature = "records-dynamodb")]
mod dynamodb;
#[cfg(feature = "records-kafka")]
mod kafka;
#[cfg(feature = "records-kinesis")]
mod kinesis;
mod run;
mod service;
#[cfg(feature = "records-sns")]
mod sns;
#[cfg(feature = "records-sqs")]
mod sqs;

pub use batch::Batch;
pub use context::current;
#[cfg(feature = "records-dynamodb")]
pub use dynamodb::dynamodb;
#[cfg(feature = "records-kafka")]
pub use kafka::{KafkaBatchItemFailure, KafkaBatchResponse, KafkaItemIdentifier, kafka};
#[cfg(feature = "records-kinesis")]
pub use kinesis::kinesis;
pub use service::service;
#[cfg(feature = "records-sns")]
pub use sns::sns;
#[cfg(feature = "records-sqs")]
pub use sqs::sqs;
