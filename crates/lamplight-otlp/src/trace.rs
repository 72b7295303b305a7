//! Borrowed views of `ExportTraceServiceRequest`, which has the same encoding as `TracesData`, and of its
//! parts.
//!
//! A view is created in one pass over the fields of its message, without reading nested messages; nothing is
//! copied. [`visit`] iterates over all spans of a request.
//!
//! Specification:
//! <https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto>.

use crate::{Fields, Malformed, Value};

/// The maximum depth of values nested in arrays and lists. Recursive readers stop at about a hundred
/// messages, and a value takes up to three of them.
pub const MAX_VALUE_DEPTH: u32 = 31;

/// Field numbers.
pub mod field {
    /// `ExportTraceServiceRequest.resource_spans`.
    pub const RESOURCE_SPANS: u32 = 1;
    /// `ResourceSpans.resource`.
    pub const RESOURCE: u32 = 1;
    /// `ResourceSpans.scope_spans`.
    pub const SCOPE_SPANS: u32 = 2;
    /// `ResourceSpans.schema_url` and `ScopeSpans.schema_url`.
    pub const SCHEMA_URL: u32 = 3;
    /// `Resource.attributes`.
    pub const RESOURCE_ATTRIBUTES: u32 = 1;
    /// `ScopeSpans.scope`.
    pub const SCOPE: u32 = 1;
    /// `ScopeSpans.spans`.
    pub const SPANS: u32 = 2;
    /// `Span.trace_state`.
    pub const TRACE_STATE: u32 = 3;
    /// `Span.attributes`.
    pub const ATTRIBUTES: u32 = 9;
    /// `Span.dropped_attributes_count`.
    pub const DROPPED_ATTRIBUTES_COUNT: u32 = 10;
    /// `Span.events`.
    pub const EVENTS: u32 = 11;
    /// `Span.dropped_events_count`.
    pub const DROPPED_EVENTS_COUNT: u32 = 12;
    /// `Span.links`.
    pub const LINKS: u32 = 13;
}

/// `ResourceSpans`: the spans of one resource.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct ResourceSpans<'a> {
    /// The whole message.
    pub message: &'a [u8],
    /// The message `Resource`; empty if there is none.
    pub resource: &'a [u8],
    /// The schema URL of the resource; empty if there is none.
    pub schema_url: &'a [u8],
}

/// `ScopeSpans`: the spans of one instrumentation scope.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct ScopeSpans<'a> {
    /// The whole message.
    pub message: &'a [u8],
    /// The message `InstrumentationScope`; empty if there is none.
    pub scope: &'a [u8],
    /// The schema URL of the spans; empty if there is none.
    pub schema_url: &'a [u8],
}

/// `Span`: its own fields, and the positions of nested messages.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Span<'a> {
    /// The whole message.
    pub message: &'a [u8],
    /// 16 bytes in a valid span.
    pub trace_id: &'a [u8],
    /// 8 bytes in a valid span.
    pub span_id: &'a [u8],
    /// 8 bytes, or empty for a root.
    pub parent_span_id: &'a [u8],
    /// The header `tracestate`.
    pub trace_state: &'a [u8],
    /// The name.
    pub name: &'a [u8],
    /// `SpanKind`: 1 internal, 2 server, 3 client, 4 producer, 5 consumer; 0 unspecified.
    pub kind: u64,
    /// Start time in nanoseconds since 1970.
    pub start: u64,
    /// End time in nanoseconds since 1970.
    pub end: u64,
    /// Bits 0 to 7 are the W3C trace flags; bits 8 and 9 state whether the parent is remote.
    pub flags: u32,
    /// `StatusCode`: 0 unset, 1 ok, 2 error.
    pub status_code: u64,
    /// The description of an error.
    pub status_message: &'a [u8],
    /// True if the span has events or links.
    pub has_nested: bool,
}

/// `KeyValue`: an attribute.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Attribute<'a> {
    /// The whole message.
    pub message: &'a [u8],
    /// The key.
    pub key: &'a [u8],
    /// The value.
    pub value: AnyValue<'a>,
}

