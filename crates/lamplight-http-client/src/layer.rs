use std::sync::Arc;

use http::Uri;
use lamplight_internal::{diagnostics::warn_once, environment::Environment};
use lamplight_propagation::Propagators;
use opentelemetry::{
    global::BoxedTracer,
    trace::{Span, Tracer, TracerProvider},
};
use tower_layer::Layer;

use crate::{
    hosts::{Hosts, Receivers},
    service::HttpClientService,
    settings::{self, Settings, scope},
};

/// A layer for HTTP clients that makes a client span of every request and writes its context into the
/// request's headers.
///
/// It never fails a request, never changes a body and never overwrites context that is already there. A
/// predicate of the user's that panics counts as one that returned `false`; a sampler or a span processor
/// that panics costs the span. Requests made inside a scope in which telemetry is suppressed
/// ([`Context::enter_telemetry_suppressed_scope`](opentelemetry::Context::enter_telemetry_suppressed_scope)),
/// such as an exporter's own, are left alone.
///
/// A clone has the same settings and can serve another client.
///
/// # Defaults
///
/// | setting | default | variable |
/// |---|---|---|
/// | [`with_tracer_provider`](Self::with_tracer_provider) | the global provider at the time of each request | |
/// | [`with_propagators`](Self::with_propagators) | W3C Trace Context and Baggage | `OTEL_PROPAGATORS` |
/// | [`with_context_hosts`](Self::with_context_hosts), [`with_context_for`](Self::with_context_for) | every host | [`LAMPLIGHT_HTTP_CONTEXT_HOSTS`](crate::LAMPLIGHT_HTTP_CONTEXT_HOSTS) |
/// | [`with_baggage_hosts`](Self::with_baggage_hosts), [`with_baggage_for`](Self::with_baggage_for) | every host | [`LAMPLIGHT_HTTP_BAGGAGE_HOSTS`](crate::LAMPLIGHT_HTTP_BAGGAGE_HOSTS) |
/// | [`with_request_headers`](Self::with_request_headers) | none | [`OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST`](crate::OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST) |
/// | [`with_response_headers`](Self::with_response_headers) | none | [`OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE`](crate::OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE) |
/// | [`with_known_methods`](Self::with_known_methods) | those of RFC 9110, `PATCH` and `QUERY` | `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS` |
/// | [`with_sensitive_query_parameters`](Self::with_sensitive_query_parameters) | the seven that sign requests | `LAMPLIGHT_SENSITIVE_QUERY_PARAMETERS` |
/// | [`with_origin`](Self::with_origin) | none | |
///
/// # Third parties
///
/// Baggage may hold what is nobody else's business, and ids of traces tell an outsider how much traffic
/// there is. A list of hosts chooses who gets them: `api.example.com` is one host, `*.example.com` each
/// host below that one and not the host itself, `*` every host; a `-` before any of them leaves it out,
/// whatever else is listed. A list of nothing but these means all other hosts. A list with a pattern that
/// is not understood allows no host at all, which is logged once. A host that gets no context gets no
/// baggage either.
///
/// ```
/// use lamplight_http_client::HttpClientLayer;
///
/// let layer = HttpClientLayer::new()
///     .with_context_hosts(["*.internal.example", "api.partner.example"])
///     .with_baggage_hosts(["*.internal.example"]);
/// ```
#[derive(Debug, Clone)]
pub struct HttpClientLayer {
    settings: Arc<Settings>,
}

impl HttpClientLayer {
    /// Returns a layer with the settings of the environment; what is not understood in a variable is
    /// logged once.
    #[must_use]
    pub fn new() -> Self {
        Self::from_environment(&Environment::of_process())
    }

    pub(crate) fn from_environment(environment: &Environment<'_>) -> Self {
        let settings = Arc::new(Settings::from_environment(environment));
        Self { settings }
    }

