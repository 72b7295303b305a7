//! JSON text: an EventBridge detail, a Kinesis record, an Invoke payload, a state's input.

use serde::de::IgnoredAny;

use super::{Fields, Written};
use crate::json::Value;

/// The member that holds the fields when no pointer says otherwise: `"_otel":{"traceparent":..}`.
pub const DEFAULT_KEY: &str = "_otel";

/// Where in a JSON document the fields are, as a JSON pointer (RFC 6901): `/metadata/otel` is the
/// member `otel` of the member `metadata`. Only objects are followed, never arrays.
///
/// Text without a leading `/` names one member of the document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pointer(Vec<String>);

impl Pointer {
    /// The pointer written as `text`.
    pub fn new(text: &str) -> Self {
        if text.is_empty() {
            return Self(Vec::new());
        }
        let text = text.strip_prefix('/').unwrap_or(text);
        Self(
            text.split('/')
                .map(|name| name.replace("~1", "/").replace("~0", "~"))
                .collect(),
        )
    }

    /// The member names to follow, outermost first.
    pub(crate) fn names(&self) -> &[String] {
        &self.0
    }
}

impl From<&str> for Pointer {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// Text with the fields in it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spliced {
    /// The whole text; outside the splice byte for byte what it was.
    pub text: String,
    /// What was written.
    pub written: Written,
}

/// Writes the fields into a JSON object by splicing text, so that number precision, key order,
/// duplicate keys and white space survive.
///
/// They become a member at `pointer` when the object it points into exists, else the member
/// [`DEFAULT_KEY`] of the document. The result has at most `max_len` bytes. `None`, and so no
/// change, for anything that is not a JSON object, that already carries a `traceparent` there or
/// as a member of its own, or that has no room.
pub fn inject_json(
    text: &str,
    pointer: Option<&Pointer>,
    fields: &Fields,
    max_len: usize,
) -> Option<Spliced> {
    let document = Value::document(text.as_bytes());
    // Cheap refusals first: the check of the whole text is the expensive part.
    if fields.is_empty() || !document.is_object() || text.len() >= max_len {
        return None;
    }
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    if document.get(crate::w3c::TRACEPARENT).is_some() {
        return None;
    }
    let slot = pointer
        .and_then(|pointer| Slot::find(document, pointer.names()))
        .or_else(|| Slot::find(document, &[DEFAULT_KEY]))?;
    let (text, written) = slot.fill(text, fields, max_len)?;
    Some(Spliced { text, written })
}

/// An object that takes the fields, directly or in a new member.
pub(super) struct Slot<'a> {
    object: Value<'a>,
    new_member: Option<&'a str>,
}

impl<'a> Slot<'a> {
    /// The slot at a path: `None` unless the object it points into exists and has either no such
    /// member or an object there.
    pub(super) fn find<S: AsRef<str>>(document: Value<'a>, path: &'a [S]) -> Option<Self> {
        let Some((last, parents)) = path.split_last() else {
            return Some(Self {
                object: document,
                new_member: None,
            });
        };
        let parent = document.pointer(parents).filter(Value::is_object)?;
        match parent.get(last.as_ref()) {
            None => Some(Self {
                object: parent,
                new_member: Some(last.as_ref()),
            }),
            Some(object) if object.is_object() => Some(Self {
                object,
                new_member: None,
            }),
            Some(_) => None,
        }
    }

    /// `text` with the fields at the front of this object, in at most `max_len` bytes.
    pub(super) fn fill(
        &self,
        text: &str,
        fields: &Fields,
        max_len: usize,
    ) -> Option<(String, Written)> {
        // Wrapping: `"name":{` before the fields and `}` behind; each field brings one comma.
        let around = self.new_member.map_or(0, |name| escaped_len(name) + 5);
        let room = max_len.checked_sub(text.len())?.checked_sub(around)?;
        let cost = |name: &str, value: &str| name.len() + escaped_len(value) + 6;
        let taken = |name: &str| self.new_member.is_none() && self.object.get(name).is_some();
        let (fitted, written) = fields.fitting(room, cost, taken)?;

        let (before, after) = text.split_at_checked(self.object.start() + 1)?;
        let mut out = String::with_capacity(text.len() + around + 128);
        out.push_str(before);
        if let Some(name) = self.new_member {
            push_string(&mut out, name);
            out.push_str(":{");
        }
        for (i, (name, value)) in fitted.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            push_string(&mut out, name);
            out.push(':');
            push_string(&mut out, value);
        }
        if self.new_member.is_some() {
            out.push('}');
        }
        if !after.trim_ascii_start().starts_with('}') {
            out.push(',');
        }
        out.push_str(after);
        Some((out, written))
    }
}

/// Appends a JSON string.
fn push_string(out: &mut String, value: &str) {
    out.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\0'..='\x1f' => out.extend(format!("\\u{:04x}", u32::from(c)).chars()),
            _ => out.push(c),
        }
    }
    out.push('"');
}

/// How long a string is between its quotes.
fn escaped_len(value: &str) -> usize {
    value
        .bytes()
        .map(|b| match b {
            b'"' | b'\\' => 2,
            0..=0x1f => 6,
            _ => 1,
        })
        .sum()
}
