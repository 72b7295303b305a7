//! From the bytes of a record to OTLP: what is compressed is unpacked, what is aggregated is taken apart,
//! and every span is checked.
//!
//! A record is read as what its first bytes say it is: gzip, zlib, zstd (with the features `gzip` and `zstd`),
//! an aggregated record of the Kinesis Producer Library, whose records may each be compressed, or else an
//! `ExportTraceServiceRequest` in protobuf. What is none of these is tried once as deflate without a header, which is
//! what the Collector's exporter calls `flate`. JSON is refused: OTLP in JSON, Zipkin and Jaeger are told apart in no
//! other way than by reading them, and a producer that is set to protobuf sends half the bytes.
//!
//! # One bad span
//!
//! A receiver of OTLP refuses a whole request for one text in it that is no UTF-8, or one id of a wrong
//! length. So what goes out has to be sound to the last byte, whatever came in. Of a record in which
//! something is not, all that is sound goes its way, and [`Payloads::refusal`] says that the rest did not: the
//! record as it came is to be a dead letter then, with the number of spans that are in it alone. So nothing is
//! lost, nothing is late for a neighbor's sake, and who sends a dead letter again makes exact copies of the
//! spans that were sound, which are dropped as such by whatever drops duplicates. A record whose outline is
//! broken (a message that ends in the middle of a field) is refused as a whole: of what is left of it one
//! cannot know what it was.

mod compression;
mod kpl;
mod otlp;
mod refusal;

use bytes::Bytes;

use compression::Compression;

pub use refusal::{Reason, Refusal};

/// Bounds for reading a record.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limits {
    /// The most bytes a record may become when it is unpacked, all its parts together. Default: 32 MiB.
    pub max_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 32 * 1024 * 1024,
        }
    }
}

/// What a record holds: requests that are sound in every span.
#[derive(Debug, Clone, Default)]
pub struct Payloads {
    /// Nearly all records are one request, which then costs no allocation.
    first: Option<Bytes>,
    more: Vec<Bytes>,
    facts: Facts,
    refusal: Option<Refusal>,
    /// Whether the data of the record is the one payload, as it is.
    is_verbatim: bool,
}

/// What was noticed about a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Facts {
    /// It, or a record in it, was compressed.
    pub compressed: bool,
    /// It was aggregated by the Kinesis Producer Library.
    pub aggregated: bool,
    /// Sound spans in it.
    pub spans: u32,
}

impl Payloads {
    /// Returns what was noticed about the record.
    pub fn facts(&self) -> Facts {
        self.facts
    }

    /// Returns what of the record is not among the payloads. Such a record is to be a dead letter beside
    /// what is forwarded of it.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// Returns the payloads, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Bytes> {
        self.first.iter().chain(&self.more)
    }

    /// Returns how many payloads there are: none where the record has no spans.
    pub fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.more.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Returns those of a record whose data is sound as it is, with so many spans.
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

    /// Returns whether the data of the record is the one payload, as it is.
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

    /// Remembers what was wrong with a part; of several, what the first was.
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

/// Returns the requests in the data of a record: each an `ExportTraceServiceRequest` with at least one span,
/// in which every span has valid ids and is sound, and so are its scope and its resource. What needs no
/// change is not copied.
///
/// # Errors
///
/// Where nothing of it can be forwarded. Where something can, see [`Payloads::refusal`].
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

/// As [`payloads`]. Of a record whose data is the payload as it is, all spans are shown by the way: they have been
/// read to be checked. What is shown of any other record means nothing.
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

/// Fewer bytes are no request that was packed: it has two ids, of 24 bytes. An aggregated record may have hundreds of
/// thousands of parts that are nothing at all, and to try each takes memory of its own.
#[cfg(feature = "gzip")]
const SHORTEST_DEFLATE: usize = 16;

/// Reads what is not aggregated, unpacked to at most `room` bytes. Returns whether all of it is a payload as it is.
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
