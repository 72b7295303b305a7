//! The places in an event where the three W3C fields are.
//!
//! All of them end in [`Look::accept`], which reads the values and writes down why not.

use std::{borrow::Cow, fmt};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use opentelemetry::baggage::Baggage;

use super::{NoteReason, look::Look, path::Path, seen::Candidate};
use crate::{
    json::{Members, Text, Value, text_of},
    w3c::{BAGGAGE, Received, TRACEPARENT, TRACESTATE},
};

/// More values of one header than this are not read; a valid list has at most 32 members.
pub(super) const MAX_VALUES: usize = 64;

/// The values of one field, in order. Nearly always one, which costs no allocation.
#[derive(Debug, Default)]
pub(super) struct Values<'a> {
    first: Option<Cow<'a, str>>,
    more: Vec<Cow<'a, str>>,
}

impl<'a> Values<'a> {
    pub(super) fn push(&mut self, value: Option<Cow<'a, str>>) {
        match value {
            Some(value) if self.first.is_none() => self.first = Some(value),
            Some(value) if self.more.len() < MAX_VALUES => self.more.push(value),
            _ => {}
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.first.iter().chain(&self.more).map(AsRef::as_ref)
    }

    fn is_empty(&self) -> bool {
        self.first.is_none()
    }
}

/// The three fields as they stand in one carrier.
#[derive(Debug, Default)]
pub(super) struct Strings<'a> {
    pub(super) traceparent: Values<'a>,
    pub(super) tracestate: Values<'a>,
    pub(super) baggage: Values<'a>,
    /// How the carrier spells `traceparent`.
    spelling: Option<Text<'a>>,
}

impl<'a> Strings<'a> {
    /// The three fields of a map.
    #[cfg(any(feature = "kafka", feature = "sns", feature = "sqs"))]
    pub(super) fn of(lookup: impl Fn(&str) -> Option<Cow<'a, str>>) -> Self {
        let mut strings = Self::default();
        strings.traceparent.push(lookup(TRACEPARENT));
        strings.tracestate.push(lookup(TRACESTATE));
        strings.baggage.push(lookup(BAGGAGE));
        strings
    }

    /// Adds a value where `key` is one of the three, in any case.
    pub(super) fn set(&mut self, key: Text<'a>, value: Option<Cow<'a, str>>) {
        if let Some(slot) = self.slot(key) {
            slot.push(value);
        }
    }

    fn slot(&mut self, key: Text<'a>) -> Option<&mut Values<'a>> {
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

    fn is_empty(&self) -> bool {
        self.traceparent.is_empty() && self.baggage.is_empty()
    }
}

/// What is wanted of HTTP headers, found in one pass. Of those that only describe the request, the
/// first value.
#[derive(Debug, Default)]
pub(super) struct Headers<'a> {
    pub(super) fields: Strings<'a>,
    pub(super) forwarded_for: Option<Text<'a>>,
    pub(super) forwarded_port: Option<Text<'a>>,
    pub(super) forwarded_proto: Option<Text<'a>>,
    pub(super) host: Option<Text<'a>>,
    pub(super) user_agent: Option<Text<'a>>,
}

impl<'a> Headers<'a> {
    /// Reads an object of headers: a value is a string, an array of strings (multi-value), or an
    /// array of `{"key", "value"}` (CloudFront).
    pub(super) fn read(headers: Value<'a>) -> Self {
        let mut found = Self::default();
        for (key, value) in headers.members() {
            if let Some(slot) = found.describing(key) {
                if slot.is_none() {
                    *slot = value.text().or_else(|| element(value.elements().next()?));
                }
            } else if let Some(slot) = found.fields.slot(key) {
                match value.text() {
                    Some(text) => slot.push(text.to_str()),
                    None => value
                        .elements()
                        .take(MAX_VALUES)
                        .for_each(|item| slot.push(element(item).and_then(Text::to_str))),
                }
            }
        }
        found
    }

    fn describing(&mut self, key: Text<'a>) -> Option<&mut Option<Text<'a>>> {
        let (name, slot) = match key.length() {
            Some(4) => ("host", &mut self.host),
            Some(10) => ("user-agent", &mut self.user_agent),
            Some(15) => ("x-forwarded-for", &mut self.forwarded_for),
            Some(16) => ("x-forwarded-port", &mut self.forwarded_port),
            Some(17) => ("x-forwarded-proto", &mut self.forwarded_proto),
            _ => return None,
        };
        key.is_ignoring_case(name).then_some(slot)
    }
}

/// Message attributes: of SQS (`stringValue`, `binaryValue`), of SNS (`Value`) and of SNS in the body
/// of an SQS message. Binary values are base64.
#[derive(Debug, Default)]
pub(super) struct Attributes<'a> {
    fields: Strings<'a>,
    /// What stands behind a field's name in its path.
    suffix: &'static str,
    datadog: Option<Value<'a>>,
    /// Where they end.
    pub(super) end: Option<usize>,
}

impl<'a> Attributes<'a> {
    pub(super) fn read(object: Value<'a>) -> Self {
        let mut found = Self::default();
        found.add(object);
        found
    }

