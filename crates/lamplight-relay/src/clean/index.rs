//! Indexes of the spans of each trace in payloads with many traces.
//!
//! A payload is passed once for each of its traces. Without an index, a payload with ten thousand
//! traces would be read ten thousand times; it is read once, and the index is kept while more of
//! its traces may be requested.

use std::{collections::HashMap, ops::Range, sync::Arc};

use bytes::Bytes;
use lamplight_otlp::{
    Malformed, Value,
    trace::{ResourceSpans, ScopeSpans, Span, field, messages},
};

use super::{assembly::Encoded, splice::fields};

/// Maximum size of indexed payloads in bytes, not including the last one, which may be larger.
const MOST: usize = 8 * 1024 * 1024;

/// The indexes of payloads.
#[derive(Debug, Default)]
pub(super) struct Indexes {
    /// Keyed by the address of the payload's bytes, which the index keeps alive.
    known: HashMap<(usize, usize), Arc<Index>>,
    bytes: usize,
}

impl Indexes {
    /// Returns the index of a payload, if there is one.
    pub(super) fn of(&self, payload: &Bytes) -> Option<Arc<Index>> {
        if self.known.is_empty() {
            return None;
        }
        self.known.get(&place(payload)).cloned()
    }

    pub(super) fn add(&mut self, index: Index) {
        let length = index.payload.len();
        if self.bytes + length > MOST {
            self.known.clear();
            self.bytes = 0;
        }
        self.bytes += length;
        self.known.insert(place(&index.payload), Arc::new(index));
    }
}

fn place(payload: &Bytes) -> (usize, usize) {
    (payload.as_ptr().addr(), payload.len())
}

/// The positions of each trace's spans in a payload.
#[derive(Debug)]
pub(super) struct Index {
    payload: Bytes,
    pub(super) scopes: Vec<ScopeAt>,
    /// Sorted by trace; the spans of a trace are in their original order.
    spans: Vec<SpanAt>,
}

/// The position of a part in a payload.
type Part = Range<u32>;

/// The positions of the data that spans share.
#[derive(Debug)]
pub(super) struct ScopeAt {
    /// The positions of the parts of [`ResourceSpans`] and of [`ScopeSpans`].
    resource: [Part; 3],
    scope: [Part; 3],
    pub(super) encoded: Encoded,
}

/// The position of a span.
#[derive(Debug)]
pub(super) struct SpanAt {
    trace: [u8; 16],
    /// The index of its scope.
    pub(super) scope: u32,
    /// Its field.
    field: Part,
}

impl Index {
    /// Reads a payload. `encode` encodes the resource and the scope of these messages.
    pub(super) fn new(
        payload: &Bytes,
        mut encode: impl FnMut(&[u8], &[u8]) -> Result<Encoded, Malformed>,
    ) -> Result<Self, Malformed> {
        let (mut scopes, mut spans) = (Vec::new(), Vec::new());
        let part = |bytes: &[u8]| part(payload, bytes);
        for resource_message in messages(payload, field::RESOURCE_SPANS) {
            let resource_message = resource_message?;
            let resource = ResourceSpans::new(resource_message)?;
            for scope_message in messages(resource_message, field::SCOPE_SPANS) {
                let scope_message = scope_message?;
                let scope = ScopeSpans::new(scope_message)?;
                let number = u32::try_from(scopes.len()).map_err(|_| Malformed::default())?;
                let start = part(scope_message)?.start;
                let before = spans.len();
                for field in fields(scope_message) {
                    let field = field?;
                    if let (2, Value::Bytes(span)) = (field.number, field.value)
                        && let Ok(span) = Span::new(span)
                        && let Ok(trace) = span.trace_id.try_into()
                    {
                        spans.push(SpanAt {
                            trace,
                            scope: number,
                            field: start + field.start as u32..start + field.end as u32,
                        });
                    }
                }
                if before < spans.len() {
                    let (a, b, c) = (resource.message, resource.resource, resource.schema_url);
                    let (d, e, f) = (scope.message, scope.scope, scope.schema_url);
                    scopes.push(ScopeAt {
                        resource: [part(a)?, part(b)?, part(c)?],
                        scope: [part(d)?, part(e)?, part(f)?],
                        encoded: encode(resource_message, scope_message)?,
                    });
                }
            }
        }
        spans.sort_unstable_by_key(|span: &SpanAt| (span.trace, span.field.start));
        let payload = payload.clone();
        Ok(Self {
            payload,
            scopes,
            spans,
        })
    }

    /// Returns the spans of a trace, in their order.
    pub(super) fn of(&self, trace: [u8; 16]) -> &[SpanAt] {
        let start = self.spans.partition_point(|span| span.trace < trace);
        let rest = self.spans.get(start..).unwrap_or_default();
        let length = rest.partition_point(|span| span.trace == trace);
        rest.get(..length).unwrap_or_default()
    }
}

