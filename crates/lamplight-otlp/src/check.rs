//! Validation of the nested parts of a span, as a receiver would do it.

use std::str::from_utf8;

use crate::{
    Fields, Malformed, Value,
    trace::{MAX_VALUE_DEPTH, ResourceSpans, ScopeSpans, Span, field},
};

/// The maximum depth of values within the outermost one.
const MAX_DEPTH: u32 = MAX_VALUE_DEPTH - 1;

impl<'a> Span<'a> {
    /// Returns the view of a message and checks it: [`new`](Self::new) and [`check`](Self::check) in one
    /// pass.
    ///
    /// # Errors
    ///
    /// Returns an error if any part is malformed, or nested more deeply than receivers read.
    pub fn checked(message: &'a [u8]) -> Result<Self, Malformed> {
        span(message)
    }

    /// Checks the nested parts of the span: messages are well-formed, and text is UTF-8, down to arrays and
    /// lists in attributes. A receiver rejects a whole request for one such fault.
    ///
    /// # Errors
    ///
    /// Returns an error if any part is malformed, or nested more deeply than receivers read.
    pub fn check(&self) -> Result<(), Malformed> {
        span(self.message).map(drop)
    }
}

impl ResourceSpans<'_> {
    /// Checks the resource in the way that [`Span::check`] checks a span.
    ///
    /// # Errors
    ///
    /// Returns an error if any part is malformed.
    pub fn check(&self) -> Result<(), Malformed> {
        attributed(self.resource, field::RESOURCE_ATTRIBUTES.into())?;
        text(self.schema_url)
    }
}

impl ScopeSpans<'_> {
    /// Checks the scope in the way that [`Span::check`] checks a span.
    ///
    /// # Errors
    ///
    /// Returns an error if any part is malformed.
    pub fn check(&self) -> Result<(), Malformed> {
        attributed(self.scope, 3)?;
        text(self.schema_url)
    }
}

/// Checks a `Span`, and returns the view that the check produces.
fn span(message: &[u8]) -> Result<Span<'_>, Malformed> {
    let mut span = Span {
        message,
        ..Span::default()
    };
    for field in Fields::new(message) {
        match field? {
            (1, Value::Bytes(id)) => span.trace_id = checked_id(id, 16)?,
            (2, Value::Bytes(id)) => span.span_id = checked_id(id, 8)?,
            (3, Value::Bytes(bytes)) => span.trace_state = checked_text(bytes)?,
            (4, Value::Bytes(id)) => span.parent_span_id = checked_id(id, 8)?,
            (5, Value::Bytes(bytes)) => span.name = checked_text(bytes)?,
            (6, Value::Varint(kind)) => span.kind = kind,
            (7, Value::Fixed64(start)) => span.start = start,
            (8, Value::Fixed64(end)) => span.end = end,
            (9, Value::Bytes(bytes)) => key_value(bytes, MAX_DEPTH)?,
            (11, Value::Bytes(bytes)) => {
                span.has_nested = true;
                event(bytes)?;
            }
            (13, Value::Bytes(bytes)) => {
                span.has_nested = true;
                link(bytes)?;
            }
            (15, Value::Bytes(bytes)) => status(bytes, &mut span)?,
            (16, Value::Fixed32(flags)) => span.flags = flags,
            (10 | 12 | 14, Value::Varint(_)) => {}
            (number, _) => is_unknown(number, 16)?,
        }
    }
    Ok(span)
}

/// Checks a `Resource` or an `InstrumentationScope`, whose attributes have the field number `attributes`.
fn attributed(message: &[u8], attributes: u64) -> Result<(), Malformed> {
    let is_scope = attributes == 3;
    for field in Fields::new(message) {
        match field? {
            (number, Value::Bytes(bytes)) if number == attributes => key_value(bytes, MAX_DEPTH)?,
            (1 | 2, Value::Bytes(bytes)) if is_scope => text(bytes)?,
            (4, Value::Varint(_)) if is_scope => {}
            (2, Value::Varint(_)) if !is_scope => {}
            (3, Value::Bytes(bytes)) if !is_scope => entity_ref(bytes)?,
            (number, _) => is_unknown(number, if is_scope { 4 } else { 3 })?,
        }
    }
    Ok(())
}

fn entity_ref(message: &[u8]) -> Result<(), Malformed> {
    for field in Fields::new(message) {
        match field? {
            (1..=4, Value::Bytes(bytes)) => text(bytes)?,
            (number, _) => is_unknown(number, 4)?,
        }
    }
    Ok(())
}

