//! The walk through an invocation: what is found where, and which of it counts.

use std::{borrow::Cow, sync::LazyLock};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use memchr::memmem::Finder;
use opentelemetry::{
    KeyValue,
    trace::{Link, SpanContext},
};

use super::{
    Note, NoteReason, XRayPolicy,
    carriers::DATADOG,
    config::Config,
    event::Event,
    explain::Log,
    fields::Attributes,
    front,
    path::Path,
    records,
    seen::{Candidate, Seen, or_else},
};
use crate::{
    envelope::DEFAULT_KEY,
    json::{Text, Value, may_hide_words},
    w3c::{Received, TRACEPARENT, traceparent},
    xray::XRayHeader,
};

/// Documents in documents are followed this far: EventBridge in SNS in SQS is two.
pub(super) const MAX_DEPTH: u8 = 3;

/// Nested bodies larger than this are not looked into: the size limit of SQS and SNS.
pub(super) const MAX_NESTED: usize = 1024 * 1024;

/// `{"_otel":`, which is what [`DEFAULT_KEY`] looks like at the front of base64 data. To decode the whole of
/// the data instead costs four times as much of a Kinesis batch.
const OTEL_IN_FRONT: &[u8] = b"eyJfb3RlbCI6";

/// `{"traceparent":`, which is what stands next where there is nothing else: a third of a Kinesis batch.
const TRACEPARENT_NEXT: &[u8] = b"eyJ0cmFjZXBhcmVudCI6";

/// One extraction: the settings and, when somebody wants to read it, the log.
#[derive(Debug)]
pub(super) struct Look<'l> {
    pub(super) config: &'l Config,
    log: Option<&'l mut Log>,
    /// Nobody wants to know more than the context.
    context_only: bool,
}

impl<'l> Look<'l> {
    pub(super) fn new(config: &'l Config, log: Option<&'l mut Log>) -> Self {
        Self {
            config,
            log,
            context_only: false,
        }
    }

    /// A look for the context alone: no links, no attributes.
    pub(super) fn for_context(config: &'l Config) -> Self {
        Self {
            context_only: true,
            ..Self::new(config, None)
        }
    }

    /// Whether links and attributes are wanted.
    pub(super) fn describes(&self) -> bool {
        !self.context_only
    }

    pub(super) fn explaining(&self) -> bool {
        self.log.is_some()
    }

    pub(super) fn note(&mut self, at: &Path<'_>, reason: NoteReason) {
        let carrier = self.explaining().then(|| at.to_string());
        self.note_at(carrier, reason);
    }

    pub(super) fn note_at(&mut self, carrier: Option<String>, reason: NoteReason) {
        if let (Some(log), Some(carrier)) = (&mut self.log, carrier) {
            log.notes.push(Note { carrier, reason });
        }
    }

    /// Writes down where the parent is.
    pub(super) fn parent_at(&mut self, carrier: Option<String>) {
        if let Some(log) = &mut self.log {
            log.parent_carrier = carrier;
        }
    }

    /// Adds a link, or counts it beyond the limit.
    pub(super) fn link(
        &mut self,
        seen: &mut Seen,
        of: Candidate,
        attributes: impl FnOnce() -> Vec<KeyValue>,
    ) {
        let Some(span) = of.received.span else {
            return;
        };
        seen.linked = true;
        if !self.describes() {
            return;
        }
        if seen.links.len() >= self.config.link_limit {
            seen.dropped_links = seen.dropped_links.saturating_add(1);
            return;
        }
        seen.links.push(Link::new(span, attributes(), 0));
        if let (Some(log), Some(carrier)) = (&mut self.log, of.carrier) {
            log.link_carriers.push(carrier);
        }
    }

