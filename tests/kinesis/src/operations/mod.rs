//! The operations of the simulated Kinesis.

mod list;
mod read;
mod subscribe;
mod write;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};

use crate::{Answer, Kinesis, State, stream::Stream};

/// The name of the error for a missing stream or shard.
const NOT_FOUND: &str = "ResourceNotFoundException";
/// The name of the error for an invalid argument.
const INVALID: &str = "InvalidArgumentException";

/// The result of an operation: the body of a response, or an error.
type Outcome = Result<Value, Answer>;

/// Returns the response to a call.
pub(crate) fn answer(kinesis: &Kinesis, operation: &str, input: &Value, now: u64) -> Answer {
    kinesis.state().expire(now);
    let outcome = match operation {
        "CreateStream" => write::create_stream(kinesis, input),
        "DescribeStreamSummary" => list::describe_stream_summary(&kinesis.state(), input),
        "GetRecords" => read::get_records(&mut kinesis.state(), input, now),
        "GetShardIterator" => read::get_shard_iterator(&kinesis.state(), input, now),
        "ListShards" => list::list_shards(&kinesis.state(), input),
        "MergeShards" => write::merge_shards(kinesis, input),
        "PutRecord" => write::put_record(kinesis, input),
        "PutRecords" => write::put_records(kinesis, input),
        "SubscribeToShard" => {
            let mut state = kinesis.state();
            let subscribed = subscribe::subscribe_to_shard(&mut state, input, now);
            return subscribed.unwrap_or_else(|error| error);
        }
        "SplitShard" => write::split_shard(kinesis, input),
        _ => Err(Answer::error(
            400,
            "UnknownOperationException",
            &format!("no operation {operation}"),
        )),
    };
    match outcome {
        Ok(body) => Answer::ok(body),
        Err(error) => error,
    }
}

/// Returns the shard of a call.
pub(crate) fn shard_of(input: &Value) -> Option<String> {
    if let Some(iterator) = input["ShardIterator"].as_str() {
        return read::Iterator::decode(iterator).map(|iterator| iterator.shard);
    }
    input["ShardId"].as_str().map(str::to_owned)
}

impl State {
    /// Removes records older than the retention.
    fn expire(&mut self, now: u64) {
        let retention = u64::try_from(self.settings.retention.as_millis()).unwrap();
        let before = now.saturating_sub(retention);
        for stream in self.streams.values_mut() {
            stream.trim(before);
        }
    }

    fn stream(&self, input: &Value) -> Result<&Stream, Answer> {
        let name = stream_name(input)?;
        self.streams
            .get(&name)
            .ok_or_else(|| Answer::error(400, NOT_FOUND, &format!("no stream {name}")))
    }
}

/// Returns the name of the stream of a call.
fn stream_name(input: &Value) -> Result<String, Answer> {
    let by_arn = || input["StreamARN"].as_str()?.rsplit('/').next();
    let name = input["StreamName"].as_str().or_else(by_arn);
    name.map(str::to_owned)
        .ok_or_else(|| invalid("no stream is named"))
}

fn text<'a>(input: &'a Value, member: &str) -> Result<&'a str, Answer> {
    let missing = || invalid(&format!("{member} is missing"));
    input[member].as_str().ok_or_else(missing)
}

fn invalid(message: &str) -> Answer {
    Answer::error(400, INVALID, message)
}

fn no_shard(id: &str) -> Answer {
    Answer::error(400, NOT_FOUND, &format!("no shard {id}"))
}

/// Returns a time in the protocol's format: seconds with a fraction.
pub(crate) fn seconds(millis: u64) -> Value {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of our century fit"
    )]
    let seconds = millis as f64 / 1000.0;
    json!(seconds)
}

pub(crate) fn base64(data: &[u8]) -> String {
    BASE64.encode(data)
}
