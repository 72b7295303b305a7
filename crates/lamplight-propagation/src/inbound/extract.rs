//! The extraction as a whole: from the bytes of an invocation to the start values of a span.

use std::borrow::Cow;

use lamplight_semconv::{faas, faas::FaasTrigger, http::request as http_request, lamplight::links};
use opentelemetry::{Context, KeyValue, trace::SpanKind};

use super::{
    EventExtractor, Explanation, Incoming, InferredSpan, NoteReason, RawInvocation, Source, Trust,
    XRayPolicy,
    config::Config,
    explain::Log,
    findings::{Findings, FoundContext},
    members::Event,
    path::Path,
    policy::choose_parent,
    search::{ContextSearch, MAX_DEPTH, MAX_NESTED},
    source::{self, PassedOn, TopMembers},
};
use crate::{Propagators, json::Value, w3c::Received};

impl EventExtractor {
    /// Returns everything that the span of this invocation starts with.
    pub fn extract(&self, invocation: &RawInvocation<'_>) -> Incoming {
        run(&self.config, invocation, None)
    }

    /// Returns only the remote span and the baggage that [`extract`](Self::extract) returns as the parent:
    /// the context that a function without recording passes on. It costs a fraction of the full extraction.
    pub fn context(&self, invocation: &RawInvocation<'_>) -> Context {
        context(&self.config, invocation)
    }

    /// Returns the result of [`extract`](Self::extract), the place of each part of it, and everything that
    /// was ignored. Meant for people, not for every invocation: it collects notes that
    /// [`extract`](Self::extract) does not need.
    pub fn explain(&self, invocation: &RawInvocation<'_>) -> Explanation {
        let mut log = Log::default();
        let incoming = run(&self.config, invocation, Some(&mut log));
        log.explain(incoming)
    }

    /// Returns spans for the services that an event passed through, in the order of travel. This is for
    /// requests, events and batches of one; in larger batches, each record has spans of its own
    /// (`EventExtractor::record_inferred_spans`).
    ///
    /// | span | start time |
    /// |---|---|
    /// | API Gateway, function URL | `requestContext.requestTimeEpoch`, `timeEpoch` |
    /// | EventBridge | `time`, to the second |
    /// | SNS | `Timestamp` |
    /// | SQS | `SentTimestamp` |
    /// | Kinesis | `approximateArrivalTimestamp` |
    ///
    /// An event in a notification in a message has all three. An event that a function passed on with Invoke
    /// has none, because its journey ended at that function.
    pub fn inferred_spans(
        &self,
        invocation: &RawInvocation<'_>,
        incoming: &Incoming,
    ) -> Vec<InferredSpan> {
        let document = Value::document(invocation.body);
        let mut spans = Vec::new();
        if incoming.passed_on {
            return spans;
        }
        source::infer(document, incoming, &mut spans);
        // They were found from the function outwards.
        spans.reverse();
        spans
    }
}

/// Runs the full extraction.
fn run(config: &Config, invocation: &RawInvocation<'_>, log: Option<&mut Log>) -> Incoming {
    let mut search = ContextSearch::new(config, log);
    let found = Found::of(&mut search, invocation);
    describe(search, found, invocation)
}

/// Runs an extraction of the context alone, for functions that record nothing.
fn context(config: &Config, invocation: &RawInvocation<'_>) -> Context {
    if config.propagators == Propagators::none() && config.xray == XRayPolicy::Ignore {
        return Context::new();
    }
    let mut search = ContextSearch::for_context(config);
    let mut found = Found::of(&mut search, invocation);
    found
        .parent(&mut search, invocation)
        .into_context(&Context::new())
}

/// The contexts and findings of an invocation.
struct Found {
    source: Source,
    /// The contexts of the callers, each with the source that decides its trust.
    callers: Vec<(FoundContext, Source)>,
    /// The findings in the event itself.
    findings: Findings,
}

impl Found {
    /// Searches the invocation.
    fn of(search: &mut ContextSearch<'_>, invocation: &RawInvocation<'_>) -> Self {
        let client = invocation
            .client_context
            .and_then(|json| search.in_client_context(json));
        find(search, Value::document(invocation.body), client, 0)
    }

