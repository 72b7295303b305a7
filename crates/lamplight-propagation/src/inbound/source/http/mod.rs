//! HTTP requests, in the events of all sources.

mod describe;
mod forwarded;
mod query;
mod settings;

use std::borrow::Cow;

use lamplight_semconv::{
    http::{self as semconv, request},
    lamplight::inferred,
    server, url,
};
use opentelemetry::KeyValue;

pub use self::settings::{ClientAddress, UnknownClientAddress};

pub(super) use self::{forwarded::authority, query::Query};

use crate::{
    inbound::{
        Incoming, XRayPolicy,
        config::Config,
        findings::{Findings, FoundContext},
        inferred::{InferredSpan, millis},
        members::Event,
        path::Path,
        search::{
            ContextSearch,
            fields::{Headers, MAX_VALUES},
        },
    },
    json::{Text, Value, text_of},
    xray::X_AMZN_TRACE_ID,
};

/// The parts of a request, independent of the source.
#[derive(Debug, Default)]
pub(super) struct Request<'a> {
    pub(super) method: Option<Text<'a>>,
    /// The route; never `$connect` or `$default`, which are not routes.
    pub(super) route: Option<Text<'a>>,
    pub(super) path: Option<Text<'a>>,
    /// True if the query follows the path. For other sources, which decode the path, a `?` belongs to it.
    pub(super) path_has_query: bool,
    pub(super) query: Query<'a>,
    pub(super) domain: Option<Text<'a>>,
    pub(super) client: Option<Text<'a>>,
    pub(super) protocol: Option<Text<'a>>,
    pub(super) user_agent: Option<Text<'a>>,
    pub(super) headers: Headers<'a>,
}

/// The headers of a request, with their path.
#[derive(Debug, Clone, Copy)]
pub(super) struct FoundHeaders<'a, 'p> {
    pub(super) all: Option<Value<'a>>,
    pub(super) at: Path<'p>,
    /// The suffix of a header's name in the path of its value.
    pub(super) suffix: &'static str,
}

impl<'a> FoundHeaders<'a, 'static> {
    /// Returns the headers of an event that has them in `multiValueHeaders` or `headers`.
    pub(super) fn of(event: &Event<'a>) -> Self {
        match event.multi_value_headers() {
            Some(headers) if has_members(headers) => Self::at(Some(headers), "multiValueHeaders"),
            _ => Self::at(event.headers(), "headers"),
        }
    }

    /// Returns headers with their path.
    pub(super) fn at(all: Option<Value<'a>>, path: &'static str) -> Self {
        Self {
            all,
            at: Path::Member(&Path::Root, path),
            suffix: "",
        }
    }
}

/// Reads the context from the headers of a request, and the attributes from the parts that `request` finds in
/// the event.
pub(super) fn read<'a>(
    search: &mut ContextSearch<'_>,
    headers: FoundHeaders<'a, '_>,
    request: impl FnOnce(Headers<'a>) -> Request<'a>,
) -> Findings {
    let FoundHeaders { all, at, suffix } = headers;
    let headers = all.map(Headers::read).unwrap_or_default();
    let mut findings = Findings {
        context: context_of(search, &headers, &at, suffix),
        ..search.findings()
    };
    if search.describes() {
        request(headers).describe(search.config, &mut findings);
        if let (Some(all), false) = (all, search.config.request_headers.is_empty()) {
            capture(all, search.config, &mut findings.attributes);
        }
    }
    findings
}

/// Reads the context from headers, and nothing else.
pub(super) fn context(
    search: &mut ContextSearch<'_>,
    headers: FoundHeaders<'_, '_>,
) -> Option<FoundContext> {
    let fields = headers.all.map(Headers::read).unwrap_or_default();
    context_of(search, &fields, &headers.at, headers.suffix)
}

/// Reads the context from the headers of a request. The X-Ray header is used only if X-Ray spans may be
/// parents: services add one to every request, and a link to each would be useless.
fn context_of(
    search: &mut ContextSearch<'_>,
    headers: &Headers<'_>,
    at: &Path<'_>,
    suffix: &str,
) -> Option<FoundContext> {
    let found = search.accept(&headers.fields, at, suffix);
    if search.config.xray == XRayPolicy::LinkIfSampled {
        return found;
    }
    let header = || headers.xray.and_then(Text::to_str);
    search.prefer_xray(found, header, &at.member(X_AMZN_TRACE_ID))
}

