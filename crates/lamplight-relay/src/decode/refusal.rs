//! Reasons for refusing a record.

use std::{error::Error, fmt};

/// The reason why a record, or part of it, cannot be forwarded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The first fault.
    pub reason: Reason,
    /// Number of malformed spans, as far as they could be counted.
    pub spans: u32,
    /// Number of records within an aggregated one that could not be read at all.
    pub records: u32,
}

/// A fault of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The record is gzip or zlib, and the feature `gzip` is off.
    GzipOff,
    /// The record is zstd, and the feature `zstd` is off.
    ZstdOff,
    /// The record cannot be decompressed.
    Damaged,
    /// The record would exceed [`Limits::max_bytes`](super::Limits::max_bytes).
    TooLarge,
    /// The checksum of an aggregated record does not match.
    Checksum,
    /// The record is JSON.
    Json,
    /// The record is not a request with spans.
    NotOtlp,
    /// A span, its scope or its resource is malformed, or an id is not valid.
    Malformed,
}

impl Reason {
    /// Returns the reason as a single word, as used in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GzipOff => "gzip_off",
            Self::ZstdOff => "zstd_off",
            Self::Damaged => "damaged",
            Self::TooLarge => "too_large",
            Self::Checksum => "checksum",
            Self::Json => "json",
            Self::NotOtlp => "not_otlp",
            Self::Malformed => "malformed",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GzipOff => "compressed with gzip or zlib, which needs the feature `gzip`",
            Self::ZstdOff => "compressed with zstd, which needs the feature `zstd`",
            Self::Damaged => "compressed and damaged",
            Self::TooLarge => "larger than the limit when decompressed",
            Self::Checksum => "aggregated by the Kinesis Producer Library, with a wrong checksum",
            Self::Json => "JSON; configure its producer for OTLP in protobuf (`otlp_proto`)",
            Self::NotOtlp => {
                "not an OTLP request with spans; configure its producer for OTLP in protobuf, and \
                send metrics and logs elsewhere"
            }
            Self::Malformed => {
                "malformed in some spans, for which a receiver would refuse all \
            others"
            }
        })
    }
}

impl Refusal {
    pub(super) const fn of(reason: Reason) -> Self {
        Self {
            reason,
            spans: 0,
            records: 0,
        }
    }

    pub(super) const fn of_spans(spans: u32) -> Self {
        Self {
            reason: Reason::Malformed,
            spans,
            records: 0,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the record is {}", self.reason)?;
        if self.spans != 0 {
            write!(f, " ({} spans)", self.spans)?;
        }
        if self.records != 0 {
            write!(f, " ({} records in it)", self.records)?;
        }
        Ok(())
    }
}

impl Error for Refusal {}
