//! The settings that a layer and its services share.

use std::sync::Arc;

use http::{HeaderName, Uri};
use lamplight_internal::environment::{Environment, shown};
use lamplight_propagation::{Propagators, inbound::EventExtractor};
use opentelemetry::{
    Context, InstrumentationScope,
    global::{self, BoxedSpan, BoxedTracer},
    trace::{SpanBuilder, Tracer as _},
};

use crate::{
    headers::Writing,
    hosts::{Hosts, Receivers},
};

/// The environment variable with the hosts that get context, `LAMPLIGHT_HTTP_CONTEXT_HOSTS`; see
/// [`HttpClientLayer`](crate::HttpClientLayer), "Third parties".
pub const LAMPLIGHT_HTTP_CONTEXT_HOSTS: &str = "LAMPLIGHT_HTTP_CONTEXT_HOSTS";

/// The environment variable with the hosts that get baggage, of those that get context,
/// `LAMPLIGHT_HTTP_BAGGAGE_HOSTS`; see [`HttpClientLayer`](crate::HttpClientLayer), "Third parties".
pub const LAMPLIGHT_HTTP_BAGGAGE_HOSTS: &str = "LAMPLIGHT_HTTP_BAGGAGE_HOSTS";

/// The environment variable with the headers of requests to record as `http.request.header.<name>`,
/// separated by commas, `OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST`.
pub const OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST: &str =
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST";

/// The environment variable with the headers of responses to record as `http.response.header.<name>`,
/// separated by commas, `OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE`.
pub const OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE: &str =
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE";

const OTEL_PROPAGATORS: &str = "OTEL_PROPAGATORS";
const OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: &str = "OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS";
const LAMPLIGHT_SENSITIVE_QUERY_PARAMETERS: &str = "LAMPLIGHT_SENSITIVE_QUERY_PARAMETERS";

/// The parts of a list of hosts, for messages.
const PATTERNS: &str = "hosts such as `api.example.com`, `*.example.com` and `*`, without scheme, port \
     and path, and the same behind a `-`";

#[derive(Debug, Clone)]
pub(crate) struct Settings {
    tracer: Option<Arc<BoxedTracer>>,
    /// The rules for methods and queries, which are those of events.
    pub(crate) rules: EventExtractor,
    pub(crate) writing: Writing,
    pub(crate) request_headers: Vec<HeaderName>,
    pub(crate) response_headers: Vec<HeaderName>,
    pub(crate) origin: Option<Uri>,
}

impl Settings {
    pub(crate) fn from_environment(environment: &Environment<'_>) -> Self {
        let value = environment.get(OTEL_PROPAGATORS).unwrap_or_default();
        let (propagators, complaint) = Propagators::parse(&value);
        if let Some(complaint) = complaint {
            environment.say(OTEL_PROPAGATORS, complaint);
        }
        let mut rules = EventExtractor::new().with_sensitive_query_parameters(
            environment.list(LAMPLIGHT_SENSITIVE_QUERY_PARAMETERS),
        );
        let methods = environment.list(OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS);
        if !methods.is_empty() {
            rules = rules.with_known_methods(methods);
        }
        let receivers = |name| {
            let (hosts, unknown) = Hosts::parse(environment.list(name));
            if !unknown.is_empty() {
                environment.say(name, not_understood(name, &unknown));
            }
            Receivers::Hosts(hosts)
        };
        Self {
            tracer: None,
            rules,
            writing: Writing {
                propagators,
                context: receivers(LAMPLIGHT_HTTP_CONTEXT_HOSTS),
                baggage: receivers(LAMPLIGHT_HTTP_BAGGAGE_HOSTS),
            },
            request_headers: names(
                environment.list(OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST),
            ),
            response_headers: names(
                environment.list(OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE),
            ),
            origin: None,
        }
    }

    pub(crate) fn set_tracer(&mut self, tracer: BoxedTracer) {
        self.tracer = Some(Arc::new(tracer));
    }

    /// Starts a span below `parent`.
    pub(crate) fn start_span(&self, builder: SpanBuilder, parent: &Context) -> BoxedSpan {
        match &self.tracer {
            Some(tracer) => tracer.build_with_context(builder, parent),
            None => global::tracer_with_scope(scope()).build_with_context(builder, parent),
        }
    }
}

/// Returns what is wrong with a list of hosts.
pub(crate) fn not_understood(name: &str, unknown: &[String]) -> String {
    let value = shown(&unknown.join(","));
    format!("{name}: {value} is not understood; allowed are {PATTERNS}; using no host at all")
}

/// Returns names of headers in lower case. What is no name of a header names no header.
pub(crate) fn names<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Vec<HeaderName> {
    let names = names.into_iter();
    names
        .filter_map(|name| HeaderName::try_from(name.as_ref()).ok())
        .collect()
}

/// Returns the instrumentation scope of every span.
pub(crate) fn scope() -> InstrumentationScope {
    InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url(lamplight_semconv::SCHEMA_URL)
        .build()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// The settings of these variables, and what is said of them.
    fn settings(variables: &[(&str, &str)]) -> (Settings, String) {
        let said = Mutex::new(String::new());
        let lookup = |name: &str| {
            let mut all = variables.iter();
            Some(all.find(|(it, _)| *it == name)?.1.to_owned())
        };
        let environment =
            Environment::new(lookup).with_report(|_, line| said.lock().unwrap().push_str(&line));
        let settings = Settings::from_environment(&environment);
        drop(environment);
        (settings, said.into_inner().unwrap())
    }

    #[test]
    fn the_environment_decides() {
        let (settings, said) = settings(&[
            (OTEL_PROPAGATORS, "baggage"),
            (OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS, "PURGE"),
            (LAMPLIGHT_SENSITIVE_QUERY_PARAMETERS, "key, token"),
            (
                OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST,
                "X-A, x-b",
            ),
            (
                OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE,
                "ETag",
            ),
            (LAMPLIGHT_HTTP_CONTEXT_HOSTS, "a.example, *.b.example"),
            (LAMPLIGHT_HTTP_BAGGAGE_HOSTS, "-a.example"),
        ]);
        assert_eq!(said, "");
        assert!(!settings.writing.propagators.has_trace_context());
        assert_eq!(settings.rules.known_method("GET"), None);
        assert_eq!(settings.rules.redact_query("key=1&a=2"), "key=REDACTED&a=2");
        assert_eq!(settings.request_headers, ["x-a", "x-b"]);
        assert_eq!(settings.response_headers, ["etag"]);
        let uri = Uri::from_static("/");
        let may = |receivers: &Receivers, host| receivers.include(&uri, Some(host));
        assert!(may(&settings.writing.context, "c.b.example"));
        assert!(!may(&settings.writing.context, "c.example"));
        assert!(!may(&settings.writing.baggage, "a.example"));
    }

    #[test]
    fn a_list_that_is_not_understood_is_told_what_is_allowed() {
        let list = "a.example,https://user:secret@b.example/";
        let (settings, said) = settings(&[(LAMPLIGHT_HTTP_CONTEXT_HOSTS, list)]);
        for part in [
            LAMPLIGHT_HTTP_CONTEXT_HOSTS,
            "*.example.com",
            "using no host at all",
        ] {
            assert!(said.contains(part), "{said}");
        }
        assert!(!said.contains("a.example"), "{said}");
        let uri = Uri::from_static("http://a.example");
        assert!(!settings.writing.context.include(&uri, Some("a.example")));
        assert!(settings.writing.baggage.include(&uri, Some("a.example")));
    }
}
