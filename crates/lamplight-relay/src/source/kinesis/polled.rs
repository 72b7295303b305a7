//! Polled records.

use aws_sdk_kinesis::{Client, types::ShardIteratorType};

use super::convert;
use crate::source::{
    BoxFuture, Position,
    stream::{Batch, Cursor, ReadError},
};

/// A Kinesis shard iterator.
#[derive(Debug)]
pub(super) struct Polled {
    client: Client,
    /// The iterator for the next call.
    iterator: String,
}

/// Returns a cursor at a position of a shard.
pub(super) async fn open(
    client: &Client,
    stream: &str,
    shard: &str,
    position: &Position,
) -> Result<Polled, ReadError> {
    let get = client
        .get_shard_iterator()
        .stream_name(stream)
        .shard_id(shard);
    let number = position
        .sequence()
        .map(|sequence| sequence.as_str().to_owned());
    let get = get.set_starting_sequence_number(number);
    let get = match position {
        Position::TrimHorizon => get.shard_iterator_type(ShardIteratorType::TrimHorizon),
        Position::At(_) => get.shard_iterator_type(ShardIteratorType::AtSequenceNumber),
        Position::After(_) => get.shard_iterator_type(ShardIteratorType::AfterSequenceNumber),
        Position::Time(time) => get
            .shard_iterator_type(ShardIteratorType::AtTimestamp)
            .timestamp(convert::date_time(*time)),
        Position::End => return Err(ReadError::Position),
    };
    let answer = get.send().await.map_err(|error| convert::error(&error))?;
    let iterator = answer.shard_iterator;
    let missing = || ReadError::Unavailable("a response without an iterator".to_owned());
    Ok(Polled {
        client: client.clone(),
        iterator: iterator.ok_or_else(missing)?,
    })
}

impl Cursor for Polled {
    fn read(&mut self, limit: u32) -> BoxFuture<'_, Result<Batch, ReadError>> {
        Box::pin(async move {
            let limit = i32::try_from(limit).unwrap_or(i32::MAX);
            let get = self.client.get_records();
            let get = get.shard_iterator(&self.iterator).limit(limit);
            let answer = get.send().await.map_err(|error| convert::error(&error))?;
            let ended = match answer.next_shard_iterator {
                Some(next) => {
                    self.iterator = next;
                    None
                }
                None => Some(convert::children(
                    answer.child_shards.as_deref().unwrap_or_default(),
                )),
            };
            Ok(Batch {
                records: convert::records(answer.records),
                behind: convert::behind(answer.millis_behind_latest),
                ended,
            })
        })
    }
}
