//! Context in documents, and in the documents that their strings hold.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use memchr::memmem::Finder;

use super::{
    ContextSearch, MAX_DEPTH, MAX_NESTED,
    fields::{Attributes, DATADOG},
    front,
};
use crate::{
    envelope::DEFAULT_KEY,
    inbound::{
        NoteReason,
        findings::{FoundContext, prefer_with_span},
        members::Event,
        path::Path,
    },
    json::{Text, Value, may_hide_words},
    w3c::{Received, TRACEPARENT, traceparent},
};

/// `{"_otel":` in base64, which is how data with [`DEFAULT_KEY`] begins when Lamplight has written it.
/// Decoding all data of a Kinesis batch instead costs four times as much.
const OTEL_IN_FRONT: &[u8] = b"eyJfb3RlbCI6";

/// `{"traceparent":` in base64, which comes next in a member with this field alone. Reading that directly
/// saves a third of the cost of a Kinesis batch.
const TRACEPARENT_NEXT: &[u8] = b"eyJ0cmFjZXBhcmVudCI6";

/// The maximum number of maps that are searched in a map of the client context, and the maximum depth.
const MAX_MAPS: usize = 16;
const MAX_MAPS_DEPTH: u8 = 2;

impl ContextSearch<'_> {
    /// Searches an object written by users or services: below the configured pointers, under the usual keys,
    /// in the message attributes of a nested SNS notification, in the detail of a nested event, and in the
    /// original event of a destination.
    pub(in crate::inbound) fn in_object(
        &mut self,
        object: Value<'_>,
        at: &Path<'_>,
        depth: u8,
    ) -> Option<FoundContext> {
        let mut found = self.configured(object, at);
        prefer_with_span(&mut found, || {
            // Lamplight writes its member first, so nothing else has to be searched.
            let (key, value) = object.members().next()?;
            if !key.is(DEFAULT_KEY) {
                return None;
            }
            self.envelope(value, &at.member(DEFAULT_KEY))
        });
        prefer_with_span(&mut found, || {
            self.in_members(&Event::read(object), object, at, depth)
        });
        found
    }

    pub(in crate::inbound) fn configured(
        &mut self,
        object: Value<'_>,
        at: &Path<'_>,
    ) -> Option<FoundContext> {
        let config = self.config;
        let mut found = None;
        for pointer in &config.envelopes {
            prefer_with_span(&mut found, || {
                let envelope = object.pointer(pointer.names())?;
                self.below(pointer.names(), at, |search, at| {
                    search.envelope(envelope, at)
                })
            });
        }
        found
    }

    /// Continues with the path extended by some names.
    fn below<T>(
        &mut self,
        names: &[String],
        at: &Path<'_>,
        then: impl FnOnce(&mut Self, &Path<'_>) -> T,
    ) -> T {
        match names {
            [first, rest @ ..] if self.explaining() => self.below(rest, &at.member(first), then),
            _ => then(self, at),
        }
    }

    /// Searches a payload of an unknown service like [`ContextSearch::in_object`], but its top-level members
    /// first.
    pub(in crate::inbound) fn in_payload(
        &mut self,
        object: Value<'_>,
        event: &Event<'_>,
    ) -> Option<FoundContext> {
        let mut found = self.configured(object, &Path::Root);
        prefer_with_span(&mut found, || {
            self.in_members(event, object, &Path::Root, 0)
        });
        found
    }

    /// Searches members that have been read, like [`ContextSearch::in_object`].
    fn in_members(
        &mut self,
        event: &Event<'_>,
        object: Value<'_>,
        at: &Path<'_>,
        depth: u8,
    ) -> Option<FoundContext> {
        let mut found = self.in_caller_members(event, object, at, true);
        prefer_with_span(&mut found, || {
            let attributes = Attributes::read(event.message_attributes()?);
            self.attributes(&attributes, &at.member("MessageAttributes"))
        });
        let inner = [
            (event.detail(), "detail"),
            (event.message(), "Message"),
            (event.request_payload(), "requestPayload"),
            (event.payload(), "Payload"),
            (
                event
                    .execution()
                    .and_then(|execution| execution.get("Input")),
                "Execution.Input",
            ),
        ];
        for (value, name) in inner {
            prefer_with_span(&mut found, || {
                self.in_value(value?, &at.member(name), depth)
            });
        }
        prefer_with_span(&mut found, || {
            // The original event of a destination may hold a record; S3 in SNS never has context.
            let mut records = event.records()?.elements();
            let (Some(record), None) = (records.next(), records.next()) else {
                return None;
            };
            self.in_record(record, &at.member("Records").element(0), depth)
        });
        found
    }

    /// Searches the members that exist only to carry context; in an event that a caller passed on, the caller
    /// wrote them. They include `headers` if the service has no member of that name.
    pub(in crate::inbound) fn in_caller_members(
        &mut self,
        event: &Event<'_>,
        object: Value<'_>,
        at: &Path<'_>,
        with_headers: bool,
    ) -> Option<FoundContext> {
        let mut found = None;
        if event.has_nothing_beside() {
            return None;
        }
        let envelopes = [
            (event.otel(), DEFAULT_KEY),
            (event.firefly(), "fireflyHeaders"),
            (event.datadog().filter(|_| self.config.datadog), DATADOG),
        ];
        for (envelope, name) in envelopes {
            prefer_with_span(&mut found, || self.envelope(envelope?, &at.member(name)));
            if name == DEFAULT_KEY && event.traceparent().is_some() {
                prefer_with_span(&mut found, || self.envelope(object, at));
            }
        }
        prefer_with_span(&mut found, || {
            self.object(
                event.headers().filter(|_| with_headers)?,
                &at.member("headers"),
            )
        });
        found
    }

    /// Searches an object in an object, or in a string in an object.
    pub(in crate::inbound) fn in_value(
        &mut self,
        value: Value<'_>,
        at: &Path<'_>,
        depth: u8,
    ) -> Option<FoundContext> {
        if value.is_object() {
            if depth >= MAX_DEPTH {
                self.note(at, NoteReason::Depth);
                return None;
            }
            return self.in_object(value, at, depth + 1);
        }
        self.in_string(value.text()?, at, depth)
    }

    /// Searches the document in a string, if it may contain context.
    pub(in crate::inbound) fn in_string(
        &mut self,
        text: Text<'_>,
        at: &Path<'_>,
        depth: u8,
    ) -> Option<FoundContext> {
        // A search for bytes is much faster than any reading of the structure.
        if !self.mentions_context(text.raw()) {
            return None;
        }
        if depth >= MAX_DEPTH {
            self.note(at, NoteReason::Depth);
            return None;
        }
        if text.raw().len() > MAX_NESTED {
            self.note(at, NoteReason::Size);
            return None;
        }
        let object = text.document().filter(Value::is_object)?;
        self.in_object(object, &at.inside(), depth + 1)
    }

    /// Searches the document in a base64 string: Kinesis data, or a Kafka value.
    pub(in crate::inbound) fn in_base64(
        &mut self,
        text: Text<'_>,
        at: &Path<'_>,
    ) -> Option<FoundContext> {
        // Lamplight writes its member first, so a small part of the data is decoded first. A configured place
        // has precedence.
        let in_front = text.raw().strip_prefix(OTEL_IN_FRONT);
        if let Some(rest) = in_front.filter(|_| self.config.envelopes.is_empty()) {
            let found = self
                .bare_traceparent(rest, at)
                .or_else(|| self.base64_prefix(text, at));
            if found.is_some() {
                return found;
            }
        } else if in_front.is_none() && !self.mentions_encoded(text.raw()) && !text.is_escaped() {
            return None;
        }
        if text.raw().len() / 4 * 3 > MAX_NESTED {
            self.note(at, NoteReason::Size);
            return None;
        }
        let data = match text.is_escaped() {
            false => BASE64.decode(text.raw()).ok()?,
            true => BASE64.decode(text.to_bytes()?).ok()?,
        };
        self.in_bytes(&data, at)
    }

    /// Reads a `traceparent` that is the only field, at the place where Lamplight writes it, and nothing
    /// else.
    fn bare_traceparent(&mut self, text: &[u8], at: &Path<'_>) -> Option<FoundContext> {
        if !self.config.propagators.has_trace_context() {
            return None;
        }
        let front = front::decode::<60>(text.strip_prefix(TRACEPARENT_NEXT)?)?;
        let [b'"', value @ .., b'"', b'}', _, _] = &front else {
            return None;
        };
        let received = Received {
            span: Some(traceparent::parse(value).ok()?),
            ..Received::default()
        };
        let at = at.inside();
        let at = at.member(DEFAULT_KEY);
        let carrier = || at.member(TRACEPARENT).to_string();
        FoundContext::new(received, self.explaining().then(carrier))
    }

    /// Reads Lamplight's member at the beginning of base64 data, if the member is short.
    fn base64_prefix(&mut self, text: Text<'_>, at: &Path<'_>) -> Option<FoundContext> {
        let front = front::decode::<384>(text.raw())?;
        let (_, value) = Value::document(&front).members().next()?;
        value.end()?;
        self.envelope(value, &at.inside().member(DEFAULT_KEY))
    }

    /// Searches decoded data as a document.
    pub(in crate::inbound) fn in_bytes(
        &mut self,
        data: &[u8],
        at: &Path<'_>,
    ) -> Option<FoundContext> {
        let object = Value::document(data);
        if !object.is_object() || !self.mentions_context(data) {
            return None;
        }
        self.in_object(object, &at.inside(), 1)
    }

    /// Searches the client context of an Invoke call.
    pub(in crate::inbound) fn in_client_context(&mut self, json: &str) -> Option<FoundContext> {
        let at = Path::Root.member("client_context");
        let context = Value::document(json.as_bytes());
        if !context.is_object() {
            self.note(&at, NoteReason::ClientContext);
            return None;
        }
        // One tracer writes `Custom` with a capital, another puts the fields beside it.
        let [custom, capital] = context.get_all(["custom", "Custom"]);
        let mut found = None;
        for (object, name) in [(custom, "custom"), (capital, "Custom")] {
            let at = at.member(name);
            prefer_with_span(&mut found, || self.object(object?, &at));
            if self.config.datadog {
                prefer_with_span(&mut found, || {
                    self.object(object?.get(DATADOG)?, &at.member(DATADOG))
                });
            }
        }
        prefer_with_span(&mut found, || self.object(context, &at));
        for (object, name) in [(custom, "custom"), (capital, "Custom")] {
            prefer_with_span(&mut found, || {
                self.in_maps(object?, &at.member(name), MAX_MAPS_DEPTH)
            });
        }
        found
    }

    /// Searches the maps in a map of the client context: gateways nest the headers they pass on.
    fn in_maps(&mut self, object: Value<'_>, at: &Path<'_>, depth: u8) -> Option<FoundContext> {
        let depth = depth.checked_sub(1)?;
        let maps = object.members().filter(|(_, value)| value.is_object());
        let maps = maps.filter_map(|(name, value)| Some((name.to_str()?, value)));
        // The object of Datadog's tracers has been searched already, if that is enabled.
        let maps = maps.filter(|(name, _)| name != DATADOG);
        let mut maps: Vec<_> = maps.take(MAX_MAPS).collect();
        // Members may be in any order.
        maps.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let mut found = None;
        for (name, map) in maps {
            let at = at.member(&name);
            prefer_with_span(&mut found, || self.object(map, &at));
            prefer_with_span(&mut found, || self.in_maps(map, &at, depth));
        }
        found
    }

    /// Returns whether a document may contain context: a `traceparent` (with its first letter in either
    /// case), Lamplight's own member, which may hold baggage alone, or Datadog's object, which may be
    /// encoded.
    fn mentions_context(&self, text: &[u8]) -> bool {
        static MARKS: LazyLock<[Finder<'static>; 4]> =
            LazyLock::new(|| ["raceparent", DEFAULT_KEY, DATADOG, "aggage"].map(Finder::new));
        let [trace_context, ours, datadog, baggage] = &*MARKS;
        let has = |mark: &Finder<'_>| mark.find(text).is_some();
        has(trace_context)
            || has(ours)
            || self.config.datadog && has(datadog)
            || !self.config.propagators.has_trace_context() && has(baggage)
            || may_hide_words(text)
    }

    /// Returns the same for base64, where a word has three encodings, one per position on the 3-byte grid. A
    /// `\u00` escape may hide any word.
    fn mentions_encoded(&self, text: &[u8]) -> bool {
        static MARKS: LazyLock<[[Finder<'static>; 3]; 3]> = LazyLock::new(|| {
            [
                // `raceparent`
                ["cmFjZXBhcmVu", "JhY2VwYXJl", "yYWNlcGFyZW50"].map(Finder::new),
                // `aggage`
                ["YWdnYWdl", "FnZ2Fn", "hZ2dhZ2"].map(Finder::new),
                // `\u00`
                ["XHUwM", "x1MD", "cdTAw"].map(Finder::new),
            ]
        });
        let [trace_context, baggage, escape] = &*MARKS;
        let has = |marks: &[Finder<'_>]| marks.iter().any(|mark| mark.find(text).is_some());
        has(trace_context)
            || has(escape)
            || !self.config.propagators.has_trace_context() && has(baggage)
    }
}
