//! The whole extraction: from the bytes of an invocation to what a span starts with.

use std::borrow::Cow;

use lamplight_semconv::{faas, lamplight::links};
use opentelemetry::{Context, trace::SpanKind};

use super::{
    Incoming, Invocation, NoteReason, Source, Trust,
    config::Config,
    event::{Event, RequestContext},
    explain::Log,
    http,
    look::Look,
    other,
    path::Path,
    records,
    seen::{Candidate, Seen, or_else},
};
use crate::{json::Value, outbound::DEFAULT_KEY, w3c::Received};

/// The whole extraction.
pub(super) fn run(config: &Config, invocation: &Invocation<'_>, log: Option<&mut Log>) -> Incoming {
    let mut look = Look::new(config, log);
    let document = Value::document(invocation.body);
    let event = match document.is_object() {
        true => Event::read(document),
        false => Event::default(),
    };
    let records = match document.first() {
        // EventBridge Pipes hands over the bare array.
        Some(b'[') => Some(document),
        _ => event.records(),
    };

    let from_client = invocation
        .client_context
        .and_then(|json| look.client_context(json));
    let batch = records.and_then(|records| records::batch(&mut look, &event, records));
    let (mut source, mut seen) = match batch {
        Some(batch) => batch,
        None => {
            let context = RequestContext::read(&event);
            let source = event.origin(&context);
            let seen = records::mapping(&mut look, source, &event)
                .or_else(|| http::request(&mut look, source, &event, &context))
                .unwrap_or_else(|| other::event(&mut look, source, &event, document));
            (source, seen)
        }
    };

    if seen.links.is_empty() {
        or_else(&mut seen.candidate, || from_client);
        // The payload of all others was looked at where their attributes were read.
        if source == Source::Unknown && document.is_object() {
            or_else(&mut seen.candidate, || look.whole(document, &event));
        }
    }
    if source == Source::Unknown && seen.candidate.is_some() {
        source = Source::Invoke;
    }
    if seen.links.is_empty() && !seen.candidate.as_ref().is_some_and(Candidate::has_span) {
        let at = Path::Root.member("xray_trace_id");
        let header = invocation
            .xray_trace_id
            .and_then(|header| look.xray(header, &at));
        if let Some(mut header) = header {
            // Baggage that came without a span is no reason to lose it.
            header.received.baggage = seen
                .candidate
                .take()
                .and_then(|found| found.received.baggage);
            seen.candidate = Some(header);
        }
    }
    finish(look, source, seen, invocation)
}

impl Look<'_> {
    /// A payload nobody else claims: an Invoke call, or nothing.
    fn whole(&mut self, document: Value<'_>, event: &Event<'_>) -> Option<Candidate> {
        let at = Path::Root;
        let mut found = self.configured(document, &at);
        or_else(&mut found, || self.members(event, document, &at, 0));
        // The first read may have stopped at what looked like the end of a known event.
        if event.records().is_some() {
            let [otel, firefly] = document.get_all([DEFAULT_KEY, "fireflyHeaders"]);
            for (envelope, name) in [(otel, DEFAULT_KEY), (firefly, "fireflyHeaders")] {
                or_else(&mut found, || self.envelope(envelope?, &at.member(name)));
            }
        }
        found
    }
}

/// Applies trust and puts everything together.
fn finish(
    mut look: Look<'_>,
    source: Source,
    mut seen: Seen,
    invocation: &Invocation<'_>,
) -> Incoming {
    let mut parent = Context::new();
    if let Some(mut candidate) = seen.candidate.take() {
        let trusted = look.config.trust(source) == Trust::Continue;
        if !trusted {
            let at = candidate.carrier.clone();
            if candidate.has_span() {
                look.note_at(at.clone(), NoteReason::UntrustedParent);
            }
            if candidate.received.baggage.take().is_some() {
                look.note_at(at, NoteReason::UntrustedBaggage);
            }
        }
        if trusted && !candidate.link_only {
            if candidate.has_span() {
                look.parent_at(candidate.carrier);
            }
            parent = candidate.received.into_context(&parent);
        } else {
            let baggage = candidate.received.baggage.take();
            look.link(&mut seen, candidate, Vec::new);
            parent = Received {
                baggage,
                ..Received::default()
            }
            .into_context(&parent);
        }
    }
    if seen.dropped_links > 0 {
        seen.attributes
            .push(links::dropped(i64::from(seen.dropped_links)));
        look.note(
            &Path::Root.member("Records"),
            NoteReason::LinksDropped(seen.dropped_links),
        );
    }
    let trigger = source.trigger();
    seen.attributes.push(faas::trigger(trigger));
    Incoming {
        source,
        trigger,
        span_name: Cow::Owned(
            seen.name
                .unwrap_or_else(|| invocation.function_name.to_owned()),
        ),
        span_kind: SpanKind::Server,
        parent,
        links: seen.links,
        dropped_links: seen.dropped_links,
        attributes: seen.attributes,
    }
}
