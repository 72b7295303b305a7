//! Decisions as bytes that are appended to a log.

use super::entry::{Entry, SIZE};
use crate::engine::CheckpointError;

/// What a chunk begins with; the last byte is the version.
const MAGIC: &[u8; 4] = b"LLD\x01";

/// How many decisions a chunk has at most: its 256 KiB fit where an item has at most 400 KB.
pub(super) const CHUNK: usize = (256 << 10) / SIZE - 1;

/// Returns a chunk of decisions: in its head, of 16 bytes, how many there are and the number of the first.
pub(super) fn chunk(first: u64, entries: impl ExactSizeIterator<Item = Entry>) -> Vec<u8> {
    let mut chunk = Vec::with_capacity(SIZE + entries.len() * SIZE);
    chunk.extend(MAGIC);
    chunk.extend((entries.len() as u32).to_be_bytes());
    chunk.extend(first.to_be_bytes());
    for entry in entries {
        chunk.extend(entry.to_bytes());
    }
    chunk
}

/// Returns the decisions of a log from number `first` to before `end`. What is in several chunks counts as it
/// is in the last one; what is outside of these numbers does not matter.
///
/// # Errors
///
/// Where something is no chunk, or one of the decisions is missing.
pub(super) fn entries(
    log: &[impl AsRef<[u8]>],
    first: u64,
    end: u64,
) -> Result<Vec<Entry>, CheckpointError> {
    let count = usize::try_from(end.saturating_sub(first)).map_err(|_| CheckpointError::Log)?;
    let mut found = Vec::new();
    for mut bytes in log.iter().map(AsRef::as_ref) {
        while let Some((chunk, rest)) = split(bytes)? {
            bytes = rest;
            for (number, entry) in (chunk.first..).zip(chunk.entries) {
                let place = number.checked_sub(first).map(usize::try_from);
                let Some(Ok(place)) = place.filter(|_| number < end) else {
                    continue;
                };
                if found.len() <= place {
                    // Not more than there are bytes in the log, unless decisions are missing.
                    if place > found.len() + log_size(log) / SIZE {
                        return Err(CheckpointError::Missing(first + found.len() as u64));
                    }
                    found.resize(place + 1, None);
                }
                if let Some(found) = found.get_mut(place) {
                    *found = Some(Entry::from_bytes(*entry));
                }
            }
        }
    }
    let missing = found
        .iter()
        .position(Option::is_none)
        .unwrap_or(found.len());
    if missing < count {
        return Err(CheckpointError::Missing(first + missing as u64));
    }
    Ok(found.into_iter().flatten().collect())
}

fn log_size(log: &[impl AsRef<[u8]>]) -> usize {
    log.iter().map(|chunk| chunk.as_ref().len()).sum()
}

struct Chunk<'a> {
    first: u64,
    entries: &'a [[u8; SIZE]],
}

fn split(bytes: &[u8]) -> Result<Option<(Chunk<'_>, &[u8])>, CheckpointError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let parts = || {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (count, rest) = rest.split_first_chunk()?;
        let (first, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*count)).ok()?;
        let (entries, rest) = rest.split_at_checked(length.checked_mul(SIZE)?)?;
        let chunk = Chunk {
            first: u64::from_be_bytes(*first),
            entries: entries.as_chunks().0,
        };
        Some((chunk, rest))
    };
    parts().map(Some).ok_or(CheckpointError::Log)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decisions(from: u64, to: u64) -> Vec<Entry> {
        let entry = |key: u64| {
            let mut bytes = [0; SIZE];
            *bytes.first_chunk_mut().unwrap() = key.to_be_bytes();
            Entry::from_bytes(bytes)
        };
        (from..to).map(entry).collect()
    }

    fn written(from: u64, to: u64) -> Vec<u8> {
        chunk(from, decisions(from, to).into_iter())
    }

    #[test]
    fn a_log_is_read_from_chunks_that_overlap_and_reach_further() {
        let log = [
            written(0, 4),
            [written(4, 6), written(5, 9)].concat(),
            written(12, 14),
        ];
        assert_eq!(entries(&log, 2, 8), Ok(decisions(2, 8)));
        assert_eq!(entries(&log, 9, 9), Ok(Vec::new()));
        assert_eq!(entries(&log, 2, 13), Err(CheckpointError::Missing(9)));
        assert_eq!(entries(&log, 2, u64::MAX), Err(CheckpointError::Missing(9)));
        assert_eq!(
            entries(&[written(u64::MAX - 2, u64::MAX)], 0, u64::MAX),
            Err(CheckpointError::Missing(0))
        );
    }

    #[test]
    fn a_chunk_that_was_cut_off_is_none() {
        let log = written(0, 4);
        for length in 1..log.len() {
            let cut = log.get(..length).unwrap();
            assert_eq!(entries(&[cut], 0, 4), Err(CheckpointError::Log));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_log_or_an_error(
            log in proptest::collection::vec(any::<u8>(), 0..100),
            head in any::<bool>(),
            first: u64,
            end: u64,
        ) {
            let head = if head { &MAGIC[..] } else { b"" };
            let _ = entries(&[[head, &log].concat()], first, end);
        }
    }
}