    /// What was found in a carrier that has an X-Ray header too, or that header where it comes before
    /// or where no span was found.
    pub(super) fn beside_xray<'h>(
        &mut self,
        found: Option<Candidate>,
        header: impl FnOnce() -> Option<Cow<'h, str>>,
        at: &Path<'_>,
    ) -> Option<Candidate> {
        let policy = self.config.xray;
        if policy == XRayPolicy::Ignore
            || policy != XRayPolicy::ParentBeforeW3c
                && found.as_ref().is_some_and(Candidate::has_span)
        {
            return found;
        }
        let header = header().and_then(|header| self.xray(&header, at));
        let Some(mut header) = header else {
            return found;
        };
        // Baggage that came with another span, or without one, is no reason to lose it.
        header.received.baggage = found.and_then(|found| found.received.baggage);
        Some(header)
    }

    /// An X-Ray header, as the policy has it.
    pub(super) fn xray(&mut self, header: &str, at: &Path<'_>) -> Option<Candidate> {
        if self.config.xray == XRayPolicy::Ignore {
            return None;
        }
        let header = XRayHeader::parse(header);
        let span = header.span_context().filter(SpanContext::is_sampled);
        if span.is_none() {
            self.note(at, NoteReason::XRayNotSampled);
        }
        let carrier = self.explaining().then(|| at.to_string());
        let received = Received {
            span: Some(span?),
            ..Received::default()
        };
        let link_only = self.config.xray == XRayPolicy::LinkIfSampled;
        Some(Candidate {
            received,
            carrier,
            link_only,
        })
    }

    /// Context anywhere in an object that people or services make: below the configured pointers,
    /// under the usual keys, in the message attributes of a nested SNS notification, in the detail
    /// of a nested event, in the original event of a destination.
    pub(super) fn document(
        &mut self,
        object: Value<'_>,
        at: &Path<'_>,
        depth: u8,
    ) -> Option<Candidate> {
        let mut found = self.configured(object, at);
        or_else(&mut found, || {
            // What we have written is in front: nothing else has to be looked at.
            let (key, value) = object.members().next()?;
            if !key.is(DEFAULT_KEY) {
                return None;
            }
            self.envelope(value, &at.member(DEFAULT_KEY))
        });
        or_else(&mut found, || {
            self.members(&Event::read(object), object, at, depth)
        });
        found
    }

    pub(super) fn configured(&mut self, object: Value<'_>, at: &Path<'_>) -> Option<Candidate> {
        let config = self.config;
        let mut found = None;
        for pointer in &config.envelopes {
            or_else(&mut found, || {
                let envelope = object.pointer(pointer.names())?;
                self.below(pointer.names(), at, |look, at| look.envelope(envelope, at))
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

    /// A payload that is no service's: all that [`Look::document`] looks at, at the top first.
    pub(super) fn payload(&mut self, object: Value<'_>, event: &Event<'_>) -> Option<Candidate> {
        let mut found = self.configured(object, &Path::Root);
        or_else(&mut found, || self.members(event, object, &Path::Root, 0));
        found
    }

    /// [`Look::document`] for members that have been read.
    fn members(
        &mut self,
        event: &Event<'_>,
        object: Value<'_>,
        at: &Path<'_>,
        depth: u8,
    ) -> Option<Candidate> {
        let mut found = self.beside(event, object, at, true);
        or_else(&mut found, || {
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
            or_else(&mut found, || self.inner(value?, &at.member(name), depth));
        }
        or_else(&mut found, || {
            // The original event of a destination may have a record, S3 in SNS never has context.
            let mut records = event.records()?.elements();
            let (Some(record), None) = (records.next(), records.next()) else {
                return None;
            };
            records::of_one(self, record, &at.member("Records").element(0), depth)
        });
        found
    }

    /// The members that are there for context alone: in an event that a caller passed on, they are
    /// the caller's. `headers` are, where a service has no member of that name.
    pub(super) fn beside(
        &mut self,
        event: &Event<'_>,
        object: Value<'_>,
        at: &Path<'_>,
        with_headers: bool,
    ) -> Option<Candidate> {
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
            or_else(&mut found, || self.envelope(envelope?, &at.member(name)));
            if name == DEFAULT_KEY && event.traceparent().is_some() {
                or_else(&mut found, || self.envelope(object, at));
            }
        }
        or_else(&mut found, || {
            self.object(
                event.headers().filter(|_| with_headers)?,
                &at.member("headers"),
            )
        });
        found
    }

    /// An object in an object, or in a string in an object.
    pub(super) fn inner(
        &mut self,
        value: Value<'_>,
        at: &Path<'_>,
        depth: u8,
    ) -> Option<Candidate> {
        if value.is_object() {
            if depth >= MAX_DEPTH {
                self.note(at, NoteReason::Depth);
                return None;
            }
            return self.document(value, at, depth + 1);
        }
        self.nested(value.text()?, at, depth)
    }

    /// The document in a string, if it may have context at all.
    pub(super) fn nested(&mut self, text: Text<'_>, at: &Path<'_>, depth: u8) -> Option<Candidate> {
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
        self.document(object, &at.inside(), depth + 1)
    }

    /// The document in a base64 string: data of Kinesis, a Kafka value.
    pub(super) fn encoded(&mut self, text: Text<'_>, at: &Path<'_>) -> Option<Candidate> {
        // What we have written is in front, so a small part of the data is decoded first.
        if let Some(rest) = text.raw().strip_prefix(OTEL_IN_FRONT) {
            let found = self.alone(rest, at).or_else(|| self.front(text, at));
            if found.is_some() {
                return found;
            }
        } else if !self.mentions_encoded(text.raw()) {
            return None;
        }
        if text.raw().len() / 4 * 3 > MAX_NESTED {
            self.note(at, NoteReason::Size);
            return None;
        }
        let data = BASE64.decode(text.raw()).ok()?;
        self.data(&data, at)
    }

    /// A `traceparent` without anything beside it, where we write it: a look at nothing else.
    fn alone(&mut self, text: &[u8], at: &Path<'_>) -> Option<Candidate> {
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
        Candidate::new(received, self.explaining().then(carrier))
    }

    /// Our member at the front of base64 data, if it ends soon.
    fn front(&mut self, text: Text<'_>, at: &Path<'_>) -> Option<Candidate> {
        let front = front::decode::<384>(text.raw())?;
        let (_, value) = Value::document(&front).members().next()?;
        value.end()?;
        self.envelope(value, &at.inside().member(DEFAULT_KEY))
    }

    /// The document that decoded data is.
    pub(super) fn data(&mut self, data: &[u8], at: &Path<'_>) -> Option<Candidate> {
        let object = Value::document(data);
        if !object.is_object() || !self.mentions_context(data) {
            return None;
        }
        self.document(object, &at.inside(), 1)
    }

    /// The client context of an Invoke call.
    pub(super) fn client_context(&mut self, json: &str) -> Option<Candidate> {
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
            or_else(&mut found, || self.object(object?, &at));
            if self.config.datadog {
                or_else(&mut found, || {
                    self.object(object?.get(DATADOG)?, &at.member(DATADOG))
                });
            }
        }
        or_else(&mut found, || self.object(context, &at));
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

    /// The same for base64, where a mark can lie on the 3-byte grid in three ways.
    fn mentions_encoded(&self, text: &[u8]) -> bool {
        static MARKS: LazyLock<[[Finder<'static>; 3]; 2]> = LazyLock::new(|| {
            [
                // `raceparent`
                ["cmFjZXBhcmVu", "JhY2VwYXJl", "yYWNlcGFyZW50"].map(Finder::new),
                // `aggage`
                ["YWdnYWdl", "FnZ2Fn", "hZ2dhZ2"].map(Finder::new),
            ]
        });
        let [trace_context, baggage] = &*MARKS;
        let has = |marks: &[Finder<'_>]| marks.iter().any(|mark| mark.find(text).is_some());
        has(trace_context) || !self.config.propagators.has_trace_context() && has(baggage)
    }
}
