//! Combination of chunks to requests.

use std::{collections::HashMap, ops::Range};

use bytes::Bytes;
use lamplight_otlp::{
    Value,
    trace::{field, messages},
};

use super::{
    assembly::same,
    chunk::Chunk,
    cut::cut_down,
    splice::{bytes, field_len, fields, header},
};

/// Maximum overhead of a field: a key, and a length of up to 32 bits.
const AROUND: usize = 6;

/// Default maximum size of a request, in bytes. gRPC endpoints refuse messages of more than 4 MiB
/// by default.
pub const DEFAULT_MAX_REQUEST: usize = 3_584 * 1_024;

/// The handling of a span that is too large for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Oversized {
    /// Its longest values are truncated, then links and events are dropped and counted, until it
    /// fits. It is refused if that is not enough.
    #[default]
    CutDown,
    /// It is refused.
    Refuse,
}

/// An encoded `ExportTraceServiceRequest`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// The message.
    pub body: Bytes,
    /// Number of spans.
    pub spans: usize,
    /// The indices of the chunks whose spans it contains. A chunk that was split is in several
    /// requests.
    pub chunks: Range<usize>,
}

/// Spans that do not fit into any request: a single span that is too large, or all spans of a chunk
/// whose resource is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// The index of their chunk.
    pub chunk: usize,
    /// The spans in full, for a dead letter.
    pub spans: Chunk,
}

/// The result of combining chunks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Requests {
    /// Requests within the size limit.
    pub requests: Vec<Request>,
    /// Spans that do not fit into any request.
    pub refused: Vec<Refused>,
    /// Number of spans that were cut down.
    pub cut_down: usize,
}

/// Returns requests with the spans of all chunks, each of at most `max_bytes`.
///
/// Equal resources and scopes occur once per request, at the place of the first one; spans of one
/// scope keep their order. A chunk that fits into a request is not split. A span that is too large
/// does not affect other spans.
pub fn requests(chunks: &[Chunk], max_bytes: usize, oversized: Oversized) -> Requests {
    let mut packing = Packing {
        max_bytes,
        oversized,
        open: Open::default(),
        done: Requests::default(),
    };
    for (index, chunk) in chunks.iter().enumerate() {
        packing.add(index, chunk);
    }
    packing.close();
    packing.done
}

impl Chunk {
    /// Returns a request with only these spans, whatever its size.
    pub fn request(&self) -> Bytes {
        let mut open = Open::default();
        open.add(0, self, self.spans.clone(), self.count);
        open.body()
    }

    /// Returns a single span reduced so far that a request with it has at most `max_bytes`. Returns
    /// `None` if not even a minimal span fits, or if there are several spans.
    pub(crate) fn cut_down(&self, max_bytes: usize) -> Option<Self> {
        let mut spans = messages(&self.spans, field::SPANS);
        let (Some(Ok(span)), None) = (spans.next(), spans.next()) else {
            return None;
        };
        let less = cut_down(span, max_bytes.checked_sub(self.around() + AROUND)?)?;
        Some(self.with_span(&less))
    }

    fn with_span(&self, span: &[u8]) -> Self {
        let mut spans = Vec::with_capacity(field_len(span.len()));
        bytes(&mut spans, field::SPANS, span);
        Self {
            spans: spans.into(),
            count: 1,
            ..self.clone()
        }
    }

    /// Returns the maximum overhead of a request with only these spans.
    fn around(&self) -> usize {
        2 * AROUND + self.resource.len() + self.scope.len()
    }
}

/// Requests under construction.
struct Packing {
    max_bytes: usize,
    oversized: Oversized,
    open: Open,
    done: Requests,
}

impl Packing {
    fn add(&mut self, index: usize, chunk: &Chunk) {
        if chunk.around() + chunk.spans.len() > self.max_bytes {
            self.split(index, chunk);
            return;
        }
        self.make_room(chunk, chunk.spans.len());
        self.open
            .add(index, chunk, chunk.spans.clone(), chunk.count);
    }

    /// Starts another request if there is no room for spans of this size.
    fn make_room(&mut self, chunk: &Chunk, length: usize) {
        // Includes the chunk's resource and scope, which may already be in the request.
        if self.open.size + chunk.around() + length > self.max_bytes {
            self.close();
        }
    }

    /// Adds the spans of a chunk that is too large for one request.
    fn split(&mut self, index: usize, chunk: &Chunk) {
        let Some(room) = self.max_bytes.checked_sub(chunk.around()) else {
            self.refuse(index, chunk.clone());
            return;
        };
        let (mut start, mut end, mut count) = (0, 0, 0);
        for field in fields(&chunk.spans).map_while(Result::ok) {
            let Value::Bytes(span) = field.value else {
                continue;
            };
            if field.end - start > room {
                self.part(index, chunk, start..end, count);
                (start, count) = (field.start, 0);
            }
            end = field.end;
            count += 1;
            if field.end - field.start > room {
                self.too_large(index, chunk, span, field.start..field.end, room);
                (start, count) = (field.end, 0);
            }
        }
        self.part(index, chunk, start..end, count);
    }

    fn part(&mut self, index: usize, chunk: &Chunk, range: Range<usize>, count: usize) {
        if count > 0 {
            let spans = part(&chunk.spans, range);
            self.make_room(chunk, spans.len());
            self.open.add(index, chunk, spans, count);
        }
    }

