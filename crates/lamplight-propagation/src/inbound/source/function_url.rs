//! Function URLs of Lambda.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{
    event::{EventSource, TopMembers},
    http::{self, FoundHeaders, Request},
};
use crate::{
    inbound::{
        Incoming, findings::Findings, inferred::InferredSpan, members::Event, search::ContextSearch,
    },
    json::{Value, text_of},
};

/// The part of the domain that distinguishes a function URL from an API.
static DOMAIN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(".lambda-url."));

pub(super) struct FunctionUrl;

impl EventSource for FunctionUrl {
    const TOP_MEMBERS: TopMembers = TopMembers::CallerButHeaders;

    fn recognizes(event: &Event<'_>) -> bool {
        let is_v2 = event.raw_path().is_some() || event.context.http().is_some();
        let domain = || text_of(event.context.domain_name())?.to_bytes();
        is_v2 && domain().is_some_and(|domain| DOMAIN.find(&domain).is_some())
    }

    fn read(search: &mut ContextSearch<'_>, event: &Event<'_>) -> Findings {
        http::read(search, FoundHeaders::of(event), |headers| {
            Request::v2(event, headers)
        })
    }

    fn infer(document: Value<'_>, incoming: &Incoming, spans: &mut Vec<InferredSpan>) {
        http::infer("aws_lambda_url", document, incoming, spans);
    }
}
