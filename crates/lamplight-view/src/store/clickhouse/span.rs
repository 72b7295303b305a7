//! Spans as rows.

use std::{collections::HashMap, sync::Arc};

use super::{client::Column, rows::Row, value::typed};
use crate::span::{
    Attribute, Attributes, Event, Kind, Link, Resource, Scope, Span, SpanId, SpanRef, Status,
    TraceId,
};

/// The start of a span as `Int64`, in nanoseconds since 1970.
pub(super) const START: &str = "toUnixTimestamp64Nano(Timestamp)";

/// The duration of a span as `UInt64`. Older tables have `Int64`.
pub(super) const DURATION: &str = "toUInt64(greatest(Duration, 0))";

/// The attributes to read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part<'a> {
    All,
    /// Only those with these keys, neither events nor links.
    Keys(&'a str),
}

/// Returns the columns of spans. `has_scope` is false for older tables.
pub(super) fn columns(part: Part<'_>, has_scope: bool) -> Vec<Column<'static>> {
    let map = |column: &str| match part {
        Part::All => column.to_owned(),
        Part::Keys(keys) => format!(
            "arrayFilter(it -> it.1 IN ({keys}), CAST({column}, 'Array(Tuple(String, String))'))"
        ),
    };
    let scope = |column: &str| if has_scope { column } else { "''" }.to_owned();
    let plain = |name, column: &str| (name, column.to_owned());
    let mut columns = vec![
        plain("start", START),
        plain("duration", DURATION),
        plain("trace", "TraceId"),
        plain("span", "SpanId"),
        plain("parent", "ParentSpanId"),
        plain("state", "TraceState"),
        plain("name", "SpanName"),
        plain("kind", "SpanKind"),
        plain("status", "StatusCode"),
        plain("message", "StatusMessage"),
        ("resource", map("ResourceAttributes")),
        ("scope", scope("ScopeName")),
        ("version", scope("ScopeVersion")),
        ("attributes", map("SpanAttributes")),
    ];
    if matches!(part, Part::All) {
        columns.extend([
            plain(
                "event_times",
                "arrayMap(it -> toUnixTimestamp64Nano(it), Events.Timestamp)",
            ),
            plain("event_names", "Events.Name"),
            plain("event_attributes", "Events.Attributes"),
            plain("link_traces", "Links.TraceId"),
            plain("link_spans", "Links.SpanId"),
            plain("link_states", "Links.TraceState"),
            plain("link_attributes", "Links.Attributes"),
        ]);
    }
    columns
}

/// A reader of rows, which shares what spans have in common.
#[derive(Debug, Default)]
pub(super) struct Reader<'a> {
    resources: HashMap<&'a [u8], Arc<Resource>>,
    scopes: HashMap<(&'a [u8], &'a [u8]), Arc<Scope>>,
}

impl<'a> Reader<'a> {
    /// Takes a span with the columns that [`columns`] returns.
    pub(super) fn span(&mut self, row: &mut Row<'a>, part: Part<'_>) -> Option<Span> {
        let mut span = Span::empty(Arc::default(), Arc::default());
        span.start = row.time()?;
        span.end = span.start.saturating_add(row.count()?);
        span.trace_id = trace(row.bytes()?);
        span.span_id = id(row.bytes()?);
        span.parent = Some(id(row.bytes()?)).filter(SpanId::is_valid);
        span.trace_state = row.text()?;
        span.name = row.text()?;
        span.kind = kind(&row.text()?);
        span.status = status(&row.text()?);
        span.status_message = row.text()?;
        let (bytes, of_resource) = row.spanned(attributes)?;
        let resource = self.resources.entry(bytes).or_insert_with(|| {
            Arc::new(Resource {
                attributes: of_resource,
                ..Resource::default()
            })
        });
        span.resource = Arc::clone(resource);
        let (name, version) = (row.bytes()?, row.bytes()?);
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let scope = self.scopes.entry((name, version)).or_insert_with(|| {
            Arc::new(Scope {
                name: text(name),
                version: text(version),
                ..Scope::default()
            })
        });
        span.scope = Arc::clone(scope);
        span.attributes = attributes(row)?;
        if matches!(part, Part::All) {
            span.events = events(row)?;
            span.links = links(row)?;
        }
        Some(span)
    }
}

/// Takes a map of attributes.
fn attributes(row: &mut Row<'_>) -> Option<Attributes> {
    let attributes = row.list(|row| {
        let key = row.text()?;
        let value = typed(&key, row.text()?);
        Some(Attribute { key, value })
    })?;
    Some(Attributes(attributes))
}

