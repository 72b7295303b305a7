//! The records of a shard.

use std::fmt;

use bytes::Bytes;
use lamplight_relay::record::{Record, SequenceNumber, StreamTime};

#[path = "../decide/spans.rs"]
mod spans;

/// Number of records per round: more than 30 s of a shard at 1 MB per second.
pub(crate) const RECORDS: u32 = 20_000;

/// Number of records when instructions are counted.
pub(crate) const FEW: u32 = 2_000;

/// Records of one trace each, with 3 to 6 spans of 18 attributes.
pub(crate) struct Corpus {
    payloads: Vec<Bytes>,
    pub(crate) spans: u64,
    bytes: usize,
}

impl Corpus {
    pub(crate) fn new(traces: u32) -> Self {
        let payloads: Vec<Bytes> = spans::mixed(traces)
            .into_iter()
            .map(|record| record.payload.into())
            .collect();
        Self {
            spans: (0..u64::from(traces)).map(|number| 3 + number % 4).sum(),
            bytes: payloads.iter().map(Bytes::len).sum(),
            payloads,
        }
    }

    /// Returns the records as they arrive from a time in milliseconds: 1 MB per second.
    pub(crate) fn records(&self, from: u64) -> Vec<Record> {
        let mut written = 0;
        let records = (0_u64..).zip(&self.payloads).map(|(number, payload)| {
            written += payload.len() as u64;
            let place = from * 1_000_000 + number;
            Record::new(
                SequenceNumber::new(&format!("49590338271490256608559692538{place:027}")),
                &format!("{number:032x}"),
                StreamTime::from_millis(from + written / 1000),
                payload.clone(),
            )
        });
        records.collect()
    }

    /// Returns the payloads of the records.
    pub(crate) fn payloads(&self) -> &[Bytes] {
        &self.payloads
    }
}

impl fmt::Display for Corpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let records = self.payloads.len();
        write!(
            f,
            "{records} records of 3 to 6 spans, 18 attributes each: {} bytes a record, {} a span",
            self.bytes / records,
            self.bytes as u64 / self.spans,
        )
    }
}
