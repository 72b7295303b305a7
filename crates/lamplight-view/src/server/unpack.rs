//! Decompression of request bodies, with limits.

use std::io::ErrorKind;

use crate::read;

/// Maximum size of a request as received, in bytes.
pub(super) const MOST_BYTES: usize = 32 << 20;

/// Maximum decompressed size, in bytes.
const MOST_UNPACKED: u64 = 128 << 20;

/// The reason for refusing a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The `Content-Encoding` is unknown.
    Encoding(String),
    /// The body does not match its encoding.
    Broken(String),
    /// The decompressed body is too large.
    TooLarge,
}

/// Returns the body, decompressed according to its `Content-Encoding`.
pub(super) fn unpack(body: &[u8], encoding: Option<&str>) -> Result<Vec<u8>, Refusal> {
    let name = encoding.unwrap_or("identity").trim();
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    if name.is_empty() || is("identity") {
        return Ok(body.to_vec());
    }
    if !is("gzip") && !is("zstd") && !is("deflate") {
        return Err(Refusal::Encoding(name.to_owned()));
    }
    // The other encodings are detected by their first bytes.
    let unpacked = match is("deflate") {
        true => Some(read::inflate(body, MOST_UNPACKED)),
        false => read::unpack(body, MOST_UNPACKED),
    };
    match unpacked {
        Some(Ok(unpacked)) => Ok(unpacked),
        Some(Err(error)) if error.kind() == ErrorKind::FileTooLarge => Err(Refusal::TooLarge),
        Some(Err(error)) => Err(Refusal::Broken(error.to_string())),
        None => Err(Refusal::Broken(format!("it is not {name}"))),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_bomb_is_stopped_at_its_bound() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let zeros = vec![0; 1 << 20];
        for _ in 0..200 {
            packed.write_all(&zeros).unwrap();
        }
        let packed = packed.finish().unwrap();
        assert!(packed.len() < 2 << 20);
        assert_eq!(unpack(&packed, Some("gzip")), Err(Refusal::TooLarge));
    }

    #[test]
    fn what_is_not_what_it_says_is_refused() {
        assert!(matches!(
            unpack(b"plain", Some("gzip")),
            Err(Refusal::Broken(_))
        ));
        assert_eq!(
            unpack(b"plain", Some("br")),
            Err(Refusal::Encoding("br".to_owned()))
        );
        assert_eq!(unpack(b"plain", None), Ok(b"plain".to_vec()));
    }
}
