//! Compression of requests.

/// A compression of requests, at level 1: the point from which more effort saves little.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Compression {
    #[default]
    None,
    #[cfg(feature = "exporter-otlp-gzip")]
    Gzip,
    #[cfg(feature = "exporter-otlp-zstd")]
    Zstd,
}

impl Compression {
    /// Returns the compressed data, and what that is called over HTTP and gRPC; the data as it is where
    /// it is not compressed, or needs more memory for it than there is.
    pub(super) fn compress(self, data: Vec<u8>) -> (Vec<u8>, Option<&'static str>) {
        let compressed: Option<(Vec<u8>, &'static str)> = match self {
            Self::None => None,
            #[cfg(feature = "exporter-otlp-gzip")]
            Self::Gzip => gzip(&data).ok().map(|data| (data, "gzip")),
            #[cfg(feature = "exporter-otlp-zstd")]
            Self::Zstd => {
                let data = zstd::bulk::compress(&data, 1).ok();
                data.map(|data| (data, "zstd"))
            }
        };
        match compressed {
            Some((data, name)) => (data, Some(name)),
            None => (data, None),
        }
    }
}

#[cfg(feature = "exporter-otlp-gzip")]
fn gzip(data: &[u8]) -> std::io::Result<Vec<u8>> {
    use std::io::Write;
    let out = Vec::with_capacity(data.len() / 3);
    let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
    encoder.write_all(data)?;
    encoder.finish()
}
