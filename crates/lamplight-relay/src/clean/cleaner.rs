//! Cleaning and encoding of a trace's spans.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use bytes::Bytes;
use lamplight_otlp::{
    Malformed, Value,
    trace::{Place, ResourceSpans, ScopeSpans, Span, field, messages},
};

use super::{
    assembly::{Assembly, Encoded},
    chunk::Chunk,
    config::Config,
    header::{Header, Headers},
    index::{Index, Indexes},
    marks::{Marks, Stamp},
    seen::Seen,
    span::Edited,
    splice::fields,
    stats::CleanStats,
    workshop::{Kind, RESOURCE, SCOPE, Workshop},
};

/// Encodes kept traces for delivery. See the [module](super).
///
/// A cleaner reuses its buffers, so use one for many traces; clones share the settings.
#[derive(Debug)]
pub struct Cleaner {
    workshop: Workshop,
    headers: Headers,
    indexes: Indexes,
    marks: Marks,
}

/// The spans of a payload to include.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    Trace([u8; 16]),
    Untraced,
    All,
}

impl Wanted {
    fn has(self, span: &Span<'_>) -> bool {
        match self {
            Self::Trace(id) => span.trace_id == id,
            Self::Untraced => span.valid_trace_id().is_none(),
            Self::All => true,
        }
    }
}

/// The data that all spans of a scope share.
struct Around<'v, 'a> {
    place: Place<'v, 'a>,
    wanted: Wanted,
}

impl Cleaner {
    pub(super) fn new(config: Arc<Config>) -> Self {
        Self {
            marks: Marks::new(config.sample_rate.as_deref()),
            workshop: Workshop::new(config),
            headers: Headers::default(),
            indexes: Indexes::default(),
        }
    }

