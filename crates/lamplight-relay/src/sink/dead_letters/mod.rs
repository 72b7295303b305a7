//! Where what nobody takes is kept.

use std::sync::Arc;

use bytes::Bytes;

use super::{destination::BoxFuture, parcel::RecordId, request::Signal};

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
}

/// Where dead letters go.
///
/// Where one cannot be written for a critical sink, its records are not settled: the queue tries again
/// until it can, the checkpoint stays, and nothing behind it is sent. For a best-effort sink it is tried a
/// few times, then what is in it is dropped and counted.
pub trait DeadLetters: Send + Sync + 'static {
    /// Keeps a letter. It is kept when the future ends without an error, whose text says why it is not.
    fn put<'a>(&'a self, letter: &'a DeadLetter) -> BoxFuture<'a, Result<(), String>>;
}
