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

/// Runs `handler` for each record of a DynamoDB stream, one after the other, up to the first
/// failure.
///
/// The same as [`Batch::new`]`().dynamodb(event, handler)`. See the [module docs](super).
pub async fn dynamodb<H, F, E>(event: Event, handler: H) -> DynamoDbEventResponse
where
    H: FnMut(EventRecord) -> F,
    F: Future<Output = Result<(), E>>,
    E: Display + 'static,
{
    Batch::new().dynamodb(event, handler).await
}

impl Batch {
    /// Runs `handler` for each record of a DynamoDB stream, and answers with the ones that failed.
    /// Lambda goes on from the first of them, so what was handled after it is handled again.
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
        // A batch is of one shard.
        let items = event.records.into_iter().map(|record| Item {
            group: Some(match self.is_concurrent() {
                true => item_key(&record),
                false => String::new(),
            }),
            record,
        });
        let mut response = DynamoDbEventResponse::default();
        for (position, failed) in self.run(items, handler).await {
            // What was not handled comes after what failed.
            if !matches!(failed, Failed::Skipped) {
                let number = numbers.get(position).cloned().flatten();
                let mut failure = DynamoDbBatchItemFailure::default();
                // Without a number the whole batch comes back, which loses nothing.
                failure.item_identifier = Some(number.unwrap_or_default());
                response.batch_item_failures.push(failure);
            }
        }
        response
    }
}

/// Tells items of a table apart.
fn item_key(record: &EventRecord) -> String {
    let keys: BTreeMap<_, _> = record.change.keys.iter().collect();
    format!("{keys:?}")
}
