//! Read operations.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};

use super::{Outcome, base64, invalid, list, no_shard, seconds, text};
use crate::{Answer, Shard, State, Stored, stream};

/// Lifetime of an iterator: 5 minutes.
const ITERATOR_LIFE: u64 = 5 * 60 * 1000;
/// Maximum size of a response, in bytes.
const LARGEST_ANSWER: usize = 10 << 20;

/// A position in a shard.
#[derive(Debug)]
pub(crate) struct Iterator {
    pub(crate) stream: String,
    pub(crate) shard: String,
    /// The minimum number of the next record.
    pub(crate) next: u64,
    pub(crate) issued: u64,
    pub(crate) epoch: u64,
}

impl Iterator {
    fn encode(&self) -> String {
        let value = json!([self.stream, self.shard, self.next, self.issued, self.epoch]);
        BASE64.encode(value.to_string())
    }

    pub(crate) fn decode(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_slice(&BASE64.decode(text).ok()?).ok()?;
        Some(Self {
            stream: value[0].as_str()?.to_owned(),
            shard: value[1].as_str()?.to_owned(),
            next: value[2].as_u64()?,
            issued: value[3].as_u64()?,
            epoch: value[4].as_u64()?,
        })
    }
}

pub(super) fn get_shard_iterator(state: &State, input: &Value, now: u64) -> Outcome {
    let stream = state.stream(input)?;
    let id = text(input, "ShardId")?;
    let shard = stream.shards.iter().find(|shard| shard.id == id);
    let shard = shard.ok_or_else(|| no_shard(id))?;
    let from = |member: &str| input[member].as_str();
    let start = Start {
        kind: text(input, "ShardIteratorType")?,
        sequence: from("StartingSequenceNumber"),
        time: &input["Timestamp"],
    };
    let iterator = Iterator {
        stream: super::stream_name(input)?,
        shard: id.to_owned(),
        next: start.number(shard, now)?,
        issued: now,
        epoch: state.epoch,
    };
    Ok(json!({"ShardIterator": iterator.encode()}))
}

/// A starting position.
pub(crate) struct Start<'a> {
    pub(crate) kind: &'a str,
    pub(crate) sequence: Option<&'a str>,
    pub(crate) time: &'a Value,
}

impl Start<'_> {
    /// Returns the number of the first record to read.
    pub(crate) fn number(&self, shard: &Shard, now: u64) -> Result<u64, Answer> {
        let sequence = || {
            let number = self.sequence.and_then(stream::number);
            let number = number.ok_or_else(|| invalid("StartingSequenceNumber"))?;
            let past_end = shard.closed.is_some_and(|(end, _)| number > end);
            if number < shard.opened || past_end {
                return Err(invalid(
                    "StartingSequenceNumber is out of the shard's range",
                ));
            }
            Ok(number)
        };
        match self.kind {
            "TRIM_HORIZON" => Ok(0),
            "LATEST" => Ok(shard.records.last().map_or(0, |last| last.number + 1)),
            "AT_SEQUENCE_NUMBER" => sequence(),
            "AFTER_SEQUENCE_NUMBER" => Ok(sequence()? + 1),
            "AT_TIMESTAMP" => {
                let time = list::millis(self.time);
                if time > now {
                    return Err(invalid("Timestamp is in the future"));
                }
                let first = shard.records.iter().find(|record| record.arrival >= time);
                let after_all = shard.records.last().map_or(0, |last| last.number + 1);
                Ok(first.map_or(after_all, |first| first.number))
            }
            _ => Err(invalid("ShardIteratorType")),
        }
    }
}

pub(super) fn get_records(state: &mut State, input: &Value, now: u64) -> Outcome {
    let iterator = Iterator::decode(text(input, "ShardIterator")?);
    let iterator = iterator.ok_or_else(|| invalid("ShardIterator"))?;
    if iterator.epoch < state.epoch || now > iterator.issued + ITERATOR_LIFE {
        let message = "Iterator expired.";
        return Err(Answer::error(400, "ExpiredIteratorException", message));
    }
    let limit = input["Limit"].as_u64().unwrap_or(10_000);
    let limit = usize::try_from(limit).unwrap();
    if !(1..=10_000).contains(&limit) {
        return Err(invalid("Limit"));
    }
    let limit = limit.min(state.settings.most_records);
    let (limits, ends_with_records) = (state.settings.limits, state.settings.ends_with_records);
    let empty = state.take_empty_answer();
    let epoch = state.epoch;
    let stream = state.streams.get_mut(&iterator.stream);
    let stream = stream.ok_or_else(|| no_shard(&iterator.stream))?;
    let shard = stream.shard(&iterator.shard);
    let shard = shard.ok_or_else(|| no_shard(&iterator.shard))?;
    if limits && !shard.limits.call(now) {
        let kind = "ProvisionedThroughputExceededException";
        return Err(Answer::error(400, kind, "Rate exceeded for shard"));
    }
    let page = Page::read(shard, iterator.next, if empty { 0 } else { limit });
    let bytes = page.records.iter().map(|record| record.data.len()).sum();
    shard.limits.read(bytes, now);
    let ends = page.rest.is_none()
        && shard.closed.is_some()
        && (page.records.is_empty() || ends_with_records);
    let mut answer = json!({
        "Records": page.records.iter().map(record).collect::<Vec<_>>(),
        "MillisBehindLatest": page.rest.map_or(0, |arrival| now.saturating_sub(arrival).max(1)),
        "NextShardIterator": null,
    });
    if ends {
        answer["ChildShards"] = children(&stream.shards, &iterator.shard);
    } else {
        let next = Iterator {
            next: page.next,
            issued: now,
            epoch,
            ..iterator
        };
        answer["NextShardIterator"] = next.encode().into();
    }
    Ok(answer)
}

/// Records of a shard, as many as fit into a response.
pub(crate) struct Page {
    pub(crate) records: Vec<Stored>,
    /// The position of the next page.
    pub(crate) next: u64,
    /// Arrival of the first remaining record.
    pub(crate) rest: Option<u64>,
}

impl Page {
    pub(crate) fn read(shard: &Shard, next: u64, limit: usize) -> Self {
        let mut rest = shard
            .records
            .iter()
            .filter(|record| record.number >= next)
            .peekable();
        let mut page = Self {
            records: Vec::new(),
            next,
            rest: None,
        };
        let mut bytes = 0;
        while let Some(record) = rest.peek() {
            bytes += record.data.len();
            let full = bytes > LARGEST_ANSWER && !page.records.is_empty();
            if page.records.len() == limit || full {
                page.rest = Some(record.arrival);
                break;
            }
            page.next = record.number + 1;
            page.records.extend(rest.next().cloned());
        }
        page
    }
}

pub(crate) fn record(record: &Stored) -> Value {
    json!({
        "SequenceNumber": record.sequence(),
        "ApproximateArrivalTimestamp": seconds(record.arrival),
        "Data": base64(&record.data),
        "PartitionKey": record.key,
    })
}

pub(crate) fn children(shards: &[Shard], parent: &str) -> Value {
    let children = shards
        .iter()
        .filter(|shard| shard.parents.iter().any(|id| id == parent));
    children
        .map(|shard| {
            json!({
                "ShardId": shard.id,
                "ParentShards": shard.parents,
                "HashKeyRange": list::range(shard),
            })
        })
        .collect()
}
