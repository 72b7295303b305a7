//! Compression of records.

use std::str::FromStr;

use lamplight_internal::unknown_name_error;

/// A compression of records.
///
/// A reader needs no setting: the first bytes of a record tell.
///
/// | first bytes | record |
/// |---|---|
/// | `0a` | OTLP protobuf, `ExportTraceServiceRequest` |
/// | `1f 8b` | gzip of it |
/// | `28 b5 2f fd` | Zstandard frame of it |
///
/// The levels are 1, the point from which more effort saves little. Spans of the demo, instructions
/// of one record without those of reading it (`cargo bench --bench compression --all-features`):
///
/// | record | plain | gzip 1 | gzip 6 | zstd 1 | zstd 3 |
/// |---|---|---|---|---|---|
/// | a trace's part of one flush | 1.8 kB | 1.1 kB, 0.62 M | 1.0 kB, 0.85 M | 1.1 kB, 0.17 M | 1.1 kB, 0.22 M |
/// | 10 spans | 7.9 kB | 2.7 kB, 0.75 M | 2.6 kB, 1.27 M | 2.6 kB, 0.32 M | 2.5 kB, 0.44 M |
/// | 100 spans | 74 kB | 15 kB, 2.4 M | 14 kB, 5.9 M | 12 kB, 0.7 M | 12 kB, 1.3 M |
///
/// Kinesis bills records by 25 kB begun, and streams on demand by 1 kB begun, so that small records
/// gain little: with [`PartitionKey::Random`](crate::PartitionKey::Random) there are fewer and larger
/// ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Compression {
    /// Plain OTLP, which any OTLP consumer reads. The default.
    #[default]
    None,
    /// Gzip (RFC 1952), level 1.
    #[cfg(feature = "gzip")]
    #[cfg_attr(docsrs, doc(cfg(feature = "gzip")))]
    Gzip,
    /// Zstandard (RFC 8878), level 1.
    #[cfg(feature = "zstd")]
    #[cfg_attr(docsrs, doc(cfg(feature = "zstd")))]
    Zstd,
}

impl Compression {
    /// Returns the compressed data, or the data as it is where compression fails, which needs more memory than there
    /// is.
    pub(crate) fn compress(self, data: Vec<u8>) -> Vec<u8> {
        match self {
            Self::None => data,
            #[cfg(feature = "gzip")]
            Self::Gzip => gzip(&data).unwrap_or(data),
            #[cfg(feature = "zstd")]
            Self::Zstd => zstd::bulk::compress(&data, 1).unwrap_or(data),
        }
    }
}

#[cfg(feature = "gzip")]
fn gzip(data: &[u8]) -> std::io::Result<Vec<u8>> {
    use std::io::Write;
    let out = Vec::with_capacity(data.len() / 3);
    let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
    encoder.write_all(data)?;
    encoder.finish()
}

impl FromStr for Compression {
    type Err = UnknownCompression;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "none" => Ok(Self::None),
            #[cfg(feature = "gzip")]
            "gzip" => Ok(Self::Gzip),
            #[cfg(feature = "zstd")]
            "zstd" => Ok(Self::Zstd),
            _ => Err(UnknownCompression::new()),
        }
    }
}

/// The names of what is built in.
const NAMES: &[&str] = &[
    "none",
    #[cfg(feature = "gzip")]
    "gzip",
    #[cfg(feature = "zstd")]
    "zstd",
];

unknown_name_error! {
    /// Error returned when parsing an unknown compression name, or that of one that is not built in.
    UnknownCompression, "compression", NAMES
}

#[cfg(test)]
mod tests {
    #[cfg(any(feature = "gzip", feature = "zstd"))]
    use super::Compression;

    #[test]
    #[cfg(feature = "gzip")]
    fn gzip_reads_back_and_says_so() {
        use std::io::Read;
        let data = b"spans, spans, spans".repeat(50);
        let packed = Compression::Gzip.compress(data.clone());
        assert!(packed.len() < data.len() / 5);
        assert_eq!(&packed[..2], [0x1f, 0x8b]);
        let mut read = Vec::new();
        flate2::read::GzDecoder::new(packed.as_slice())
            .read_to_end(&mut read)
            .unwrap();
        assert_eq!(read, data);
    }

    #[test]
    #[cfg(feature = "zstd")]
    fn zstd_reads_back_and_says_so() {
        let data = b"spans, spans, spans".repeat(50);
        let packed = Compression::Zstd.compress(data.clone());
        assert!(packed.len() < data.len() / 5);
        assert_eq!(&packed[..4], [0x28, 0xb5, 0x2f, 0xfd]);
        assert_eq!(zstd::bulk::decompress(&packed, data.len()).unwrap(), data);
    }
}
