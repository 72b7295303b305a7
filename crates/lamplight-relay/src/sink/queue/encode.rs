//! Requests of pieces.

use std::collections::HashMap;

use bytes::{Bytes, BytesMut};
use lamplight_otlp::Writer;

use super::piece::{Piece, items};
use crate::{
    clean::Chunk,
    sink::{
        parcel::Content,
        request::{Body, Layout, Request, Signal, TraceBody},
    },
};

/// Returns the request that has all of these, which are of one signal.
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

/// Returns one message of all of these.
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

/// The spans of one scope, in their order.
type Spans<'a> = (&'a [u8], Vec<&'a [u8]>);

/// Returns a message in which each resource and scope is written once, where it comes first.
fn merged<'a>(chunks: impl Iterator<Item = &'a Chunk>) -> Bytes {
    let mut resources: Vec<(&[u8], Vec<Spans<'_>>)> = Vec::new();
    let mut places: HashMap<(&[u8], &[u8]), (usize, usize)> = HashMap::new();
    let mut of_resource: HashMap<&[u8], usize> = HashMap::new();
    let mut length = 0;
    for chunk in chunks {
        length += chunk.len() + 24;
        let resource = *of_resource.entry(&chunk.resource).or_insert_with(|| {
            resources.push((&chunk.resource, Vec::new()));
            resources.len() - 1
        });
        let Some((_, scopes)) = resources.get_mut(resource) else {
            continue;
        };
        let (_, scope) = *places
            .entry((&chunk.resource, &chunk.scope))
            .or_insert_with(|| {
                scopes.push((&chunk.scope, Vec::new()));
                (resource, scopes.len() - 1)
            });
        if let Some((_, spans)) = scopes.get_mut(scope) {
            spans.push(&chunk.spans);
        }
    }
    let mut writer = Writer::with_capacity(length);
    for (resource, scopes) in resources.iter().rev() {
        writer.message(1, |writer| {
            for (scope, spans) in scopes.iter().rev() {
                writer.message(2, |writer| {
                    spans.iter().rev().for_each(|spans| writer.raw(spans));
                    writer.raw(scope);
                });
            }
            writer.raw(resource);
        });
    }
    writer.into_bytes().into()
}
