//! Batches of DynamoDB.

use std::{collections::BTreeMap, fmt::Display, future::Future};

use aws_lambda_events::{
    dynamodb::{Event, EventRecord},
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};

use super::{
    batch::Batch,
    run::{Failed, Item},
};

/// Runs `handler` for each record of a DynamoDB stream, one after the other, up to the first failure.
///
/// Equivalent to [`Batch::new`]`().dynamodb(event, handler)`. See the [module docs](super).
pub async fn dynamodb<H, F, E>(event: Event, handler: H) -> DynamoDbEventResponse
where
    H: FnMut(EventRecord) -> F,
    F: Future<Output = Result<(), E>>,
    E: Display + 'static,
{
    Batch::new().dynamodb(event, handler).await
}

impl Batch {
    /// Runs `handler` for each record of a DynamoDB stream, and returns a response with the failed records.
    /// Lambda resumes from the first of them, so records handled after it are handled again.
    pub async fn dynamodb<H, F, E>(self, event: Event, handler: H) -> DynamoDbEventResponse
    where
        H: FnMut(EventRecord) -> F,
        F: Future<Output = Result<(), E>>,
        E: Display + 'static,
    {
        let numbers: Vec<_> = event
            .records
            .iter()
            .map(|record| record.change.sequence_number.clone())
            .collect();
        // A batch belongs to one shard.
        let items = event.records.into_iter().map(|record| Item {
            group: Some(match self.is_concurrent() {
                true => item_key(&record),
                false => String::new(),
            }),
            record,
        });
        let mut response = DynamoDbEventResponse::default();
        for (position, failed) in self.run(items, handler).await {
            // Records that were not handled come after the failed one.
            if !matches!(failed, Failed::Skipped) {
                let number = numbers.get(position).cloned().flatten();
                let mut failure = DynamoDbBatchItemFailure::default();
                // Without a number, the whole batch is redelivered, so that nothing is lost.
                failure.item_identifier = Some(number.unwrap_or_default());
                response.batch_item_failures.push(failure);
            }
        }
        response
    }
}

/// Returns a key that identifies an item of a table.
fn item_key(record: &EventRecord) -> String {
    let keys: BTreeMap<_, _> = record.change.keys.iter().collect();
    format!("{keys:?}")
}
