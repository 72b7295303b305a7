//! The records of a batch, each with its own span.
//!
//! Each record has a `process` span of kind `CONSUMER`. The span continues the record's own trace, even if
//! the record was wrapped (in SNS or EventBridge), and has a link to the invocation's span, or to that of the
//! event ([`with_event_span`](crate::InstrumentationBuilder::with_event_span)). Its context, with the
//! record's baggage, is current while the handler runs. A record without context gets a child of the
//! invocation's span. With [`RecordPolicy::Link`](lamplight_propagation::inbound::RecordPolicy::Link), every
//! record does, and its span has a link to the record's sender. With
//! [`RecordPolicy::ContinueAndLink`](lamplight_propagation::inbound::RecordPolicy::ContinueAndLink), a span
//! that continues a record's trace also has a link to the record's sender, which is its parent. The time for
//! which the record waited and the number of its deliveries are attributes.
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
//! | source | response | after a failure |
//! |---|---|---|
//! | SQS | failed messages; the others are deleted | FIFO: the rest of the message group is not handled, and is reported too |
//! | Kinesis, DynamoDB | sequence numbers; Lambda resumes from the lowest | the rest of the shard is not handled, because Lambda redelivers it |
//! | Kafka | a position for each topic partition | the rest of the partition is not handled |
//! | SNS | none: the first error fails the invocation | the other records are handled |
//!
//! The event source mapping needs `ReportBatchItemFailures` in its function response types. Without it,
//! Lambda considers all records of the batch as successful.
//!
//! The attribute `lamplight.batch.failed_count` of the invocation's span is the number of records that are
//! redelivered, whether the response is one of these or the function's own. (With
//! [`with_event_span`](crate::InstrumentationBuilder::with_event_span), it is on the event's span.) After the
//! first failure in a shard or topic partition, all following records are redelivered. The whole batch is
//! redelivered if `batchItemFailures` has an identifier that is empty, null, missing or not in the batch,
//! which is logged once. If all records are redelivered, the span fails with the `error.type`
//! `batch_item_failure`.
//!
//! A record handler that panics fails its record, like one that returns an error: one bad record does not
//! make Lambda redeliver the whole batch. For SNS, whose response reports no failures, the panic is resumed
//! after the other records have been handled.
//!
//! [`current`] returns the record's span to code in the record handler, for attributes, counters and events;
//! the invocation's span is still available from [`Invocation::current`](crate::Invocation::current).
//!
//! A record handler is a closure or an `async fn`; [`service`] converts a `tower` service into one.

// Without a source, there is nothing to run.
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
