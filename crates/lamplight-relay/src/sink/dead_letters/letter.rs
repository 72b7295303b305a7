//! Dead letters, and their JSON form.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::sink::{destination::BoxFuture, parcel::RecordId, request::Signal};

/// Maximum length of the reason in a letter, in characters, since sinks may return any text.
const MAX_WHY: usize = 1_000;

/// Data that could not be delivered and will not be retried.
///
/// A record that could not be read is included as received: none of it was cleaned.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The sink; `None` for a record that could not be read.
    pub sink: Option<Arc<str>>,
    /// The reason.
    pub why: String,
    /// The records that contained the data.
    pub records: Vec<RecordId>,
    /// The signal of `data`; `None` for the data of a record as read.
    pub signal: Option<Signal>,
    /// Number of lost spans or data points; 0 if unknown.
    pub items: usize,
    /// An `ExportTraceServiceRequest`, an `ExportMetricsServiceRequest`, or the data of a record.
    pub data: Bytes,
}

/// A store for dead letters.
///
/// If a letter of a critical sink cannot be written, its records are not settled: the queue retries
/// until it succeeds, the checkpoint stays, and no later data is sent. A letter of a best-effort
/// sink is tried a few times; then its data is dropped and counted.
pub trait DeadLetters: Send + Sync + 'static {
    /// Keeps a letter. The letter is kept once the future returns `Ok`; the text of the error is
    /// the reason why it is not.
    ///
    /// The same letter may be passed twice: after a crash, or if a response was lost.
    fn put<'a>(&'a self, letter: &'a DeadLetter) -> BoxFuture<'a, Result<(), String>>;
}

impl DeadLetter {
    /// Returns the dead letter of a record that could not be read.
    pub fn of_record(record: RecordId, data: Bytes, why: impl Into<String>) -> Self {
        Self {
            sink: None,
            why: why.into(),
            records: vec![record],
            signal: None,
            items: 0,
            data,
        }
    }

    /// Returns the letter as JSON on one line, without a line break:
    ///
    /// ```json
    /// {"sink":"backend","why":"status 400","records":[{"shard":"shardId-0","sequence":"49..."}],
    ///  "kind":"traces","items":3,"bytes":812,"data":"base64"}
    /// ```
    ///
    /// `kind` is `traces`, `metrics` or `record`.
    pub fn to_json(&self) -> String {
        self.json(true, self.records.len())
    }

    /// Returns the letter as [`to_json`](Self::to_json) does, in at most `max_bytes`, a few
    /// thousand of which it needs in any case. A letter that is too long omits the data, which can
    /// be read again by the records as long as the stream retains them. As many records as fit are
    /// included; `records_left_out` is the number of others.
    pub fn to_json_within(&self, max_bytes: usize) -> String {
        let whole = self.to_json();
        match whole.len() <= max_bytes {
            true => whole,
            false => self.to_json_without_data(max_bytes),
        }
    }

    /// Returns the letter as [`to_json_within`](Self::to_json_within) does, always without the
    /// data.
    pub(super) fn to_json_without_data(&self, max_bytes: usize) -> String {
        let all = self.records.len();
        let whole = self.json(false, all);
        if whole.len() <= max_bytes || all == 0 {
            return whole;
        }
        let mut room = max_bytes.saturating_sub(self.json(false, 0).len());
        let has_room = |record: &&RecordId| {
            // One more for the comma.
            let more = json_of(record).to_string().len() + 1;
            let left = room.checked_sub(more);
            room = left.unwrap_or_default();
            left.is_some()
        };
        let count = self.records.iter().take_while(has_room).count();
        self.json(false, count)
    }

    /// Returns the letter with this number of records.
    fn json(&self, with_data: bool, records: usize) -> String {
        let mut letter = Map::new();
        let sink = self.sink.as_deref().map_or(Value::Null, Value::from);
        letter.insert("sink".to_owned(), sink);
        let why: String = self.why.chars().take(MAX_WHY).collect();
        letter.insert("why".to_owned(), why.into());
        let named = self.records.iter().take(records).map(json_of);
        letter.insert("records".to_owned(), named.collect());
        let left_out = self.records.len().saturating_sub(records);
        if left_out > 0 {
            letter.insert("records_left_out".to_owned(), left_out.into());
        }
        letter.insert("kind".to_owned(), self.kind().into());
        letter.insert("items".to_owned(), self.items.into());
        letter.insert("bytes".to_owned(), self.data.len().into());
        if with_data {
            letter.insert("data".to_owned(), STANDARD.encode(&self.data).into());
        }
        Value::Object(letter).to_string()
    }

    fn kind(&self) -> &'static str {
        match self.signal {
            Some(Signal::Traces) => "traces",
            Some(Signal::Metrics) => "metrics",
            None => "record",
        }
    }
}

fn json_of(record: &RecordId) -> Value {
    let member = |name: &str, value: &str| (name.to_owned(), Value::from(value));
    let members = [
        member("shard", record.shard.as_str()),
        member("sequence", record.sequence.as_str()),
    ];
    Value::Object(members.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{SequenceNumber, ShardId};

    #[test]
    fn a_letter_is_one_line_that_says_where_it_came_from() {
        let record = RecordId::new(ShardId::new("shardId-0"), SequenceNumber::new("49"));
        let letter = DeadLetter::of_record(record, Bytes::from_static(&[0xff, 0]), "no\nprotobuf");
        let expected = concat!(
            r#"{"sink":null,"why":"no\nprotobuf","records":[{"shard":"shardId-0","sequence":"49"}],"#,
            r#""kind":"record","items":0,"bytes":2,"data":"/wA="}"#
        );
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(read(&letter.to_json()), read(expected));
        assert!(!letter.to_json().contains('\n'));
        assert!(!letter.to_json_without_data(usize::MAX).contains("\"data\""));
    }

    #[test]
    fn a_letter_of_many_records_has_as_many_as_have_room_and_says_how_many_more_there_are() {
        let record = |number: usize| {
            let sequence = format!("{number:056}");
            RecordId::new(
                ShardId::new("shardId-000000000000"),
                SequenceNumber::new(&sequence),
            )
        };
        let mut letter = DeadLetter::of_record(record(0), Bytes::from_static(&[0; 600]), "why");
        letter.records = (0..5_000).map(record).collect();
        for max_bytes in [2_000, 100_000, 1 << 20] {
            let json = letter.to_json_within(max_bytes);
            assert!(json.len() <= max_bytes, "{} of {max_bytes}", json.len());
            let read: Value = serde_json::from_str(&json).unwrap();
            let named = read["records"].as_array().unwrap().len();
            let left_out = read["records_left_out"].as_u64().unwrap_or_default();
            assert_eq!(named + usize::try_from(left_out).unwrap(), 5_000);
            assert!(named == 5_000 || json.len() + 200 > max_bytes);
            assert_eq!(read.get("data").is_some(), max_bytes == 1 << 20);
        }
    }
}