fn events(row: &mut Row<'_>) -> Option<Vec<Event>> {
    let times = row.list(Row::time)?;
    let names = row.list(Row::text)?;
    let attributes = row.list(attributes)?;
    let all = times.into_iter().zip(names).zip(attributes);
    let event = |((time, name), attributes)| Event {
        attributes,
        ..Event::new(time, name)
    };
    Some(all.map(event).collect())
}

fn links(row: &mut Row<'_>) -> Option<Vec<Link>> {
    let traces = row.list(|row| row.bytes().map(trace))?;
    let spans = row.list(|row| row.bytes().map(id))?;
    let states = row.list(Row::text)?;
    let attributes = row.list(attributes)?;
    let ids = traces.into_iter().zip(spans);
    let link = |(((trace, span), trace_state), attributes)| Link {
        trace_state,
        attributes,
        ..Link::new(SpanRef { trace, span })
    };
    Some(ids.zip(states).zip(attributes).map(link).collect())
}

/// Returns the id of a trace, from hexadecimal digits; zeros if they are invalid.
pub(super) fn trace(digits: &[u8]) -> TraceId {
    let digits = std::str::from_utf8(digits).unwrap_or_default();
    TraceId::from_hex(digits).unwrap_or_default()
}

fn id(digits: &[u8]) -> SpanId {
    let digits = std::str::from_utf8(digits).unwrap_or_default();
    SpanId::from_hex(digits).unwrap_or_default()
}

/// Returns the kind with this name. Older rows have names with a prefix.
fn kind(name: &str) -> Kind {
    let name = name.strip_prefix("SPAN_KIND_").unwrap_or(name);
    let all = [
        Kind::Internal,
        Kind::Server,
        Kind::Client,
        Kind::Producer,
        Kind::Consumer,
    ];
    let found = all
        .into_iter()
        .find(|kind| kind.name().eq_ignore_ascii_case(name));
    found.unwrap_or_default()
}

/// Returns the status with this name, as [`kind`].
fn status(name: &str) -> Status {
    let name = name.strip_prefix("STATUS_CODE_").unwrap_or(name);
    match name {
        _ if name.eq_ignore_ascii_case("error") => Status::Error,
        _ if name.eq_ignore_ascii_case("ok") => Status::Ok,
        _ => Status::Unset,
    }
}

/// The number of spans with the same id that are compared, to find copies.
const COMPARED: usize = 100;

/// Returns spans without exact copies, each with the number of its occurrences.
pub(super) fn without_copies(spans: Vec<Span>) -> Vec<Span> {
    let mut places = HashMap::<SpanRef, Vec<usize>>::new();
    let mut distinct = Vec::<Span>::with_capacity(spans.len());
    for span in spans {
        let same = places.entry(span.id()).or_default();
        let copy = same.iter().rev().take(COMPARED).copied().find(|place| {
            let known = distinct.get(*place);
            known.is_some_and(|known| is_copy(known, &span))
        });
        match copy.and_then(|place| distinct.get_mut(place)) {
            Some(known) => known.times = known.times.saturating_add(1),
            None => {
                same.push(distinct.len());
                distinct.push(span);
            }
        }
    }
    distinct
}

/// Returns whether two spans are equal, apart from the number of their occurrences.
pub(super) fn is_copy(one: &Span, other: &Span) -> bool {
    let Span {
        trace_id,
        span_id,
        parent,
        trace_state,
        flags,
        name,
        kind,
        start,
        end,
        status,
        status_message,
        attributes,
        dropped_attributes,
        events,
        dropped_events,
        links,
        dropped_links,
        resource,
        scope,
        times: _,
    } = one;
    (start, end, trace_id, span_id, parent)
        == (
            &other.start,
            &other.end,
            &other.trace_id,
            &other.span_id,
            &other.parent,
        )
        && (name, kind, status, status_message)
            == (
                &other.name,
                &other.kind,
                &other.status,
                &other.status_message,
            )
        && (trace_state, flags) == (&other.trace_state, &other.flags)
        && (attributes, events, links) == (&other.attributes, &other.events, &other.links)
        && (dropped_attributes, dropped_events, dropped_links)
            == (
                &other.dropped_attributes,
                &other.dropped_events,
                &other.dropped_links,
            )
        && (resource, scope) == (&other.resource, &other.scope)
}