impl ScopeAt {
    /// Returns views of the resource and the scope.
    pub(super) fn views<'p>(&self, payload: &'p [u8]) -> (ResourceSpans<'p>, ScopeSpans<'p>) {
        let bytes = |part: &Part| slice(payload, part);
        let [message, content, schema_url] = &self.resource;
        let mut resource = ResourceSpans::default();
        resource.message = bytes(message);
        resource.resource = bytes(content);
        resource.schema_url = bytes(schema_url);
        let [message, content, schema_url] = &self.scope;
        let mut scope = ScopeSpans::default();
        scope.message = bytes(message);
        scope.scope = bytes(content);
        scope.schema_url = bytes(schema_url);
        (resource, scope)
    }
}

impl SpanAt {
    /// Returns the position of its field.
    pub(super) fn at(&self) -> (usize, usize) {
        (self.field.start as usize, self.field.end as usize)
    }

    /// Returns a view of the span.
    pub(super) fn view<'p>(&self, payload: &'p [u8]) -> Result<Span<'p>, Malformed> {
        match fields(slice(payload, &self.field)).next() {
            Some(Ok(field)) => match field.value {
                Value::Bytes(span) => Span::new(span),
                _ => Err(Malformed::default()),
            },
            _ => Err(Malformed::default()),
        }
    }
}

/// Returns the position of a part in a payload.
fn part(payload: &[u8], bytes: &[u8]) -> Result<Part, Malformed> {
    if bytes.is_empty() {
        return Ok(0..0);
    }
    let start = bytes.as_ptr().addr().wrapping_sub(payload.as_ptr().addr());
    let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(start + bytes.len())) else {
        return Err(Malformed::default());
    };
    Ok(start..end)
}

fn slice<'p>(payload: &'p [u8], part: &Part) -> &'p [u8] {
    let range = part.start as usize..part.end as usize;
    payload.get(range).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use lamplight_otlp::Writer;

    use super::*;
    use crate::clean::{Cleaner, Stamp};

    fn trace(number: u8) -> [u8; 16] {
        [number; 16]
    }

    /// Returns a payload of three resources, each with spans of these traces in turn.
    fn payload(traces: u8, spans: u64) -> Bytes {
        let mut writer = Writer::default();
        for resource in [b"c", b"b", b"a"] {
            writer.message(1, |writer| {
                writer.message(2, |writer| {
                    for span in 0..spans {
                        writer.message(2, |writer| {
                            let id = (span << 8 | u64::from(resource[0])) + 1;
                            writer.bytes(2, &id.to_be_bytes());
                            writer.bytes(1, &trace((span % u64::from(traces)) as u8 + 1));
                        });
                    }
                    writer.message(1, |writer| writer.bytes(1, b"scope"));
                });
                writer.message(1, |writer| {
                    writer.message(1, |writer| {
                        writer.message(2, |writer| writer.bytes(1, resource));
                        writer.bytes(1, b"service.name");
                    });
                });
            });
        }
        writer.into_bytes().into()
    }

    #[test]
    fn a_payload_that_is_remembered_gives_what_it_gives_when_it_is_read() {
        let payloads = [payload(3, 10), payload(2, 5)];
        let mut cleaner = Cleaner::builder().build().unwrap();
        for _ in 0..2 {
            for number in 1..=4 {
                let stamp = Stamp::new(trace(number), None).rule("rule");
                let new = cleaner.clone().clean(&stamp, &payloads);
                assert_eq!(cleaner.clean(&stamp, &payloads), new, "{number}");
                let spans: usize = new.iter().map(|chunk| chunk.count).sum();
                // Some spans of the second payload have the ids of spans in the first one.
                assert_eq!(spans > 0, number < 4);
            }
        }
        assert_eq!(cleaner.take_stats().malformed, 0);
    }

    #[test]
    fn a_payload_of_as_many_traces_as_spans_is_read_once() {
        let mut writer = Writer::default();
        let count = 40_000_u128;
        writer.message(1, |writer| {
            writer.message(2, |writer| {
                for id in 1..=count {
                    writer.message(2, |writer| {
                        writer.bytes(2, &[7; 8]);
                        writer.bytes(1, &id.to_be_bytes());
                    });
                }
            });
        });
        let payload = Bytes::from(writer.into_bytes());
        let mut cleaner = Cleaner::builder().build().unwrap();
        for id in 1..=count {
            let chunks = cleaner.clean(&Stamp::new(id.to_be_bytes(), None), [&payload]);
            let [chunk] = chunks.as_slice() else {
                panic!("{chunks:?}");
            };
            assert_eq!(chunk.count, 1);
        }
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let mut cleaner = Cleaner::builder().build().unwrap();
        let all: Vec<Bytes> = (0..4).map(|_| payload(2, 60_000)).collect();
        for payload in &all {
            cleaner.clean(&Stamp::new(trace(1), None), [payload]);
            assert!(cleaner.indexes().bytes <= MOST.max(payload.len()));
        }
        let known = cleaner.indexes().known.len();
        assert!((1..4).contains(&known), "{known}");
    }
}
