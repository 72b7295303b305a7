//! CloudFront: requests that Lambda@Edge handles, in the form of a record.

use super::{
    http::{self, FoundHeaders, Query, Request},
    plain::Plain,
    records::{Batched, ReadRecords, RecordSource},
};
use crate::{
    inbound::{members::RecordMembers, search::ContextSearch},
    json::text_of,
};

pub(super) struct CloudFront;

impl RecordSource for CloudFront {
    const NAMES: &'static [&'static str] = &[];

    type Record<'r> = Plain;

    fn has_members(members: &RecordMembers<'_>) -> bool {
        members.cf().is_some_and(|it| it.is_object())
    }

    fn record<'r>(_members: &'r RecordMembers<'r>) -> Plain {
        Plain
    }

    /// Reads the request; there is exactly one.
    fn read(search: &mut ContextSearch<'_>, batch: &Batched<'_, '_>) -> ReadRecords {
        let request = batch.first.cf().and_then(|cf| cf.get("request"));
        let record = batch.at.element(0);
        let cf = record.member("cf");
        let at = cf.member("request");
        let headers = FoundHeaders {
            all: request.and_then(|request| request.get("headers")),
            at: at.member("headers"),
            suffix: "[0].value",
        };
        let findings = http::read(search, headers, |headers| {
            let names = ["method", "uri", "querystring", "clientIp"];
            let parts = request.map_or([None; 4], |it| it.get_all(names));
            let [method, path, query, client] = parts.map(text_of);
            Request {
                method,
                path,
                query: query.map_or(Query::None, Query::Raw),
                client,
                headers,
                ..Request::default()
            }
        });
        ReadRecords {
            source: batch.source,
            findings,
            end: None,
        }
    }
}
