//! What is done with a batch.

use std::{collections::BTreeSet, time::Duration};

use bytes::Bytes;

use super::{
    answer::Answer,
    event::{Batch, Data, Received},
};
use crate::{
    record::{Record, SequenceNumber, ShardId, StreamTime},
    relay::Relay,
    sink::{DeadLetter, RecordId},
};

/// A shard of whose name the event says nothing.
const UNKNOWN: &str = "shardId-unknown";

/// Relays a batch: what was not delivered within this time is what the answer says.
pub(super) async fn relay(relay: &Relay, batch: Batch, within: Duration) -> Answer {
    let mut records = Vec::with_capacity(batch.records.len());
    let mut letters = Vec::new();
    // Lambda's records are of one shard, in its order; of several, each has its own.
    let mut arrival = StreamTime::default();
    for received in batch.records {
        arrival = received.arrival.unwrap_or(arrival);
        match read(received, arrival) {
            Ok(record) => records.push(record),
            Err(letter) => letters.push(letter),
        }
    }
    let order: Vec<_> = records
        .iter()
        .map(|(shard, record)| RecordId::new(shard.clone(), record.sequence.clone()))
        .collect();
    let unread: Vec<_> = letters.iter().flat_map(|it| it.records.clone()).collect();
    let left = relay.batch(records, letters, within).await;
    let left: BTreeSet<_> = left
        .iter()
        .map(|id| (id.shard.as_str(), id.sequence.as_str()))
        .collect();
    // Those that could not be read stand before or behind the others: the lowest number counts.
    let all = order.iter().chain(&unread);
    let failed = all.filter(|id| left.contains(&(id.shard.as_str(), id.sequence.as_str())));
    let failed = failed.map(|id| id.sequence.clone()).min();
    if let Some(failed) = &failed {
        tracing::warn!(target: "lamplight", sequence = %failed, records = left.len(),
            "not all records could be delivered: the batch is tried again from here");
    }
    Answer { failed }
}

/// Returns a record, or what becomes of one that cannot be read.
fn read(received: Received, arrival: StreamTime) -> Result<(ShardId, Record), DeadLetter> {
    let shard = received.shard.unwrap_or_else(|| ShardId::new(UNKNOWN));
    let (why, data) = match (received.sequence, received.data) {
        (Some(sequence), Data::Decoded(data)) => {
            return Ok((
                shard,
                Record::new(sequence, &received.partition_key, arrival, data),
            ));
        }
        (sequence, data) => {
            let why = match (&sequence, &data) {
                (None, _) => "the record has no sequence number",
                (_, Data::NotBase64) => "the record's data is not Base64",
                _ => "the record has no data",
            };
            let sequence = sequence.unwrap_or_else(|| SequenceNumber::new(""));
            let data = match data {
                Data::Decoded(data) => data,
                _ => Bytes::new(),
            };
            (why, (sequence, data))
        }
    };
    let (sequence, data) = data;
    Err(DeadLetter::of_record(
        RecordId::new(shard, sequence),
        data,
        why,
    ))
}
