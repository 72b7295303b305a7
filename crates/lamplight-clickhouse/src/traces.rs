//! Spans as rows of `otel_traces`.

use lamplight_otlp::{
    Fields, Malformed, Value,
    trace::{Attribute, ResourceSpans, ScopeSpans, Span, field},
};
use lamplight_semconv::service;

use crate::{
    TRACES_TABLE,
    attributes::Attributes,
    insert,
    native::{Block, List, Map, Maps, Numbers, Texts},
};

/// Columns that an insert names, in the order of the tables of the Collector's exporter.
pub const TRACE_COLUMNS: [&str; 22] = [
    "Timestamp",
    "TraceId",
    "SpanId",
    "ParentSpanId",
    "TraceState",
    "SpanName",
    "SpanKind",
    "ServiceName",
    "ResourceAttributes",
    "ScopeName",
    "ScopeVersion",
    "SpanAttributes",
    "Duration",
    "StatusCode",
    "StatusMessage",
    "Events.Timestamp",
    "Events.Name",
    "Events.Attributes",
    "Links.TraceId",
    "Links.SpanId",
    "Links.TraceState",
    "Links.Attributes",
];

/// Number of rows that were added, and of those that could not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Pushed {
    /// Rows added.
    pub rows: usize,
    /// Spans or data points left out because their bytes are malformed.
    pub malformed: usize,
}

/// A block of rows of `otel_traces` under construction.
///
/// ```
/// let mut block = lamplight_clickhouse::TraceBlock::default();
/// // An `ExportTraceServiceRequest` with one span, all of whose fields are missing.
/// let pushed = block.push(&[0x0a, 4, 0x12, 2, 0x12, 0]);
/// assert_eq!((pushed.rows, block.rows()), (1, 1));
/// let body = block.finish();
/// assert!(body.starts_with(&[22, 1])); // Columns and rows.
/// ```
#[derive(Debug, Default)]
pub struct TraceBlock {
    rows: usize,
    timestamp: Numbers,
    trace_id: Texts,
    span_id: Texts,
    parent_span_id: Texts,
    trace_state: Texts,
    span_name: Texts,
    span_kind: Texts,
    service_name: Texts,
    resource_attributes: Map,
    scope_name: Texts,
    scope_version: Texts,
    span_attributes: Map,
    duration: Numbers,
    status_code: Texts,
    status_message: Texts,
    events: List,
    event_timestamp: Numbers,
    event_name: Texts,
    event_attributes: Maps,
    links: List,
    link_trace_id: Texts,
    link_span_id: Texts,
    link_trace_state: Texts,
    link_attributes: Maps,
}

/// The columns that all spans of a resource share, encoded once.
#[derive(Debug, Default)]
struct Shared {
    service_name: Texts,
    keys: Texts,
    values: Texts,
    entries: usize,
}

/// The nested messages of a span, found in one pass before anything is written.
#[derive(Debug, Default)]
struct Nested<'a> {
    attributes: Attributes<'a>,
    events: Vec<&'a [u8]>,
    links: Vec<&'a [u8]>,
}

impl TraceBlock {
    /// Returns the statement that inserts blocks of this kind into a database.
    #[must_use]
    pub fn statement(database: &str) -> String {
        insert::statement(database, TRACES_TABLE, &TRACE_COLUMNS)
    }

    /// Returns the number of rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Returns whether there is no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Adds a row for each span of an `ExportTraceServiceRequest`. A malformed span is left out and counted;
    /// where the rest of the request cannot be found behind it, that counts as one more.
    pub fn push(&mut self, request: &[u8]) -> Pushed {
        let mut pushed = Pushed::default();
        let mut nested = Nested::default();
        for resource in ResourceSpans::of(request) {
            if resource
                .and_then(|resource| self.push_resource(&resource, &mut nested, &mut pushed))
                .is_err()
            {
                pushed.malformed += 1;
            }
        }
        self.rows += pushed.rows;
        pushed
    }

