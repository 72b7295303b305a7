//! Encoding of pieces as requests.

use bytes::{Bytes, BytesMut};

use super::piece::{Piece, items};
use crate::{
    clean::{Chunk, Oversized, requests},
    sink::{
        parcel::Content,
        request::{Body, Layout, Request, Signal, TraceBody},
    },
};

/// Returns a request with all pieces, which must have the same signal.
pub(super) fn request(pieces: &[Piece], layout: Layout) -> Request {
    let signal = pieces.first().map_or(Signal::Traces, Piece::signal);
    let body = match layout {
        Layout::ByTrace if signal == Signal::Traces => Body::ByTrace(
            pieces
                .iter()
                .map(|piece| TraceBody {
                    trace_id: piece.trace_id,
                    message: message(std::slice::from_ref(piece)),
                    items: piece.items(),
                })
                .collect(),
        ),
        _ => Body::Merged(message(pieces)),
    };
    Request {
        signal,
        body,
        items: items(pieces),
    }
}

/// Returns one message with all pieces.
pub(super) fn message(pieces: &[Piece]) -> Bytes {
    let mut metrics = pieces.iter().filter_map(|piece| match &piece.content {
        Content::Metrics(message, _) => Some(message),
        Content::Traces(_) => None,
    });
    let Some(first) = metrics.next() else {
        return merged(pieces.iter().flat_map(Piece::chunks));
    };
    let mut message = BytesMut::from(&**first);
    metrics.for_each(|more| message.extend_from_slice(more));
    message.freeze()
}

/// Returns a message in which each resource and scope is written once, at its first occurrence.
fn merged<'a>(chunks: impl Iterator<Item = &'a Chunk>) -> Bytes {
    let chunks: Vec<Chunk> = chunks.cloned().collect();
    // No limit is needed: pieces are already no larger than a request, except those that cannot be
    // split.
    let mut requests = requests(&chunks, usize::MAX, Oversized::Refuse).requests;
    match requests.pop() {
        Some(request) if requests.is_empty() => request.body,
        Some(last) => {
            let bodies = requests.iter().map(|request| &*request.body);
            let bodies: Vec<&[u8]> = bodies.chain([&*last.body]).collect();
            bodies.concat().into()
        }
        None => Bytes::new(),
    }
}
