//! The spans in the Kinesis stream, decoded with `opentelemetry-proto` and nothing of Lamplight.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use lamplight_local_aws::client::Client;
use lamplight_test_rig::spans::{self, SpanKind};
use serde_json::{Value, json};

use super::answers::{list, text};
use crate::error::{Context, Error, Result};

/// Trace id and span id, in lower-case hex.
pub type SpanId = (String, String);

/// A span as it arrived.
#[derive(Debug, Clone)]
pub struct Span {
    /// Trace id, in lower-case hex.
    pub trace_id: String,
    /// Span id, in lower-case hex.
    pub span_id: String,
    /// Span id of the parent; `None` for a root.
    pub parent_id: Option<String>,
    /// `service.name` of the resource.
    pub service: String,
    /// Name of the span.
    pub name: String,
    /// Kind of the span.
    pub kind: SpanKind,
    /// Nanoseconds since the Unix epoch.
    pub start: u64,
    /// From start to end.
    pub duration: Duration,
    /// The description of an error status; `None` if the status is not an error.
    pub error: Option<String>,
    /// The attributes, values as text.
    pub attributes: BTreeMap<String, String>,
    /// The linked spans.
    pub links: Vec<SpanId>,
}

impl Span {
    /// Returns trace id and span id.
    pub fn id(&self) -> SpanId {
        (self.trace_id.clone(), self.span_id.clone())
    }

    /// Returns the value of an attribute.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes.get(key).map(String::as_str)
    }
}

/// Reads a stream from its beginning, a page at a time.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    client: &'a Client,
    stream: &'a str,
    /// The iterator of each shard; none before the first read.
    iterators: Vec<String>,
    spans: HashMap<SpanId, Span>,
    /// The records as they were read.
    records: Vec<Vec<u8>>,
    /// Spans that arrived more than once, which at-least-once delivery allows.
    pub(crate) duplicates: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(client: &'a Client, stream: &'a str) -> Self {
        Self {
            client,
            stream,
            iterators: Vec::new(),
            spans: HashMap::new(),
            records: Vec::new(),
            duplicates: 0,
        }
    }

    /// Returns every span so far, each once.
    pub(crate) fn spans(&self) -> impl Iterator<Item = &Span> {
        self.spans.values()
    }

    /// Returns the records read since the last call.
    pub(crate) fn take_records(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.records)
    }

    /// Returns the spans and the records they came in.
    pub(crate) fn into_parts(self) -> (Vec<Span>, Vec<Vec<u8>>) {
        (self.spans.into_values().collect(), self.records)
    }

    /// Reads what has arrived since the last call.
    pub(crate) fn read(&mut self) -> Result<()> {
        if self.iterators.is_empty() {
            self.iterators = self.open()?;
        }
        for iterator in std::mem::take(&mut self.iterators) {
            let mut iterator = iterator;
            loop {
                let input = json!({ "ShardIterator": iterator, "Limit": 1_000 });
                let page = self
                    .client
                    .call("kinesis", "Kinesis_20131202.GetRecords", &input)?;
                let records = list(&page, "/Records");
                for record in records {
                    self.take(record)?;
                }
                let Some(next) = text(&page, "/NextShardIterator") else {
                    break;
                };
                iterator = next.to_owned();
                if records.is_empty() {
                    self.iterators.push(iterator);
                    break;
                }
            }
        }
        Ok(())
    }

    fn open(&self) -> Result<Vec<String>> {
        let shards = self.client.call(
            "kinesis",
            "Kinesis_20131202.ListShards",
            &json!({ "StreamName": self.stream }),
        )?;
        list(&shards, "/Shards")
            .iter()
            .map(|shard| {
                let input = json!({
                    "StreamName": self.stream,
                    "ShardId": text(shard, "/ShardId"),
                    "ShardIteratorType": "TRIM_HORIZON",
                });
                let answer =
                    self.client
                        .call("kinesis", "Kinesis_20131202.GetShardIterator", &input)?;
                let iterator = text(&answer, "/ShardIterator").map(str::to_owned);
                iterator.ok_or_else(|| Error::new("a shard has no iterator"))
            })
            .collect()
    }

    fn take(&mut self, record: &Value) -> Result<()> {
        let data = text(record, "/Data").ok_or_else(|| Error::new("a record has no data"))?;
        let bytes = STANDARD.decode(data).context("decode a record's base64")?;
        for span in decode(&bytes)? {
            if self.spans.insert(span.id(), span).is_some() {
                self.duplicates += 1;
            }
        }
        self.records.push(bytes);
        Ok(())
    }
}

/// Returns the spans of an OTLP export request, which every record is.
pub(crate) fn decode(record: &[u8]) -> Result<Vec<Span>> {
    let spans = spans::decode(record).context("decode a record as OTLP")?;
    Ok(spans.into_iter().map(Span::from).collect())
}

impl From<spans::Span> for Span {
    fn from(span: spans::Span) -> Self {
        let service = span.resource.get(lamplight::semconv::service::NAME);
        let attributes = span.attributes.iter();
        let links = span.links.into_iter();
        Self {
            service: service.map(plain).unwrap_or_default(),
            attributes: attributes
                .map(|(key, value)| (key.clone(), plain(value)))
                .collect(),
            trace_id: span.trace_id,
            span_id: span.span_id,
            parent_id: Some(span.parent_span_id).filter(|parent| !parent.is_empty()),
            name: span.name,
            kind: span.kind,
            start: span.start,
            duration: Duration::from_nanos(span.end.saturating_sub(span.start)),
            error: span.error,
            links: links.map(|link| (link.trace_id, link.span_id)).collect(),
        }
    }
}

/// Returns the value of an attribute for people.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => {
            format!("{:.1}", number.as_f64().unwrap_or_default())
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(plain).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}
