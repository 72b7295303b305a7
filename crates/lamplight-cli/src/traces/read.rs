//! Finding OTLP in what it is kept in.

use std::io::Read;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use opentelemetry_proto::tonic::trace::v1::TracesData;
use prost::Message as _;
use serde_json::Value;

/// The most that a compressed record may unpack to: many times what a record can hold.
const MAX_UNPACKED: u64 = 256 * 1024 * 1024;

/// Contents of files.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) requests: Vec<TracesData>,
    /// Contents that are not traces, each with its place.
    pub(crate) problems: Vec<String>,
}

impl Found {
    /// Adds what is in `bytes`, which are the content of `name`.
    pub(crate) fn add(&mut self, name: &str, bytes: &[u8]) {
        if let Some(request) = protobuf(bytes) {
            self.requests.push(request);
            return;
        }
        match unpack(bytes) {
            Some(Ok(unpacked)) => match protobuf(&unpacked) {
                Some(request) => self.requests.push(request),
                None => self.text(name, &unpacked),
            },
            Some(Err(error)) => self
                .problems
                .push(format!("{name}: cannot unpack it: {error}")),
            None => self.text(name, bytes),
        }
    }

    /// JSON documents, or lines of a log.
    fn text(&mut self, name: &str, bytes: &[u8]) {
        let Ok(text) = std::str::from_utf8(bytes) else {
            self.problems.push(format!("{name}: neither OTLP nor text"));
            return;
        };
        let documents: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(text)
            .into_iter()
            .collect();
        let before = self.requests.len() + self.problems.len();
        match documents {
            Ok(documents) => {
                for document in &documents {
                    if !self.json(name, document) {
                        self.problems
                            .push(format!("{name}: JSON without traces in it"));
                    }
                }
            }
            Err(_) => {
                for (number, line) in text.lines().enumerate() {
                    self.line(&format!("{name}, line {}", number + 1), line);
                }
            }
        }
        if before == self.requests.len() + self.problems.len() {
            self.problems.push(format!("{name}: no traces in it"));
        }
    }

    /// A line of a log, where others write too, or the base64 of a record.
    fn line(&mut self, place: &str, line: &str) {
        match line.find('{').map(|at| line.split_at(at)) {
            // What stands before it, such as the time of a log's reader, is not looked at.
            Some((_, json)) => {
                if let Ok(value) = serde_json::from_str(json) {
                    self.json(place, &value);
                }
            }
            None => {
                if let Some(Ok(request)) = BASE64.decode(line.trim()).ok().map(|it| record(&it)) {
                    self.requests.push(request);
                }
            }
        }
    }

    /// Adds what is in a JSON value. `false` if it is nothing known here.
    fn json(&mut self, place: &str, value: &Value) -> bool {
        match value {
            // Data of records on their own, as `--query 'Records[].Data'` gives them.
            Value::String(data) => self.base64(place, data),
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    let place = format!("{place}, element {index}");
                    if !self.json(&place, value) {
                        self.problems
                            .push(format!("{place}: JSON without traces in it"));
                    }
                }
            }
            Value::Object(object) => {
                if object.contains_key("resourceSpans") {
                    match serde_json::from_value(value.clone()) {
                        Ok(request) => self.requests.push(request),
                        Err(error) => self.problems.push(format!("{place}: not OTLP: {error}")),
                    }
                } else if let Some(Value::Array(records)) = object.get("Records") {
                    for (index, record) in records.iter().enumerate() {
                        self.record(&format!("{place}, record {index}"), record);
                    }
                } else if let (true, Some(Value::String(payload))) = (
                    object.contains_key("__otel_otlp_stdout"),
                    object.get("payload"),
                ) {
                    self.base64(place, payload);
                } else if let Some(Value::Array(events)) = object.get("events") {
                    // `aws logs filter-log-events` and `get-log-events`.
                    for (index, event) in events.iter().enumerate() {
                        let message = event.get("message").and_then(Value::as_str);
                        self.line(
                            &format!("{place}, event {index}"),
                            message.unwrap_or_default(),
                        );
                    }
                } else {
                    return false;
                }
            }
            _ => return false,
        }
        true
    }

    /// A record as the Kinesis API gives it, or as a Lambda event has it.
    fn record(&mut self, place: &str, record: &Value) {
        let data = record
            .get("Data")
            .or_else(|| record.pointer("/kinesis/data"));
        match data.and_then(Value::as_str) {
            Some(data) => self.base64(place, data),
            None => self
                .problems
                .push(format!("{place}: not a record of a Kinesis stream")),
        }
    }

    fn base64(&mut self, place: &str, data: &str) {
        let found = match BASE64.decode(data.trim()) {
            Ok(bytes) => record(&bytes),
            Err(error) => Err(format!("not base64: {error}")),
        };
        match found {
            Ok(request) => self.requests.push(request),
            Err(error) => self.problems.push(format!("{place}: {error}")),
        }
    }
}

/// The data of a record; its first bytes tell whether it is compressed.
fn record(data: &[u8]) -> Result<TracesData, String> {
    let unpacked;
    let data = match unpack(data) {
        Some(result) => {
            unpacked = result.map_err(|error| format!("cannot unpack it: {error}"))?;
            unpacked.as_slice()
        }
        None => data,
    };
    protobuf(data)
        .or_else(|| serde_json::from_slice(data).ok())
        .ok_or_else(|| "the data is not OTLP traces".to_owned())
}

/// OTLP traces. Any bytes that protobuf passes over are not: something has to be in it.
fn protobuf(bytes: &[u8]) -> Option<TracesData> {
    let request = TracesData::decode(bytes).ok()?;
    (!request.resource_spans.is_empty()).then_some(request)
}

/// The content if the first bytes are those of a compression.
fn unpack(bytes: &[u8]) -> Option<std::io::Result<Vec<u8>>> {
    match bytes {
        [0x1f, 0x8b, ..] => Some(all(flate2::read::MultiGzDecoder::new(bytes))),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(zstd::Decoder::new(bytes).and_then(all)),
        _ => None,
    }
}

fn all(reader: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut reader = reader.take(MAX_UNPACKED + 1);
    reader.read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_UNPACKED {
        return Err(std::io::Error::other("it unpacks to more than 256 MiB"));
    }
    Ok(bytes)
}
