//! The whole extraction: from the bytes of an invocation to what a span starts with.

use std::{borrow::Cow, sync::LazyLock};

use lamplight_semconv::{faas, faas::FaasTrigger, http::request as http_request, lamplight::links};
use memchr::memmem::Finder;
use opentelemetry::{
    Context, KeyValue,
    trace::{SpanContext, SpanKind},
};

use super::{
    Incoming, NoteReason, RawInvocation, Source, Trust, XRayPolicy,
    config::Config,
    event::{Event, RequestContext},
    explain::Log,
    http,
    look::Look,
    other,
    path::Path,
    records,
    seen::{Candidate, Seen},
};
use crate::{
    Propagators,
    json::{Value, may_hide_words},
    w3c::Received,
};

/// The whole extraction.
pub(super) fn run(
    config: &Config,
    invocation: &RawInvocation<'_>,
    log: Option<&mut Log>,
) -> Incoming {
    let mut look = Look::new(config, log);
    let found = find(&mut look, invocation);
    describe(look, found, invocation)
}

/// The context alone: what is passed on where nothing is recorded.
pub(super) fn context(config: &Config, invocation: &RawInvocation<'_>) -> Context {
    if config.propagators == Propagators::none() && config.xray == XRayPolicy::Ignore {
        return Context::new();
    }
    let mut look = Look::for_context(config);
    let mut found = find(&mut look, invocation);
    settle_all(&mut look, &mut found, invocation).into_context(&Context::new())
}

/// What was found in an invocation.
struct Found {
    source: Source,
    /// The contexts of whoever called, and the source each is trusted as.
    callers: Vec<(Candidate, Source)>,
    /// What the event itself has.
    seen: Seen,
}

/// Looks for everything there is.
fn find(look: &mut Look<'_>, invocation: &RawInvocation<'_>) -> Found {
    let document = Value::document(invocation.body);
    let mut members = document.members();
    let (mut event, known) = match document.is_object() {
        true => Event::read_some(document, &mut members),
        false => (Event::default(), None),
    };
    let records = match document.first() {
        // EventBridge Pipes hands over the bare array.
        Some(b'[') => Some(document),
        _ => event.records(),
    };

    let batch = records.and_then(|records| records::batch(look, &event, records));
    if let Some(known) = known {
        let end = batch.as_ref().and_then(|batch| batch.end);
        if let Some(end) = end {
            members.resume_at(end);
        }
        if end.is_some() || may_have_members_for_context(look.config, invocation.body, known) {
            event.read_on(&mut members);
        }
    }
    let (mut source, mut seen) = match batch {
        Some(batch) => (batch.source, batch.seen),
        None => {
            let context = RequestContext::read(&event);
            let source = event.origin(&context);
            let seen = records::mapping(look, source, &event)
                .or_else(|| http::request(look, source, &event, &context))
                .unwrap_or_else(|| other::event(look, source, &event, document));
            (source, seen)
        }
    };

    let client = invocation
        .client_context
        .and_then(|json| look.client_context(json));
    let mut callers = Vec::new();
    let mut add = |caller: Option<Candidate>, from| callers.extend(caller.map(|it| (it, from)));
    add(client, Source::Invoke);
    match source {
        _ if !document.is_object() => {}
        // All that this has is at the top, and was looked at where its attributes were read.
        Source::StepFunctions => {}
        Source::Unknown => seen.candidate = look.payload(document, &event),
        _ => {
            // A pointer may lead to what is the event's own.
            add(look.configured(document, &Path::Root), source);
            let with_headers = !http::has_headers(source);
            let top = look.beside(&event, document, &Path::Root, with_headers);
            add(top, Source::Invoke);
        }
    }
    if source == Source::Unknown && !(callers.is_empty() && seen.candidate.is_none()) {
        source = Source::Invoke;
    }
    Found {
        source,
        callers,
        seen,
    }
}

/// Whether there can be members with context behind a position: a search for bytes is faster than to
/// go over a payload. In a payload that is a string, the quote would have a backslash before it.
fn may_have_members_for_context(config: &Config, body: &[u8], from: usize) -> bool {
    static TRACE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("raceparent\""));
    static BAGGAGE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("aggage\""));
    // Baggage seldom comes without a span, so that is searched for where spans are left out.
    let mark = match config.propagators.has_trace_context() {
        true => &TRACE,
        false => &BAGGAGE,
    };
    let rest = body.get(from..).unwrap_or_default();
    mark.find(rest).is_some() || may_hide_words(rest)
}

