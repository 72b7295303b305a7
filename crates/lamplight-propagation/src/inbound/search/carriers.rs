//! The places in an event that hold the three W3C fields.
//!
//! All of them end in [`ContextSearch::accept`], which reads the values and notes the reason if they are not
//! used.

use std::{borrow::Cow, fmt};

use opentelemetry::baggage::{Baggage, BaggageMetadata};

use super::{
    ContextSearch,
    fields::{Attributes, DATADOG, Strings, attribute_value},
};
use crate::{
    inbound::{
        NoteReason,
        findings::{FoundContext, prefer_with_span},
        path::Path,
    },
    json::{Text, Value, text_of},
    w3c::{BAGGAGE, BaggageError, Received, TRACEPARENT, TRACESTATE, baggage},
};

/// The limit of baggage entries that are read: twice as many as may be kept, since some may be invalid.
const MAX_ENTRIES: u32 = 64;

impl ContextSearch<'_> {
    /// Reads the fields of one carrier; `suffix` follows a field's name in its path.
    pub(in crate::inbound) fn accept(
        &mut self,
        strings: &Strings<'_>,
        at: &Path<'_>,
        suffix: &str,
    ) -> Option<FoundContext> {
        let name = strings
            .spelling
            .filter(|_| self.explaining())
            .and_then(Text::to_str);
        let name = name.unwrap_or(Cow::Borrowed(BAGGAGE));
        self.accept_as(strings, format_args!("{}{suffix}", at.member(&name)))
    }

    /// Reads the fields of one carrier, like [`ContextSearch::accept`], with the path to show.
    pub(in crate::inbound) fn accept_as(
        &mut self,
        strings: &Strings<'_>,
        path: fmt::Arguments<'_>,
    ) -> Option<FoundContext> {
        if strings.is_empty() {
            return None;
        }
        let received = Received::read(
            strings.traceparent.iter(),
            strings.tracestate.iter(),
            strings.baggage.iter(),
        );
        let carrier = self.explaining().then(|| path.to_string());
        if self.explaining() {
            let values = strings.baggage.iter().map(String::from_utf8_lossy);
            self.note_left_out(values, carrier.as_deref());
        }
        self.found(received, carrier)
    }

    /// Notes which members of the baggage were left out.
    fn note_left_out<'b>(
        &mut self,
        values: impl IntoIterator<Item = Cow<'b, str>>,
        carrier: Option<&str>,
    ) {
        if self.config.propagators.has_baggage() {
            baggage::parse_telling(values, |position, error| {
                let reason = NoteReason::Baggage(position, error);
                self.note_at(carrier.map(str::to_owned), reason);
            });
        }
    }

    /// Searches an object of strings.
    pub(in crate::inbound) fn object(
        &mut self,
        object: Value<'_>,
        at: &Path<'_>,
    ) -> Option<FoundContext> {
        let mut strings = Strings::default();
        for (key, value) in object.members() {
            if let Some(slot) = strings.slot(key) {
                slot.push(value.text().and_then(Text::to_bytes));
            }
        }
        self.accept(&strings, at, "")
    }

    /// Searches message attributes that have been read.
    pub(in crate::inbound) fn attributes(
        &mut self,
        attributes: &Attributes<'_>,
        at: &Path<'_>,
    ) -> Option<FoundContext> {
        let mut found = self.accept(&attributes.fields, at, attributes.suffix);
        prefer_with_span(&mut found, || {
            let attribute = attributes.datadog.filter(|_| self.config.datadog)?;
            let (json, member) = attribute_value(&mut attribute.members())?;
            let at = at.member(DATADOG);
            let value = Path::Member(&at, member.trim_start_matches('.'));
            self.datadog(&json, &value.inside())
        });
        found
    }

    /// Searches message attributes that are looked up by name, in lower case.
    pub(in crate::inbound) fn named_attributes<'v>(
        &mut self,
        at: &Path<'_>,
        attribute: impl Fn(&str) -> Option<Cow<'v, [u8]>>,
    ) -> Option<FoundContext> {
        let mut found = self.accept(&Strings::of(&attribute), at, "");
        prefer_with_span(&mut found, || self.datadog(&attribute(DATADOG)?, at));
        found
    }

    /// Searches fields that are looked up by name, in lower case.
    #[cfg(feature = "records-kafka")]
    pub(in crate::inbound) fn named_fields<'v>(
        &mut self,
        at: &Path<'_>,
        field: impl Fn(&str) -> Option<Cow<'v, [u8]>>,
    ) -> Option<FoundContext> {
        self.accept(&Strings::of(field), at, "")
    }

    /// Searches the object written by Datadog's tracers, if that is enabled.
    pub(in crate::inbound) fn datadog(
        &mut self,
        json: &[u8],
        at: &Path<'_>,
    ) -> Option<FoundContext> {
        if !self.config.datadog {
            return None;
        }
        self.object(Value::document(json), at)
    }

    /// Searches an attribute of a DynamoDB item: a map of the fields, or a `traceparent` alone.
    pub(in crate::inbound) fn item_attribute(
        &mut self,
        item: Value<'_>,
        at: &Path<'_>,
    ) -> Option<FoundContext> {
        let [map, text] = item.get_all(["M", "S"]);
        let mut strings = Strings::default();
        if let Some(text) = text.and_then(|text| text.text()) {
            strings.traceparent.push(text.to_bytes());
            return self.accept_as(&strings, format_args!("{at}.S"));
        }
        for (key, value) in map?.members() {
            let value = value.get("S").and_then(|value| value.text());
            strings.set(key, value.and_then(Text::to_bytes));
        }
        self.accept(&strings, &at.member("M"), ".S")
    }

    /// Searches headers of Kafka and RabbitMQ records: arrays of bytes, or strings.
    pub(in crate::inbound) fn byte_headers<'a>(
        &mut self,
        headers: impl Iterator<Item = Value<'a>>,
        at: &Path<'_>,
    ) -> Option<FoundContext> {
        // Values are decoded into separate strings; names are used in place.
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

    /// Searches the fields below a pointer, configured or [`DEFAULT_KEY`]: an object of strings, or PostNL's
    /// structured form.
    ///
    /// [`DEFAULT_KEY`]: crate::outbound::DEFAULT_KEY
    pub(in crate::inbound) fn envelope(
        &mut self,
        envelope: Value<'_>,
        at: &Path<'_>,
    ) -> Option<FoundContext> {
        let mut strings = Strings::default();
        for (key, value) in envelope.members() {
            let Some(slot) = strings.slot(key) else {
                continue;
            };
            match value.text() {
                None if value.is_object() && (key.is(TRACEPARENT) || key.is(BAGGAGE)) => {
                    return self.structured(envelope, at);
                }
                text => slot.push(text.and_then(Text::to_bytes)),
            }
        }
        self.accept(&strings, at, "")
    }

    fn structured(&mut self, envelope: Value<'_>, at: &Path<'_>) -> Option<FoundContext> {
        let [parent, state, baggage] = envelope.get_all([TRACEPARENT, TRACESTATE, BAGGAGE]);
        let flat = match parent {
            Some(parent) if parent.is_object() => {
                structured_parent(parent).map(|text| Cow::Owned(text.into_bytes()))
            }
            text => text_of(text).and_then(Text::to_bytes),
        };
        let [state, text] = [state, baggage].map(|value| text_of(value).and_then(Text::to_bytes));
        let mut received = Received::read(flat.as_deref(), state.as_deref(), text.as_deref());
        let mut left_out = Vec::new();
        if let Some(entries) = baggage.filter(Value::is_object) {
            received.baggage = structured_baggage(entries, |position, error| {
                left_out.push((position, error));
            });
        }
        let field = if parent.is_some() {
            TRACEPARENT
        } else {
            BAGGAGE
        };
        let carrier = self.explaining().then(|| at.member(field).to_string());
        if self.explaining() {
            for (position, error) in left_out {
                self.note_at(carrier.clone(), NoteReason::Baggage(position, error));
            }
            let text = text.as_deref().map(String::from_utf8_lossy);
            self.note_left_out(text, carrier.as_deref());
        }
        self.found(received, carrier)
    }

    /// Returns the received context, and notes its faults.
    #[inline]
    fn found(&mut self, mut received: Received, carrier: Option<String>) -> Option<FoundContext> {
        let propagators = self.config.propagators;
        if self.explaining() && propagators.leave_out(&received) {
            self.note_at(carrier.clone(), NoteReason::LeftOut);
        }
        propagators.filter(&mut received);
        if let Some(error) = received.traceparent_error {
            self.note_at(carrier.clone(), NoteReason::Traceparent(error));
        }
        if let Some(error) = received.tracestate_error {
            self.note_at(carrier.clone(), NoteReason::Tracestate(error));
        }
        FoundContext::new(received, carrier)
    }
}

