//! What the tests share: a tracer whose spans can be looked at and a client that answers as it is told.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, OnceLock},
};

use http::{HeaderMap, Request, Response};
use lamplight_codegen::{Checker, CheckingExporter, Registry};
use lamplight_http_client::{HttpClientLayer, HttpClientService};
use opentelemetry::{
    Context, KeyValue,
    baggage::BaggageExt as _,
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId},
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, Sampler, SdkTracerProvider, SpanData};
use tower::{Layer, Service, ServiceExt, service_fn};

/// A tracer provider and the spans that ended.
///
/// A test fails in the end if a span of it is not what the registry in `semconv/` says.
pub(crate) struct Spans {
    exporter: InMemorySpanExporter,
    checked: CheckingExporter<InMemorySpanExporter>,
    pub(crate) provider: SdkTracerProvider,
}

impl Drop for Spans {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let report = self.checked.report();
        assert!(report.is_clean(), "{report}");
        // Nothing was exported that went past the check.
        assert_eq!(report.spans(), self.ended().len());
    }
}

fn checker() -> Checker {
    static CHECKER: OnceLock<Checker> = OnceLock::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../semconv");
    let load = || Checker::new(Registry::load(folder).unwrap());
    CHECKER.get_or_init(load).clone()
}

impl Spans {
    pub(crate) fn new() -> Self {
        Self::sampled(Sampler::AlwaysOn)
    }

    pub(crate) fn sampled(sampler: Sampler) -> Self {
        let exporter = InMemorySpanExporter::default();
        let checked = CheckingExporter::new(checker(), exporter.clone());
        let provider = SdkTracerProvider::builder()
            .with_sampler(sampler)
            .with_span_processor(checked.at_start())
            .with_simple_exporter(checked.clone())
            .build();
        Self {
            exporter,
            checked,
            provider,
        }
    }

    /// A layer that makes its spans here.
    pub(crate) fn layer(&self) -> HttpClientLayer {
        HttpClientLayer::new().with_tracer_provider(&self.provider)
    }

    pub(crate) fn ended(&self) -> Vec<SpanData> {
        self.exporter.get_finished_spans().unwrap()
    }

    /// The only span that ended.
    pub(crate) fn one(&self) -> SpanData {
        let mut spans = self.ended();
        assert_eq!(spans.len(), 1, "{spans:#?}");
        spans.remove(0)
    }
}

/// Attributes by key, as text.
pub(crate) fn attributes(span: &SpanData) -> BTreeMap<String, String> {
    let all = span.attributes.iter();
    let map: BTreeMap<_, _> = all
        .map(|attribute| (attribute.key.to_string(), attribute.value.to_string()))
        .collect();
    assert_eq!(map.len(), span.attributes.len(), "a key twice in {span:?}");
    map
}

pub(crate) fn attribute(span: &SpanData, key: &str) -> Option<String> {
    attributes(span).remove(key)
}

/// Panics unless the span has these attributes and no other.
#[track_caller]
pub(crate) fn expect(span: &SpanData, expected: &[(&str, &str)]) {
    let expected = expected.iter();
    let expected: BTreeMap<_, _> = expected
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    assert_eq!(attributes(span), expected);
}

/// `traceparent` of a span.
pub(crate) fn traceparent(span: &SpanContext) -> String {
    let (trace, id, flags) = (span.trace_id(), span.span_id(), span.trace_flags());
    format!("00-{trace}-{id}-{flags:02x}")
}

pub(crate) const BAGGAGE: &str = "app.tenant=blue";

/// What is current while the caller calls: a remote span, its state and some baggage.
pub(crate) fn caller() -> Context {
    let span = SpanContext::new(
        TraceId::from(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c),
        SpanId::from(0xb7ad_6b71_6920_3331),
        TraceFlags::SAMPLED,
        true,
        "vendor=a".parse().unwrap(),
    );
    Context::new()
        .with_remote_span_context(span)
        .with_baggage([KeyValue::new("app.tenant", "blue")])
}

/// The headers of requests that arrived.
#[derive(Clone, Default)]
pub(crate) struct Arrived(Arc<Mutex<Vec<HeaderMap>>>);

impl Arrived {
    /// The headers of the only request.
    pub(crate) fn one(&self) -> HeaderMap {
        let mut all = self.0.lock().unwrap();
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    /// A client that answers every request with this status.
    pub(crate) fn answering(
        &self,
        status: u16,
    ) -> impl Service<
        Request<String>,
        Response = Response<&'static str>,
        Error = Infallible,
        Future: Send,
    > + Clone
    + use<> {
        let Self(arrived) = self.clone();
        service_fn(move |request: Request<String>| {
            arrived.lock().unwrap().push(request.headers().clone());
            let response = Response::builder().status(status).body("body");
            std::future::ready(Ok(response.unwrap()))
        })
    }
}

/// The headers of a request as they arrive behind the layer, sent by the [`caller`].
pub(crate) fn sent(layer: &HttpClientLayer, request: http::request::Builder) -> HeaderMap {
    let arrived = Arrived::default();
    let client = layer.layer(arrived.answering(200));
    let _caller = caller().attach();
    now(call(client, request)).unwrap();
    arrived.one()
}

/// Sends a request.
pub(crate) fn call<S: Service<Request<String>>>(
    client: HttpClientService<S>,
    request: http::request::Builder,
) -> impl Future<Output = Result<S::Response, S::Error>>
where
    HttpClientService<S>: Service<Request<String>, Response = S::Response, Error = S::Error>,
{
    client.oneshot(request.body(String::new()).unwrap())
}

/// Waits for a future on this thread.
pub(crate) fn now<F: Future>(future: F) -> F::Output {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(future)
}

/// A header as text, `""` where there is none.
pub(crate) fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).map_or("", |it| it.to_str().unwrap())
}

/// A socket whose port nobody listens on, as long as it is kept.
pub(crate) fn closed() -> (tokio::net::TcpSocket, SocketAddr) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}
