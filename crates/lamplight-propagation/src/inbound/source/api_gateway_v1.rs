//! API Gateway: REST APIs, and HTTP APIs with payload format 1.0.

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

pub(super) struct ApiGatewayV1;

impl EventSource for ApiGatewayV1 {
    const TOP_MEMBERS: TopMembers = TopMembers::CallerButHeaders;

    fn recognizes(event: &Event<'_>) -> bool {
        event.http_method().is_some()
            && (event.request_context().is_some() || event.resource().is_some())
    }

    fn read(search: &mut ContextSearch<'_>, event: &Event<'_>) -> Findings {
        http::read(search, FoundHeaders::of(event), |headers| {
            Request::v1(event, headers)
        })
    }

    fn infer(document: Value<'_>, incoming: &Incoming, spans: &mut Vec<InferredSpan>) {
        http::infer("aws_api_gateway", document, incoming, spans);
    }
}