    /// Adds those of an object.
    pub(super) fn add(&mut self, object: Value<'a>) {
        let mut attributes = object.members();
        while let Some((key, attribute)) = attributes.next() {
            if let Some(slot) = self.fields.slot(key) {
                let mut members = attribute.members();
                if let Some((value, member)) = attribute_value(&mut members) {
                    slot.push(Some(value));
                    self.suffix = member;
                }
                if let Some(end) = members.end() {
                    attributes.resume_at(end);
                }
            } else if key.is("_datadog") {
                self.datadog = Some(attribute);
            }
        }
        self.end = attributes.end();
    }
}

/// One value of a header that has several.
fn element(item: Value<'_>) -> Option<Text<'_>> {
    item.text().or_else(|| item.get("value")?.text())
}

impl Look<'_> {
    /// Reads the fields of one carrier; `suffix` is what stands behind a field's name in its path.
    pub(super) fn accept(
        &mut self,
        strings: &Strings<'_>,
        at: &Path<'_>,
        suffix: &str,
    ) -> Option<Candidate> {
        let name = strings
            .spelling
            .filter(|_| self.explaining())
            .and_then(Text::to_str);
        let name = name.unwrap_or(Cow::Borrowed(BAGGAGE));
        self.accept_as(strings, format_args!("{}{suffix}", at.member(&name)))
    }

    /// [`Look::accept`] with the path as it is to be shown.
    pub(super) fn accept_as(
        &mut self,
        strings: &Strings<'_>,
        path: fmt::Arguments<'_>,
    ) -> Option<Candidate> {
        if strings.is_empty() {
            return None;
        }
        let received = Received::read(
            strings.traceparent.iter(),
            strings.tracestate.iter(),
            strings.baggage.iter(),
        );
        let carrier = self.explaining().then(|| path.to_string());
        self.candidate(received, carrier)
    }

    /// An object of strings.
    pub(super) fn object(&mut self, object: Value<'_>, at: &Path<'_>) -> Option<Candidate> {
        let mut strings = Strings::default();
        for (key, value) in object.members() {
            if let Some(slot) = strings.slot(key) {
                slot.push(value.text().and_then(Text::to_str));
            }
        }
        self.accept(&strings, at, "")
    }

    /// Message attributes that have been read.
    pub(super) fn attributes(
        &mut self,
        attributes: &Attributes<'_>,
        at: &Path<'_>,
    ) -> Option<Candidate> {
        let found = self.accept(&attributes.fields, at, attributes.suffix);
        if found.is_some() || !self.config.datadog {
            return found;
        }
        let (json, member) = attribute_value(&mut attributes.datadog?.members())?;
        let at = at.member("_datadog");
        let value = Path::Member(&at, member.trim_start_matches('.'));
        self.object(Value::document(json.as_bytes()), &value.inside())
    }

    /// Headers of Kafka and RabbitMQ records: arrays of bytes, or strings.
    pub(super) fn byte_headers<'a>(
        &mut self,
        headers: impl Iterator<Item = Value<'a>>,
        at: &Path<'_>,
    ) -> Option<Candidate> {
        // Values are decoded into strings of their own, names stay where they are.
        let mut strings = Strings::default();
        for header in headers {
            for (key, value) in header.members() {
                if let Some(slot) = strings.slot(key) {
                    slot.push(bytes_value(value).map(Cow::Owned));
                }
            }
        }
        self.accept(&strings, at, "")
    }

    /// The fields below a configured pointer, [`DEFAULT_KEY`] and the like: an object of strings,
    /// or PostNL's structured form.
    ///
    /// [`DEFAULT_KEY`]: crate::outbound::DEFAULT_KEY
    pub(super) fn envelope(&mut self, envelope: Value<'_>, at: &Path<'_>) -> Option<Candidate> {
        let mut strings = Strings::default();
        for (key, value) in envelope.members() {
            let Some(slot) = strings.slot(key) else {
                continue;
            };
            match value.text() {
                None if value.is_object() && (key.is(TRACEPARENT) || key.is(BAGGAGE)) => {
                    return self.structured(envelope, at);
                }
                text => slot.push(text.and_then(Text::to_str)),
            }
        }
        self.accept(&strings, at, "")
    }