    fn push_resource<'a>(
        &mut self,
        resource: &ResourceSpans<'a>,
        nested: &mut Nested<'a>,
        pushed: &mut Pushed,
    ) -> Result<(), Malformed> {
        let shared = Shared::of(resource.resource)?;
        for scope in resource.scope_spans() {
            let scope = scope?;
            let (name, version) = name_and_version(&scope)?;
            for span in scope.spans() {
                match span.and_then(|span| nested.find(&span).map(|()| span)) {
                    Ok(span) => {
                        self.push_span(&span, nested, &shared);
                        self.scope_name.push(name);
                        self.scope_version.push(version);
                        pushed.rows += 1;
                    }
                    Err(Malformed { .. }) => pushed.malformed += 1,
                }
            }
        }
        Ok(())
    }

    fn push_span<'a>(&mut self, span: &Span<'a>, nested: &mut Nested<'a>, shared: &Shared) {
        self.timestamp.push_time(span.start);
        self.trace_id.push_id(span.trace_id);
        self.span_id.push_id(span.span_id);
        self.parent_span_id.push_id(span.parent_span_id);
        self.trace_state.push(span.trace_state);
        self.span_name.push(span.name);
        self.span_kind.push(kind(span.kind));
        self.service_name.append(&shared.service_name);
        self.resource_attributes
            .push_encoded(&shared.keys, &shared.values, shared.entries);
        nested.attributes.end_row(&mut self.span_attributes);
        self.duration.push(span.duration().to_le_bytes());
        self.status_code.push(status(span.status_code));
        self.status_message.push(span.status_message);

        self.events.push(nested.events.len());
        for event in nested.events.drain(..) {
            self.event_timestamp.push_time(time_of_event(event));
            self.event_name.push(last_bytes(event, 2));
            collect(&mut nested.attributes, event, 3);
            nested.attributes.end_row(self.event_attributes.items());
        }
        self.links.push(nested.links.len());
        for link in nested.links.drain(..) {
            self.link_trace_id.push_id(last_bytes(link, 1));
            self.link_span_id.push_id(last_bytes(link, 2));
            self.link_trace_state.push(last_bytes(link, 3));
            collect(&mut nested.attributes, link, 4);
            nested.attributes.end_row(self.link_attributes.items());
        }
    }

    /// Returns the encoded block, in the format `Native`, and empties this one.
    #[must_use]
    pub fn finish(&mut self) -> Vec<u8> {
        let mut block = Block::new(TRACE_COLUMNS.len(), self.rows, self.room());
        let texts = [
            &self.trace_id,
            &self.span_id,
            &self.parent_span_id,
            &self.trace_state,
            &self.span_name,
            &self.span_kind,
            &self.service_name,
        ];
        self.timestamp
            .write(&mut block, "Timestamp", "DateTime64(9)");
        for (name, column) in TRACE_COLUMNS.iter().skip(1).zip(texts) {
            column.write(&mut block, name);
        }
        self.resource_attributes
            .write(&mut block, "ResourceAttributes");
        self.scope_name.write(&mut block, "ScopeName");
        self.scope_version.write(&mut block, "ScopeVersion");
        self.span_attributes.write(&mut block, "SpanAttributes");
        self.duration.write(&mut block, "Duration", "UInt64");
        self.status_code.write(&mut block, "StatusCode");
        self.status_message.write(&mut block, "StatusMessage");

        let (events, links) = (&self.events, &self.links);
        let times = self.event_timestamp.bytes();
        events.write(
            &mut block,
            "Events.Timestamp",
            "Array(DateTime64(9))",
            times,
        );
        let texts = "Array(String)";
        events.write(&mut block, "Events.Name", texts, self.event_name.bytes());
        self.event_attributes
            .write(&mut block, "Events.Attributes", events);
        links.write(
            &mut block,
            "Links.TraceId",
            texts,
            self.link_trace_id.bytes(),
        );
        links.write(&mut block, "Links.SpanId", texts, self.link_span_id.bytes());
        let states = self.link_trace_state.bytes();
        links.write(&mut block, "Links.TraceState", texts, states);
        self.link_attributes
            .write(&mut block, "Links.Attributes", links);
        self.clear();
        block.finish()
    }

    /// Removes all rows, and keeps their memory for the next ones.
    pub fn clear(&mut self) {
        self.rows = 0;
        self.timestamp.clear();
        self.duration.clear();
        self.event_timestamp.clear();
        for texts in self.texts_mut() {
            texts.clear();
        }
        self.resource_attributes.clear();
        self.span_attributes.clear();
        self.events.clear();
        self.event_attributes.clear();
        self.links.clear();
        self.link_attributes.clear();
    }

    /// Returns the size of the encoded block in bytes, within a kilobyte.
    #[must_use]
    pub fn room(&self) -> usize {
        // Names and types of the columns.
        1024 + self.timestamp.len()
            + self.duration.len()
            + self.event_timestamp.len()
            + self.texts().iter().map(|texts| texts.len()).sum::<usize>()
            + self.resource_attributes.len()
            + self.span_attributes.len()
            + self.event_attributes.len()
            + self.link_attributes.len()
            + 3 * self.events.len()
            + 4 * self.links.len()
    }

    const fn texts(&self) -> [&Texts; 15] {
        [
            &self.trace_id,
            &self.span_id,
            &self.parent_span_id,
            &self.trace_state,
            &self.span_name,
            &self.span_kind,
            &self.service_name,
            &self.scope_name,
            &self.scope_version,
            &self.status_code,
            &self.status_message,
            &self.event_name,
            &self.link_trace_id,
            &self.link_span_id,
            &self.link_trace_state,
        ]
    }

    const fn texts_mut(&mut self) -> [&mut Texts; 15] {
        [
            &mut self.trace_id,
            &mut self.span_id,
            &mut self.parent_span_id,
            &mut self.trace_state,
            &mut self.span_name,
            &mut self.span_kind,
            &mut self.service_name,
            &mut self.scope_name,
            &mut self.scope_version,
            &mut self.status_code,
            &mut self.status_message,
            &mut self.event_name,
            &mut self.link_trace_id,
            &mut self.link_span_id,
            &mut self.link_trace_state,
        ]
    }
}

