//! API Gateway: Lambda authorizers.

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

pub(super) struct Authorizer;

impl EventSource for Authorizer {
    const TOP_MEMBERS: TopMembers = TopMembers::CallerButHeaders;

    fn recognizes(event: &Event<'_>) -> bool {
        event.method_arn().is_some()
            || event.route_arn().is_some()
            || event.authorization_token().is_some()
    }

    fn read(search: &mut ContextSearch<'_>, event: &Event<'_>) -> Findings {
        http::read(search, FoundHeaders::of(event), |headers| {
            match event.raw_path() {
                Some(_) => Request::v2(event, headers),
                None => Request::v1(event, headers),
            }
        })
    }

    fn infer(document: Value<'_>, incoming: &Incoming, spans: &mut Vec<InferredSpan>) {
        http::infer("aws_api_gateway", document, incoming, spans);
    }
}
