//! Injection into JSON text: an EventBridge detail, a Kinesis record, an Invoke payload, a state's input.

use serde::de::IgnoredAny;

use super::{Costs, Fields, Written};
use crate::{
    envelope::{DEFAULT_KEY, Pointer},
    json::Value,
    w3c::{BAGGAGE, TRACEPARENT, TRACESTATE, traceparent},
};

/// JSON text with the fields in it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spliced {
    /// The whole text; outside the inserted part, it is byte for byte the original.
    pub text: String,
    /// The fields that were written.
    pub written: Written,
}

/// Writes the fields into a JSON object by inserting text, so that number precision, key order, duplicate
/// keys and white space are preserved.
///
/// The fields become a member at `pointer` if the object it points into exists, otherwise the member
/// [`DEFAULT_KEY`] of the document. The result has at most `max_len` bytes. Returns `None`, and thus makes no
/// change, if the text is not a JSON object, if it already has a `traceparent` there or as a member of its
/// own, or if there is no room. A member that occurs twice is not used, because some readers take the first
/// and others the last.
pub fn inject_json(
    text: &str,
    pointer: Option<&Pointer>,
    fields: &Fields,
    max_len: usize,
) -> Option<Spliced> {
    // Cheap checks first; validating the whole text is the expensive part.
    if fields.is_empty() || text.len() >= max_len {
        return None;
    }
    JsonPlace::find(text, pointer)?.fill(text, fields, max_len)
}

/// A place for the fields in a JSON text, as [`inject_json`] finds it before it writes. It is for callers who
/// need the place before the fields exist. Finding it allocates nothing.
#[derive(Debug, Clone, Copy)]
pub struct JsonPlace<'a> {
    /// The position after the opening brace of the object that gets the fields or their member.
    at: usize,
    new_member: Option<&'a str>,
    /// The fields that are already present.
    taken: [Option<&'static str>; 3],
}

impl<'a> JsonPlace<'a> {
    /// Returns the place in `text`, by the rules of [`inject_json`].
    #[must_use]
    pub fn find(text: &str, pointer: Option<&'a Pointer>) -> Option<Self> {
        let document = Value::document(text.as_bytes());
        if !document.is_object() {
            return None;
        }
        serde_json::from_str::<IgnoredAny>(text).ok()?;
        if document.get(TRACEPARENT).is_some() {
            return None;
        }
        pointer
            .and_then(|pointer| Self::at(document, pointer.names()))
            .or_else(|| Self::at(document, &[DEFAULT_KEY]))
            .filter(|place| !place.is_taken(TRACEPARENT))
    }

    /// Returns the place in the member `headers` of the document, and only there. Instrumentations of Lambda
    /// in other languages look for context there, in payloads as in requests.
    #[must_use]
    pub fn find_headers(text: &str) -> Option<Self> {
        let document = Value::document(text.as_bytes());
        if !document.is_object() {
            return None;
        }
        serde_json::from_str::<IgnoredAny>(text).ok()?;
        Self::at(document, &["headers"]).filter(|place| !place.is_taken(TRACEPARENT))
    }

    /// Returns the place at a path; `None` unless the object it points into exists and either has no such
    /// member or has an object there.
    pub(super) fn at<S: AsRef<str>>(document: Value<'_>, path: &'a [S]) -> Option<Self> {
        let Some((last, parents)) = path.split_last() else {
            return Some(Self::inside(document));
        };
        let parent = parents
            .iter()
            .try_fold(document, |value, name| value.only(name.as_ref()).ok()?)?;
        if !parent.is_object() {
            return None;
        }
        match parent.only(last.as_ref()).ok()? {
            None => Some(Self {
                at: parent.start() + 1,
                new_member: Some(last.as_ref()),
                taken: [None; 3],
            }),
            Some(object) if object.is_object() => Some(Self::inside(object)),
            Some(_) => None,
        }
    }

    /// Returns the place in an object reserved for the fields.
    fn inside(object: Value<'_>) -> Self {
        let names = [TRACEPARENT, TRACESTATE, BAGGAGE];
        let mut taken = [None; 3];
        for (key, _) in object.members() {
            // Readers accept these names in any case.
            for (slot, name) in taken.iter_mut().zip(names) {
                if key.is_ignoring_case(name) {
                    *slot = Some(name);
                }
            }
        }
        Self {
            at: object.start() + 1,
            new_member: None,
            taken,
        }
    }

    /// Returns the number of bytes that a `traceparent` alone needs here.
    #[must_use]
    pub fn least(&self) -> usize {
        self.around() + TRACEPARENT.len() + traceparent::LENGTH + 6
    }

    /// Returns the cost of each field here.
    #[must_use]
    pub fn costs(&self, fields: &Fields) -> Costs {
        Costs::of(fields, self.around(), cost, |name| self.is_taken(name))
    }

    /// Returns the text in which this place was found, with the fields inserted, in at most `max_len` bytes.
    #[must_use]
    pub fn fill(&self, text: &str, fields: &Fields, max_len: usize) -> Option<Spliced> {
        let room = max_len
            .checked_sub(text.len())?
            .checked_sub(self.around())?;
        let (fitted, written) = fields.fitting(room, cost, |name| self.is_taken(name))?;

        let (before, after) = text.split_at_checked(self.at)?;
        let mut out = String::with_capacity(text.len() + self.costs(&fitted).sum());
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
        Some(Spliced { text: out, written })
    }

    /// Returns the length of `"name":{` before the fields and `}` after them; each field adds one comma.
    fn around(&self) -> usize {
        self.new_member.map_or(0, |name| escaped_len(name) + 5)
    }

    fn is_taken(&self, name: &str) -> bool {
        self.taken.contains(&Some(name))
    }
}

/// Returns the length of `"name":"value",`.
fn cost(name: &str, value: &str) -> usize {
    name.len() + escaped_len(value) + 6
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

/// Returns the length of a string between its quotes.
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
