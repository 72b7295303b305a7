//! Compressed records.

#[cfg(any(feature = "gzip", feature = "zstd"))]
use std::io::Read;

use super::refusal::Reason;

/// The compression of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Zlib,
    /// Without a header, so it can only be detected by trying.
    #[cfg(feature = "gzip")]
    Deflate,
    Zstd,
}

impl Compression {
    /// Returns the compression of data, detected by its first bytes. An OTLP request never begins
    /// with these: its only field is number 1, a message.
    pub(super) fn of(data: &[u8]) -> Option<Self> {
        match *data {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            // RFC 1950: deflate with a window of at most 32 KiB, and a checksum over both bytes.
            [first, second, ..]
                if first & 0x0f == 8
                    && first >> 4 <= 7
                    && u16::from_be_bytes([first, second]) % 31 == 0
                    && second & 0x20 == 0 =>
            {
                Some(Self::Zlib)
            }
            _ => None,
        }
    }

    /// Returns the decompressed data, if there is room for it. The output counts toward `room` even
    /// if it turns out to be invalid, since decompressing it has taken time.
    pub(super) fn unpack(self, data: &[u8], room: &mut usize) -> Result<Vec<u8>, Reason> {
        match self {
            #[cfg(feature = "gzip")]
            Self::Gzip => bounded(flate2::read::MultiGzDecoder::new(data), room),
            #[cfg(feature = "gzip")]
            Self::Zlib => bounded(flate2::read::ZlibDecoder::new(data), room),
            #[cfg(feature = "gzip")]
            Self::Deflate => {
                let mut rest = data;
                let unpacked = bounded(flate2::bufread::DeflateDecoder::new(&mut rest), room)?;
                // Trailing data means that the record was something else.
                if rest.is_empty() {
                    Ok(unpacked)
                } else {
                    Err(Reason::Damaged)
                }
            }
            #[cfg(not(feature = "gzip"))]
            Self::Gzip | Self::Zlib => {
                let _ = (data, room);
                Err(Reason::GzipOff)
            }
            #[cfg(feature = "zstd")]
            Self::Zstd => {
                let mut decoder =
                    zstd::stream::read::Decoder::with_buffer(data).map_err(|_| Reason::Damaged)?;
                // The window size that a frame requests is memory of this process. Decoders should
                // support at least 8 MiB (RFC 8878, section 3.1.1.1.2).
                let window = (*room).max(1).ilog2().clamp(23, 27);
                decoder
                    .window_log_max(window)
                    .map_err(|_| Reason::Damaged)?;
                bounded(decoder, room)
            }
            #[cfg(not(feature = "zstd"))]
            Self::Zstd => {
                let _ = (data, room);
                Err(Reason::ZstdOff)
            }
        }
    }
}

/// Reads to the end, or until the output exceeds `room`.
#[cfg(any(feature = "gzip", feature = "zstd"))]
fn bounded(decoder: impl Read, room: &mut usize) -> Result<Vec<u8>, Reason> {
    let mut unpacked = Vec::new();
    let more = u64::try_from(*room).unwrap_or(u64::MAX).saturating_add(1);
    let read = decoder.take(more).read_to_end(&mut unpacked);
    let Some(left) = room.checked_sub(unpacked.len()) else {
        *room = 0;
        return Err(Reason::TooLarge);
    };
    *room = left;
    read.map_err(|_| Reason::Damaged)?;
    unpacked.shrink_to_fit();
    Ok(unpacked)
}
