//! The attributes of a request.

use std::borrow::Cow;

use lamplight_semconv::{
    client,
    http::{self as semconv, request::HttpRequestMethod},
    network::{peer, protocol},
    server, url, user_agent,
};
use memchr::memchr;
use opentelemetry::KeyValue;

use super::{
    ClientAddress, Request,
    forwarded::{self, Forwarded, authority, first, last},
    query,
    settings::UNKNOWN_METHOD,
};
use crate::{
    inbound::{config::Config, findings::Findings},
    json::Text,
};

fn string(text: Option<Text<'_>>) -> Option<Cow<'_, str>> {
    text.and_then(Text::to_str)
}

impl Request<'_> {
    pub(super) fn describe(self, config: &Config, findings: &mut Findings) {
        let attributes = &mut findings.attributes;
        let route = string(self.route);
        let route = route.as_deref().and_then(template);
        if let Some(method) = string(self.method) {
            let known = push_method(config, &method, attributes);
            if let Some(route) = route {
                findings.name = Some([known, " ", route].concat());
            }
        }
        if let Some(route) = route {
            attributes.push(semconv::route(route.to_owned()));
        }
        let forwarded = string(self.headers.forwarded);
        let forwarded = forwarded.as_deref().map(Forwarded::read);
        let forwarded = forwarded.unwrap_or_default();
        let path = string(self.path);
        let (path, behind) = match path {
            Some(path) if self.path_has_query => {
                let (path, query) = split_query(&path);
                (Some(path.to_owned()), query.map(str::to_owned))
            }
            path => (path.map(whole_path), None),
        };
        if let Some(path) = path {
            attributes.push(url::path(path));
            attributes.push(url::scheme(self.scheme(&forwarded)));
        }
        self.push_client(config, &forwarded, attributes);
        self.push_server(&forwarded, attributes);
        let query = behind
            .as_deref()
            .map(|query| query::redact(query, &config.sensitive_query_parameters))
            .or_else(|| self.query.into_text(&config.sensitive_query_parameters));
        if let Some(query) = query.filter(|query| !query.is_empty()) {
            attributes.push(url::query(query.into_owned()));
        }
        if let Some(agent) = string(self.user_agent.or(self.headers.user_agent)) {
            attributes.push(user_agent::original(agent.into_owned()));
        }
        // The conventions make HTTP the default protocol, which is not recorded.
        if let Some(protocol) = string(self.protocol)
            && let Some(version) = protocol.strip_prefix("HTTP/")
        {
            // Literals where possible, to avoid allocations.
            match version {
                "1.1" => attributes.push(protocol::version("1.1")),
                "2" | "2.0" => attributes.push(protocol::version("2")),
                other => attributes.push(protocol::version(other.to_owned())),
            }
        }
    }

    /// Returns the scheme of the original request. If the event does not contain it, it is `https`: the only
    /// scheme that API Gateway and function URLs support, and the likely one for CloudFront and VPC Lattice.
    /// The conventions require a scheme.
    fn scheme(&self, forwarded: &Forwarded<'_>) -> &'static str {
        let told = forwarded.proto.as_deref().and_then(forwarded::scheme);
        let told = told.or_else(|| {
            let header = string(self.headers.forwarded_proto)?;
            forwarded::scheme(first(&header))
        });
        told.unwrap_or("https")
    }

    fn push_client(&self, config: &Config, forwarded: &Forwarded<'_>, out: &mut Vec<KeyValue>) {
        let seen = string(self.client);
        let peer = seen.as_deref().map(authority);
        let peer = peer.filter(|(address, _)| !address.is_empty());
        let hops = string(self.headers.forwarded_for);
        let hops = hops.as_deref();
        // A load balancer names its peer only in the last of these entries.
        let peer = peer.or_else(|| forwarded::address(last(hops?)));
        let client = match config.client_address {
            ClientAddress::Original => {
                let client = forwarded.client.as_deref().and_then(forwarded::address);
                let client = client.or_else(|| forwarded::address(first(hops?)));
                client.or(peer)
            }
            ClientAddress::Peer => peer,
        };
        let Some((address, port)) = client else {
            return;
        };
        out.push(client::address(address.to_owned()));
        out.extend(port.map(|port| client::port(i64::from(port))));
        // Keeps the address that a client cannot forge.
        if let Some((peer, port)) = peer.filter(|(peer, _)| *peer != address) {
            out.push(peer::address(peer.to_owned()));
            out.extend(port.map(|port| peer::port(i64::from(port))));
        }
    }

    fn push_server(&self, forwarded: &Forwarded<'_>, out: &mut Vec<KeyValue>) {
        let original = string(self.headers.forwarded_host);
        let original = [forwarded.host.as_deref(), original.as_deref().map(first)];
        let original = original.into_iter().flatten().find_map(forwarded::host);
        let domain = match original {
            Some(_) => None,
            None => string(self.domain.or(self.headers.host)),
        };
        let server = original.or(domain.as_deref().map(authority));
        let Some((address, port)) = server.filter(|(address, _)| !address.is_empty()) else {
            return;
        };
        out.push(server::address(address.to_owned()));
        let port = port.or_else(|| string(self.headers.forwarded_port)?.parse().ok());
        if let Some(port) = port {
            out.push(server::port(i64::from(port)));
        }
    }
}

/// Adds the method. Returns the method to use in a span name.
fn push_method<'a>(config: &Config, method: &'a str, out: &mut Vec<KeyValue>) -> &'a str {
    if let Some(known) = config.known_method(method) {
        out.push(semconv::request::method(known));
        return method;
    }
    out.push(semconv::request::method(HttpRequestMethod::Other));
    if method != HttpRequestMethod::Other.as_str() {
        out.push(semconv::request::method_original(method.to_owned()));
    }
    UNKNOWN_METHOD
}

/// Returns the path template of a resource (`/pets/{id}`) or of a route key (`GET /pets/{id}`).
fn template(route: &str) -> Option<&str> {
    let path = route.split_once(' ').map_or(route, |(_, path)| path);
    path.starts_with('/').then_some(path)
}

/// Returns a path from a source that decodes it, with the characters that would end a path encoded again.
fn whole_path(path: Cow<'_, str>) -> String {
    match path.contains(['?', '#']) {
        true => path.replace('?', "%3F").replace('#', "%23"),
        false => path.into_owned(),
    }
}

/// Splits a path from its query, for sources that deliver both in one text.
fn split_query(path: &str) -> (&str, Option<&str>) {
    let mark = memchr(b'?', path.as_bytes());
    let parts = mark.and_then(|at| Some((path.get(..at)?, path.get(at + 1..)?)));
    parts.map_or((path, None), |(path, query)| (path, Some(query)))
}