/// Adds the headers that are configured to be recorded, with all their values.
fn capture(headers: Value<'_>, config: &Config, out: &mut Vec<KeyValue>) {
    for name in &config.request_headers {
        let mut values: Vec<String> = Vec::new();
        for (_, value) in headers
            .members()
            .filter(|(key, _)| key.is_ignoring_case(name))
        {
            let items = value.elements().take(MAX_VALUES);
            // A string, an array of strings, or CloudFront's objects.
            let texts = items.filter_map(|item| item.text().or_else(|| item.get("value")?.text()));
            let texts = value.text().into_iter().chain(texts);
            values.extend(texts.filter_map(Text::to_str).map(Cow::into_owned));
        }
        if !values.is_empty() {
            out.push(semconv::request::header(name, values));
        }
    }
}

impl<'a> Request<'a> {
    /// Returns the request of an event in payload format 1.0 of API Gateway, which load balancers and
    /// WebSocket APIs use too. Parameters are decoded, except those of load balancers.
    pub(super) fn v1(event: &Event<'a>, headers: Headers<'a>) -> Self {
        let context = &event.context;
        let identity = context.identity();
        let [source_ip, user_agent] =
            identity.map_or([None; 2], |it| it.get_all(["sourceIp", "userAgent"]));
        let parameters = v1_parameters(event);
        Self {
            method: text_of(event.http_method()),
            route: text_of(event.resource()),
            path: text_of(event.path()),
            path_has_query: false,
            query: parameters.map_or(Query::None, Query::Decoded),
            domain: text_of(context.domain_name()),
            client: text_of(source_ip),
            protocol: text_of(context.protocol()),
            user_agent: text_of(user_agent),
            headers,
        }
    }

    /// Returns the request of an event in payload format 2.0, of HTTP APIs and function URLs.
    pub(super) fn v2(event: &Event<'a>, headers: Headers<'a>) -> Self {
        let context = &event.context;
        let [method, client, protocol, user_agent] = context.http().map_or([None; 4], |http| {
            http.get_all(["method", "sourceIp", "protocol", "userAgent"])
        });
        let raw = text_of(event.raw_query());
        let parameters = event.query().map_or(Query::None, Query::Decoded);
        Self {
            method: text_of(method),
            route: text_of(event.route_key().or(context.route_key())),
            path: text_of(event.raw_path()),
            path_has_query: false,
            query: raw.map_or(parameters, Query::Raw),
            domain: text_of(context.domain_name()),
            client: text_of(client),
            protocol: text_of(protocol),
            user_agent: text_of(user_agent),
            headers,
        }
    }
}

/// Returns the query parameters of an event in format 1.0: the multi-value ones, unless they are null or
/// empty, as some services write missing values.
pub(super) fn v1_parameters<'a>(event: &Event<'a>) -> Option<Value<'a>> {
    let all = event.multi_value_query();
    all.filter(|all| has_members(*all)).or(event.query())
}

fn has_members(object: Value<'_>) -> bool {
    object.members().next().is_some()
}

/// Adds the span of the service that accepted a request, from the time in the request context.
pub(super) fn infer(
    service: &'static str,
    document: Value<'_>,
    incoming: &Incoming,
    spans: &mut Vec<InferredSpan>,
) {
    const OF_THE_REQUEST: [&str; 5] = [
        request::METHOD,
        semconv::ROUTE,
        url::PATH,
        url::SCHEME,
        server::ADDRESS,
    ];
    let context = document.get("requestContext");
    let [v1, v2] = context.map_or([None; 2], |it| {
        it.get_all(["requestTimeEpoch", "timeEpoch"])
    });
    let started_at = v1.or(v2).and_then(|it| millis(&it.scalar()?));
    let Some(started_at) = started_at else { return };
    let mut attributes = vec![inferred::service(service)];
    let of_the_request = incoming.attributes.iter();
    attributes.extend(
        of_the_request
            .filter(|kv| OF_THE_REQUEST.contains(&kv.key.as_str()))
            .cloned(),
    );
    spans.push(InferredSpan {
        span_name: incoming.span_name.clone(),
        started_at,
        attributes,
    });
}
