//! Compressed content.

use std::io::{self, Read};

/// Decompresses content that begins like gzip or Zstandard; returns `None` for anything else.
/// Several concatenated members form one content.
///
/// # Errors
///
/// Returns an error if decompression fails, or if the result exceeds `limit` bytes.
#[must_use]
pub fn unpack(bytes: &[u8], limit: u64) -> Option<io::Result<Vec<u8>>> {
    match bytes {
        [0x1f, 0x8b, ..] => Some(all(flate2::read::MultiGzDecoder::new(bytes), limit)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            Some(zstd::Decoder::new(bytes).and_then(|it| all(it, limit)))
        }
        _ => None,
    }
}

/// Decompresses content in the HTTP encoding `deflate`, which is a zlib stream.
///
/// # Errors
///
/// Returns an error if decompression fails, or if the result exceeds `limit` bytes.
#[cfg(feature = "server")]
pub(crate) fn inflate(bytes: &[u8], limit: u64) -> io::Result<Vec<u8>> {
    all(flate2::read::ZlibDecoder::new(bytes), limit)
}

fn all(reader: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut reader = reader.take(limit.saturating_add(1));
    reader.read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let message = match limit / (1024 * 1024) {
            0 => format!("it exceeds {limit} bytes when decompressed"),
            mib => format!("it exceeds {mib} MiB when decompressed"),
        };
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::unpack;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn members_one_behind_the_other_are_one_content() {
        let both = [gzip(b"one, "), gzip(b"two")].concat();
        assert_eq!(unpack(&both, 100).unwrap().unwrap(), b"one, two");
        let zstd = zstd::bulk::compress(b"three", 1).unwrap();
        assert_eq!(unpack(&zstd, 100).unwrap().unwrap(), b"three");
        assert!(unpack(b"{}", 100).is_none());
    }

    #[test]
    fn a_bomb_is_refused() {
        let bomb = gzip(&vec![0; 1_000_000]);
        let error = unpack(&bomb, 1_000).unwrap().unwrap_err();
        assert_eq!(error.to_string(), "it exceeds 1000 bytes when decompressed");
        let bomb = zstd::bulk::compress(&vec![0; 3_000_000], 1).unwrap();
        let error = unpack(&bomb, 1024 * 1024).unwrap().unwrap_err();
        assert_eq!(error.to_string(), "it exceeds 1 MiB when decompressed");
        assert!(unpack(&bomb[..9], 1_000).unwrap().is_err());
    }
}
