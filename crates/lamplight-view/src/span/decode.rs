//! Spans out of OTLP.
//!
//! Reading is lenient: a field of an unknown number or of another type than it should have is passed
//! over, bytes that are no UTF-8 are replaced, and of a number that is out of range the nearest one is
//! taken. Only what is no protobuf at all is refused.

use std::sync::Arc;

use lamplight_otlp::{Fields, Malformed, Value as Field};

use super::{
    Attribute, Attributes, Event, Kind, Link, Resource, Scope, Span, SpanId, SpanRef, Status,
    TraceId, Value,
};

/// How deep values are read. What is nested deeper stays as the bytes it came in.
const MAX_DEPTH: u32 = 30;

impl Resource {
    /// Returns the resource of a message `Resource`, with the URL of the schema beside it.
    ///
    /// # Errors
    ///
    /// If it is no such message.
    pub fn decode(message: &[u8], schema_url: &[u8]) -> Result<Self, Malformed> {
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
    /// Returns the scope of a message `InstrumentationScope`, with the URL of the schema beside it.
    ///
    /// # Errors
    ///
    /// If it is no such message.
    pub fn decode(message: &[u8], schema_url: &[u8]) -> Result<Self, Malformed> {
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
    /// Returns the span of a message `Span`, recorded by `resource` and `scope`, as having come once.
    ///
    /// # Errors
    ///
    /// If it is no such message.
    pub fn decode(
        message: &[u8],
        resource: Arc<Resource>,
        scope: Arc<Scope>,
    ) -> Result<Self, Malformed> {
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

    /// Returns a span that says nothing, of kind `Unspecified`, to be filled by whoever makes one by hand.
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
    /// Returns the kind of a number, `Unspecified` where there is none.
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
    /// Returns the status of a number, `Unset` where there is none.
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
    /// Returns an event without attributes, at so many nanoseconds since 1970.
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
mod tests {
    use std::sync::Arc;

    use lamplight_otlp::Malformed;
    use opentelemetry_proto::tonic::{
        common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, any_value},
        resource::v1,
        trace::v1 as otlp,
    };
    use proptest::prelude::*;
    use prost::Message as _;

    use super::{Resource, Scope, Span};
    use crate::span::{Kind, SpanId, Status, TraceId, Value};

    fn decode(message: &[u8]) -> Result<Span, Malformed> {
        Span::decode(
            message,
            Arc::new(Resource::default()),
            Arc::new(Scope::default()),
        )
    }

    fn of(value: any_value::Value) -> AnyValue {
        AnyValue { value: Some(value) }
    }

    fn key_value(key: &str, value: any_value::Value) -> KeyValue {
        KeyValue {
            key: key.to_owned(),
            value: Some(of(value)),
            ..KeyValue::default()
        }
    }

    #[test]
    fn nothing_of_a_span_is_left_out() {
        let attribute = key_value("a", any_value::Value::IntValue(-1));
        let span = otlp::Span {
            trace_id: vec![1; 16],
            span_id: vec![2; 8],
            trace_state: "a=b".to_owned(),
            parent_span_id: vec![3; 8],
            flags: 0x101,
            name: "name".to_owned(),
            kind: 5,
            start_time_unix_nano: 6,
            end_time_unix_nano: 7,
            attributes: vec![attribute.clone()],
            dropped_attributes_count: 8,
            events: vec![otlp::span::Event {
                time_unix_nano: 9,
                name: "event".to_owned(),
                attributes: vec![attribute.clone()],
                dropped_attributes_count: 10,
            }],
            dropped_events_count: 11,
            links: vec![otlp::span::Link {
                trace_id: vec![12; 16],
                span_id: vec![13; 8],
                trace_state: "c=d".to_owned(),
                attributes: vec![attribute],
                dropped_attributes_count: 14,
                flags: 15,
            }],
            dropped_links_count: 16,
            status: Some(otlp::Status {
                message: "no".to_owned(),
                code: 2,
            }),
        };
        let span = decode(&span.encode_to_vec()).unwrap();
        assert_eq!(span.trace_id, TraceId([1; 16]));
        assert_eq!(span.span_id, SpanId([2; 8]));
        assert_eq!(span.parent, Some(SpanId([3; 8])));
        assert_eq!((span.trace_state.as_str(), span.flags), ("a=b", 0x101));
        assert_eq!((span.name.as_str(), span.kind), ("name", Kind::Consumer));
        assert_eq!((span.start, span.end), (6, 7));
        assert_eq!(span.attributes.get("a"), Some(&Value::Int(-1)));
        assert_eq!((span.dropped_attributes, span.dropped_events), (8, 11));
        let event = &span.events[0];
        assert_eq!((event.time, event.name.as_str()), (9, "event"));
        assert_eq!(event.attributes.number("a"), Some(-1.0));
        assert_eq!(event.dropped_attributes, 10);
        let link = &span.links[0];
        assert_eq!(link.to.trace, TraceId([12; 16]));
        assert_eq!(link.to.span, SpanId([13; 8]));
        assert_eq!((link.trace_state.as_str(), link.flags), ("c=d", 15));
        assert_eq!(link.attributes.number("a"), Some(-1.0));
        assert_eq!((link.dropped_attributes, span.dropped_links), (14, 16));
        assert_eq!(span.status, Status::Error);
        assert_eq!((span.status_message.as_str(), span.times), ("no", 1));
    }

    #[test]
    fn a_resource_and_a_scope_are_read_with_their_schemas() {
        let resource = v1::Resource {
            attributes: vec![key_value("a", any_value::Value::BoolValue(true))],
            dropped_attributes_count: 1,
            ..v1::Resource::default()
        };
        let resource = Resource::decode(&resource.encode_to_vec(), b"url").unwrap();
        assert_eq!(resource.attributes.flag("a"), Some(true));
        assert_eq!(
            (resource.dropped_attributes, resource.schema_url.as_str()),
            (1, "url")
        );
        let scope = InstrumentationScope {
            name: "name".to_owned(),
            version: "1".to_owned(),
            attributes: vec![key_value("a", any_value::Value::DoubleValue(0.5))],
            dropped_attributes_count: 2,
        };
        let scope = Scope::decode(&scope.encode_to_vec(), b"url").unwrap();
        assert_eq!((scope.name.as_str(), scope.version.as_str()), ("name", "1"));
        assert_eq!(scope.attributes.number("a"), Some(0.5));
        assert_eq!(
            (scope.dropped_attributes, scope.schema_url.as_str()),
            (2, "url")
        );
    }

    #[test]
    fn ids_and_text_that_are_none_do_not_cost_the_span() {
        let span = [
            &b"\x0a\x03abc"[..],
            b"\x12\x02\x01\x02",
            b"\x22\x08\0\0\0\0\0\0\0\0",
            b"\x2a\x03a\xffb",
            b"\x30\x7f",
        ]
        .concat();
        let span = decode(&span).unwrap();
        assert_eq!(span.id(), crate::span::SpanRef::default());
        assert_eq!(span.parent, None);
        assert_eq!(span.name, "a\u{fffd}b");
        assert_eq!(span.kind, Kind::Unspecified);
    }

    #[test]
    fn what_is_nested_too_deep_stays_as_bytes() {
        let mut value = of(any_value::Value::StringValue("deep".to_owned()));
        for _ in 0..80 {
            let values = vec![value];
            value = of(any_value::Value::ArrayValue(ArrayValue { values }));
        }
        let span = otlp::Span {
            attributes: vec![KeyValue {
                key: "a".to_owned(),
                value: Some(value),
                ..KeyValue::default()
            }],
            ..otlp::Span::default()
        };
        let span = decode(&span.encode_to_vec()).unwrap();
        let (mut value, mut depth) = (span.attributes.get("a").unwrap(), 0);
        while let Value::Array(values) = value {
            (value, depth) = (&values[0], depth + 1);
        }
        assert_eq!(depth, 30);
        let Value::Bytes(bytes) = value else {
            panic!("{value:?}");
        };
        assert!(bytes.windows(4).any(|four| four == b"deep"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&bytes);
            let _ = Resource::decode(&bytes, &bytes);
            let _ = Scope::decode(&bytes, &bytes);
        }
    }
}