fn event(message: &[u8]) -> Result<(), Malformed> {
    for field in Fields::new(message) {
        match field? {
            (2, Value::Bytes(bytes)) => text(bytes)?,
            (3, Value::Bytes(bytes)) => key_value(bytes, MAX_DEPTH)?,
            (1, Value::Fixed64(_)) | (4, Value::Varint(_)) => {}
            (number, _) => is_unknown(number, 4)?,
        }
    }
    Ok(())
}

fn link(message: &[u8]) -> Result<(), Malformed> {
    for field in Fields::new(message) {
        match field? {
            (1, Value::Bytes(id)) => checked_id(id, 16).map(drop)?,
            (2, Value::Bytes(id)) => checked_id(id, 8).map(drop)?,
            (3, Value::Bytes(bytes)) => text(bytes)?,
            (4, Value::Bytes(bytes)) => key_value(bytes, MAX_DEPTH)?,
            (5, Value::Varint(_)) | (6, Value::Fixed32(_)) => {}
            (number, _) => is_unknown(number, 6)?,
        }
    }
    Ok(())
}

fn status<'a>(message: &'a [u8], span: &mut Span<'a>) -> Result<(), Malformed> {
    for field in Fields::new(message) {
        match field? {
            (2, Value::Bytes(bytes)) => span.status_message = checked_text(bytes)?,
            (3, Value::Varint(code)) => span.status_code = code,
            // A field of earlier versions that has been removed.
            (1, _) => {}
            (number, _) => is_unknown(number, 3)?,
        }
    }
    Ok(())
}

#[inline]
fn key_value(message: &[u8], depth: u32) -> Result<(), Malformed> {
    if is_plain(message) {
        return Ok(());
    }
    any_key_value(message, depth)
}

/// Returns whether the message is an attribute of the usual form: a short key with a short string, a small
/// number or a boolean, all in ASCII, and nothing else. Most of a request consists of these.
#[inline]
fn is_plain(message: &[u8]) -> bool {
    let [0x0a, length @ ..=0x7f, rest @ ..] = message else {
        return false;
    };
    let Some((key, [0x12, length, value @ ..])) = rest.split_at_checked((*length).into()) else {
        return false;
    };
    let is_value = match value {
        [0x0a, length @ ..=0x7f, text @ ..] => {
            usize::from(*length) == text.len() && text.is_ascii()
        }
        // Numbers of up to three bytes: statuses, ports and sizes.
        [0x10 | 0x18, ..=0x7f]
        | [0x10 | 0x18, 0x80..=0xff, ..=0x7f]
        | [0x10 | 0x18, 0x80..=0xff, 0x80..=0xff, ..=0x7f] => true,
        _ => false,
    };
    is_value && usize::from(*length) == value.len() && key.is_ascii()
}

fn any_key_value(message: &[u8], depth: u32) -> Result<(), Malformed> {
    for field in Fields::new(message) {
        match field? {
            (1, Value::Bytes(bytes)) => text(bytes)?,
            (2, Value::Bytes(bytes)) => value(bytes, depth)?,
            (3, Value::Varint(_)) => {}
            (number, _) => is_unknown(number, 3)?,
        }
    }
    Ok(())
}

fn value(message: &[u8], depth: u32) -> Result<(), Malformed> {
    let deeper = || depth.checked_sub(1).ok_or(Malformed);
    for field in Fields::new(message) {
        match field? {
            (1, Value::Bytes(bytes)) => text(bytes)?,
            (5, Value::Bytes(array)) => each(array, |bytes| value(bytes, deeper()?))?,
            (6, Value::Bytes(list)) => each(list, |bytes| key_value(bytes, deeper()?))?,
            (2 | 3 | 8, Value::Varint(_)) | (4, Value::Fixed64(_)) | (7, Value::Bytes(_)) => {}
            (number, _) => is_unknown(number, 8)?,
        }
    }
    Ok(())
}

/// Checks the values of an array or a list, which are in its field 1.
fn each(message: &[u8], check: impl Fn(&[u8]) -> Result<(), Malformed>) -> Result<(), Malformed> {
    for field in Fields::new(message) {
        match field? {
            (1, Value::Bytes(bytes)) => check(bytes)?,
            (number, _) => is_unknown(number, 1)?,
        }
    }
    Ok(())
}

/// Checks that a field number is unknown in a message whose fields have numbers up to `known`. A known field
/// has the wrong type here, which readers reject.
#[inline]
fn is_unknown(number: u64, known: u64) -> Result<(), Malformed> {
    if number > known {
        Ok(())
    } else {
        Err(Malformed)
    }
}