impl Shared {
    fn of(resource: &[u8]) -> Result<Self, Malformed> {
        let mut shared = Self::default();
        let mut attributes = Attributes::default();
        let mut service_name = Texts::default();
        for attribute in lamplight_otlp::trace::attributes(resource, field::RESOURCE_ATTRIBUTES) {
            let attribute = attribute?;
            if attribute.key == service::NAME.as_bytes() && service_name.len() == 0 {
                let mut name = Vec::new();
                crate::text::put(&mut name, &attribute.value);
                service_name.push(&name);
            }
            attributes.push(attribute);
        }
        if service_name.len() == 0 {
            service_name.push(b"");
        }
        shared.service_name = service_name;
        shared.entries = attributes.write(&mut shared.keys, &mut shared.values);
        Ok(shared)
    }
}

impl<'a> Nested<'a> {
    /// Finds what is in a span, and checks all of it.
    fn find(&mut self, span: &Span<'a>) -> Result<(), Malformed> {
        self.attributes.clear();
        self.events.clear();
        self.links.clear();
        for field in Fields::new(span.message) {
            match field? {
                (9, Value::Bytes(bytes)) => self.attributes.push(Attribute::new(bytes)?),
                (11, Value::Bytes(event)) => {
                    check(event, 3)?;
                    self.events.push(event);
                }
                (13, Value::Bytes(link)) => {
                    check(link, 4)?;
                    self.links.push(link);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Returns an error where a message, or an attribute in its fields of this number, is malformed.
fn check(message: &[u8], attributes: u64) -> Result<(), Malformed> {
    for field in Fields::new(message) {
        if let (number, Value::Bytes(bytes)) = field?
            && number == attributes
        {
            Attribute::new(bytes)?;
        }
    }
    Ok(())
}

fn collect<'a>(attributes: &mut Attributes<'a>, message: &'a [u8], number: u64) {
    for bytes in Fields::new(message).bytes(number) {
        if let Ok(attribute) = Attribute::new(bytes) {
            attributes.push(attribute);
        }
    }
}

fn last_bytes(message: &[u8], number: u64) -> &[u8] {
    Fields::new(message)
        .bytes(number)
        .last()
        .unwrap_or_default()
}

fn time_of_event(event: &[u8]) -> u64 {
    let times = Fields::new(event).map_while(Result::ok);
    let times = times.filter_map(|field| match field {
        (1, Value::Fixed64(time)) => Some(time),
        _ => None,
    });
    times.last().unwrap_or_default()
}

fn name_and_version<'a>(scope: &ScopeSpans<'a>) -> Result<(&'a [u8], &'a [u8]), Malformed> {
    let (mut name, mut version) = (&b""[..], &b""[..]);
    for field in Fields::new(scope.scope) {
        match field? {
            (1, Value::Bytes(bytes)) => name = bytes,
            (2, Value::Bytes(bytes)) => version = bytes,
            _ => {}
        }
    }
    Ok((name, version))
}

fn kind(kind: u64) -> &'static [u8] {
    match kind {
        1 => b"Internal",
        2 => b"Server",
        3 => b"Client",
        4 => b"Producer",
        5 => b"Consumer",
        _ => b"Unspecified",
    }
}

fn status(code: u64) -> &'static [u8] {
    match code {
        1 => b"Ok",
        2 => b"Error",
        _ => b"Unset",
    }
}
