//! The spans in the Kinesis stream, decoded with `opentelemetry-proto` and nothing of Lamplight.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lamplight_local_aws::client::Client;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value as Any};
use opentelemetry_proto::tonic::trace::v1::{self as otlp, span::SpanKind, status::StatusCode};
use prost::Message;
use serde_json::{Value, json};

use super::answers::{list, text};
use super::error::{Context, Error, Result};

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
    /// Trace id and span id.
    pub fn id(&self) -> SpanId {
        (self.trace_id.clone(), self.span_id.clone())
    }

    /// The value of an attribute.
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

    /// Every span so far, each once.
    pub(crate) fn spans(&self) -> impl Iterator<Item = &Span> {
        self.spans.values()
    }

    /// The spans and the records they came in, without the reader.
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

/// The spans of one record, which is an OTLP export request.
fn decode(record: &[u8]) -> Result<Vec<Span>> {
    // On the wire `TracesData` and `ExportTraceServiceRequest` are the same message.
    let data = otlp::TracesData::decode(record).context("decode a record as OTLP")?;
    let mut spans = Vec::new();
    for resource in data.resource_spans {
        let attributes = resource
            .resource
            .map(|resource| texts(resource.attributes))
            .unwrap_or_default();
        let service = attributes
            .get(lamplight::semconv::service::NAME)
            .cloned()
            .unwrap_or_default();
        let scopes = resource.scope_spans.into_iter();
        spans.extend(
            scopes
                .flat_map(|scope| scope.spans)
                .map(|span| from_otlp(span, &service)),
        );
    }
    Ok(spans)
}

fn from_otlp(span: otlp::Span, service: &str) -> Span {
    let kind = span.kind();
    let failed = span
        .status
        .filter(|status| status.code() == StatusCode::Error);
    Span {
        trace_id: hex(&span.trace_id),
        span_id: hex(&span.span_id),
        parent_id: (!span.parent_span_id.is_empty()).then(|| hex(&span.parent_span_id)),
        service: service.to_owned(),
        name: span.name,
        kind,
        start: span.start_time_unix_nano,
        duration: Duration::from_nanos(
            span.end_time_unix_nano
                .saturating_sub(span.start_time_unix_nano),
        ),
        error: failed.map(|status| status.message),
        attributes: texts(span.attributes),
        links: span
            .links
            .iter()
            .map(|link| (hex(&link.trace_id), hex(&link.span_id)))
            .collect(),
    }
}

fn texts(attributes: Vec<KeyValue>) -> BTreeMap<String, String> {
    attributes
        .into_iter()
        .map(|pair| (pair.key, plain(pair.value)))
        .collect()
}

fn plain(value: Option<AnyValue>) -> String {
    match value.and_then(|value| value.value) {
        Some(Any::StringValue(value)) => value,
        Some(Any::BoolValue(value)) => value.to_string(),
        Some(Any::IntValue(value)) => value.to_string(),
        Some(Any::DoubleValue(value)) => format!("{value:.1}"),
        Some(Any::ArrayValue(array)) => {
            let values: Vec<_> = array
                .values
                .into_iter()
                .map(|value| plain(Some(value)))
                .collect();
            format!("[{}]", values.join(", "))
        }
        other => format!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