    fn too_large(
        &mut self,
        index: usize,
        chunk: &Chunk,
        span: &[u8],
        range: Range<usize>,
        room: usize,
    ) {
        let less = match self.oversized {
            Oversized::CutDown => cut_down(span, room.saturating_sub(AROUND)),
            Oversized::Refuse => None,
        };
        let Some(less) = less else {
            let spans = part(&chunk.spans, range);
            let count = 1;
            self.refuse(
                index,
                Chunk {
                    spans,
                    count,
                    ..chunk.clone()
                },
            );
            return;
        };
        let less = chunk.with_span(&less);
        self.make_room(chunk, less.spans.len());
        self.open.add(index, chunk, less.spans, 1);
        self.done.cut_down += 1;
    }

    fn refuse(&mut self, chunk: usize, spans: Chunk) {
        self.done.refused.push(Refused { chunk, spans });
    }

    fn close(&mut self) {
        let open = std::mem::take(&mut self.open);
        if let (Some(chunks), true) = (open.chunks.clone(), open.spans > 0) {
            self.done.requests.push(Request {
                body: open.body(),
                spans: open.spans,
                chunks,
            });
        }
    }
}

/// Returns a part of the spans of a chunk.
fn part(spans: &Bytes, range: Range<usize>) -> Bytes {
    match spans.get(range) {
        Some(part) => spans.slice_ref(part),
        None => Bytes::new(),
    }
}

/// Number of addresses in the cache: as many as the number of resources that a
/// [`Cleaner`](super::Cleaner) caches.
const NEAR: usize = 64;

/// A request under construction.
#[derive(Debug, Default)]
struct Open {
    resources: Vec<Resource>,
    /// Indices of resources.
    places: HashMap<Bytes, usize>,
    /// Indices of resources by their addresses: nearly all resources are already there.
    near: Vec<usize>,
    /// An upper bound of the size.
    size: usize,
    spans: usize,
    chunks: Option<Range<usize>>,
}

#[derive(Debug)]
struct Resource {
    resource: Bytes,
    scopes: Vec<Scope>,
    /// Indices of scopes, once there are more than [`FEW`].
    places: HashMap<Bytes, usize>,
}

/// Number of scopes to compare one by one. A resource has a few, one for each library.
const FEW: usize = 8;

#[derive(Debug)]
struct Scope {
    scope: Bytes,
    spans: Vec<Bytes>,
}

impl Open {
    fn add(&mut self, index: usize, chunk: &Chunk, spans: Bytes, count: usize) {
        let start = self.chunks.as_ref().map_or(index, |chunks| chunks.start);
        self.chunks = Some(start..index + 1);
        self.spans += count;
        self.size += spans.len();
        let place = self.place(&chunk.resource);
        let Some(resource) = self.resources.get_mut(place) else {
            return;
        };
        match resource.scope(&chunk.scope) {
            Some(scope) => scope.spans.push(spans),
            None => {
                self.size += AROUND + chunk.scope.len();
                resource.add(Scope {
                    scope: chunk.scope.clone(),
                    spans: vec![spans],
                });
            }
        }
    }

    /// Returns the index of a resource; adds the resource if necessary.
    fn place(&mut self, resource: &Bytes) -> usize {
        self.near.resize(NEAR, usize::MAX);
        let near = self.near.get_mut(resource.as_ptr().addr() / 16 % NEAR);
        let known = near.as_ref().map_or(usize::MAX, |near| **near);
        // The request keeps the bytes alive, so equal addresses mean equal bytes.
        if let Some(known) = self.resources.get(known)
            && (known.resource.as_ptr(), known.resource.len())
                == (resource.as_ptr(), resource.len())
        {
            return near.map_or(usize::MAX, |near| *near);
        }
        let place = *self.places.entry(resource.clone()).or_insert_with(|| {
            self.size += AROUND + resource.len();
            self.resources.push(Resource {
                resource: resource.clone(),
                scopes: Vec::new(),
                places: HashMap::new(),
            });
            self.resources.len() - 1
        });
        if let Some(near) = near {
            *near = place;
        }
        place
    }

    fn body(&self) -> Bytes {
        let mut body = Vec::with_capacity(self.size);
        for resource in &self.resources {
            let scopes = resource.scopes.iter().map(|scope| field_len(scope.len()));
            header(
                &mut body,
                1,
                resource.resource.len() + scopes.sum::<usize>(),
            );
            body.extend_from_slice(&resource.resource);
            for scope in &resource.scopes {
                header(&mut body, 2, scope.len());
                body.extend_from_slice(&scope.scope);
                scope
                    .spans
                    .iter()
                    .for_each(|spans| body.extend_from_slice(spans));
            }
        }
        body.into()
    }
}

impl Resource {
    fn scope(&mut self, wanted: &Bytes) -> Option<&mut Scope> {
        let place = match self.places.is_empty() {
            true => self.scopes.iter().position(|it| same(&it.scope, wanted))?,
            false => *self.places.get(wanted)?,
        };
        self.scopes.get_mut(place)
    }

    fn add(&mut self, scope: Scope) {
        self.scopes.push(scope);
        if self.scopes.len() > FEW {
            // All of them the first time, then only the last one.
            let known = self.places.len();
            let more = self.scopes.iter().enumerate().skip(known);
            let more = more.map(|(place, scope)| (scope.scope.clone(), place));
            self.places.extend(more);
        }
    }
}

impl Scope {
    fn len(&self) -> usize {
        self.scope.len() + self.spans.iter().map(Bytes::len).sum::<usize>()
    }
}
