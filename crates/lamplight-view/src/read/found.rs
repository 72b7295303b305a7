//! Contents of files and streams.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde_json::Value;

use super::{is_request, json, unpack};

/// Maximum decompressed size in bytes: many times the possible size of a record.
const MAX_UNPACKED: u64 = 256 * 1024 * 1024;

/// Traces found in files and streams.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// OTLP requests, as protobuf.
    pub requests: Vec<Vec<u8>>,
    /// Content that is not a trace, with its place.
    pub problems: Vec<String>,
}

impl Found {
    /// Adds the traces in `bytes`, the content of `name`: OTLP in protobuf or JSON, records of a
    /// stream, or lines of a log; optionally compressed with gzip or Zstandard.
    pub fn add(&mut self, name: &str, bytes: &[u8]) {
        if is_request(bytes) {
            self.requests.push(bytes.to_vec());
            return;
        }
        match unpack(bytes, MAX_UNPACKED) {
            Some(Ok(unpacked)) if is_request(&unpacked) => self.requests.push(unpacked),
            Some(Ok(unpacked)) => self.text(name, &unpacked),
            Some(Err(error)) => {
                let problem = format!("{name}: cannot be decompressed: {error}");
                self.problems.push(problem);
            }
            None => self.text(name, bytes),
        }
    }

    /// Adds JSON documents or lines of a log.
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
                    self.json_with_traces(name, document);
                }
            }
            Err(error) => {
                for (number, line) in text.lines().enumerate() {
                    self.line(&format!("{name}, line {}", number + 1), line);
                }
                let is_meant_as_json = text.trim_start().starts_with(['{', '[']);
                if is_meant_as_json && before == self.requests.len() + self.problems.len() {
                    self.problems
                        .push(format!("{name}: contains no traces (as JSON: {error})"));
                }
            }
        }
        if before == self.requests.len() + self.problems.len() {
            self.problems.push(format!("{name}: contains no traces"));
        }
    }

    /// Adds a line of a log with mixed content, or the base64 of a record.
    pub(super) fn line(&mut self, place: &str, line: &str) {
        match line.find('{').map(|at| line.split_at(at)) {
            // Text before the JSON, such as a timestamp, is ignored.
            Some((_, json)) => match serde_json::from_str(json) {
                // An event that a function logs may come from SQS or SNS.
                Ok(value) if !has_other_records(&value) => {
                    self.json(place, &value);
                }
                _ => {}
            },
            None => {
                let request = BASE64.decode(line.trim()).ok().map(|data| record(&data));
                self.requests.extend(request.into_iter().flatten());
            }
        }
    }

    fn json_with_traces(&mut self, place: &str, value: &Value) {
        if !self.json(place, value) {
            self.problems.push(format!("{place}: JSON without traces"));
        }
    }

    /// Adds the traces in a JSON value. Returns `false` if its format is unknown.
    fn json(&mut self, place: &str, value: &Value) -> bool {
        match value {
            // Data of records on their own, as returned by `--query 'Records[].Data'`.
            Value::String(data) => self.base64(place, data),
            // The JSON parser limits the depth.
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    self.json_with_traces(&format!("{place}, element {index}"), value);
                }
            }
            Value::Object(object) => {
                if object.contains_key("resourceSpans") {
                    match json::request(value) {
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

    /// Adds a record from the Kinesis API or from a Lambda event.
    fn record(&mut self, place: &str, record: &Value) {
        match data(record) {
            Some(data) => self.base64(place, data),
            None => {
                let problem = format!("{place}: not a record of a Kinesis stream");
                self.problems.push(problem);
            }
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

/// Returns whether these are records, none of them from Kinesis.
fn has_other_records(value: &Value) -> bool {
    let records = value.get("Records").and_then(Value::as_array);
    records.is_some_and(|records| !records.iter().any(|record| data(record).is_some()))
}

/// Returns the data of a record from the Kinesis API or from a Lambda event.
fn data(record: &Value) -> Option<&str> {
    let data = record.get("Data");
    data.or_else(|| record.pointer("/kinesis/data"))?.as_str()
}

/// Returns the data of a record, decompressed if its first bytes indicate compression.
fn record(data: &[u8]) -> Result<Vec<u8>, String> {
    let data = match unpack(data, MAX_UNPACKED) {
        Some(result) => result.map_err(|error| format!("cannot be decompressed: {error}"))?,
        None => data.to_vec(),
    };
    if is_request(&data) {
        return Ok(data);
    }
    super::from_json(&data).map_err(|_| "the data is not OTLP traces".to_owned())
}
