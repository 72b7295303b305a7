//! Decoding of spans from OTLP.
//!
//! Decoding is lenient: fields with an unknown number or an unexpected type are skipped, invalid
//! UTF-8 is replaced, and numbers out of range are clamped. Only messages that are not protobuf, or
//! far too long, are refused.

use std::sync::Arc;

use lamplight_otlp::{Fields, Malformed, Value as Field};

use super::{
    Attribute, Attributes, Event, Kind, Link, Resource, Scope, Span, SpanId, SpanRef, Status,
    TraceId, Value,
};

/// Maximum size of a span, a resource or a scope, in bytes: an attribute of two bytes needs dozens
/// in memory, and no program records that much.
const MOST_BYTES: usize = 8 << 20;

/// Maximum depth of decoded values. Values nested deeper stay encoded as bytes.
const MAX_DEPTH: u32 = 30;

impl Resource {
    /// Returns the resource of a `Resource` message, with the schema URL beside it.
    ///
    /// # Errors
    ///
    /// Returns an error if it is not such a message, or if it exceeds 8 MiB.
    pub fn decode(message: &[u8], schema_url: &[u8]) -> Result<Self, Malformed> {
        bounded(message)?;
        let mut resource = Self {
            schema_url: text(schema_url),
            ..Self::default()
        };
        for field in Fields::new(message) {
            match field? {
                (1, Field::Bytes(bytes)) => resource.attributes.0.push(attribute(bytes)?),
                (2, Field::Varint(count)) => resource.dropped_attributes = small(count),
                _ => {}
            }
        }
        Ok(resource)
    }
}

impl Scope {
    /// Returns the scope of an `InstrumentationScope` message, with the schema URL beside it.
    ///
    /// # Errors
    ///
    /// Returns an error if it is not such a message, or if it exceeds 8 MiB.
    pub fn decode(message: &[u8], schema_url: &[u8]) -> Result<Self, Malformed> {
        bounded(message)?;
        let mut scope = Self {
            schema_url: text(schema_url),
            ..Self::default()
        };
        for field in Fields::new(message) {
            match field? {
                (1, Field::Bytes(name)) => scope.name = text(name),
                (2, Field::Bytes(version)) => scope.version = text(version),
                (3, Field::Bytes(bytes)) => scope.attributes.0.push(attribute(bytes)?),
                (4, Field::Varint(count)) => scope.dropped_attributes = small(count),
                _ => {}
            }
        }
        Ok(scope)
    }
}

impl Span {
    /// Returns the span of a `Span` message, recorded by `resource` and `scope`, with one arrival.
    ///
    /// # Errors
    ///
    /// Returns an error if it is not such a message, or if it exceeds 8 MiB.
    pub fn decode(
        message: &[u8],
        resource: Arc<Resource>,
        scope: Arc<Scope>,
    ) -> Result<Self, Malformed> {
        bounded(message)?;
        let mut span = Self::empty(resource, scope);
        for field in Fields::new(message) {
            match field? {
                (1, Field::Bytes(id)) => span.trace_id = TraceId::of(id),
                (2, Field::Bytes(id)) => span.span_id = SpanId::of(id),
                (3, Field::Bytes(state)) => span.trace_state = text(state),
                (4, Field::Bytes(id)) => {
                    span.parent = Some(SpanId::of(id)).filter(SpanId::is_valid);
                }
                (5, Field::Bytes(name)) => span.name = text(name),
                (6, Field::Varint(kind)) => span.kind = Kind::of(kind),
                (7, Field::Fixed64(time)) => span.start = time,
                (8, Field::Fixed64(time)) => span.end = time,
                (9, Field::Bytes(bytes)) => span.attributes.0.push(attribute(bytes)?),
                (10, Field::Varint(count)) => span.dropped_attributes = small(count),
                (11, Field::Bytes(bytes)) => span.events.push(Event::decode(bytes)?),
                (12, Field::Varint(count)) => span.dropped_events = small(count),
                (13, Field::Bytes(bytes)) => span.links.push(Link::decode(bytes)?),
                (14, Field::Varint(count)) => span.dropped_links = small(count),
                (15, Field::Bytes(bytes)) => span.set_status(bytes)?,
                (16, Field::Fixed32(flags)) => span.flags = flags,
                _ => {}
            }
        }
        Ok(span)
    }

    /// Returns an empty span of kind `Unspecified`, to be filled in.
    #[must_use]
    pub fn empty(resource: Arc<Resource>, scope: Arc<Scope>) -> Self {
        Self {
            trace_id: TraceId::default(),
            span_id: SpanId::default(),
            parent: None,
            trace_state: String::new(),
            flags: 0,
            name: String::new(),
            kind: Kind::Unspecified,
            start: 0,
            end: 0,
            status: Status::Unset,
            status_message: String::new(),
            attributes: Attributes::default(),
            dropped_attributes: 0,
            events: Vec::new(),
            dropped_events: 0,
            links: Vec::new(),
            dropped_links: 0,
            resource,
            scope,
            times: 1,
        }
    }

