//! The name and the attributes that the span of a request starts with.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header, uri::Authority};
use lamplight_propagation::inbound::EventExtractor;
use lamplight_semconv::{
    http::request::{self, HttpRequestMethod},
    server, url,
};
use opentelemetry::{KeyValue, trace::SpanBuilder};

use crate::{
    extensions::{Hints, UrlTemplate},
    grpc,
    message::sealed,
};

/// Attributes that a span starts with, so that their vector is allocated once.
const TYPICAL_ATTRIBUTES: usize = 8;

/// The most values of one header that are recorded.
const MAX_VALUES: usize = 32;

/// The part of a URL that is replaced.
const REDACTED: &str = "REDACTED";

/// The server that a request goes to, as far as it is known.
pub(crate) struct Target<'a> {
    /// A URI with an authority, if there is one.
    pub(crate) uri: &'a Uri,
    authority: Option<Cow<'a, Authority>>,
}

impl<'a> Target<'a> {
    /// Returns the target of a request: its own URI, else that of the `origin` of the client, else its
    /// header `Host`.
    pub(crate) fn of(uri: &'a Uri, origin: Option<&'a Uri>, headers: &HeaderMap) -> Self {
        if let Some(authority) = uri.authority() {
            let authority = Some(Cow::Borrowed(authority));
            return Self { uri, authority };
        }
        if let Some((origin, authority)) = origin.and_then(|it| Some((it, it.authority()?))) {
            return Self {
                uri: origin,
                authority: Some(Cow::Borrowed(authority)),
            };
        }
        let host = headers.get(header::HOST).map(|host| host.as_bytes());
        let authority = host.and_then(|host| Authority::try_from(host).ok());
        Self {
            uri,
            authority: authority.map(Cow::Owned),
        }
    }

    /// Returns the host, without the brackets of an IPv6 address.
    pub(crate) fn address(&self) -> Option<&str> {
        let host = self.authority.as_ref()?.host();
        let inner = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        Some(inner.unwrap_or(host)).filter(|host| !host.is_empty())
    }

    /// Returns the port, that of the scheme where none is written.
    fn port(&self) -> Option<u16> {
        let written = self.authority.as_ref()?.port_u16();
        written.or_else(|| match self.uri.scheme_str()? {
            "https" => Some(443),
            "http" => Some(80),
            _ => None,
        })
    }

    /// Returns the absolute URL of the request for `uri`, without its secrets.
    fn full(&self, uri: &Uri, rules: &EventExtractor) -> String {
        let authority = self.authority.as_ref().map_or("", |it| it.as_str());
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let user = match user.contains(':') {
            true => "REDACTED:REDACTED@",
            false if host.len() < authority.len() => "REDACTED@",
            false => "",
        };
        let query = uri.query().map(|query| rules.redact_query(query));
        let scheme = self.uri.scheme_str().unwrap_or_default();
        let colon = if scheme.is_empty() { "" } else { ":" };
        let slashes = if host.is_empty() { "" } else { "//" };
        let (mark, query) = match &query {
            Some(query) => ("?", &**query),
            None => ("", ""),
        };
        [scheme, colon, slashes, user, host, uri.path(), mark, query].concat()
    }
}

/// Returns the name and the attributes of a request's span.
pub(crate) fn builder<Q: sealed::Request>(
    rules: &EventExtractor,
    headers: &[HeaderName],
    request: &Q,
    uri: &Uri,
    target: &Target<'_>,
    hints: Hints,
) -> SpanBuilder {
    let mut attributes = Vec::with_capacity(TYPICAL_ATTRIBUTES);
    let name = push_method(rules, request.method().as_str(), &mut attributes);
    if let Some(address) = target.address() {
        attributes.push(server::address(address.to_owned()));
        if let Some(port) = target.port() {
            attributes.push(server::port(i64::from(port)));
        }
    }
    attributes.push(url::full(target.full(uri, rules)));
    let template = hints.template.map(|UrlTemplate(template)| template);
    // The methods of gRPC are few, and are all of the path.
    let method = || grpc::is_call(request.headers()).then(|| uri.path().to_owned().into());
    let name = match template.or_else(method) {
        Some(template) => {
            let name = [name, " ", &template].concat();
            attributes.push(url::template(template));
            Cow::Owned(name)
        }
        None => match rules.known_method(name) {
            // Literals where there are literals: no allocation.
            Some(HttpRequestMethod::Get) => Cow::Borrowed("GET"),
            Some(HttpRequestMethod::Post) => Cow::Borrowed("POST"),
            _ => Cow::Owned(name.to_owned()),
        },
    };
    if let Some(resends @ 1..) = hints.resends.map(|count| count.count()) {
        attributes.push(request::resend_count(i64::from(resends)));
    }
    for (name, values) in captured(headers, request.headers()) {
        attributes.push(request::header(name, values));
    }
    SpanBuilder::from_name(name).with_attributes(attributes)
}

/// Adds the method. Returns its place in a name.
fn push_method<'a>(
    rules: &EventExtractor,
    method: &'a str,
    attributes: &mut Vec<KeyValue>,
) -> &'a str {
    if let Some(known) = rules.known_method(method) {
        attributes.push(request::method(known));
        return method;
    }
    attributes.push(request::method(HttpRequestMethod::Other));
    if method != HttpRequestMethod::Other.as_str() {
        attributes.push(request::method_original(method.to_owned()));
    }
    "HTTP"
}

/// Returns the headers that are to be recorded. Values that the user has marked as sensitive are not shown.
pub(crate) fn captured<'a>(
    names: &'a [HeaderName],
    headers: &'a HeaderMap,
) -> impl Iterator<Item = (&'a str, Vec<String>)> {
    let text = |value: &HeaderValue| match value.is_sensitive() {
        true => REDACTED.to_owned(),
        false => String::from_utf8_lossy(value.as_bytes()).into_owned(),
    };
    names.iter().filter_map(move |name| {
        let values = headers.get_all(name).iter().take(MAX_VALUES);
        let values: Vec<_> = values.map(text).collect();
        (!values.is_empty()).then_some((name.as_str(), values))
    })
}

#[cfg(test)]
mod tests;
