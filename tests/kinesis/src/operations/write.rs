//! Write operations, and resharding.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{Outcome, invalid, text};
use crate::{Answer, Kinesis};

/// Maximum size of a record: 1 MiB including its key.
const LARGEST_RECORD: usize = 1 << 20;

pub(super) fn create_stream(kinesis: &Kinesis, input: &Value) -> Outcome {
    let name = text(input, "StreamName")?;
    if kinesis.state().streams.contains_key(name) {
        return Err(Answer::error(400, "ResourceInUseException", "it exists"));
    }
    let shards = input["ShardCount"].as_u64().unwrap_or(1);
    kinesis.create_stream(name, usize::try_from(shards).unwrap());
    Ok(json!({}))
}

pub(super) fn put_record(kinesis: &Kinesis, input: &Value) -> Outcome {
    let name = existing(kinesis, input)?;
    put(kinesis, &name, input)
}

pub(super) fn put_records(kinesis: &Kinesis, input: &Value) -> Outcome {
    let name = existing(kinesis, input)?;
    let records = input["Records"].as_array();
    let records = records.ok_or_else(|| invalid("Records"))?;
    if records.is_empty() || records.len() > 500 {
        return Err(invalid("Records"));
    }
    let put: Result<Vec<_>, _> = records
        .iter()
        .map(|record| put(kinesis, &name, record))
        .collect();
    Ok(json!({"FailedRecordCount": 0, "Records": put?}))
}

fn put(kinesis: &Kinesis, stream: &str, record: &Value) -> Outcome {
    let key = text(record, "PartitionKey")?;
    let data = BASE64.decode(text(record, "Data")?);
    let data = Bytes::from(data.map_err(|_| invalid("Data"))?);
    if data.len() + key.len() > LARGEST_RECORD {
        return Err(invalid("the record is too large"));
    }
    let hash = match record["ExplicitHashKey"].as_str() {
        None => None,
        Some(hash) => Some(hash.parse().map_err(|_| invalid("ExplicitHashKey"))?),
    };
    let (shard, sequence) = kinesis.put_at(stream, key, hash, data);
    Ok(json!({"ShardId": shard, "SequenceNumber": sequence}))
}

pub(super) fn split_shard(kinesis: &Kinesis, input: &Value) -> Outcome {
    let name = existing(kinesis, input)?;
    let shard = text(input, "ShardToSplit")?;
    let middle = text(input, "NewStartingHashKey")?.parse();
    let middle = middle.map_err(|_| invalid("NewStartingHashKey"))?;
    let children = kinesis.reshard(&name, |stream, number, now| {
        stream.split(shard, middle, number, now)
    });
    children
        .map(|_| json!({}))
        .ok_or_else(|| invalid("the shard cannot be split there"))
}

pub(super) fn merge_shards(kinesis: &Kinesis, input: &Value) -> Outcome {
    let name = existing(kinesis, input)?;
    let (first, second) = (
        text(input, "ShardToMerge")?,
        text(input, "AdjacentShardToMerge")?,
    );
    let child = kinesis.reshard(&name, |stream, number, now| {
        stream.merge(first, second, number, now)
    });
    child
        .map(|_| json!({}))
        .ok_or_else(|| invalid("the shards cannot be merged"))
}

fn existing(kinesis: &Kinesis, input: &Value) -> Result<String, Answer> {
    kinesis.state().stream(input)?;
    super::stream_name(input)
}