    fn set_status(&mut self, message: &[u8]) -> Result<(), Malformed> {
        for field in Fields::new(message) {
            match field? {
                (2, Field::Bytes(message)) => self.status_message = text(message),
                (3, Field::Varint(code)) => self.status = Status::of(code),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Kind {
    /// Returns the kind with this number; `Unspecified` for unknown numbers.
    #[must_use]
    pub const fn of(number: u64) -> Self {
        match number {
            1 => Self::Internal,
            2 => Self::Server,
            3 => Self::Client,
            4 => Self::Producer,
            5 => Self::Consumer,
            _ => Self::Unspecified,
        }
    }
}

impl Status {
    /// Returns the status with this number; `Unset` for unknown numbers.
    #[must_use]
    pub const fn of(number: u64) -> Self {
        match number {
            1 => Self::Ok,
            2 => Self::Error,
            _ => Self::Unset,
        }
    }
}

impl Event {
    /// Returns an event without attributes, at a time in nanoseconds since 1970.
    #[must_use]
    pub fn new(time: u64, name: impl Into<String>) -> Self {
        Self {
            time,
            name: name.into(),
            attributes: Attributes::default(),
            dropped_attributes: 0,
        }
    }

    fn decode(message: &[u8]) -> Result<Self, Malformed> {
        let mut event = Self::new(0, "");
        for field in Fields::new(message) {
            match field? {
                (1, Field::Fixed64(time)) => event.time = time,
                (2, Field::Bytes(name)) => event.name = text(name),
                (3, Field::Bytes(bytes)) => event.attributes.0.push(attribute(bytes)?),
                (4, Field::Varint(count)) => event.dropped_attributes = small(count),
                _ => {}
            }
        }
        Ok(event)
    }
}

impl Link {
    /// Returns a link to a span, without attributes.
    #[must_use]
    pub fn new(to: SpanRef) -> Self {
        Self {
            to,
            trace_state: String::new(),
            attributes: Attributes::default(),
            dropped_attributes: 0,
            flags: 0,
        }
    }

    fn decode(message: &[u8]) -> Result<Self, Malformed> {
        let mut link = Self::new(SpanRef::default());
        for field in Fields::new(message) {
            match field? {
                (1, Field::Bytes(id)) => link.to.trace = TraceId::of(id),
                (2, Field::Bytes(id)) => link.to.span = SpanId::of(id),
                (3, Field::Bytes(state)) => link.trace_state = text(state),
                (4, Field::Bytes(bytes)) => link.attributes.0.push(attribute(bytes)?),
                (5, Field::Varint(count)) => link.dropped_attributes = small(count),
                (6, Field::Fixed32(flags)) => link.flags = flags,
                _ => {}
            }
        }
        Ok(link)
    }
}

/// Returns an error if a message is too long.
fn bounded(message: &[u8]) -> Result<(), Malformed> {
    match message.len() <= MOST_BYTES {
        true => Ok(()),
        false => Err(Malformed::default()),
    }
}

fn attribute(message: &[u8]) -> Result<Attribute, Malformed> {
    nested_attribute(message, MAX_DEPTH)
}

fn nested_attribute(message: &[u8], depth: u32) -> Result<Attribute, Malformed> {
    let mut attribute = Attribute {
        key: String::new(),
        value: Value::Empty,
    };
    for field in Fields::new(message) {
        match field? {
            (1, Field::Bytes(key)) => attribute.key = text(key),
            (2, Field::Bytes(bytes)) => attribute.value = value(bytes, depth)?,
            _ => {}
        }
    }
    Ok(attribute)
}

/// Recursion is bounded by `depth`.
fn value(message: &[u8], depth: u32) -> Result<Value, Malformed> {
    let mut value = Value::Empty;
    for field in Fields::new(message) {
        value = match field? {
            (1, Field::Bytes(bytes)) => Value::String(text(bytes)),
            (2, Field::Varint(flag)) => Value::Bool(flag != 0),
            (3, Field::Varint(number)) => Value::Int(number.cast_signed()),
            (4, Field::Fixed64(bits)) => Value::Double(f64::from_bits(bits)),
            (5, Field::Bytes(bytes)) => array(bytes, depth)?,
            (6, Field::Bytes(bytes)) => map(bytes, depth)?,
            (7, Field::Bytes(bytes)) => Value::Bytes(bytes.to_vec()),
            _ => continue,
        };
    }
    Ok(value)
}

fn array(message: &[u8], depth: u32) -> Result<Value, Malformed> {
    let Some(depth) = depth.checked_sub(1) else {
        return Ok(Value::Bytes(message.to_vec()));
    };
    let mut values = Vec::new();
    for field in Fields::new(message) {
        if let (1, Field::Bytes(bytes)) = field? {
            values.push(value(bytes, depth)?);
        }
    }
    Ok(Value::Array(values))
}

fn map(message: &[u8], depth: u32) -> Result<Value, Malformed> {
    let Some(depth) = depth.checked_sub(1) else {
        return Ok(Value::Bytes(message.to_vec()));
    };
    let mut entries = Vec::new();
    for field in Fields::new(message) {
        if let (1, Field::Bytes(bytes)) = field? {
            entries.push(nested_attribute(bytes, depth)?);
        }
    }
    Ok(Value::Map(entries))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn small(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
