//! Packing of spans into Kinesis records, and of records into requests. Pure functions without I/O.

use lamplight_export::OtlpEncoder;
use opentelemetry_sdk::trace::SpanData;

use crate::{Compression, PartitionKey, truncate};

/// The limits of Kinesis, or stricter limits of the user.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Maximum bytes of a record: data and partition key.
    pub(crate) record_bytes: usize,
    /// Maximum bytes of a request: the sum of its records.
    pub(crate) request_bytes: usize,
    /// Maximum number of records in a request.
    pub(crate) request_records: usize,
}

/// The format of records.
#[derive(Clone, Debug)]
pub(crate) struct Format {
    pub(crate) encoder: OtlpEncoder,
    pub(crate) compression: Compression,
    pub(crate) key: PartitionKey,
}

impl Format {
    pub(crate) fn record(&self, spans: Vec<SpanData>) -> Record {
        let data = self.compression.compress(self.encoder.encode(&spans));
        Record {
            key: self.key.of(&spans),
            data,
            spans,
        }
    }
}

/// One Kinesis record, and its spans in case they are needed again.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) key: String,
    pub(crate) data: Vec<u8>,
    pub(crate) spans: Vec<SpanData>,
}

impl Record {
    /// Returns the size as Kinesis counts it, including the partition key.
    pub(crate) fn size(&self) -> usize {
        self.data.len() + self.key.len()
    }
}

/// Returns the records of `batch`, and the number of spans that were too large for any record.
pub(crate) fn records(
    format: &Format,
    limits: &Limits,
    batch: Vec<SpanData>,
) -> (Vec<Record>, usize) {
    let mut records = Vec::new();
    let mut dropped = 0;
    let mut groups = format.key.group(batch);
    // Groups that do not fit are halved and put back; the first group is at the end, so that records keep the
    // order of their spans.
    groups.reverse();
    while let Some(spans) = groups.pop() {
        let record = format.record(spans);
        if record.size() <= limits.record_bytes {
            records.push(record);
            continue;
        }
        let mut spans = record.spans;
        if spans.len() > 1 {
            groups.push(spans.split_off(spans.len() / 2));
            groups.push(spans);
        } else {
            match spans.pop().and_then(|span| shrink(format, limits, span)) {
                Some(record) => records.push(record),
                None => dropped += 1,
            }
        }
    }
    (records, dropped)
}

/// Makes one oversized span fit by removing the least important parts first: its events, then links and the
/// ends of long strings and lists, then attributes, the last one first. The removed parts are counted in the
/// span's dropped counts.
fn shrink(format: &Format, limits: &Limits, span: SpanData) -> Option<Record> {
    let steps: [fn(&mut SpanData); 3] = [
        |span| {
            let events = std::mem::take(&mut span.events.events);
            count(&mut span.events.dropped_count, events.len());
        },
        |span| {
            let links = std::mem::take(&mut span.links.links);
            count(&mut span.links.dropped_count, links.len());
            truncate::span(span, 1_024);
        },
        |span| truncate::span(span, 64),
    ];
    let mut spans = vec![span];
    for step in steps {
        spans.iter_mut().for_each(step);
        if let Some(record) = fit(format, limits, &mut spans) {
            return Some(record);
        }
    }
    while spans.iter().any(|span| !span.attributes.is_empty()) {
        for span in &mut spans {
            let dropped = span.attributes.split_off(span.attributes.len() / 2);
            count(&mut span.dropped_attributes_count, dropped.len());
        }
        if let Some(record) = fit(format, limits, &mut spans) {
            return Some(record);
        }
    }
    None
}

/// Returns a record of `spans`, and takes them, if they fit into one.
fn fit(format: &Format, limits: &Limits, spans: &mut Vec<SpanData>) -> Option<Record> {
    let record = format.record(std::mem::take(spans));
    if record.size() <= limits.record_bytes {
        return Some(record);
    }
    *spans = record.spans;
    None
}

fn count(dropped: &mut u32, lost: usize) {
    *dropped = dropped.saturating_add(u32::try_from(lost).unwrap_or(u32::MAX));
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
pub(crate) mod tests;
