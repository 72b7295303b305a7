//! Processing of a batch.

use std::{
    collections::BTreeMap,
    sync::Mutex,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use lamplight_internal::sync::lock;

use super::{
    answer::Answer,
    event::{Batch, Data, Received},
    telling::Teller,
};
use crate::{
    record::{Record, SequenceNumber, ShardId, StreamTime},
    relay::Relay,
    sink::{DeadLetter, RecordId},
    telemetry::ShardTelemetry,
};

/// The name of a shard that the event does not name.
const UNKNOWN: &str = "shardId-unknown";

/// Relays a batch within this time; the answer names the first record that was not delivered.
pub(super) async fn relay(
    relay: &Relay,
    teller: &Mutex<Teller>,
    batch: Batch,
    within: Duration,
) -> Answer {
    let mut records = Vec::with_capacity(batch.records.len());
    let mut letters = Vec::new();
    let mut shards = BTreeMap::new();
    // Lambda sends records of one shard in their order. If there are several shards, each is in
    // order.
    let mut arrival = StreamTime::default();
    for received in batch.records {
        arrival = received.arrival.unwrap_or(arrival);
        match read(received, arrival) {
            Ok((shard, record)) => {
                shards.insert(shard.clone(), arrival);
                records.push((shard, record));
            }
            Err(letter) => letters.push(letter),
        }
    }
    let of_itself = lock(teller).take_metrics();
    let mut outcome = relay.batch(records, letters, of_itself, within).await;
    let failed = outcome.left.iter().map(|id| &id.sequence).min().cloned();
    if let Some(failed) = &failed {
        tracing::warn!(target: "lamplight", sequence = %failed, records = outcome.left.len(),
            "not all records could be delivered: the batch is retried from this one");
    }
    let behind = shards.into_iter().map(|(shard, newest)| {
        let age = ShardTelemetry::new(now().since(newest), 0, 0);
        (shard, age)
    });
    outcome.telemetry.shards.extend(behind);
    lock(teller).saw(&outcome.telemetry);
    Answer { failed }
}

fn now() -> StreamTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    StreamTime::default().after(since.unwrap_or_default())
}

/// Returns a record, or the dead letter of one that cannot be read.
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
