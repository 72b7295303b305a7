//! Sources that carry an HTTP request.

mod describe;
mod forwarded;
mod settings;

pub(super) use forwarded::authority;

use std::borrow::Cow;

use lamplight_semconv::http as semconv;
use opentelemetry::KeyValue;

pub use self::settings::{ClientAddress, UnknownClientAddress};

use super::{
    Source, XRayPolicy,
    config::Config,
    event::{Event, RequestContext},
    fields::{Headers, MAX_VALUES},
    look::Look,
    path::Path,
    query::Query,
    seen::{Candidate, Seen, or_else},
};
use crate::{
    json::{Text, Value, text_of},
    xray::X_AMZN_TRACE_ID,
};

/// What a request is made of, whatever the source calls it.
#[derive(Debug, Default)]
struct Request<'a> {
    method: Option<Text<'a>>,
    /// `$connect` and `$default` are no routes.
    route: Option<Text<'a>>,
    path: Option<Text<'a>>,
    query: Query<'a>,
    domain: Option<Text<'a>>,
    client: Option<Text<'a>>,
    protocol: Option<Text<'a>>,
    user_agent: Option<Text<'a>>,
    headers: Headers<'a>,
}

/// The request of an HTTP source; `None` for any other source.
pub(super) fn request(
    look: &mut Look<'_>,
    source: Source,
    event: &Event<'_>,
    context: &RequestContext<'_>,
) -> Option<Seen> {
    let (headers, name) = match source {
        source if has_headers(source) => match event.multi_value_headers() {
            Some(headers) if headers.is_object() => (Some(headers), "multiValueHeaders"),
            _ => (event.headers(), "headers"),
        },
        Source::AppSync => (
            event.request().and_then(|it| it.get("headers")),
            "request.headers",
        ),
        Source::S3ObjectLambda => (
            event.user_request().and_then(|it| it.get("headers")),
            "userRequest.headers",
        ),
        _ => return None,
    };
    let all = headers;
    let headers = headers.map(Headers::read).unwrap_or_default();
    let mut seen = Seen {
        candidate: context_of(look, &headers, &Path::Root.member(name), ""),
        ..Seen::of(look)
    };
    if source == Source::WebSocket {
        // Messages over an open connection have no headers, only what the client puts into them.
        or_else(&mut seen.candidate, || {
            look.nested(event.body()?.text()?, &Path::Root.member("body"), 0)
        });
    }
    if !look.describes() {
        return Some(seen);
    }
    let request = match source {
        Source::AppSync | Source::S3ObjectLambda => Request {
            headers,
            ..Request::default()
        },
        _ => Request::read(event, context, headers),
    };
    request.describe(look.config, &mut seen);
    if let (Some(headers), false) = (all, look.config.request_headers.is_empty()) {
        capture(headers, look.config, &mut seen.attributes);
    }
    Some(seen)
}

/// The context in the headers of a request. Their X-Ray header counts where X-Ray's spans are to be
/// parents: services add one to every request, and a link to each says nothing.
pub(super) fn context_of(
    look: &mut Look<'_>,
    headers: &Headers<'_>,
    at: &Path<'_>,
    suffix: &str,
) -> Option<Candidate> {
    let found = look.accept(&headers.fields, at, suffix);
    if look.config.xray == XRayPolicy::LinkIfSampled {
        return found;
    }
    let header = || headers.xray.and_then(Text::to_str);
    look.beside_xray(found, header, &at.member(X_AMZN_TRACE_ID))
}

/// Whether `headers` are a member of the source's own events.
pub(super) fn has_headers(source: Source) -> bool {
    matches!(
        source,
        Source::ApiGatewayV1
            | Source::ApiGatewayV2
            | Source::ApiGatewayAuthorizer
            | Source::FunctionUrl
            | Source::WebSocket
            | Source::Alb
            | Source::VpcLattice
    )
}

/// The headers a user asked for, every value of them.
fn capture(headers: Value<'_>, config: &Config, out: &mut Vec<KeyValue>) {
    for name in &config.request_headers {
        let mut values: Vec<String> = Vec::new();
        for (_, value) in headers
            .members()
            .filter(|(key, _)| key.is_ignoring_case(name))
        {
            let items = value.elements().take(MAX_VALUES);
            // A string, several of them, or the objects of CloudFront.
            let texts = items.filter_map(|item| item.text().or_else(|| item.get("value")?.text()));
            let texts = value.text().into_iter().chain(texts);
            values.extend(texts.filter_map(Text::to_str).map(Cow::into_owned));
        }
        if !values.is_empty() {
            out.push(semconv::request::header(name, values));
        }
    }
}

/// The request of a CloudFront record.
pub(super) fn viewer_request(
    config: &Config,
    request: Option<Value<'_>>,
    headers: Headers<'_>,
    seen: &mut Seen,
) {
    let all = request.and_then(|request| request.get("headers"));
    let [method, path, query, client] = request
        .map_or([None; 4], |it| {
            it.get_all(["method", "uri", "querystring", "clientIp"])
        })
        .map(text_of);
    let query = query.map_or(Query::None, Query::Raw);
    Request {
        method,
        path,
        query,
        client,
        headers,
        ..Request::default()
    }
    .describe(config, seen);
    if let (Some(headers), false) = (all, config.request_headers.is_empty()) {
        capture(headers, config, &mut seen.attributes);
    }
}

impl<'a> Request<'a> {
    fn read(event: &Event<'a>, context: &RequestContext<'a>, headers: Headers<'a>) -> Self {
        let (http, identity) = (context.http(), context.identity());
        let [method, client, http_protocol, agent] = http.map_or([None; 4], |http| {
            http.get_all(["method", "sourceIp", "protocol", "userAgent"])
        });
        let [source_ip, user_agent] = identity.map_or([None; 2], |identity| {
            identity.get_all(["sourceIp", "userAgent"])
        });
        let query = match text_of(event.raw_query()) {
            Some(raw) => Query::Raw(raw),
            None => match event.multi_value_query().or(event.query()) {
                // Load balancers hand the parameters over as they came, API Gateway decodes them.
                Some(parameters) if context.elb().is_some() => Query::Encoded(parameters),
                Some(parameters) => Query::Decoded(parameters),
                None => Query::None,
            },
        };
        Self {
            method: text_of(method.or(event.http_method()).or(event.method())),
            route: text_of(
                event
                    .resource()
                    .or(event.route_key())
                    .or(context.route_key()),
            ),
            path: text_of(event.raw_path().or(event.path()).or(event.raw_path_v1())),
            query,
            domain: text_of(context.domain_name()),
            client: text_of(client.or(source_ip)),
            protocol: text_of(http_protocol.or(context.protocol())),
            user_agent: text_of(agent.or(user_agent)),
            headers,
        }
    }
}
