//! Enhanced fan-out: records in an event stream.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    invalid, no_shard,
    read::{Page, Start, children, record},
    text,
};
use crate::{Answer, State, stream};

/// Maximum number of records per event.
const MOST_RECORDS: usize = 100;

/// Minimum interval between subscriptions to a shard, in milliseconds.
const SUBSCRIBED_EVERY: u64 = 5000;

/// Returns all events after the position. Then the subscription ends, as it may at any time.
pub(super) fn subscribe_to_shard(
    state: &mut State,
    input: &Value,
    now: u64,
) -> Result<Answer, Answer> {
    // arn:aws:kinesis:REGION:ACCOUNT:stream/NAME/consumer/CONSUMER:TIME
    let consumer = text(input, "ConsumerARN")?;
    let name = consumer.split('/').nth(1);
    let name = name.ok_or_else(|| invalid("ConsumerARN"))?;
    let id = text(input, "ShardId")?;
    let stream = state.streams.get_mut(name);
    let stream = stream.ok_or_else(|| no_shard(name))?;
    let shard = stream.shard(id).ok_or_else(|| no_shard(id))?;
    if shard
        .limits
        .subscribed
        .is_some_and(|at| at + SUBSCRIBED_EVERY > now)
    {
        let message = "subscribed to within the last 5 seconds";
        return Err(Answer::error(400, "ResourceInUseException", message));
    }
    shard.limits.subscribed = Some(now);
    let shard = shard.clone();
    let shard = &shard;
    let position = &input["StartingPosition"];
    let start = Start {
        kind: text(position, "Type")?,
        sequence: position["SequenceNumber"].as_str(),
        time: &position["Timestamp"],
    };
    let mut next = start.number(shard, now)?;
    let mut events = frame("initial-response", &json!({}));
    loop {
        let page = Page::read(shard, next, MOST_RECORDS);
        let ends = page.rest.is_none() && shard.closed.is_some() && page.records.is_empty();
        let mut event = json!({
            "Records": page.records.iter().map(record).collect::<Vec<_>>(),
            "MillisBehindLatest": page.rest.map_or(0, |arrival| now.saturating_sub(arrival).max(1)),
        });
        if ends {
            event["ChildShards"] = children(&stream.shards, id);
        } else {
            let last = page.records.last().map_or(next, |last| last.number);
            event["ContinuationSequenceNumber"] = json!(stream::sequence(last));
        }
        events.extend(frame("SubscribeToShardEvent", &event));
        if page.records.is_empty() {
            break;
        }
        next = page.next;
    }
    Ok(Answer {
        status: 200,
        body: Value::Null,
        events: Some(Bytes::from(events)),
    })
}

/// Returns an encoded event: lengths and their checksum, headers, payload, checksum of everything.
fn frame(kind: &str, payload: &Value) -> Vec<u8> {
    let mut headers = Vec::new();
    for (name, value) in [
        (":message-type", "event"),
        (":event-type", kind),
        (":content-type", "application/json"),
    ] {
        headers.push(u8::try_from(name.len()).unwrap());
        headers.extend(name.as_bytes());
        // The type of a string.
        headers.push(7);
        headers.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        headers.extend(value.as_bytes());
    }
    let payload = payload.to_string();
    let length = |length: usize| u32::try_from(length).unwrap().to_be_bytes();
    let mut frame = Vec::new();
    frame.extend(length(12 + headers.len() + payload.len() + 4));
    frame.extend(length(headers.len()));
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame.extend(headers);
    frame.extend(payload.as_bytes());
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame
}
