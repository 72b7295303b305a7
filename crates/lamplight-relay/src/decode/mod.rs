//! Decoding of records to OTLP: decompresses them, splits aggregated records, and checks every
//! span.
//!
//! The format of a record is detected from its first bytes: gzip, zlib, zstd (with the features
//! `gzip` and `zstd`), an aggregated record of the Kinesis Producer Library, whose parts may each
//! be compressed, or else an `ExportTraceServiceRequest` in protobuf. Data in no other format is
//! tried once as deflate without a header, which the Collector's exporter calls `flate`. JSON is
//! refused: OTLP/JSON, Zipkin and Jaeger can only be distinguished by parsing them, and a producer
//! that is configured for protobuf sends half the bytes.
//!
//! # One bad span
//!
//! An OTLP receiver refuses a whole request for a single invalid UTF-8 string, or a single id of
//! the wrong length. Therefore all output must be valid, whatever the input was. If part of a
//! record is malformed, the valid rest is forwarded, and [`Payloads::refusal`] describes the
//! malformed part: the original record must then become a dead letter, with the number of spans
//! that are only in it. In this way no span is lost and no valid span is delayed. Sending a dead
//! letter again produces exact copies of its valid spans, which deduplication removes. A record
//! with a broken structure (a message that ends in the middle of a field) is refused as a whole,
//! since the meaning of its parts is unknown.

mod compression;
mod kpl;
mod otlp;
mod refusal;

use bytes::Bytes;

use compression::Compression;

pub use refusal::{Reason, Refusal};

/// Limits for reading a record.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limits {
    /// Maximum size of a record when decompressed, in bytes, including all its parts. Default: 32
    /// MiB.
    pub max_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 32 * 1024 * 1024,
        }
    }
}

/// The content of a record: requests in which every span is valid.
#[derive(Debug, Clone, Default)]
pub struct Payloads {
    /// Nearly all records contain one request, which then needs no allocation.
    first: Option<Bytes>,
    more: Vec<Bytes>,
    facts: Facts,
    refusal: Option<Refusal>,
    /// True if the data of the record is the only payload, unchanged.
    is_verbatim: bool,
}

/// Properties of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Facts {
    /// The record, or a record in it, was compressed.
    pub compressed: bool,
    /// It was aggregated by the Kinesis Producer Library.
    pub aggregated: bool,
    /// Number of valid spans.
    pub spans: u32,
}

impl Payloads {
    /// Returns the properties of the record.
    pub fn facts(&self) -> Facts {
        self.facts
    }

    /// Returns a description of the part of the record that is not among the payloads. Such a
    /// record must become a dead letter, in addition to the payloads that are forwarded.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// Returns the payloads, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Bytes> {
        self.first.iter().chain(&self.more)
    }

    /// Returns the number of payloads; 0 if the record has no spans.
    pub fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.more.len()
    }

    /// Returns whether there are no payloads.
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Returns the payloads of a record whose data is valid as it is and has this number of spans.
    pub(crate) fn verbatim(data: Bytes, spans: u32) -> Self {
        Self {
            first: Some(data),
            facts: Facts {
                spans,
                ..Facts::default()
            },
            is_verbatim: true,
            ..Self::default()
        }
    }

    /// Returns whether the data of the record is the only payload, unchanged.
    pub(crate) fn is_verbatim(&self) -> bool {
        self.is_verbatim
    }

    fn push(&mut self, payload: Bytes) {
        if self.first.is_none() {
            self.first = Some(payload);
        } else {
            self.more.push(payload);
        }
    }

    fn add(&mut self, sound: otlp::Sound) {
        self.facts.spans = self.facts.spans.saturating_add(sound.spans);
        if let Some(refusal) = sound.refusal {
            self.refuse(refusal);
        }
        if sound.spans != 0 {
            self.push(sound.request);
        }
    }

    /// Records a fault of a part; only the first one is kept.
    fn refuse(&mut self, refusal: Refusal) {
        match &mut self.refusal {
            Some(first) => {
                first.spans = first.spans.saturating_add(refusal.spans);
                first.records = first.records.saturating_add(refusal.records);
            }
            none => *none = Some(refusal),
        }
    }
}

