//! Whether what is nested in a span would be taken by a receiver.

use std::str::from_utf8;

use crate::{Fields, Malformed, Value};

/// How deep values may be nested. Readers made of recursive functions stop at about a hundred messages.
const MAX_DEPTH: u32 = 32;

/// Checks a `Span`.
pub(crate) fn span(message: &[u8]) -> Result<(), Malformed> {
    for field in Fields::new(message) {
        match field? {
            (3 | 5, Value::Bytes(bytes)) => text(bytes)?,
            (9, Value::Bytes(bytes)) => key_value(bytes, MAX_DEPTH)?,
            (11, Value::Bytes(bytes)) => event(bytes)?,
            (13, Value::Bytes(bytes)) => link(bytes)?,
            (15, Value::Bytes(bytes)) => status(bytes)?,
            _ => {}
        }
    }
    Ok(())
}

/// Checks a `Resource`, or an `InstrumentationScope`, whose attributes have the number `attributes`.
pub(crate) fn attributed(message: &[u8], attributes: u64) -> Result<(), Malformed> {
    for field in Fields::new(message) {
        match field? {
            (number, Value::Bytes(bytes)) if number == attributes => key_value(bytes, MAX_DEPTH)?,
            // Name and version of a scope.
            (1 | 2, Value::Bytes(bytes)) if attributes == 3 => text(bytes)?,
            _ => {}
        }
    }
    Ok(())
}

fn event(message: &[u8]) -> Result<(), Malformed> {
    for field in Fields::new(message) {
        match field? {
            (2, Value::Bytes(bytes)) => text(bytes)?,
            (3, Value::Bytes(bytes)) => key_value(bytes, MAX_DEPTH)?,
            _ => {}
        }
    }
    Ok(())
}

fn link(message: &[u8]) -> Result<(), Malformed> {
    for field in Fields::new(message) {
        match field? {
            (3, Value::Bytes(bytes)) => text(bytes)?,
            (4, Value::Bytes(bytes)) => key_value(bytes, MAX_DEPTH)?,
            _ => {}
        }
    }
    Ok(())
}

fn status(message: &[u8]) -> Result<(), Malformed> {
    for field in Fields::new(message) {
        if let (2, Value::Bytes(bytes)) = field? {
            text(bytes)?;
        }
    }
    Ok(())
}

fn key_value(message: &[u8], depth: u32) -> Result<(), Malformed> {
    for field in Fields::new(message) {
        match field? {
            (1, Value::Bytes(bytes)) => text(bytes)?,
            (2, Value::Bytes(bytes)) => value(bytes, depth)?,
            _ => {}
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
            _ => {}
        }
    }
    Ok(())
}

/// Checks the values of an array or a list, which are its field 1.
fn each(message: &[u8], check: impl Fn(&[u8]) -> Result<(), Malformed>) -> Result<(), Malformed> {
    for field in Fields::new(message) {
        if let (1, Value::Bytes(bytes)) = field? {
            check(bytes)?;
        }
    }
    Ok(())
}

#[inline]
pub(crate) fn text(bytes: &[u8]) -> Result<(), Malformed> {
    from_utf8(bytes).map(drop).map_err(|_| Malformed)
}