/// Returns the text of a header value that Lambda delivers as bytes. Observed forms: an array of (signed)
/// numbers, an array of numbers in strings, an object with the indices as keys, and RabbitMQ's `{"bytes":
/// [..]}`. A plain string is used as it is.
fn bytes_value(value: Value<'_>) -> Option<Vec<u8>> {
    const MAX_BYTES: usize = 16 * 1024;

    if let Some(text) = value.text() {
        return text.to_bytes().map(Cow::into_owned);
    }
    let value = value.get("bytes").unwrap_or(value);
    let mut bytes = Vec::new();
    for item in value.elements().take(MAX_BYTES) {
        bytes.push(byte(item)?);
    }
    // Members may be in any order.
    let mut indexed = Vec::new();
    for (index, item) in value.members().take(MAX_BYTES) {
        let index = index.to_str()?.parse::<u32>().ok()?;
        indexed.push((index, byte(item)?));
    }
    indexed.sort_unstable();
    bytes.extend(indexed.into_iter().map(|(_, byte)| byte));
    Some(bytes)
}

/// Returns a byte written as a number, or as a string with a number. Java writes signed bytes.
fn byte(item: Value<'_>) -> Option<u8> {
    let number = match item.text() {
        Some(text) => text.to_str()?.parse::<i16>().ok()?,
        None => item.scalar()?.parse::<i16>().ok()?,
    };
    u8::try_from(number)
        .or_else(|_| i8::try_from(number).map(i8::cast_unsigned))
        .ok()
}

/// Returns `{"trace_id": "0x..", "span_id": "0x..", "trace_flags": "01"}` as a `traceparent`, sampled by
/// default. An unreadable object gives an invalid field, so that it is reported.
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

fn structured_baggage(
    entries: Value<'_>,
    mut left_out: impl FnMut(u32, BaggageError),
) -> Option<Box<Baggage>> {
    let mut baggage = Box::new(Baggage::new());
    for ((key, value), position) in entries.members().zip(1..=2 * MAX_ENTRIES) {
        let value = match value.text() {
            Some(text) => text.to_str(),
            None => value.scalar(),
        };
        let result = match (key.to_str(), value) {
            (Some(key), Some(value)) => baggage::insert(
                &mut baggage,
                &key,
                value.into_owned(),
                BaggageMetadata::default(),
            ),
            _ => Err(BaggageError::Member),
        };
        if let Err(error) = result {
            left_out(position, error);
        }
    }
    (!baggage.is_empty()).then_some(baggage)
}
