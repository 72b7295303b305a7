//! Compression of requests.

use bytes::Bytes;

/// A compression of requests, at level 1; higher levels cost more and save little.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Compression {
    /// No compression.
    #[default]
    None,
    /// gzip, which every endpoint must support.
    #[cfg(feature = "gzip")]
    #[cfg_attr(docsrs, doc(cfg(feature = "gzip")))]
    Gzip,
    /// zstd, which OTLP does not define but some endpoints support.
    #[cfg(feature = "zstd")]
    #[cfg_attr(docsrs, doc(cfg(feature = "zstd")))]
    Zstd,
}

impl Compression {
    /// Returns the compressed data and its name in HTTP and gRPC headers; the original data if there is no
    /// compression, or if compression runs out of memory.
    pub(super) fn compress(self, data: Bytes) -> (Bytes, Option<&'static str>) {
        let compressed: Option<(Vec<u8>, &'static str)> = match self {
            Self::None => None,
            #[cfg(feature = "gzip")]
            Self::Gzip => gzip(&data).ok().map(|data| (data, "gzip")),
            #[cfg(feature = "zstd")]
            Self::Zstd => {
                let data = zstd::bulk::compress(&data, 1).ok();
                data.map(|data| (data, "zstd"))
            }
        };
        match compressed {
            Some((data, name)) => (data.into(), Some(name)),
            None => (data, None),
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
