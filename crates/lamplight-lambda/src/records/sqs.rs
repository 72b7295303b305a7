//! Batches of SQS.

use std::{fmt::Display, future::Future};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};

use super::{batch::Batch, run::Item};

/// Runs `handler` for each message of an SQS batch, one after the other, and returns a response with the
/// failed messages.
///
/// Equivalent to [`Batch::new`]`().sqs(event, handler)`. See the [module docs](super).
///
/// ```
/// use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
/// use lambda_runtime::{Error, LambdaEvent};
/// use lamplight_lambda::records;
///
/// async fn handler(event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
///     Ok(records::sqs(event.payload, deliver).await)
/// }
///
/// async fn deliver(message: SqsMessage) -> Result<(), Error> {
///     message.body.map(drop).ok_or_else(|| "a message without a body".into())
/// }
/// ```
pub async fn sqs<H, F, E>(event: SqsEvent, handler: H) -> SqsBatchResponse
where
    H: FnMut(SqsMessage) -> F,
    F: Future<Output = Result<(), E>>,
    E: Display + 'static,
{
    Batch::new().sqs(event, handler).await
}

impl Batch {
    /// Runs `handler` for each message of an SQS batch, and returns a response with the failed messages.
    pub async fn sqs<H, F, E>(self, event: SqsEvent, handler: H) -> SqsBatchResponse
    where
        H: FnMut(SqsMessage) -> F,
        F: Future<Output = Result<(), E>>,
        E: Display + 'static,
    {
        let ids: Vec<_> = event
            .records
            .iter()
            .map(|message| message.message_id.clone())
            .collect();
        let items = event.records.into_iter().map(|record| Item {
            group: fifo_group(&record),
            record,
        });
        let mut response = SqsBatchResponse::default();
        for (position, _) in self.run(items, handler).await {
            // Without an id, the whole batch is redelivered, so that nothing is lost.
            let id = ids.get(position).cloned().flatten().unwrap_or_default();
            response.add_failure(id);
        }
        response
    }
}

/// Returns the message group in a FIFO queue. In a standard queue, a group serves fairness, not order.
fn fifo_group(message: &SqsMessage) -> Option<String> {
    message.attributes.get("SequenceNumber")?;
    message.attributes.get("MessageGroupId").cloned()
}
