//! AppSync: resolvers (of one field or of a batch) and authorizers.

use opentelemetry::trace::SpanContext;

use super::{
    event::EventSource,
    http::{self, FoundHeaders, Request},
    plain::Plain,
    records::{Batched, ReadRecords, RecordSource},
};
use crate::{
    inbound::{
        findings::{Findings, FoundContext},
        members::{Event, RecordMembers},
        search::ContextSearch,
    },
    json::Value,
};

pub(super) struct AppSync;

impl EventSource for AppSync {
    fn recognizes(event: &Event<'_>) -> bool {
        event.info().is_some() && event.request().is_some()
            || event.authorization_token().is_some() && is_authorizer(event)
    }

    /// Reads the headers; the event has no other data of the request.
    fn read(search: &mut ContextSearch<'_>, event: &Event<'_>) -> Findings {
        let headers = match request_headers(event) {
            Some(headers) => FoundHeaders::at(Some(headers), "requestHeaders"),
            None => {
                let headers = event.request().and_then(|it| it.get("headers"));
                FoundHeaders::at(headers, "request.headers")
            }
        };
        read_headers(search, headers)
    }
}

/// Returns whether an event with a token comes from an AppSync authorizer: events of API Gateway authorizers
/// also name the resource to be called.
fn is_authorizer(event: &Event<'_>) -> bool {
    let names_method = event.method_arn().is_some() || event.route_arn().is_some();
    request_headers(event).is_some() || event.request_context().is_some() && !names_method
}

/// Returns the headers of an authorizer's request.
fn request_headers<'a>(event: &Event<'a>) -> Option<Value<'a>> {
    event.other("requestHeaders")
}

fn read_headers(search: &mut ContextSearch<'_>, headers: FoundHeaders<'_, '_>) -> Findings {
    http::read(search, headers, |headers| Request {
        headers,
        ..Request::default()
    })
}

/// Resolver contexts delivered by `BatchInvoke`, in an array that is almost always of one request.
impl RecordSource for AppSync {
    const NAMES: &'static [&'static str] = &[];

    type Record<'r> = Plain;

    fn has_members(members: &RecordMembers<'_>) -> bool {
        let names = ["info", "request"];
        let members = members.document().map(|it| it.get_all(names));
        members.is_some_and(|members| members.iter().all(Option::is_some))
    }

    fn record<'r>(_members: &'r RecordMembers<'r>) -> Plain {
        Plain
    }

    /// Reads the headers of all contexts: a context they all share is the parent, otherwise each becomes a
    /// link.
    fn read(search: &mut ContextSearch<'_>, batch: &Batched<'_, '_>) -> ReadRecords {
        let mut elements = batch.records.elements();
        let at = batch.at.element(0);
        let at = at.member("request");
        let mut findings = read_headers(
            search,
            FoundHeaders {
                all: elements.next().and_then(headers),
                at: at.member("headers"),
                suffix: "",
            },
        );
        for (index, element) in (1..).zip(elements) {
            let at = batch.at.element(index);
            let at = at.member("request");
            let headers = FoundHeaders {
                all: headers(element),
                at: at.member("headers"),
                suffix: "",
            };
            let found = http::context(search, headers);
            add(search, &mut findings, found);
        }
        ReadRecords {
            source: batch.source,
            findings,
            end: None,
        }
    }
}

fn headers(resolver: Value<'_>) -> Option<Value<'_>> {
    resolver.get("request")?.get("headers")
}

/// Adds the context of one more resolver. It stays the parent only while all resolvers have the same one.
fn add(search: &mut ContextSearch<'_>, findings: &mut Findings, found: Option<FoundContext>) {
    let is_parent_of_all = !findings.linked && same(span(&findings.context), span(&found));
    if is_parent_of_all {
        return;
    }
    for context in [findings.context.take(), found].into_iter().flatten() {
        let mut known = findings.links.iter().map(|link| &link.span_context);
        let of = context.received.span.as_ref();
        if !known.any(|known| same(Some(known), of)) {
            search.link(findings, context, Vec::new);
        }
    }
}

fn span(of: &Option<FoundContext>) -> Option<&SpanContext> {
    of.as_ref()?.received.span.as_ref()
}

fn same(one: Option<&SpanContext>, other: Option<&SpanContext>) -> bool {
    let ids = |of: &SpanContext| (of.trace_id(), of.span_id());
    one.map(ids) == other.map(ids)
}
