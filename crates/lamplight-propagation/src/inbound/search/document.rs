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

/// `{"_otel":`, which is what [`DEFAULT_KEY`] looks like at the front of base64 data. To decode the whole of
/// the data instead costs four times as much of a Kinesis batch.
const OTEL_IN_FRONT: &[u8] = b"eyJfb3RlbCI6";

/// `{"traceparent":`, which is what stands next where there is nothing else: a third of a Kinesis batch.
const TRACEPARENT_NEXT: &[u8] = b"eyJ0cmFjZXBhcmVudCI6";

/// How many maps of a map in the client context are searched, and how deep.
const MAX_MAPS: usize = 16;
const MAX_MAPS_DEPTH: u8 = 2;

impl ContextSearch<'_> {
    /// Context anywhere in an object that people or services make: below the configured pointers,
    /// under the usual keys, in the message attributes of a nested SNS notification, in the detail
    /// of a nested event, in the original event of a destination.
    pub(in crate::inbound) fn in_object(
        &mut self,
        object: Value<'_>,
        at: &Path<'_>,
        depth: u8,
    ) -> Option<FoundContext> {
        let mut found = self.configured(object, at);
        prefer_with_span(&mut found, || {
            // What we have written is in front: nothing else has to be looked at.
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

    /// Goes on with the path extended by some names.
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

    /// A payload that is no service's: all that [`ContextSearch::in_object`] looks at, at the top first.
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

    /// [`ContextSearch::in_object`] for members that have been read.
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
            // The original event of a destination may have a record, S3 in SNS never has context.
            let mut records = event.records()?.elements();
            let (Some(record), None) = (records.next(), records.next()) else {
                return None;
            };
            self.in_record(record, &at.member("Records").element(0), depth)
        });
        found
    }

    /// The members that are there for context alone: in an event that a caller passed on, they are
    /// the caller's. `headers` are, where a service has no member of that name.
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

    /// An object in an object, or in a string in an object.
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

    /// The document in a string, if it may have context at all.
    pub(in crate::inbound) fn in_string(
        &mut self,
        text: Text<'_>,
        at: &Path<'_>,
        depth: u8,
    ) -> Option<FoundContext> {
        // A search for bytes is much faster than any look at the structure.
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

    /// The document in a base64 string: data of Kinesis, a Kafka value.
    pub(in crate::inbound) fn in_base64(
        &mut self,
        text: Text<'_>,
        at: &Path<'_>,
    ) -> Option<FoundContext> {
        // What we have written is in front, so a small part of the data is decoded first.
        // A place that somebody has configured comes before.
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

    /// A `traceparent` without anything beside it, where we write it: a look at nothing else.
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

    /// Our member at the front of base64 data, if it ends soon.
    fn base64_prefix(&mut self, text: Text<'_>, at: &Path<'_>) -> Option<FoundContext> {
        let front = front::decode::<384>(text.raw())?;
        let (_, value) = Value::document(&front).members().next()?;
        value.end()?;
        self.envelope(value, &at.inside().member(DEFAULT_KEY))
    }

    /// The document that decoded data is.
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

    /// The client context of an Invoke call.
    pub(in crate::inbound) fn in_client_context(&mut self, json: &str) -> Option<FoundContext> {
        let at = Path::Root.member("client_context");
        let context = Value::document(json.as_bytes());
        if !context.is_object() {
            self.note(&at, NoteReason::ClientContext);
            return None;
        }
        // One tracer spells it with a capital, another puts the fields beside it.
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
        // What Datadog writes has been looked at, if it is to be read.
        let maps = maps.filter(|(name, _)| name != DATADOG);
        let mut maps: Vec<_> = maps.take(MAX_MAPS).collect();
        // Members have no order.
        maps.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let mut found = None;
        for (name, map) in maps {
            let at = at.member(&name);
            prefer_with_span(&mut found, || self.object(map, &at));
            prefer_with_span(&mut found, || self.in_maps(map, &at, depth));
        }
        found
    }

    /// Whether there can be context in a document: a `traceparent`, in whatever case its first letter
    /// is; what we write, which may be baggage alone; what Datadog writes, which may be encoded.
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

    /// The same for base64, where a mark can lie on the 3-byte grid in three ways. An escape by number
    /// may hide any mark.
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
