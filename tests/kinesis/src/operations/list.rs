//! Listings.

use serde_json::{Value, json};

use super::{Outcome, invalid, seconds};
use crate::{Shard, State, stream};

pub(super) fn describe_stream_summary(state: &State, input: &Value) -> Outcome {
    let stream = state.stream(input)?;
    let name = super::stream_name(input)?;
    let open = stream.shards.iter().filter(|shard| shard.closed.is_none());
    Ok(json!({"StreamDescriptionSummary": {
        "StreamName": name,
        "StreamARN": format!("arn:aws:kinesis:us-east-1:000000000000:stream/{name}"),
        "StreamStatus": "ACTIVE",
        "StreamModeDetails": {"StreamMode": "PROVISIONED"},
        "RetentionPeriodHours": state.settings.retention.as_secs() / 3600,
        "StreamCreationTimestamp": seconds(stream.created_at),
        "EnhancedMonitoring": [],
        "OpenShardCount": open.count(),
    }}))
}

pub(super) fn list_shards(state: &State, input: &Value) -> Outcome {
    // `NextToken` contains the name of the stream and the last shard of the previous page.
    let (name, after, filter) = if let Some(token) = input["NextToken"].as_str() {
        if input["StreamName"].is_string() {
            return Err(invalid("NextToken and StreamName"));
        }
        let (name, after) = token.rsplit_once(' ').ok_or_else(|| invalid("NextToken"))?;
        (name.to_owned(), Some(after.to_owned()), Value::Null)
    } else {
        let after = input["ExclusiveStartShardId"].as_str().map(str::to_owned);
        (
            super::stream_name(input)?,
            after,
            input["ShardFilter"].clone(),
        )
    };
    let stream = state.stream(&json!({"StreamName": name}))?;
    let shards: Vec<_> = stream
        .shards
        .iter()
        .filter(|shard| after.as_ref().is_none_or(|after| shard.id > *after))
        .filter(|shard| passes(shard, &filter))
        .collect();
    let most = input["MaxResults"].as_u64().unwrap_or(1000);
    let most = state.settings.page.min(usize::try_from(most).unwrap());
    let page: Vec<_> = shards
        .iter()
        .take(most)
        .map(|shard| describe(shard))
        .collect();
    let mut answer = json!({"Shards": page});
    if let (true, Some(last)) = (shards.len() > most, shards.get(most - 1)) {
        answer["NextToken"] = format!("{name} {}", last.id).into();
    }
    Ok(answer)
}

/// Returns whether a shard matches a filter.
fn passes(shard: &Shard, filter: &Value) -> bool {
    let time = || millis(&filter["Timestamp"]);
    let closed_before = |time| shard.closed.is_some_and(|(_, at)| at < time);
    match filter["Type"].as_str() {
        Some("AFTER_SHARD_ID") => filter["ShardId"].as_str() < Some(&shard.id),
        Some("AT_LATEST") => shard.closed.is_none(),
        Some("AT_TIMESTAMP") => shard.opened_at <= time() && !closed_before(time()),
        Some("FROM_TIMESTAMP") => !closed_before(time()),
        _ => true,
    }
}

fn describe(shard: &Shard) -> Value {
    let mut description = json!({
        "ShardId": shard.id,
        "HashKeyRange": range(shard),
        "SequenceNumberRange": {"StartingSequenceNumber": stream::sequence(shard.opened)},
    });
    for (member, parent) in ["ParentShardId", "AdjacentParentShardId"]
        .iter()
        .zip(&shard.parents)
    {
        description[member] = json!(parent);
    }
    if let Some((number, _)) = shard.closed {
        let end = json!(stream::sequence(number));
        description["SequenceNumberRange"]["EndingSequenceNumber"] = end;
    }
    description
}

pub(super) fn range(shard: &Shard) -> Value {
    json!({
        "StartingHashKey": shard.first.to_string(),
        "EndingHashKey": shard.last.to_string(),
    })
}

/// Returns a time of the protocol in milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "milliseconds of our century"
)]
pub(super) fn millis(seconds: &Value) -> u64 {
    (seconds.as_f64().unwrap_or_default() * 1000.0).round() as u64
}
