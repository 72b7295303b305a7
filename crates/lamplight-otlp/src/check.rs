//! Whether what is nested in a span would be taken by a receiver.

use std::str::from_utf8;

use crate::{Fields, Malformed, Value};

/// How deep values may be nested. Readers made of recursive functions stop at about a hundred messages.
const MAX_DEPTH: u32 = 30;

/// Checks a `Span`.
pub(crate) fn span(message: &[u8]) -> Result<(), Malformed> {
    for field in Fields::new(message) {
        match field? {
            (1, Value::Bytes(id)) => is_id(id, 16)?,
            (2 | 4, Value::Bytes(id)) => is_id(id, 8)?,
            (3 | 5, Value::Bytes(bytes)) => text(bytes)?,
            (9, Value::Bytes(bytes)) => key_value(bytes, MAX_DEPTH)?,
            (11, Value::Bytes(bytes)) => event(bytes)?,
            (13, Value::Bytes(bytes)) => link(bytes)?,
            (15, Value::Bytes(bytes)) => status(bytes)?,
            (6 | 10 | 12 | 14, Value::Varint(_)) => {}
            (7 | 8, Value::Fixed64(_)) => {}
            (16, Value::Fixed32(_)) => {}
            (number, _) => is_unknown(number, 16)?,
        }
    }
    Ok(())
}

/// Checks a `Resource`, or an `InstrumentationScope`, whose attributes have the number `attributes`.
pub(crate) fn attributed(message: &[u8], attributes: u64) -> Result<(), Malformed> {
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
            (1, Value::Bytes(id)) => is_id(id, 16)?,
            (2, Value::Bytes(id)) => is_id(id, 8)?,
            (3, Value::Bytes(bytes)) => text(bytes)?,
            (4, Value::Bytes(bytes)) => key_value(bytes, MAX_DEPTH)?,
            (5, Value::Varint(_)) | (6, Value::Fixed32(_)) => {}
            (number, _) => is_unknown(number, 6)?,
        }
    }
    Ok(())
}

fn status(message: &[u8]) -> Result<(), Malformed> {
    for field in Fields::new(message) {
        match field? {
            (2, Value::Bytes(bytes)) => text(bytes)?,
            (3, Value::Varint(_)) => {}
            // It was a field once, and is none any more.
            (1, _) => {}
            (number, _) => is_unknown(number, 3)?,
        }
    }
    Ok(())
}

fn key_value(message: &[u8], depth: u32) -> Result<(), Malformed> {
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

/// Checks the values of an array or a list, which are its field 1.
fn each(message: &[u8], check: impl Fn(&[u8]) -> Result<(), Malformed>) -> Result<(), Malformed> {
    for field in Fields::new(message) {
        match field? {
            (1, Value::Bytes(bytes)) => check(bytes)?,
            (number, _) => is_unknown(number, 1)?,
        }
    }
    Ok(())
}

/// Checks that a number is none of a message whose fields have numbers up to `known`: of those, it would have
/// another type than it should, which readers refuse.
#[inline]
fn is_unknown(number: u64, known: u64) -> Result<(), Malformed> {
    if number > known {
        Ok(())
    } else {
        Err(Malformed)
    }
}

/// Checks an id, which may be missing.
#[inline]
fn is_id(bytes: &[u8], length: usize) -> Result<(), Malformed> {
    if bytes.is_empty() || bytes.len() == length {
        Ok(())
    } else {
        Err(Malformed)
    }
}

#[inline]
pub(crate) fn text(bytes: &[u8]) -> Result<(), Malformed> {
    from_utf8(bytes).map(drop).map_err(|_| Malformed)
}
