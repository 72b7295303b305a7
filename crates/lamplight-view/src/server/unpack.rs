//! Bodies of requests, unpacked within bounds.

use std::io::ErrorKind;

use crate::read;

/// Most bytes of a request as it comes.
pub(super) const MOST_BYTES: usize = 32 << 20;

/// Most bytes it may unpack to.
const MOST_UNPACKED: u64 = 128 << 20;

/// Why a body cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A `Content-Encoding` that is not known here.
    Encoding(String),
    /// It is not what its header says.
    Broken(String),
    /// It unpacks to more than is taken.
    TooLarge,
}

/// Returns what a body says, by its `Content-Encoding`.
pub(super) fn unpack(body: &[u8], encoding: Option<&str>) -> Result<Vec<u8>, Refusal> {
    let name = encoding.unwrap_or("identity").trim();
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    if name.is_empty() || is("identity") {
        return Ok(body.to_vec());
    }
    if !is("gzip") && !is("zstd") && !is("deflate") {
        return Err(Refusal::Encoding(name.to_owned()));
    }
    // The first bytes of the others tell which it is.
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
