//! S3: Object Lambda access points.

use super::{
    event::EventSource,
    http::{self, FoundHeaders, Request},
};
use crate::inbound::{findings::Findings, members::Event, search::ContextSearch};

pub(super) struct S3ObjectLambda;

impl EventSource for S3ObjectLambda {
    fn recognizes(event: &Event<'_>) -> bool {
        event.get_object_context().is_some() || event.user_request().is_some()
    }

    /// Reads the headers; the event has no other data of the request.
    fn read(search: &mut ContextSearch<'_>, event: &Event<'_>) -> Findings {
        let headers = event.user_request().and_then(|it| it.get("headers"));
        let headers = FoundHeaders::at(headers, "userRequest.headers");
        http::read(search, headers, |headers| Request {
            headers,
            ..Request::default()
        })
    }
}
