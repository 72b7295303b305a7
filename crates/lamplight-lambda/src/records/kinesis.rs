//! Batches of Kinesis.

use std::{fmt::Display, future::Future};

use aws_lambda_events::{
    kinesis::{KinesisEvent, KinesisEventRecord},
    streams::KinesisEventResponse,
};

use super::{
    batch::Batch,
    run::{Failed, Item},
};

/// Runs `handler` for each record of a Kinesis batch, one after the other, up to the first failure.
///
/// Equivalent to [`Batch::new`]`().kinesis(event, handler)`. See the [module docs](super).
pub async fn kinesis<H, F, E>(event: KinesisEvent, handler: H) -> KinesisEventResponse
where
    H: FnMut(KinesisEventRecord) -> F,
    F: Future<Output = Result<(), E>>,
    E: Display + 'static,
{
    Batch::new().kinesis(event, handler).await
}

impl Batch {
    /// Runs `handler` for each record of a Kinesis batch, and returns a response with the failed records.
    /// Lambda resumes from the first of them, so records handled after it are handled again.
    pub async fn kinesis<H, F, E>(self, event: KinesisEvent, handler: H) -> KinesisEventResponse
    where
        H: FnMut(KinesisEventRecord) -> F,
        F: Future<Output = Result<(), E>>,
        E: Display + 'static,
    {
        let numbers: Vec<_> = event
            .records
            .iter()
            .map(|record| record.kinesis.sequence_number.clone())
            .collect();
        // A batch belongs to one shard.
        let items = event.records.into_iter().map(|record| Item {
            group: Some(match self.is_concurrent() {
                true => record.kinesis.partition_key.clone(),
                false => String::new(),
            }),
            record,
        });
        let mut response = KinesisEventResponse::default();
        for (position, failed) in self.run(items, handler).await {
            // Records that were not handled come after the failed one.
            if !matches!(failed, Failed::Skipped) {
                response.add_failure(numbers.get(position).cloned().unwrap_or_default());
            }
        }
        response
    }
}
