//! Compression of requests.

use bytes::Bytes;

/// A compression of requests, at level 1: the point from which more effort saves little.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Compression {
    /// None.
    #[default]
    None,
    /// gzip, which every endpoint has to understand.
    #[cfg(feature = "gzip")]
    #[cfg_attr(docsrs, doc(cfg(feature = "gzip")))]
    Gzip,
    /// zstd, which OTLP does not name and some endpoints understand.
    #[cfg(feature = "zstd")]
    #[cfg_attr(docsrs, doc(cfg(feature = "zstd")))]
    Zstd,
}

impl Compression {
    /// Returns the compressed data, and what that is called over HTTP and gRPC; the data as it is where
    /// it is not compressed, or needs more memory for it than there is.
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
