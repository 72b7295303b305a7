//! Application Load Balancers.

use super::{
    event::{EventSource, TopMembers},
    http::{self, FoundHeaders, Query, Request},
};
use crate::inbound::{findings::Findings, members::Event, search::ContextSearch};

pub(super) struct Alb;

impl EventSource for Alb {
    const TOP_MEMBERS: TopMembers = TopMembers::CallerButHeaders;

    fn recognizes(event: &Event<'_>) -> bool {
        event.context.elb().is_some_and(|it| it.is_object())
    }

    fn read(search: &mut ContextSearch<'_>, event: &Event<'_>) -> Findings {
        http::read(search, FoundHeaders::of(event), |headers| {
            Request {
                // Load balancers pass parameters on without decoding them.
                query: http::v1_parameters(event).map_or(Query::None, Query::Encoded),
                ..Request::v1(event, headers)
            }
        })
    }
}
