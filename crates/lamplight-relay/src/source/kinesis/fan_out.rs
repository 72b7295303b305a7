//! Pushed records: enhanced fan-out.

use aws_sdk_kinesis::{
    Client,
    operation::subscribe_to_shard::SubscribeToShardOutput,
    types::{ShardIteratorType, StartingPosition, SubscribeToShardEventStream},
};

use super::convert;
use crate::source::{
    BoxFuture, Position,
    stream::{Batch, Cursor, ReadError},
};

/// A subscription. Kinesis ends it after five minutes; the reader then subscribes again after the
/// last record.
pub(super) struct Subscription {
    answer: SubscribeToShardOutput,
}

/// Returns a subscription that begins at a position of a shard.
pub(super) async fn open(
    client: &Client,
    consumer: &str,
    shard: &str,
    position: &Position,
) -> Result<Subscription, ReadError> {
    let start = StartingPosition::builder();
    let number = position
        .sequence()
        .map(|sequence| sequence.as_str().to_owned());
    let start = start.set_sequence_number(number);
    let start = match position {
        Position::TrimHorizon => start.r#type(ShardIteratorType::TrimHorizon),
        Position::At(_) => start.r#type(ShardIteratorType::AtSequenceNumber),
        Position::After(_) => start.r#type(ShardIteratorType::AfterSequenceNumber),
        Position::Time(time) => start
            .r#type(ShardIteratorType::AtTimestamp)
            .timestamp(convert::date_time(*time)),
        Position::End => return Err(ReadError::Position),
    };
    let start = start.build().map_err(|_| ReadError::Position)?;
    let subscribe = client.subscribe_to_shard().consumer_arn(consumer);
    let subscribe = subscribe.shard_id(shard).starting_position(start);
    let answer = subscribe
        .send()
        .await
        .map_err(|error| convert::error(&error))?;
    Ok(Subscription { answer })
}

impl Cursor for Subscription {
    fn read(&mut self, _limit: u32) -> BoxFuture<'_, Result<Batch, ReadError>> {
        Box::pin(async move {
            loop {
                let event = self.answer.event_stream.recv().await;
                let event = match event.map_err(|error| convert::error(&error))? {
                    Some(SubscribeToShardEventStream::SubscribeToShardEvent(event)) => event,
                    // An event of an unknown kind.
                    Some(_) => continue,
                    None => return Err(ReadError::Expired),
                };
                let ended = event.child_shards.as_deref().map(convert::children);
                return Ok(Batch {
                    records: convert::records(event.records),
                    behind: convert::behind(Some(event.millis_behind_latest)),
                    ended: ended.filter(|children| !children.is_empty()),
                });
            }
        })
    }

    fn is_pushed(&self) -> bool {
        true
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}
