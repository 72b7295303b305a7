//! API Gateway: HTTP APIs with payload format 2.0.

use super::{
    event::{EventSource, TopMembers},
    http::{self, FoundHeaders, Request},
};
use crate::{
    inbound::{
        Incoming, findings::Findings, inferred::InferredSpan, members::Event, search::ContextSearch,
    },
    json::Value,
};

pub(super) struct ApiGatewayV2;

impl EventSource for ApiGatewayV2 {
    const TOP_MEMBERS: TopMembers = TopMembers::CallerButHeaders;

    fn recognizes(event: &Event<'_>) -> bool {
        event.context.http().is_some()
            || event.raw_path().is_some()
                && (event.request_context().is_some() || event.route_key().is_some())
    }

    fn read(search: &mut ContextSearch<'_>, event: &Event<'_>) -> Findings {
        http::read(search, FoundHeaders::of(event), |headers| {
            Request::v2(event, headers)
        })
    }

    fn infer(document: Value<'_>, incoming: &Incoming, spans: &mut Vec<InferredSpan>) {
        http::infer("aws_api_gateway", document, incoming, spans);
    }
}