/// Puts together what a span starts with.
fn describe(mut look: Look<'_>, mut found: Found, invocation: &RawInvocation<'_>) -> Incoming {
    let passed_on = found
        .callers
        .iter()
        .any(|(caller, from)| *from == Source::Invoke && caller.has_span());
    let parent = settle_all(&mut look, &mut found, invocation);
    let Found {
        source, mut seen, ..
    } = found;
    if seen.dropped_links > 0 {
        seen.attributes
            .push(links::dropped(i64::from(seen.dropped_links)));
        look.note(
            &Path::Root.member("Records"),
            NoteReason::LinksDropped(seen.dropped_links),
        );
    }
    let is_of_request = |it: &KeyValue| it.key.as_str() == http_request::METHOD;
    let trigger = match source.trigger() {
        // As of the authorizer of a token, which comes without its request.
        FaasTrigger::Http if !seen.attributes.iter().any(is_of_request) => FaasTrigger::Other,
        trigger => trigger,
    };
    seen.attributes.push(faas::trigger(trigger));
    Incoming {
        source,
        trigger,
        span_name: Cow::Owned(
            seen.name
                .unwrap_or_else(|| invocation.function_name.to_owned()),
        ),
        span_kind: SpanKind::Server,
        parent: parent.into_context(&Context::new()),
        links: seen.links,
        dropped_links: seen.dropped_links,
        attributes: seen.attributes,
        items: seen.items,
        passed_on,
    }
}

/// Finds the parent among all contexts, and makes links of the others: whoever called comes before
/// what lies deeper in the event.
fn settle_all(look: &mut Look<'_>, found: &mut Found, invocation: &RawInvocation<'_>) -> Received {
    let at = Path::Root.member("xray_trace_id");
    let mut xray = match look.config.without_xray_lambda {
        true => None,
        false => invocation.xray_trace_id,
    };
    let Found {
        source,
        callers,
        seen,
    } = found;
    let own = seen.candidate.take();
    let mut parent = Received::default();
    if look.config.xray == XRayPolicy::ParentBeforeW3c {
        let header = xray.take().and_then(|header| look.xray(header, &at));
        if let Some(header) = header {
            settle(look, seen, &mut parent, *source, header);
        }
    }
    for (caller, from) in callers.drain(..) {
        settle(look, seen, &mut parent, from, caller);
    }
    if let Some(own) = own {
        settle(look, seen, &mut parent, *source, own);
    }
    if parent.span.is_none() && !seen.linked {
        let header = xray.and_then(|header| look.xray(header, &at));
        if let Some(header) = header {
            settle(look, seen, &mut parent, *source, header);
        }
    }
    parent
}

/// Makes a context the parent, where there is none yet and it comes from a source that is trusted,
/// else a link.
fn settle(
    look: &mut Look<'_>,
    seen: &mut Seen,
    parent: &mut Received,
    from: Source,
    mut candidate: Candidate,
) {
    let trusted = look.config.trust(from) == Trust::Continue;
    let baggage = candidate.received.baggage.take();
    if !trusted {
        if candidate.has_span() {
            look.note_at(candidate.carrier.clone(), NoteReason::UntrustedParent);
        }
        if baggage.is_some() {
            look.note_at(candidate.carrier.clone(), NoteReason::UntrustedBaggage);
        }
    } else if parent.baggage.is_none() {
        parent.baggage = baggage;
    }
    let Some(span) = &candidate.received.span else {
        return;
    };
    let is_same = |known: &SpanContext| {
        known.span_id() == span.span_id() && known.trace_id() == span.trace_id()
    };
    match &parent.span {
        None if trusted && !candidate.link_only => {
            look.parent_at(candidate.carrier);
            parent.span = candidate.received.span;
            parent.text = candidate.received.text;
        }
        // The same span in two carriers.
        Some(parent) if is_same(parent) => {}
        _ if seen.links.iter().any(|link| is_same(&link.span_context)) => {}
        _ => look.link(seen, candidate, Vec::new),
    }
}
