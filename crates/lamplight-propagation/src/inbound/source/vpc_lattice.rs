//! VPC Lattice: target groups, event structure version 1 or 2.

use super::{
    event::{EventSource, TopMembers},
    http::{self, FoundHeaders, Query, Request},
};
use crate::{
    inbound::{findings::Findings, members::Event, search::ContextSearch},
    json::text_of,
};

pub(super) struct VpcLattice;

impl EventSource for VpcLattice {
    const TOP_MEMBERS: TopMembers = TopMembers::CallerButHeaders;

    fn recognizes(event: &Event<'_>) -> bool {
        event.context.service_network_arn().is_some()
            || event.raw_path_v1().is_some() && event.method().is_some()
    }

    fn read(search: &mut ContextSearch<'_>, event: &Event<'_>) -> Findings {
        http::read(search, FoundHeaders::of(event), |headers| Request {
            method: text_of(event.method()),
            path: text_of(event.path().or(event.raw_path_v1())),
            path_has_query: true,
            query: query(event),
            ..Request::v1(event, headers)
        })
    }
}

/// Returns the parameters, whose member is named in snake case in version 1.
fn query<'a>(event: &Event<'a>) -> Query<'a> {
    let parameters = event.query();
    let parameters = parameters.or_else(|| event.other("query_string_parameters"));
    parameters.map_or(Query::None, Query::Decoded)
}
