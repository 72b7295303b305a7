//! API Gateway: WebSocket APIs.

use super::{
    event::{EventSource, TopMembers},
    http::{self, FoundHeaders, Request},
};
use crate::{
    inbound::{
        Incoming,
        findings::{Findings, prefer_with_span},
        inferred::InferredSpan,
        members::Event,
        path::Path,
        search::ContextSearch,
    },
    json::{Value, text_of},
};

pub(super) struct WebSocket;

impl EventSource for WebSocket {
    const TOP_MEMBERS: TopMembers = TopMembers::CallerButHeaders;

    fn recognizes(event: &Event<'_>) -> bool {
        let context = &event.context;
        context.message_direction().is_some() || context.connection_id().is_some()
    }

    fn read(search: &mut ContextSearch<'_>, event: &Event<'_>) -> Findings {
        let mut findings = http::read(search, FoundHeaders::of(event), |headers| Request {
            route: text_of(event.context.route_key()),
            ..Request::v1(event, headers)
        });
        // Messages over an open connection have no headers, only the client's own content.
        prefer_with_span(&mut findings.context, || {
            search.in_string(event.body()?.text()?, &Path::Root.member("body"), 0)
        });
        findings
    }

    fn infer(document: Value<'_>, incoming: &Incoming, spans: &mut Vec<InferredSpan>) {
        http::infer("aws_api_gateway", document, incoming, spans);
    }
}
