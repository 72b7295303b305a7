//! Compression of records.

use std::str::FromStr;

use lamplight_internal::unknown_name_error;

/// A compression of records.
///
/// Readers detect it from the first bytes of a record:
///
/// | first bytes | record |
/// |---|---|
/// | `0a` | OTLP protobuf, `ExportTraceServiceRequest` |
/// | `1f 8b` | the same, in gzip |
/// | `28 b5 2f fd` | the same, in a Zstandard frame |
///
/// The levels are 1; higher ones cost more and save little. For spans of the demo, size and instructions of
/// one record, without those for reading it (`cargo bench --bench compression --all-features`):
///
/// | record | plain | gzip 1 | gzip 6 | zstd 1 | zstd 3 |
/// |---|---|---|---|---|---|
/// | a trace's part of one flush | 1.8 kB | 1.1 kB, 0.62 M | 1.0 kB, 0.85 M | 1.1 kB, 0.17 M | 1.1 kB, 0.22 M |
/// | 10 spans | 7.9 kB | 2.7 kB, 0.75 M | 2.6 kB, 1.27 M | 2.6 kB, 0.32 M | 2.5 kB, 0.44 M |
/// | 100 spans | 74 kB | 15 kB, 2.4 M | 14 kB, 5.9 M | 12 kB, 0.7 M | 12 kB, 1.3 M |
///
/// Kinesis bills each record in units of 25 kB, and on-demand streams in units of 1 kB, so that compressing
/// small records saves little. [`PartitionKey::Random`](crate::PartitionKey::Random) gives fewer and larger
/// records.
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
    /// Returns the compressed data, or the data unchanged if compression fails, which happens only if memory
    /// runs out.
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

/// The names of the compressions that are compiled in.
const NAMES: &[&str] = &[
    "none",
    #[cfg(feature = "gzip")]
    "gzip",
    #[cfg(feature = "zstd")]
    "zstd",
];

unknown_name_error! {
    /// Error returned when parsing the name of a compression that is unknown or not compiled in.
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
