//! Spans into Kinesis records, and records into requests: pure functions, no I/O.

use crate::PartitionKey;
use lamplight_export::OtlpEncoder;
use opentelemetry::{KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::SpanData;

/// What Kinesis accepts, or a stricter wish of the user.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Bytes of a record: data and partition key.
    pub(crate) record_bytes: usize,
    /// Bytes of a request: the sum of its records.
    pub(crate) request_bytes: usize,
    /// Records of a request.
    pub(crate) request_records: usize,
}

/// One Kinesis record and the spans it was made from, should they be needed again.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) key: String,
    pub(crate) data: Vec<u8>,
    pub(crate) spans: Vec<SpanData>,
}

impl Record {
    /// How much of the limits it takes: Kinesis counts the partition key too.
    pub(crate) fn size(&self) -> usize {
        self.data.len() + self.key.len()
    }
}

/// The records of `batch`, and how many spans were too large for any record.
pub(crate) fn records(
    encoder: &OtlpEncoder,
    key: &PartitionKey,
    limits: &Limits,
    batch: Vec<SpanData>,
) -> (Vec<Record>, usize) {
    let mut records = Vec::new();
    let mut dropped = 0;
    let mut groups = key.group(batch);
    // Groups that do not fit are halved and put back; the first group is at the end, so that
    // records come out in the order of their spans.
    groups.reverse();
    while let Some(mut spans) = groups.pop() {
        let record = Record {
            key: key.of(&spans),
            data: encoder.encode(&spans),
            spans: Vec::new(),
        };
        if record.size() <= limits.record_bytes {
            records.push(Record { spans, ..record });
        } else if spans.len() > 1 {
            groups.push(spans.split_off(spans.len() / 2));
            groups.push(spans);
        } else {
            match spans
                .pop()
                .and_then(|span| shrink(encoder, record.key, limits, span))
            {
                Some(record) => records.push(record),
                None => dropped += 1,
            }
        }
    }
    (records, dropped)
}

/// Makes one oversized span fit by giving up what matters least first: its events, then the tail
/// of long texts. What is lost is counted in the span's own dropped counts.
fn shrink(
    encoder: &OtlpEncoder,
    key: String,
    limits: &Limits,
    mut span: SpanData,
) -> Option<Record> {
    const LONGEST_TEXT: usize = 1_024;
    let fits = |span: &SpanData| {
        let data = encoder.encode(std::slice::from_ref(span));
        (data.len() + key.len() <= limits.record_bytes).then_some(data)
    };
    let events = std::mem::take(&mut span.events.events);
    span.events.dropped_count = span
        .events
        .dropped_count
        .saturating_add(u32::try_from(events.len()).unwrap_or(u32::MAX));
    let mut data = fits(&span);
    if data.is_none() {
        span.attributes
            .iter_mut()
            .for_each(|kv| truncate(kv, LONGEST_TEXT));
        let links = std::mem::take(&mut span.links.links);
        span.links.dropped_count = span
            .links
            .dropped_count
            .saturating_add(u32::try_from(links.len()).unwrap_or(u32::MAX));
        data = fits(&span);
    }
    data.map(|data| Record {
        key,
        data,
        spans: vec![span],
    })
}

fn truncate(kv: &mut KeyValue, longest: usize) {
    let Value::String(text) = &kv.value else {
        return;
    };
    let text = text.as_str();
    if text.len() <= longest {
        return;
    }
    let end = (0..=longest)
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or_default();
    let kept = text.get(..end).unwrap_or_default().to_owned();
    kv.value = Value::String(StringValue::from(kept));
}

/// Packs records into requests, in order.
pub(crate) fn requests(limits: &Limits, records: Vec<Record>) -> Vec<Vec<Record>> {
    let mut requests = Vec::new();
    let mut request: Vec<Record> = Vec::new();
    let mut bytes = 0;
    for record in records {
        let size = record.size();
        let full = request.len() >= limits.request_records || bytes + size > limits.request_bytes;
        if full && !request.is_empty() {
            requests.push(std::mem::take(&mut request));
            bytes = 0;
        }
        bytes += size;
        request.push(record);
    }
    if !request.is_empty() {
        requests.push(request);
    }
    requests
}

#[cfg(test)]
#[path = "records_tests.rs"]
mod tests;