    fn structured(&mut self, envelope: Value<'_>, at: &Path<'_>) -> Option<Candidate> {
        let [parent, state, baggage] = envelope.get_all([TRACEPARENT, TRACESTATE, BAGGAGE]);
        let flat = match parent {
            Some(parent) if parent.is_object() => structured_parent(parent).map(Cow::Owned),
            text => text_of(text).and_then(Text::to_str),
        };
        let [state, text] = [state, baggage].map(|value| text_of(value).and_then(Text::to_str));
        let mut received = Received::read(flat.as_deref(), state.as_deref(), text.as_deref());
        if let Some(entries) = baggage.filter(Value::is_object) {
            received.baggage = structured_baggage(entries);
        }
        let field = if parent.is_some() {
            TRACEPARENT
        } else {
            BAGGAGE
        };
        let carrier = self.explaining().then(|| at.member(field).to_string());
        self.candidate(received, carrier)
    }

    /// What was received, with a note of what is wrong with it.
    #[inline]
    fn candidate(&mut self, received: Received, carrier: Option<String>) -> Option<Candidate> {
        if let Some(error) = received.traceparent_error {
            self.note_at(carrier.clone(), NoteReason::Traceparent(error));
        }
        if let Some(error) = received.tracestate_error {
            self.note_at(carrier.clone(), NoteReason::Tracestate(error));
        }
        Candidate::new(received, carrier)
    }
}

/// The value of a message attribute, which has these members, and the path of its text.
fn attribute_value<'a>(members: &mut Members<'a>) -> Option<(Cow<'a, str>, &'static str)> {
    let (mut notified, mut kind) = (None, None);
    for (key, value) in members {
        let Some(text) = value.text() else { continue };
        if key.is("stringValue") {
            return Some((text.to_str()?, ".stringValue"));
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
        _ => Some((notified?.to_str()?, ".Value")),
    }
}

pub(super) fn decode(text: Text<'_>) -> Option<Cow<'static, str>> {
    let bytes = BASE64.decode(text.to_str()?.as_bytes()).ok()?;
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// The text of a header value that Lambda gives as bytes. Observed: an array of (signed) numbers,
/// an array of numbers in strings, an object with the indices as keys, RabbitMQ's
/// `{"bytes": [..]}`; a plain string counts as itself.
fn bytes_value(value: Value<'_>) -> Option<String> {
    const MAX_BYTES: usize = 16 * 1024;

    if let Some(text) = value.text() {
        return text.to_str().map(Cow::into_owned);
    }
    let value = value.get("bytes").unwrap_or(value);
    let items = value
        .elements()
        .chain(value.members().map(|(_, value)| value));
    let mut bytes = Vec::new();
    for item in items.take(MAX_BYTES) {
        let number = match item.text() {
            Some(text) => text.to_str()?.parse::<i16>().ok()?,
            None => item.scalar()?.parse::<i16>().ok()?,
        };
        // Java writes its bytes signed.
        bytes.push(
            u8::try_from(number)
                .or_else(|_| i8::try_from(number).map(i8::cast_unsigned))
                .ok()?,
        );
    }
    String::from_utf8(bytes).ok()
}

/// `{"trace_id": "0x..", "span_id": "0x..", "trace_flags": "01"}` as a `traceparent`, sampled
/// unless it says otherwise. What cannot be read gives a field that is invalid and so is reported.
fn structured_parent(parent: Value<'_>) -> Option<String> {
    let [trace_id, span_id, flags] = parent.get_all(["trace_id", "span_id", "trace_flags"]);
    let digits = |value: Option<Value<'_>>| {
        let text = text_of(value).and_then(Text::to_str).unwrap_or_default();
        text.strip_prefix("0x")
            .unwrap_or(&text)
            .to_ascii_lowercase()
    };
    let flags = match flags {
        Some(flags) if flags.text().is_some() => digits(Some(flags)),
        Some(flags) => format!("{:02x}", flags.scalar()?.parse::<u8>().ok()?),
        None => "01".to_owned(),
    };
    Some(format!(
        "00-{:0>32}-{:0>16}-{flags}",
        digits(trace_id),
        digits(span_id)
    ))
}

fn structured_baggage(entries: Value<'_>) -> Option<Baggage> {
    let mut baggage = Baggage::new();
    for (key, value) in entries.members().take(MAX_VALUES) {
        let value = match value.text() {
            Some(text) => text.to_str(),
            None => value.scalar(),
        };
        if let (Some(key), Some(value)) = (key.to_str(), value) {
            baggage.insert(key.into_owned(), value.into_owned());
        }
    }
    (!baggage.is_empty()).then_some(baggage)
}