    #[cfg(feature = "reqwest")]
    pub(crate) fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }

    /// Sets the provider of the tracer that makes the spans. Default: the global provider at the time of
    /// each request.
    ///
    /// ```
    /// use lamplight_http_client::HttpClientLayer;
    /// use opentelemetry_sdk::trace::SdkTracerProvider;
    ///
    /// let provider = SdkTracerProvider::builder().build();
    /// let layer = HttpClientLayer::new().with_tracer_provider(&provider);
    /// ```
    #[must_use]
    pub fn with_tracer_provider<P, T, S>(self, provider: &P) -> Self
    where
        P: TracerProvider<Tracer = T>,
        T: Tracer<Span = S> + Send + Sync + 'static,
        S: Span + Send + Sync + 'static,
    {
        let tracer = BoxedTracer::new(Box::new(provider.tracer_with_scope(scope())));
        self.with(|settings| settings.set_tracer(tracer))
    }

    /// Sets the formats in which context is written. Default: the variable `OTEL_PROPAGATORS`, else W3C
    /// Trace Context and Baggage.
    #[must_use]
    pub fn with_propagators(self, propagators: Propagators) -> Self {
        self.with(|settings| settings.writing.propagators = propagators)
    }

    /// Sets the hosts that get context, by patterns: see "Third parties" above. Default: the variable
    /// `LAMPLIGHT_HTTP_CONTEXT_HOSTS`, else every host.
    #[must_use]
    pub fn with_context_hosts<P: AsRef<str>>(self, hosts: impl IntoIterator<Item = P>) -> Self {
        let hosts = parsed("with_context_hosts", hosts);
        self.with(|settings| settings.writing.context = hosts)
    }

    /// Sets the hosts that get baggage, of those that get context, by patterns: see "Third parties" above.
    /// Default: the variable `LAMPLIGHT_HTTP_BAGGAGE_HOSTS`, else every host.
    #[must_use]
    pub fn with_baggage_hosts<P: AsRef<str>>(self, hosts: impl IntoIterator<Item = P>) -> Self {
        let hosts = parsed("with_baggage_hosts", hosts);
        self.with(|settings| settings.writing.baggage = hosts)
    }

    /// Sets a function that returns whether context may be written into a request for this URI.
    ///
    /// The span is made all the same. It replaces hosts and functions that were set before. If it panics,
    /// no context is written.
    ///
    /// ```
    /// use lamplight_http_client::HttpClientLayer;
    ///
    /// let layer = HttpClientLayer::new().with_context_for(|uri| uri.port_u16() == Some(8080));
    /// ```
    #[must_use]
    pub fn with_context_for(self, may: impl Fn(&Uri) -> bool + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.writing.context = Receivers::Chosen(Arc::new(may)))
    }

    /// Sets a function that returns whether baggage may be written into a request for this URI that gets
    /// context. It replaces hosts and functions that were set before. If it panics, no baggage is written.
    #[must_use]
    pub fn with_baggage_for(self, may: impl Fn(&Uri) -> bool + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.writing.baggage = Receivers::Chosen(Arc::new(may)))
    }

    /// Sets the headers of requests that are recorded as `http.request.header.<name>`. Headers hold
    /// secrets, so none is recorded that is not named here, and of values that are marked as
    /// [sensitive](http::HeaderValue::set_sensitive) only `REDACTED`. Default: the variable
    /// `OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST`, else none.
    #[must_use]
    pub fn with_request_headers<N: AsRef<str>>(self, names: impl IntoIterator<Item = N>) -> Self {
        let names = settings::names(names);
        self.with(|settings| settings.request_headers = names)
    }

    /// Sets the headers of responses that are recorded as `http.response.header.<name>`, as
    /// [`with_request_headers`](Self::with_request_headers) does for those of requests. Default: the
    /// variable `OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE`, else none.
    #[must_use]
    pub fn with_response_headers<N: AsRef<str>>(self, names: impl IntoIterator<Item = N>) -> Self {
        let names = settings::names(names);
        self.with(|settings| settings.response_headers = names)
    }

    /// Sets the methods that are recorded as they are; any other is `_OTHER`, with its text in
    /// `http.request.method_original`, and `HTTP` in the name of a span. Case-sensitive, and the whole
    /// list. Default: the variable `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS`, else the methods of RFC 9110,
    /// `PATCH` and `QUERY`.
    #[must_use]
    pub fn with_known_methods<M: Into<String>>(self, methods: impl IntoIterator<Item = M>) -> Self {
        self.with(|settings| {
            settings.rules = settings.rules.clone().with_known_methods(methods);
        })
    }

    /// Replaces the values of these query parameters, too, by `REDACTED`, beside the seven that sign
    /// requests. Names are case-sensitive. Default: the variable `LAMPLIGHT_SENSITIVE_QUERY_PARAMETERS`,
    /// else none.
    #[must_use]
    pub fn with_sensitive_query_parameters<N: Into<String>>(
        self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        self.with(|settings| {
            settings.rules = settings
                .rules
                .clone()
                .with_sensitive_query_parameters(names);
        })
    }

    /// Sets the server of requests whose URI has no host, of which only scheme and authority count: those
    /// of a client that adds the server below the layer, such as tonic's channel. Without it the server is
    /// taken from the header `Host`, if there is one. Default: none.
    ///
    /// ```
    /// use http::Uri;
    /// use lamplight_http_client::HttpClientLayer;
    ///
    /// let layer = HttpClientLayer::new().with_origin(Uri::from_static("http://orders.internal:50051"));
    /// ```
    #[must_use]
    pub fn with_origin(self, origin: Uri) -> Self {
        self.with(|settings| settings.origin = Some(origin))
    }
}

impl Default for HttpClientLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for HttpClientLayer {
    type Service = HttpClientService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        HttpClientService::new(inner, self.settings.clone())
    }
}

/// Returns the hosts of patterns in code.
fn parsed<P: AsRef<str>>(setting: &str, patterns: impl IntoIterator<Item = P>) -> Receivers {
    let (hosts, unknown) = Hosts::parse(patterns);
    if !unknown.is_empty() {
        warn_once(setting, || settings::not_understood(setting, &unknown));
    }
    Receivers::Hosts(hosts)
}
