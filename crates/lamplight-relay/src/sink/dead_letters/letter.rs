//! Dead letters, and how they are written.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::sink::{destination::BoxFuture, parcel::RecordId, request::Signal};

/// What was not delivered, and never will be by itself.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The sink that it was for; `None` for a record that could not be read.
    pub sink: Option<Arc<str>>,
    /// Why.
    pub why: String,
    /// The records it came in.
    pub records: Vec<RecordId>,
    /// What `data` is; `None` for the data of a record as it was read.
    pub signal: Option<Signal>,
    /// How many spans or data points are lost with it; 0 where that is not known.
    pub items: usize,
    /// `ExportTraceServiceRequest`, `ExportMetricsServiceRequest`, or the data of a record.
    pub data: Bytes,
}

/// Where dead letters go.
///
/// Where one cannot be written for a critical sink, its records are not settled: the queue tries again
/// until it can, the checkpoint stays, and nothing behind it is sent. For a best-effort sink it is tried a
/// few times, then what is in it is dropped and counted.
pub trait DeadLetters: Send + Sync + 'static {
    /// Keeps a letter. It is kept when the future ends without an error, whose text says why it is not.
    ///
    /// A letter may come twice: after a crash, and after an answer that did not arrive.
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
        self.json(true)
    }

    /// As [`to_json`](Self::to_json), without the data, for where it has no room: the records say where
    /// it can be read again, as long as the stream keeps them.
    pub fn to_json_without_data(&self) -> String {
        self.json(false)
    }

    fn json(&self, with_data: bool) -> String {
        let mut letter = Map::new();
        let sink = self.sink.as_deref().map_or(Value::Null, Value::from);
        letter.insert("sink".to_owned(), sink);
        letter.insert("why".to_owned(), self.why.as_str().into());
        let records = self.records.iter().map(|record| {
            let member = |name: &str, value: &str| (name.to_owned(), Value::from(value));
            let members = [
                member("shard", record.shard.as_str()),
                member("sequence", record.sequence.as_str()),
            ];
            Value::Object(members.into_iter().collect())
        });
        letter.insert("records".to_owned(), records.collect());
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
        assert!(!letter.to_json_without_data().contains("data"));
    }
}