    /// Adds the contexts of the event that this one passes on. Each is trusted only if both its own source
    /// and the source of this event are.
    fn add_passed_on(&mut self, search: &mut ContextSearch<'_>, from: PassedOn<'_>, depth: u8) {
        let PassedOn { event, at } = from;
        let (document, above) = match event.text() {
            Some(text) if text.raw().len() > MAX_NESTED => {
                return search.note(&Path::Root.member(&at), NoteReason::Size);
            }
            Some(text) => (text.document(), format!("{at} > ")),
            None => (Some(event), format!("{at}.")),
        };
        let Some(document) = document else { return };
        let mark = search.mark();
        let inner = find(search, document, None, depth + 1);
        search.move_below(mark, &above);
        let own = inner.findings.context.map(|own| (own, inner.source));
        let is_trusted = search.config.trust(self.source) == Trust::Continue;
        for (mut context, source) in inner.callers.into_iter().chain(own) {
            if let Some(carrier) = &mut context.carrier {
                carrier.insert_str(0, &above);
            }
            let source = if is_trusted { source } else { self.source };
            self.callers.push((context, source));
        }
        self.findings.links = inner.findings.links;
        self.findings.dropped_links = inner.findings.dropped_links;
        self.findings.linked = inner.findings.linked;
    }

    /// Chooses the parent from all contexts, and makes links of the others.
    fn parent(
        &mut self,
        search: &mut ContextSearch<'_>,
        invocation: &RawInvocation<'_>,
    ) -> Received {
        let callers = self.callers.drain(..);
        let findings = &mut self.findings;
        choose_parent(
            search,
            self.source,
            callers,
            findings,
            invocation.xray_trace_id,
        )
    }
}

/// Searches an event, which may be inside others.
fn find(
    search: &mut ContextSearch<'_>,
    document: Value<'_>,
    client: Option<FoundContext>,
    depth: u8,
) -> Found {
    let mut members = document.members();
    let mut event = match document.is_object() {
        true => Event::read_some(document, &mut members),
        false => Event::default(),
    };
    let records = match document.first() {
        // EventBridge Pipes delivers a bare array.
        Some(b'[') => Some(document),
        _ => event.records(),
    };

    let batch = records.and_then(|records| source::read_records(search, &event, records));
    if let Some(end) = batch.as_ref().and_then(|batch| batch.end) {
        members.resume_at(end);
    }
    event.read_on(&mut members);
    let (mut source, mut findings) = match batch {
        Some(batch) => (batch.source, batch.findings),
        None => {
            event.read_context();
            let source = source::recognize(&event);
            (source, source::read(search, source, &event))
        }
    };

    let mut callers = Vec::new();
    let mut add = |caller: Option<FoundContext>, from| callers.extend(caller.map(|it| (it, from)));
    add(client, Source::Invoke);
    match (source, source::top_members(source)) {
        _ if !document.is_object() => {}
        (Source::Unknown, _) => findings.context = search.in_payload(document, &event),
        (_, TopMembers::Event) => {}
        (_, top_members) => {
            // A pointer may lead to a member of the event itself.
            add(search.configured(document, &Path::Root), source);
            let with_headers = top_members == TopMembers::Caller;
            let top = search.in_caller_members(&event, document, &Path::Root, with_headers);
            add(top, Source::Invoke);
        }
    }
    if source == Source::Unknown && !(callers.is_empty() && findings.context.is_none()) {
        source = Source::Invoke;
    }
    let mut found = Found {
        source,
        callers,
        findings,
    };
    let passed_on = source::passes_on(source, &event).filter(|_| depth < MAX_DEPTH);
    if let Some(passed_on) = passed_on {
        found.add_passed_on(search, passed_on, depth);
    }
    found
}

/// Assembles the start values of the span.
fn describe(
    mut search: ContextSearch<'_>,
    mut found: Found,
    invocation: &RawInvocation<'_>,
) -> Incoming {
    let passed_on = found
        .callers
        .iter()
        .any(|(caller, from)| *from == Source::Invoke && caller.has_span());
    let parent = found.parent(&mut search, invocation);
    let Found {
        source,
        mut findings,
        ..
    } = found;
    if findings.dropped_links > 0 {
        findings
            .attributes
            .push(links::dropped(i64::from(findings.dropped_links)));
        search.note(
            &Path::Root.member("Records"),
            NoteReason::LinksDropped(findings.dropped_links),
        );
    }
    let is_of_request = |it: &KeyValue| it.key.as_str() == http_request::METHOD;
    let trigger = match source.trigger() {
        // The event of a token authorizer has no request in it.
        FaasTrigger::Http if !findings.attributes.iter().any(is_of_request) => FaasTrigger::Other,
        trigger => trigger,
    };
    findings.attributes.push(faas::trigger(trigger));
    Incoming {
        source,
        trigger,
        span_name: Cow::Owned(
            findings
                .name
                .unwrap_or_else(|| invocation.function_name.to_owned()),
        ),
        span_kind: SpanKind::Server,
        parent: parent.into_context(&Context::new()),
        links: findings.links,
        dropped_links: findings.dropped_links,
        attributes: findings.attributes,
        items: findings.items,
        passed_on,
    }
}
