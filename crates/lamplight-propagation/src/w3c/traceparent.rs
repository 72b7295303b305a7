//! The `traceparent` field (Trace Context level 2, section 3.2).

use std::{error, fmt, str};

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

use super::hex;

/// The sampled flag (bit 0) and the random flag (bit 1), which are all the flags that level 2 defines; other
/// bits are written as zero (section 3.2.2.5).
const KNOWN_FLAGS: u8 = 0x03;

/// The flag of a trace id that was generated at random, at least in its lower seven bytes.
const RANDOM: u8 = 0x02;

pub(crate) const LENGTH: usize = 55;

/// A `traceparent` in version `00`, ready to be written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Traceparent([u8; LENGTH]);

impl Traceparent {
    /// Returns the field for a span context, or `None` if the context is invalid. `random` sets the random
    /// flag.
    pub(crate) fn new(span: &SpanContext, random: bool) -> Option<Self> {
        if !span.is_valid() {
            return None;
        }
        let random = if random { RANDOM } else { 0 };
        let flags = (span.trace_flags().to_u8() | random) & KNOWN_FLAGS;
        let mut text = [b'-'; LENGTH];
        let mut out = text.iter_mut();
        let mut hex = |bytes: &[u8]| {
            for byte in bytes {
                for nibble in [byte >> 4, byte & 0x0f] {
                    if let Some(slot) = out.next() {
                        *slot = if nibble < 10 {
                            b'0' + nibble
                        } else {
                            b'a' + nibble - 10
                        };
                    }
                }
            }
            out.next();
        };
        hex(&[0]);
        hex(&span.trace_id().to_bytes());
        hex(&span.span_id().to_bytes());
        hex(&[flags]);
        Some(Self(text))
    }

    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Traceparent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The reason a `traceparent` is invalid.
///
/// An invalid field is ignored as a whole, and `tracestate` with it: a new trace starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TraceparentError {
    /// The parent id is not 16 lower-case hexadecimal digits, or all zero.
    ParentId,
    /// The field occurs more than once.
    Repeated,
    /// Fields are missing, too long, or not separated by `-`.
    Shape,
    /// The flags are not two lower-case hexadecimal digits.
    TraceFlags,
    /// The trace id is not 32 lower-case hexadecimal digits, or all zero.
    TraceId,
    /// The version is not two lower-case hexadecimal digits, or `ff`.
    Version,
}

impl fmt::Display for TraceparentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ParentId => "parent id is not 16 lower-case hexadecimal digits, or is zero",
            Self::Repeated => "more than one traceparent",
            Self::Shape => "not four fields of the right length separated by '-'",
            Self::TraceFlags => "trace flags are not two lower-case hexadecimal digits",
            Self::TraceId => "trace id is not 32 lower-case hexadecimal digits, or is zero",
            Self::Version => "version is not two lower-case hexadecimal digits, or is ff",
        })
    }
}

impl error::Error for TraceparentError {}

/// Parses a `traceparent` value into a remote span context without trace state.
///
/// Spaces and tabs around the value are ignored. Versions above `00` are parsed by the rule of section 4: the
/// four known fields, followed by the end or a `-`.
///
/// # Errors
///
/// Returns an error if the value violates the grammar; no part of it is guessed.
pub fn parse_traceparent(value: &str) -> Result<SpanContext, TraceparentError> {
    parse(value.as_bytes())
}

/// Parses bytes like [`parse_traceparent`]; bytes that are not UTF-8 are rejected.
pub(crate) fn parse(value: &[u8]) -> Result<SpanContext, TraceparentError> {
    let value = match value.len() {
        LENGTH => value,
        // Two headers that an intermediary has joined.
        _ if value.contains(&b',') => return Err(TraceparentError::Repeated),
        _ => trim(value),
    };
    let [v1, v2, b'-', rest @ ..] = value else {
        return Err(TraceparentError::Shape);
    };
    let version = match hex::byte(*v1, *v2) {
        Some(0xff) | None => return Err(TraceparentError::Version),
        Some(version) => version,
    };
    let (trace_id, rest) = field::<32>(rest)?;
    let (parent_id, rest) = field::<16>(rest)?;
    let [f1, f2, rest @ ..] = rest else {
        return Err(TraceparentError::Shape);
    };
    match rest {
        [] => {}
        [b'-', ..] if version > 0 => {}
        _ => return Err(TraceparentError::Shape),
    }

    let trace_id = hex::trace_id(trace_id)
        .filter(|id| *id != 0)
        .ok_or(TraceparentError::TraceId)?;
    let parent_id = hex::span_id(parent_id)
        .filter(|id| *id != 0)
        .ok_or(TraceparentError::ParentId)?;
    let flags = hex::byte(*f1, *f2).ok_or(TraceparentError::TraceFlags)?;

    Ok(SpanContext::new(
        TraceId::from(trace_id),
        SpanId::from(parent_id),
        TraceFlags::new(flags & KNOWN_FLAGS),
        true,
        TraceState::NONE,
    ))
}

/// Removes spaces and tabs around a value.
fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

pub(crate) fn is_random(span: &SpanContext) -> bool {
    span.trace_flags().to_u8() & RANDOM != 0
}

/// Splits off one fixed-width field and the `-` after it.
fn field<const N: usize>(bytes: &[u8]) -> Result<(&[u8; N], &[u8]), TraceparentError> {
    match bytes.split_first_chunk::<N>() {
        Some((field, [b'-', rest @ ..])) => Ok((field, rest)),
        _ => Err(TraceparentError::Shape),
    }
}
