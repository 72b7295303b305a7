//! Addition of spans.

use std::sync::Arc;

use lamplight_otlp::trace::{ResourceSpans, ScopeSpans, field, messages};
use rusqlite::Connection;

use super::{
    cached::Cached,
    entry::Entry,
    filter::BLOCK,
    hash::hash,
    number::{count, ordered},
    origin::{Source, Uses, with_facts},
    write::{Insert, Row, Traces},
};
use crate::{
    span::{Resource, Scope, Span},
    store::{Added, StoreError},
};

/// Adds the spans of a request.
pub(super) fn add(
    connection: &Connection,
    cached: &mut Cached,
    request: &[u8],
    now: u64,
) -> Result<Added, StoreError> {
    let mut adding = Adding {
        connection,
        insert: Insert::new(connection)?,
        traces: Traces::new(connection)?,
        uses: Uses::default(),
        added: Added::default(),
        cached,
    };
    for resource in ResourceSpans::of(request) {
        let Ok(view) = resource else {
            adding.added.refused += 1;
            continue;
        };
        let resource = Resource::decode(view.resource, view.schema_url).map(Arc::new);
        for scope in view.scope_spans() {
            let Ok(scope) = scope else {
                adding.added.refused += 1;
                continue;
            };
            adding.scope(&view, resource.as_ref().ok(), &scope)?;
        }
    }
    let Adding {
        traces,
        uses,
        added,
        ..
    } = adding;
    uses.store(connection)?;
    cached.totals.traces += traces.store(connection, now)?;
    Ok(added)
}

/// A request being added.
struct Adding<'c, 'a> {
    connection: &'c Connection,
    insert: Insert<'c>,
    traces: Traces<'c>,
    uses: Uses,
    added: Added,
    cached: &'a mut Cached,
}

impl Adding<'_, '_> {
    /// Adds the spans of a scope; refuses them if their resource or scope is invalid.
    fn scope(
        &mut self,
        of: &ResourceSpans<'_>,
        resource: Option<&Arc<Resource>>,
        view: &ScopeSpans<'_>,
    ) -> Result<(), StoreError> {
        let source = Source {
            resource: of.resource,
            resource_schema: of.schema_url,
            scope: view.scope,
            scope_schema: view.schema_url,
        };
        let scope = Scope::decode(view.scope, view.schema_url).map(Arc::new);
        let hash = source.hash();
        for message in messages(view.message, field::SPANS) {
            let span = match (message, resource, &scope) {
                (Ok(message), Some(resource), Ok(scope)) => {
                    let span = Span::decode(message, Arc::clone(resource), Arc::clone(scope));
                    span.ok().map(|span| (message, span))
                }
                _ => None,
            };
            match span {
                Some((message, span)) => self.span(message, &span, &source, hash)?,
                None => self.added.refused += 1,
            }
        }
        Ok(())
    }

    fn span(
        &mut self,
        message: &[u8],
        span: &Span,
        source: &Source<'_>,
        of_source: u64,
    ) -> Result<(), StoreError> {
        let cached = &mut *self.cached;
        let entry = Entry::of(span);
        let of_origin = with_facts(of_source, &entry.facts);
        let row = Row {
            id: cached.next_id,
            trace: self.traces.number(span.trace_id, &mut cached.next_trace)?,
            origin: (cached.origins).id(self.connection, of_origin, source, &entry.facts)?,
            hash: hash(of_origin, message),
        };
        if !self.insert.insert(row, span, &entry, message)? {
            self.added.again += 1;
            return Ok(());
        }
        self.added.new += 1;
        cached.newest = cached.newest.map(|newest| newest.max(ordered(span.start)));
        self.traces.count(span, &entry, row.id, message.len());
        self.uses.add(row.origin, 1);
        cached.totals.bytes += count(message.len());
        cached.open.add(span, entry.class(), row.origin);
        cached.next_id += 1;
        if cached.next_id % BLOCK == 0 {
            cached.open.store(self.connection, row.id / BLOCK)?;
        }
        Ok(())
    }
}
