//! Splitting of requests that are too large.

use bytes::Bytes;

use super::piece::Piece;
use crate::{clean::Chunk, sink::parcel::Content};

/// Returns the two halves of a request. A request that cannot be split, with one span or one window
/// of metrics, is returned as the error.
pub(super) fn halves(mut pieces: Vec<Piece>) -> Result<(Vec<Piece>, Vec<Piece>), Vec<Piece>> {
    if pieces.len() > 1 {
        let back = pieces.split_off(pieces.len() / 2);
        return Ok((pieces, back));
    }
    match pieces.pop() {
        Some(piece) => match halved(piece) {
            Ok((front, back)) => Ok((vec![front], vec![back])),
            Err(piece) => Err(vec![piece]),
        },
        None => Err(pieces),
    }
}

fn halved(mut piece: Piece) -> Result<(Piece, Piece), Piece> {
    let Content::Traces(chunks) = &mut piece.content else {
        return Err(piece);
    };
    let back = match &mut **chunks {
        [chunk] => match halved_chunk(chunk) {
            Some((front, back)) => {
                *chunk = front;
                vec![back]
            }
            None => return Err(piece),
        },
        chunks_of_it => {
            let middle = chunks_of_it.len() / 2;
            chunks.split_off(middle)
        }
    };
    let back = piece.with(Content::Traces(back));
    Ok((piece, back))
}

/// Returns the first and the second half of the spans; `None` if there is only one.
fn halved_chunk(chunk: &Chunk) -> Option<(Chunk, Chunk)> {
    let front = chunk.count / 2;
    let middle = end_of(&chunk.spans, front).filter(|_| front > 0)?;
    let with = |spans: Bytes, count| Chunk {
        resource: chunk.resource.clone(),
        scope: chunk.scope.clone(),
        spans,
        count,
    };
    Some((
        with(chunk.spans.slice(..middle), front),
        with(chunk.spans.slice(middle..), chunk.count - front),
    ))
}

/// Returns the offset after the first `count` length-delimited fields.
fn end_of(fields: &[u8], count: usize) -> Option<usize> {
    let mut at = 0;
    for _ in 0..count {
        at = varint(fields, at)?.1;
        let (length, content) = varint(fields, at)?;
        at = content.checked_add(usize::try_from(length).ok()?)?;
    }
    (at <= fields.len()).then_some(at)
}

/// Returns the number at `at`, and the offset after it.
fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut number = 0;
    for (index, byte) in bytes.get(at..)?.iter().take(10).enumerate() {
        number |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((number, at + index + 1));
        }
    }
    None
}