    /// Returns the spans of a trace, cleaned and marked. `payloads` are the
    /// `ExportTraceServiceRequest`s that contained them; spans of other traces in them are ignored.
    ///
    /// If consecutive spans are unchanged, the chunk shares their bytes.
    pub fn clean<'p>(
        &mut self,
        stamp: &Stamp<'_>,
        payloads: impl IntoIterator<Item = &'p Bytes>,
    ) -> Vec<Chunk> {
        let marks = self.workshop.config.marks;
        self.marks.begin(marks.then_some(stamp));
        self.payloads(Wanted::Trace(stamp.trace_id), payloads)
    }

    /// Returns the spans with invalid trace ids, cleaned. They are not marked, since no decision
    /// was made about them, and not deduplicated.
    pub fn clean_untraced<'p>(
        &mut self,
        payloads: impl IntoIterator<Item = &'p Bytes>,
    ) -> Vec<Chunk> {
        self.marks.begin(None);
        self.payloads(Wanted::Untraced, payloads)
    }

    /// Cleans spans that have been cleaned before once more, for the settings of a single sink.
    /// They keep their marks, from which sample rates are computed.
    pub fn refine(&mut self, chunks: &[Chunk]) -> Vec<Chunk> {
        if self.workshop.config.does_nothing_more() {
            return chunks.to_vec();
        }
        self.marks.begin(None);
        let mut assembly = Assembly::new(self.workshop.pool.take());
        for chunk in chunks {
            if self.again(chunk, &mut assembly).is_err() {
                self.workshop.stats.malformed += chunk.count as u64;
            }
        }
        let (chunks, buffer) = assembly.finish();
        self.workshop.pool.give(buffer);
        chunks
    }

    /// Returns the counters since the last call.
    pub fn take_stats(&mut self) -> CleanStats {
        std::mem::take(&mut self.workshop.stats)
    }

    fn payloads<'p>(
        &mut self,
        wanted: Wanted,
        payloads: impl IntoIterator<Item = &'p Bytes>,
    ) -> Vec<Chunk> {
        let mut seen = Seen::default();
        let mut assembly = Assembly::new(self.workshop.pool.take());
        for payload in payloads {
            if let Wanted::Trace(trace) = wanted
                && let Some(index) = self.indexes.of(payload)
            {
                self.indexed(&index, trace, payload, &mut seen, &mut assembly);
                continue;
            }
            let mut has_others = false;
            for resource in messages(payload, field::RESOURCE_SPANS) {
                let spans = resource
                    .and_then(|r| self.resource(wanted, payload, r, &mut seen, &mut assembly));
                match spans {
                    Ok(others) => has_others |= others,
                    Err(Malformed { .. }) => self.workshop.stats.malformed += 1,
                }
            }
            if has_others && matches!(wanted, Wanted::Trace(_)) {
                self.remember(payload);
            }
        }
        let (chunks, buffer) = assembly.finish();
        self.workshop.pool.give(buffer);
        chunks
    }

    /// Adds the spans of a trace from a payload that was indexed before.
    fn indexed<'p>(
        &mut self,
        index: &Index,
        trace: [u8; 16],
        payload: &'p Bytes,
        seen: &mut Seen<'p>,
        assembly: &mut Assembly,
    ) {
        let wanted = Wanted::Trace(trace);
        for span_at in index.of(trace) {
            let (Some(scope_at), Ok(span)) = (
                index.scopes.get(span_at.scope as usize),
                span_at.view(payload),
            ) else {
                continue;
            };
            if self.is_first(&span, wanted, seen) {
                let (resource, scope) = scope_at.views(payload);
                let place = Place::new(&resource, &scope);
                let around = Around { place, wanted };
                let at = Some(span_at.at());
                self.span(&around, &scope_at.encoded, payload, at, &span, assembly);
            }
        }
    }

    /// Indexes a payload, since more of its traces may be requested next.
    fn remember(&mut self, payload: &Bytes) {
        let index = Index::new(payload, |resource, scope| {
            Ok(Encoded {
                resource: self.header(RESOURCE, &Header::new(resource)?)?,
                scope: self.header(SCOPE, &Header::new(scope)?)?,
            })
        });
        if let Ok(index) = index {
            self.indexes.add(index);
        }
    }

    #[cfg(test)]
    pub(super) fn indexes(&self) -> &Indexes {
        &self.indexes
    }

    /// Adds the spans to include of a resource. Returns whether there are other spans.
    fn resource<'p>(
        &mut self,
        wanted: Wanted,
        payload: &Bytes,
        message: &'p [u8],
        seen: &mut Seen<'p>,
        assembly: &mut Assembly,
    ) -> Result<bool, Malformed> {
        let mut has_others = false;
        let resource = ResourceSpans::new(message)?;
        // Encoded with the first span to include, since most spans of a record may belong to other
        // traces.
        let mut encoded_resource = None;
        for scope_message in messages(message, field::SCOPE_SPANS) {
            let scope_message = scope_message?;
            let scope = ScopeSpans::new(scope_message)?;
            let place = Place::new(&resource, &scope);
            let around = Around { place, wanted };
            let mut encoded = None;
            for field in fields(scope_message) {
                let field = field?;
                let (2, Value::Bytes(span)) = (field.number, field.value) else {
                    continue;
                };
                let Ok(span) = Span::new(span) else {
                    self.workshop.stats.malformed += 1;
                    continue;
                };
                if !around.wanted.has(&span) {
                    has_others = true;
                    continue;
                }
                if !self.is_first(&span, wanted, seen) {
                    continue;
                }
                if encoded.is_none() {
                    let resource = match &encoded_resource {
                        Some(resource) => Bytes::clone(resource),
                        None => self.header(RESOURCE, &Header::new(message)?)?,
                    };
                    encoded_resource = Some(resource.clone());
                    let scope = self.header(SCOPE, &Header::new(scope_message)?)?;
                    encoded = Some(Encoded { resource, scope });
                }
                if let Some(encoded) = &encoded {
                    let at = place_in(payload, scope_message, field.start, field.end);
                    self.span(&around, encoded, payload, at, &span, assembly);
                }
            }
        }
        Ok(has_others)
    }

    /// Cleans a chunk once more.
    fn again(&mut self, chunk: &Chunk, assembly: &mut Assembly) -> Result<(), Malformed> {
        let resource = ResourceSpans::new(&chunk.resource)?;
        let scope = ScopeSpans::new(&chunk.scope)?;
        let place = Place::new(&resource, &scope);
        let wanted = Wanted::All;
        let around = Around { place, wanted };
        let encoded = Encoded {
            resource: self.header(RESOURCE, &Header::new(&chunk.resource)?)?,
            scope: self.header(SCOPE, &Header::new(&chunk.scope)?)?,
        };
        for field in fields(&chunk.spans) {
            let field = field?;
            if let (2, Value::Bytes(span)) = (field.number, field.value) {
                let span = Span::new(span)?;
                let at = Some((field.start, field.end));
                self.span(&around, &encoded, &chunk.spans, at, &span, assembly);
            }
        }
        Ok(())
    }

    fn header(&mut self, kind: Kind, header: &Header<'_>) -> Result<Bytes, Malformed> {
        self.headers.encoded(&mut self.workshop, kind, header)
    }

    /// Returns whether a span is the first one with its id.
    fn is_first<'p>(&mut self, span: &Span<'p>, wanted: Wanted, seen: &mut Seen<'p>) -> bool {
        let (Wanted::Trace(_), Some(id)) = (wanted, span.valid_span_id()) else {
            return true;
        };
        let Some(first) = seen.first(id, span.message) else {
            return true;
        };
        let stats = &mut self.workshop.stats;
        if first == span.message {
            stats.duplicates += 1;
        } else {
            stats.conflicts += 1;
        }
        false
    }

    /// Adds a span to the output. `at` is the position of its field in `payload`.
    fn span(
        &mut self,
        around: &Around<'_, '_>,
        encoded: &Encoded,
        payload: &Bytes,
        at: Option<(usize, usize)>,
        span: &Span<'_>,
        assembly: &mut Assembly,
    ) {
        if self.is_left_out(around, span) {
            self.workshop.stats.left_out += 1;
            return;
        }
        let mut buffers = [(); 3].map(|()| self.workshop.pool.take());
        match self.cleaned(encoded, span, &mut buffers) {
            Ok(Out::New(new)) => {
                assembly.open(encoded);
                assembly.add(new);
                self.workshop.stats.spans += 1;
            }
            Ok(Out::Same) => {
                assembly.open(encoded);
                match at {
                    Some((start, end)) => assembly.share(payload, start..end),
                    None => assembly.add(span.message),
                }
                self.workshop.stats.spans += 1;
                self.workshop.stats.untouched += 1;
            }
            Ok(Out::Nothing) => {}
            Err(Malformed { .. }) => self.workshop.stats.malformed += 1,
        }
        buffers
            .into_iter()
            .for_each(|buffer| self.workshop.pool.give(buffer));
    }

    fn is_left_out(&self, around: &Around<'_, '_>, span: &Span<'_>) -> bool {
        let mut conditions = self.workshop.config.conditions.iter();
        conditions.any(|condition| {
            let holds = AssertUnwindSafe(|| condition.holds(around.place, span));
            catch_unwind(holds).unwrap_or(false)
        })
    }

    /// Returns the result for a span, in three steps, each with its own buffer.
    fn cleaned<'b>(
        &mut self,
        encoded: &Encoded,
        span: &Span<'b>,
        buffers: &'b mut [Vec<u8>; 3],
    ) -> Result<Out<'b>, Malformed> {
        let [cleaned, transformed, marked] = buffers;
        let mut span = *span;
        let mut out = Out::Same;
        if self.workshop.span(&span, cleaned)? {
            out = Out::New(cleaned);
            span = Span::new(cleaned)?;
        }
        if !self.workshop.config.transforms.is_empty() {
            match self
                .workshop
                .transformed(span.message, &encoded.resource, transformed)?
            {
                Edited::Same => {}
                Edited::LeftOut => return Ok(Out::Nothing),
                Edited::Changed => {
                    out = Out::New(transformed);
                    span = Span::new(transformed)?;
                }
            }
        }
        if self.marks.write(&span, marked)? {
            out = Out::New(marked);
        }
        Ok(out)
    }
}

/// The result for a span.
enum Out<'b> {
    Same,
    New(&'b [u8]),
    Nothing,
}

/// The clone has the same settings and its own counters.
impl Clone for Cleaner {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.workshop.config))
    }
}

/// Returns the position of a part of `message` in the payload.
fn place_in(payload: &[u8], message: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    let offset = message
        .as_ptr()
        .addr()
        .checked_sub(payload.as_ptr().addr())?;
    let is_inside = offset + message.len() <= payload.len();
    is_inside.then_some((offset + start, offset + end))
}