impl IntoIterator for Payloads {
    type Item = Bytes;
    type IntoIter = std::iter::Chain<std::option::IntoIter<Bytes>, std::vec::IntoIter<Bytes>>;

    fn into_iter(self) -> Self::IntoIter {
        self.first.into_iter().chain(self.more)
    }
}

impl<'a> IntoIterator for &'a Payloads {
    type Item = &'a Bytes;
    type IntoIter = std::iter::Chain<std::option::Iter<'a, Bytes>, std::slice::Iter<'a, Bytes>>;

    fn into_iter(self) -> Self::IntoIter {
        self.first.iter().chain(&self.more)
    }
}

/// Returns the requests in the data of a record. Each is an `ExportTraceServiceRequest` with at
/// least one span, in which every span, scope and resource is well-formed and all ids are valid.
/// Data that needs no change is not copied.
///
/// # Errors
///
/// Returns an error if nothing of the record can be forwarded. If only a part can, see
/// [`Payloads::refusal`].
///
/// ```
/// use bytes::Bytes;
/// use lamplight_relay::decode::{Limits, Reason, payloads};
///
/// let refusal = payloads(&Bytes::from_static(br#"{"resourceSpans":[]}"#), &Limits::default());
/// assert_eq!(refusal.unwrap_err().reason, Reason::Json);
/// ```
pub fn payloads(data: &Bytes, limits: &Limits) -> Result<Payloads, Refusal> {
    payloads_shown(data, limits, &mut |_, _| {})
}

/// Returns requests as [`payloads`] does, and passes the spans to `show` as they are checked. This
/// is only meaningful if the data of the record is the only payload, unchanged; otherwise, discard
/// what was passed.
pub(crate) fn payloads_shown<'a>(
    data: &'a Bytes,
    limits: &Limits,
    show: otlp::Show<'_, 'a>,
) -> Result<Payloads, Refusal> {
    let mut payloads = Payloads::default();
    let mut room = limits.max_bytes;
    match kpl::contents(data) {
        Some(contents) => {
            payloads.facts.aggregated = true;
            for part in kpl::records(contents?) {
                let part = data.slice_ref(part);
                if let Err(mut refusal) = read(&part, &mut room, &mut payloads, &mut |_, _| {}) {
                    refusal.records = 1;
                    payloads.refuse(refusal);
                }
            }
        }
        None => payloads.is_verbatim = read(data, &mut room, &mut payloads, show)?,
    }
    match payloads.refusal {
        Some(refusal) if payloads.first.is_none() => Err(refusal),
        _ => Ok(payloads),
    }
}

/// Minimum size to try as deflate: a compressed request contains two ids, of 24 bytes in total. An
/// aggregated record may have hundreds of thousands of meaningless parts, and trying each would
/// need memory.
#[cfg(feature = "gzip")]
const SHORTEST_DEFLATE: usize = 16;

/// Reads data that is not aggregated, decompressed to at most `room` bytes. Returns whether the
/// data as it is forms a payload.
fn read<'a>(
    data: &'a Bytes,
    room: &mut usize,
    payloads: &mut Payloads,
    show: otlp::Show<'_, 'a>,
) -> Result<bool, Refusal> {
    if let Some(compression) = Compression::of(data) {
        return read_packed(data, compression, room, payloads).map(|()| false);
    }
    let sound = otlp::sound(data, show);
    #[cfg(feature = "gzip")]
    if data.len() >= SHORTEST_DEFLATE
        && sound.as_ref().is_err_and(|it| it.reason == Reason::NotOtlp)
        && read_packed(data, Compression::Deflate, room, payloads).is_ok()
    {
        return Ok(false);
    }
    let sound = sound?;
    let is_verbatim = sound.refusal.is_none() && sound.spans != 0;
    payloads.add(sound);
    Ok(is_verbatim)
}

fn read_packed(
    data: &[u8],
    compression: Compression,
    room: &mut usize,
    payloads: &mut Payloads,
) -> Result<(), Refusal> {
    let unpacked = compression.unpack(data, room).map_err(Refusal::of)?;
    let sound = otlp::sound(&unpacked.into(), &mut |_, _| {})?;
    payloads.facts.compressed = true;
    payloads.add(sound);
    Ok(())
}

#[cfg(test)]
mod tests;
