//! Sources that carry an HTTP request.

use std::borrow::Cow;

use lamplight_semconv::{
    client,
    http::{self as semconv, request::HttpRequestMethod},
    network::protocol,
    server, url, user_agent,
};
use opentelemetry::KeyValue;

use memchr::memchr;

use super::{
    Source, XRayPolicy,
    config::Config,
    event::{Event, RequestContext},
    fields::{Headers, MAX_VALUES},
    look::Look,
    path::Path,
    query::{self, Query},
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

    fn describe(self, config: &Config, seen: &mut Seen) {
        let string = |text: Option<Text<'a>>| text.and_then(Text::to_str);
        let attributes = &mut seen.attributes;
        let method = string(self.method);
        let route = string(self.route);
        let route = route.as_deref().and_then(template);
        if let Some(method) = method.as_deref() {
            let known = HttpRequestMethod::from_value(method);
            attributes.push(semconv::request::method(
                known.unwrap_or(HttpRequestMethod::Other),
            ));
            if known.is_none() {
                attributes.push(semconv::request::method_original(method.to_owned()));
            }
            if let Some(route) = route {
                let name = known.map_or("HTTP", HttpRequestMethod::as_str);
                seen.name = Some([name, " ", route].concat());
            }
        }
        if let Some(route) = route {
            attributes.push(semconv::route(route.to_owned()));
        }
        let path = string(self.path);
        let (path, behind) = match path.as_deref().map(split_query) {
            Some((path, query)) => (Some(path), query),
            None => (None, None),
        };
        if let Some(path) = path {
            attributes.push(url::path(path.to_owned()));
            let plain = self.headers.forwarded_proto.is_some_and(|it| it.is("http"));
            let scheme = if plain { "http" } else { "https" };
            attributes.push(url::scheme(scheme));
        }
        let query = behind
            .map(|query| query::redact(query, &config.secret_parameters))
            .or_else(|| self.query.into_text(&config.secret_parameters));
        if let Some(query) = query.filter(|query| !query.is_empty()) {
            attributes.push(url::query(query.into_owned()));
        }
        // The first address is the client's, as far as the client is to be believed.
        let client = string(self.client);
        let forwarded = match client {
            Some(_) => None,
            None => string(self.headers.forwarded_for),
        };
        let forwarded = forwarded
            .as_deref()
            .and_then(|list| list.split(',').next())
            .map(str::trim);
        if let Some(address) = client.as_deref().or(forwarded).filter(|it| !it.is_empty()) {
            attributes.push(client::address(address.to_owned()));
        }
        let domain = string(self.domain.or(self.headers.host));
        if let Some(domain) = domain {
            let (address, port) = authority(&domain);
            let forwarded = string(self.headers.forwarded_port);
            let forwarded = forwarded.as_deref().map(str::parse::<u16>);
            attributes.push(server::address(address.to_owned()));
            if let Some(port) = forwarded.and_then(Result::ok).or(port) {
                attributes.push(server::port(i64::from(port)));
            }
        }
        let agent = string(self.user_agent.or(self.headers.user_agent));
        if let Some(agent) = agent {
            attributes.push(user_agent::original(agent.into_owned()));
        }
        if let Some(protocol) = string(self.protocol)
            && let Some(version) = protocol.strip_prefix("HTTP/")
        {
            attributes.push(protocol::name("http"));
            // Literals where there are literals: no allocation.
            match version {
                "1.1" => attributes.push(protocol::version("1.1")),
                "2" | "2.0" => attributes.push(protocol::version("2")),
                other => attributes.push(protocol::version(other.to_owned())),
            }
        }
    }
}

/// Host and port of a `Host` header. An address of IPv6 stands in brackets there, and without them in
/// an attribute.
fn authority(host: &str) -> (&str, Option<u16>) {
    if let Some((address, rest)) = host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        return (
            address,
            rest.strip_prefix(':').and_then(|port| port.parse().ok()),
        );
    }
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') => (name, port.parse().ok()),
        _ => (host, None),
    }
}

/// The path template of a resource (`/pets/{id}`) or route key (`GET /pets/{id}`).
fn template(route: &str) -> Option<&str> {
    let path = route.split_once(' ').map_or(route, |(_, path)| path);
    path.starts_with('/').then_some(path)
}

/// A path and the query behind it, where a source gives both in one.
fn split_query(path: &str) -> (&str, Option<&str>) {
    let mark = memchr(b'?', path.as_bytes());
    let parts = mark.and_then(|at| Some((path.get(..at)?, path.get(at + 1..)?)));
    parts.map_or((path, None), |(path, query)| (path, Some(query)))
}

#[cfg(test)]
mod tests {
    use super::authority;

    #[test]
    fn a_host_may_have_a_port() {
        for (host, expected) in [
            ("api.example.com", ("api.example.com", None)),
            ("api.example.com:8443", ("api.example.com", Some(8443))),
            ("api.example.com:", ("api.example.com", None)),
            ("127.0.0.1:80", ("127.0.0.1", Some(80))),
            ("[2001:db8::1]:80", ("2001:db8::1", Some(80))),
            ("[2001:db8::1]", ("2001:db8::1", None)),
            ("2001:db8::1", ("2001:db8::1", None)),
            ("", ("", None)),
        ] {
            assert_eq!(authority(host), expected, "{host}");
        }
    }
}