/// `AnyValue`: the value of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum AnyValue<'a> {
    /// No value.
    #[default]
    Empty,
    /// Text.
    String(&'a [u8]),
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A floating point number.
    Double(f64),
    /// The message `ArrayValue`.
    Array(&'a [u8]),
    /// The message `KeyValueList`.
    KeyValueList(&'a [u8]),
    /// Bytes.
    Bytes(&'a [u8]),
}

/// The place of a span in a request.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Place<'p, 'a> {
    /// The `ResourceSpans` that contains it.
    pub resource: &'p ResourceSpans<'a>,
    /// The `ScopeSpans` that contains it.
    pub scope: &'p ScopeSpans<'a>,
}

impl<'p, 'a> Place<'p, 'a> {
    /// Returns the place of spans of this resource and scope.
    pub const fn new(resource: &'p ResourceSpans<'a>, scope: &'p ScopeSpans<'a>) -> Self {
        Self { resource, scope }
    }
}

/// Calls `visit` with each span of a request, in order.
///
/// # Errors
///
/// Returns an error if the request, or a message down to the spans, is malformed; spans before that place
/// have been visited. Messages within spans are not checked: see [`Span::check`].
pub fn visit<'a>(
    request: &'a [u8],
    mut visit: impl FnMut(Place<'_, 'a>, &Span<'a>),
) -> Result<(), Malformed> {
    for resource in ResourceSpans::of(request) {
        let resource = resource?;
        for scope in resource.scope_spans() {
            let scope = scope?;
            for span in scope.spans() {
                visit(Place::new(&resource, &scope), &span?);
            }
        }
    }
    Ok(())
}

impl<'a> ResourceSpans<'a> {
    /// Returns the `ResourceSpans` of a request.
    pub fn of(request: &'a [u8]) -> impl Iterator<Item = Result<Self, Malformed>> + use<'a> {
        messages(request, field::RESOURCE_SPANS).map(|message| Self::new(message?))
    }

    /// Returns the view of a message.
    ///
    /// # Errors
    ///
    /// Returns an error if its fields are malformed.
    pub fn new(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut view = Self {
            message,
            ..Self::default()
        };
        for field in Fields::new(message) {
            match field? {
                (1, Value::Bytes(bytes)) => view.resource = bytes,
                (3, Value::Bytes(bytes)) => view.schema_url = bytes,
                _ => {}
            }
        }
        Ok(view)
    }

    /// Returns the attributes of the resource.
    pub fn attributes(&self) -> impl Iterator<Item = Result<Attribute<'a>, Malformed>> + use<'a> {
        attributes(self.resource, field::RESOURCE_ATTRIBUTES)
    }

    /// Returns the spans of each scope.
    pub fn scope_spans(&self) -> impl Iterator<Item = Result<ScopeSpans<'a>, Malformed>> + use<'a> {
        messages(self.message, field::SCOPE_SPANS).map(|message| ScopeSpans::new(message?))
    }
}

impl<'a> ScopeSpans<'a> {
    /// Returns the view of a message.
    ///
    /// # Errors
    ///
    /// Returns an error if its fields are malformed.
    pub fn new(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut view = Self {
            message,
            ..Self::default()
        };
        for field in Fields::new(message) {
            match field? {
                (1, Value::Bytes(bytes)) => view.scope = bytes,
                (3, Value::Bytes(bytes)) => view.schema_url = bytes,
                _ => {}
            }
        }
        Ok(view)
    }

    /// Returns the spans.
    pub fn spans(&self) -> impl Iterator<Item = Result<Span<'a>, Malformed>> + use<'a> {
        messages(self.message, field::SPANS).map(|message| Span::new(message?))
    }
}

impl<'a> Span<'a> {
    /// Returns the view of a message.
    ///
    /// # Errors
    ///
    /// Returns an error if its fields, or those of its status, are malformed.
    pub fn new(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut span = Self {
            message,
            ..Self::default()
        };
        for field in Fields::new(message) {
            match field? {
                (1, Value::Bytes(bytes)) => span.trace_id = bytes,
                (2, Value::Bytes(bytes)) => span.span_id = bytes,
                (3, Value::Bytes(bytes)) => span.trace_state = bytes,
                (4, Value::Bytes(bytes)) => span.parent_span_id = bytes,
                (5, Value::Bytes(bytes)) => span.name = bytes,
                (6, Value::Varint(kind)) => span.kind = kind,
                (7, Value::Fixed64(start)) => span.start = start,
                (8, Value::Fixed64(end)) => span.end = end,
                (11 | 13, Value::Bytes(_)) => span.has_nested = true,
                (15, Value::Bytes(status)) => span.set_status(status)?,
                (16, Value::Fixed32(flags)) => span.flags = flags,
                _ => {}
            }
        }
        Ok(span)
    }

    fn set_status(&mut self, status: &'a [u8]) -> Result<(), Malformed> {
        for field in Fields::new(status) {
            match field? {
                (2, Value::Bytes(message)) => self.status_message = message,
                (3, Value::Varint(code)) => self.status_code = code,
                _ => {}
            }
        }
        Ok(())
    }

    /// Returns the trace id; `None` if it is invalid: not of 16 bytes, or all zero.
    pub fn valid_trace_id(&self) -> Option<[u8; 16]> {
        let id = <[u8; 16]>::try_from(self.trace_id).ok()?;
        (id != [0; 16]).then_some(id)
    }

    /// Returns the span id; `None` if it is invalid: not of 8 bytes, or all zero.
    pub fn valid_span_id(&self) -> Option<[u8; 8]> {
        let id = <[u8; 8]>::try_from(self.span_id).ok()?;
        (id != [0; 8]).then_some(id)
    }

    /// Returns whether the span has no parent.
    pub fn is_root(&self) -> bool {
        self.parent_span_id.iter().all(|byte| *byte == 0)
    }

    /// Returns the duration in nanoseconds; 0 if the span ends before it starts.
    pub fn duration(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Returns the attributes.
    pub fn attributes(&self) -> impl Iterator<Item = Result<Attribute<'a>, Malformed>> + use<'a> {
        attributes(self.message, field::ATTRIBUTES)
    }
}

impl<'a> Attribute<'a> {
    /// Returns the view of a message.
    ///
    /// # Errors
    ///
    /// Returns an error if its fields, or those of its value, are malformed.
    pub fn new(message: &'a [u8]) -> Result<Self, Malformed> {
        let (mut key, mut value) = (&b""[..], AnyValue::Empty);
        for field in Fields::new(message) {
            match field? {
                (1, Value::Bytes(bytes)) => key = bytes,
                (2, Value::Bytes(bytes)) => value = AnyValue::new(bytes)?,
                _ => {}
            }
        }
        Ok(Self {
            message,
            key,
            value,
        })
    }
}

impl<'a> AnyValue<'a> {
    /// Returns the view of a message.
    ///
    /// # Errors
    ///
    /// Returns an error if its fields are malformed.
    pub fn new(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut value = Self::Empty;
        for field in Fields::new(message) {
            match field? {
                (1, Value::Bytes(text)) => value = Self::String(text),
                (2, Value::Varint(bool)) => value = Self::Bool(bool != 0),
                (3, Value::Varint(int)) => value = Self::Int(int as i64),
                (4, Value::Fixed64(bits)) => value = Self::Double(f64::from_bits(bits)),
                (5, Value::Bytes(array)) => value = Self::Array(array),
                (6, Value::Bytes(list)) => value = Self::KeyValueList(list),
                (7, Value::Bytes(bytes)) => value = Self::Bytes(bytes),
                _ => {}
            }
        }
        Ok(value)
    }
}

/// Returns the messages in the fields with this number.
pub fn messages<'a>(
    message: &'a [u8],
    number: u32,
) -> impl Iterator<Item = Result<&'a [u8], Malformed>> + use<'a> {
    Fields::new(message).filter_map(move |field| match field {
        Ok((found, Value::Bytes(bytes))) if found == u64::from(number) => Some(Ok(bytes)),
        Ok(_) => None,
        Err(malformed) => Some(Err(malformed)),
    })
}

/// Returns the attributes in the fields with this number.
pub fn attributes<'a>(
    message: &'a [u8],
    number: u32,
) -> impl Iterator<Item = Result<Attribute<'a>, Malformed>> + use<'a> {
    messages(message, number).map(|message| Attribute::new(message?))
}