/// Returns an id, which may be missing.
#[inline]
fn checked_id(bytes: &[u8], length: usize) -> Result<&[u8], Malformed> {
    if bytes.is_empty() || bytes.len() == length {
        Ok(bytes)
    } else {
        Err(Malformed)
    }
}

#[inline]
fn checked_text(bytes: &[u8]) -> Result<&[u8], Malformed> {
    text(bytes).map(|()| bytes)
}

#[inline]
fn text(bytes: &[u8]) -> Result<(), Malformed> {
    if bytes.is_ascii() {
        return Ok(());
    }
    from_utf8(bytes).map(drop).map_err(|_| Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::{
        common::v1::{AnyValue, KeyValue, any_value},
        trace::v1::{self, Status, span::Event, span::Link},
    };
    use proptest::prelude::*;
    use prost::Message;

    fn attribute(key: &str, value: any_value::Value) -> KeyValue {
        KeyValue {
            key: key.to_owned(),
            value: Some(AnyValue { value: Some(value) }),
            ..KeyValue::default()
        }
    }

    fn whole() -> v1::Span {
        let attributes = vec![
            attribute("text", any_value::Value::StringValue("über".to_owned())),
            attribute("int", any_value::Value::IntValue(-7)),
            attribute("double", any_value::Value::DoubleValue(0.5)),
            attribute("bool", any_value::Value::BoolValue(true)),
        ];
        v1::Span {
            trace_id: vec![1; 16],
            span_id: vec![2; 8],
            parent_span_id: vec![3; 8],
            trace_state: "ot=th:8".to_owned(),
            name: "work".to_owned(),
            kind: 2,
            start_time_unix_nano: 1,
            end_time_unix_nano: 2,
            dropped_attributes_count: 1,
            events: vec![Event {
                time_unix_nano: 3,
                name: "exception".to_owned(),
                attributes: attributes.clone(),
                dropped_attributes_count: 1,
            }],
            links: vec![Link {
                trace_id: vec![4; 16],
                span_id: vec![5; 8],
                attributes: attributes.clone(),
                flags: 1,
                ..Link::default()
            }],
            attributes,
            status: Some(Status {
                message: "no".to_owned(),
                code: 2,
            }),
            flags: 0x101,
            ..v1::Span::default()
        }
    }

    #[test]
    fn a_whole_span_is_sound() {
        let message = whole().encode_to_vec();
        let checked = span(&message).unwrap();
        // The view is the same as that of who does not check.
        let unchecked = Span::new(&message).unwrap();
        assert_eq!(format!("{checked:?}"), format!("{unchecked:?}"));
    }

    #[test]
    fn ids_have_their_length_or_none() {
        let changes: [fn(&mut v1::Span); 4] = [
            |it| it.trace_id.push(1),
            |it| it.parent_span_id.push(1),
            |it| it.links[0].trace_id.push(1),
            |it| it.links[0].span_id.push(1),
        ];
        for change in changes {
            let mut changed = whole();
            change(&mut changed);
            assert!(span(&changed.encode_to_vec()).is_err());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        /// Readers made of generated code take what has passed.
        #[test]
        fn what_is_sound_is_read_by_others(
            changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
        ) {
            let mut message = whole().encode_to_vec();
            for (place, byte) in changes {
                let place = place.index(message.len());
                message[place] = byte;
            }
            if let Ok(checked) = span(&message) {
                let unchecked = Span::new(&message).unwrap();
                prop_assert_eq!(format!("{checked:?}"), format!("{unchecked:?}"));
                prop_assert!(v1::Span::decode(&message[..]).is_ok(), "{message:?}");
            }
        }

        #[test]
        fn what_is_plain_is_sound(
            key in "[a-z]{0,4}", value in proptest::collection::vec(any::<u8>(), 0..6), kind in 0..5_u8,
        ) {
            let value = match kind {
                0 => [&[0x0a, value.len() as u8][..], &value].concat(),
                1 => [&[0x10][..], &value].concat(),
                2 => [&[0x18][..], &value].concat(),
                _ => value,
            };
            let mut message = vec![0x0a, key.len() as u8];
            message.extend_from_slice(key.as_bytes());
            message.extend([0x12, value.len() as u8]);
            message.extend_from_slice(&value);
            if is_plain(&message) {
                prop_assert_eq!(any_key_value(&message, 0), Ok(()));
            }
        }
    }
}
