//! Batches of Kafka.

use std::{collections::BTreeMap, fmt::Display, future::Future};

use aws_lambda_events::kafka::{KafkaEvent, KafkaRecord};
use serde::Serialize;

use super::{
    batch::Batch,
    run::{Failed, Item},
};

/// The response to a batch of Kafka records: the positions to resume from in the topic partitions that
/// failed.
///
/// See <https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html>.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct KafkaBatchResponse {
    /// The first failed record of each topic partition.
    pub batch_item_failures: Vec<KafkaBatchItemFailure>,
}

/// A failed record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct KafkaBatchItemFailure {
    /// The place of the record.
    pub item_identifier: KafkaItemIdentifier,
}

/// The place of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct KafkaItemIdentifier {
    /// The topic partition as the event names it, such as `orders-0`.
    pub partition: String,
    /// The offset in the topic partition.
    pub offset: i64,
}

/// Runs `handler` for each record of a Kafka batch, one after the other, in each topic partition up to the
/// first failure.
///
/// Equivalent to [`Batch::new`]`().kafka(event, handler)`. See the [module docs](super).
pub async fn kafka<H, F, E>(event: KafkaEvent, handler: H) -> KafkaBatchResponse
where
    H: FnMut(KafkaRecord) -> F,
    F: Future<Output = Result<(), E>>,
    E: Display + 'static,
{
    Batch::new().kafka(event, handler).await
}

impl Batch {
    /// Runs `handler` for each record of a Kafka batch, and returns a response with the positions to resume
    /// from in the topic partitions that failed.
    pub async fn kafka<H, F, E>(self, event: KafkaEvent, handler: H) -> KafkaBatchResponse
    where
        H: FnMut(KafkaRecord) -> F,
        F: Future<Output = Result<(), E>>,
        E: Display + 'static,
    {
        let mut places = Vec::new();
        let mut items = Vec::new();
        // In a defined order, which the event's map does not have.
        let partitions: BTreeMap<_, _> = event.records.into_iter().collect();
        for (partition, records) in partitions {
            for record in records {
                places.push(KafkaItemIdentifier {
                    partition: partition.clone(),
                    offset: record.offset,
                });
                let group = Some(partition.clone());
                items.push(Item { record, group });
            }
        }
        let failed = self.run(items.into_iter(), handler).await;
        let first = failed
            .into_iter()
            .filter(|(_, failed)| !matches!(failed, Failed::Skipped))
            .filter_map(|(position, _)| places.get(position).cloned());
        KafkaBatchResponse {
            batch_item_failures: first
                .map(|item_identifier| KafkaBatchItemFailure { item_identifier })
                .collect(),
        }
    }
}
