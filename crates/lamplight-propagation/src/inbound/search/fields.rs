//! The three W3C fields as headers, message attributes and similar carriers hold them.

use std::{borrow::Cow, mem, slice};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use crate::{
    json::{Members, Text, Value},
    w3c::{BAGGAGE, TRACEPARENT, TRACESTATE},
    xray::X_AMZN_TRACE_ID,
};

/// The name under which Datadog's tracers write their fields, including those of W3C.
pub(in crate::inbound) const DATADOG: &str = "_datadog";

/// The maximum number of values that are read from one header; a valid list has at most 32 members.
pub(in crate::inbound) const MAX_VALUES: usize = 64;

/// The end of every string attribute of an SQS message, as Lambda writes it. Matching it saves 8 % of a batch
/// of 1000 messages, and 3 % of a single one; other endings are parsed.
const BEHIND_STRING_VALUE: &[u8] =
    br#","stringListValues":[],"binaryListValues":[],"dataType":"String"}"#;

/// The values of one field, in order. Almost always one, which needs no allocation.
#[derive(Debug, Default)]
pub(in crate::inbound) enum Values<'a> {
    #[default]
    None,
    One(Cow<'a, [u8]>),
    Several(Vec<Cow<'a, [u8]>>),
}

impl<'a> Values<'a> {
    #[inline]
    pub(in crate::inbound) fn push(&mut self, value: Option<Cow<'a, [u8]>>) {
        let Some(value) = value else { return };
        match self {
            Self::None => *self = Self::One(value),
            Self::One(first) => *self = Self::Several(vec![mem::take(first), value]),
            Self::Several(values) if values.len() < MAX_VALUES => values.push(value),
            Self::Several(_) => {}
        }
    }

    pub(in crate::inbound) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let values = match self {
            Self::None => &[],
            Self::One(value) => slice::from_ref(value),
            Self::Several(values) => values.as_slice(),
        };
        values.iter().map(AsRef::as_ref)
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// The three fields as strings of one carrier.
#[derive(Debug, Default)]
pub(in crate::inbound) struct Strings<'a> {
    pub(in crate::inbound) traceparent: Values<'a>,
    pub(in crate::inbound) tracestate: Values<'a>,
    pub(in crate::inbound) baggage: Values<'a>,
    /// The carrier's spelling of `traceparent`.
    pub(in crate::inbound) spelling: Option<Text<'a>>,
}

impl<'a> Strings<'a> {
    /// Returns the three fields of a map.
    pub(in crate::inbound) fn of(lookup: impl Fn(&str) -> Option<Cow<'a, [u8]>>) -> Self {
        let mut strings = Self::default();
        strings.traceparent.push(lookup(TRACEPARENT));
        strings.tracestate.push(lookup(TRACESTATE));
        strings.baggage.push(lookup(BAGGAGE));
        strings
    }

    /// Adds a value if `key` is one of the three names, in any case.
    pub(in crate::inbound) fn set(&mut self, key: Text<'a>, value: Option<Cow<'a, [u8]>>) {
        if let Some(slot) = self.slot(key) {
            slot.push(value);
        }
    }

    pub(in crate::inbound) fn slot(&mut self, key: Text<'a>) -> Option<&mut Values<'a>> {
        let (field, values) = match key.length() {
            Some(7) => (BAGGAGE, &mut self.baggage),
            Some(10) => (TRACESTATE, &mut self.tracestate),
            Some(11) => (TRACEPARENT, &mut self.traceparent),
            _ => return None,
        };
        if !key.is_ignoring_case(field) {
            return None;
        }
        if field == TRACEPARENT {
            self.spelling = Some(key);
        }
        Some(values)
    }

    pub(in crate::inbound) fn is_empty(&self) -> bool {
        self.traceparent.is_empty() && self.baggage.is_empty()
    }
}

/// The HTTP headers that are used, found in one pass. For headers that only describe the request, the first
/// value is kept.
#[derive(Debug, Default)]
pub(in crate::inbound) struct Headers<'a> {
    pub(in crate::inbound) fields: Strings<'a>,
    pub(in crate::inbound) forwarded: Option<Text<'a>>,
    pub(in crate::inbound) forwarded_for: Option<Text<'a>>,
    pub(in crate::inbound) forwarded_host: Option<Text<'a>>,
    pub(in crate::inbound) forwarded_port: Option<Text<'a>>,
    pub(in crate::inbound) forwarded_proto: Option<Text<'a>>,
    pub(in crate::inbound) host: Option<Text<'a>>,
    pub(in crate::inbound) user_agent: Option<Text<'a>>,
    pub(in crate::inbound) xray: Option<Text<'a>>,
}

impl<'a> Headers<'a> {
    /// Reads an object of headers. A value is a string, an array of strings (multi-value), or an array of
    /// `{"key", "value"}` (CloudFront).
    pub(in crate::inbound) fn read(headers: Value<'a>) -> Self {
        let mut found = Self::default();
        for (key, value) in headers.members() {
            if let Some(slot) = found.describing(key) {
                if slot.is_none() {
                    *slot = value.text().or_else(|| element(value.elements().next()?));
                }
            } else if let Some(slot) = found.fields.slot(key) {
                match value.text() {
                    Some(text) => slot.push(text.to_bytes()),
                    None => value
                        .elements()
                        .take(MAX_VALUES)
                        .for_each(|item| slot.push(element(item).and_then(Text::to_bytes))),
                }
            }
        }
        found
    }

    fn describing(&mut self, key: Text<'a>) -> Option<&mut Option<Text<'a>>> {
        let (name, slot) = match key.length() {
            Some(4) => ("host", &mut self.host),
            Some(9) => ("forwarded", &mut self.forwarded),
            // VPC Lattice version 1 writes it so.
            Some(10) if key.is("user_agent") => return Some(&mut self.user_agent),
            Some(10) => ("user-agent", &mut self.user_agent),
            Some(15) if key.is_ignoring_case(X_AMZN_TRACE_ID) => return Some(&mut self.xray),
            Some(15) => ("x-forwarded-for", &mut self.forwarded_for),
            Some(16) if key.is_ignoring_case("x-forwarded-port") => {
                return Some(&mut self.forwarded_port);
            }
            Some(16) => ("x-forwarded-host", &mut self.forwarded_host),
            Some(17) => ("x-forwarded-proto", &mut self.forwarded_proto),
            _ => return None,
        };
        key.is_ignoring_case(name).then_some(slot)
    }
}

/// Message attributes of SQS (`stringValue`, `binaryValue`), of SNS (`Value`) and of SNS in the body of an
/// SQS message. Binary values are base64.
#[derive(Debug, Default)]
pub(in crate::inbound) struct Attributes<'a> {
    pub(in crate::inbound) fields: Strings<'a>,
    /// The suffix of a field's name in its path.
    pub(in crate::inbound) suffix: &'static str,
    pub(in crate::inbound) datadog: Option<Value<'a>>,
    /// The position at which the attributes end.
    pub(in crate::inbound) end: Option<usize>,
}

impl<'a> Attributes<'a> {
    pub(in crate::inbound) fn read(object: Value<'a>) -> Self {
        let mut found = Self::default();
        found.add(object);
        found
    }

    /// Adds the attributes of an object.
    pub(in crate::inbound) fn add(&mut self, object: Value<'a>) {
        let mut attributes = object.members();
        while let Some((key, attribute)) = attributes.next() {
            if let Some(slot) = self.fields.slot(key) {
                let mut members = attribute.members();
                if let Some((value, member)) = attribute_value(&mut members) {
                    slot.push(Some(value));
                    self.suffix = member;
                }
                if let Some(end) = members.end_behind(BEHIND_STRING_VALUE) {
                    attributes.resume_at(end);
                }
            } else if key.is(DATADOG) {
                self.datadog = Some(attribute);
            }
        }
        self.end = attributes.end();
    }
}

/// Returns one value of a header that has several.
fn element(item: Value<'_>) -> Option<Text<'_>> {
    item.text().or_else(|| item.get("value")?.text())
}

/// Returns the value of a message attribute with these members, and the path of its text.
pub(in crate::inbound) fn attribute_value<'a>(
    members: &mut Members<'a>,
) -> Option<(Cow<'a, [u8]>, &'static str)> {
    let (mut notified, mut kind) = (None, None);
    for (key, value) in members {
        let Some(text) = value.text() else { continue };
        if key.is("stringValue") {
            return Some((text.to_bytes()?, ".stringValue"));
        } else if key.is("binaryValue") {
            return Some((decode(text)?, ".binaryValue"));
        } else if key.is("Value") {
            notified = Some(text);
        } else if key.is("Type") {
            kind = Some(text);
        }
    }
    match kind {
        Some(kind) if kind.is("Binary") => Some((decode(notified?)?, ".Value")),
        _ => Some((notified?.to_bytes()?, ".Value")),
    }
}

pub(in crate::inbound) fn decode(text: Text<'_>) -> Option<Cow<'static, [u8]>> {
    BASE64.decode(text.to_bytes()?).ok().map(Cow::Owned)
}
