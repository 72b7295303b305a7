use super::*;
use crate::exporter::from_environment;
use lamplight_export::SpanQueue;
use opentelemetry::trace::{Tracer, TracerProvider};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanExporter as _};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

/// An OTLP endpoint that keeps what it gets, and answers as long as it has permits.
#[derive(Clone)]
struct Collector {
    received: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
    permits: Arc<Semaphore>,
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.received.lock().unwrap().push(request.into_inner());
        self.permits.acquire().await.unwrap().forget();
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    async fn start(permits: usize) -> (Self, SocketAddr) {
        let collector = Self {
            received: Arc::default(),
            permits: Arc::new(Semaphore::new(permits)),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = TraceServiceServer::new(collector.clone());
        let server = Server::builder().add_service(service);
        tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
        (collector, address)
    }

    /// The names of all spans, with the service they are of.
    fn spans(&self) -> Vec<(String, String)> {
        let mut spans = Vec::new();
        for resource in self
            .received
            .lock()
            .unwrap()
            .iter()
            .flat_map(|r| &r.resource_spans)
        {
            let attributes = &resource.resource.as_ref().unwrap().attributes;
            let service = attributes
                .iter()
                .find(|kv| kv.key == "service.name")
                .unwrap();
            let service = format!("{:?}", service.value.as_ref().unwrap().value);
            for span in resource.scope_spans.iter().flat_map(|scope| &scope.spans) {
                spans.push((service.clone(), span.name.clone()));
            }
        }
        spans
    }
}

fn queue(address: SocketAddr) -> SpanQueue {
    let endpoint = format!("http://{address}");
    let get = |name: &str| {
        let value = match name {
            "OTEL_TRACES_EXPORTER" => "otlp",
            "OTEL_EXPORTER_OTLP_PROTOCOL" => "grpc",
            "OTEL_EXPORTER_OTLP_ENDPOINT" => &endpoint,
            _ => return None,
        };
        Some(value.to_owned())
    };
    from_environment(&Environment::new(&get)).expect("an exporter")
}

fn provider(queue: &SpanQueue) -> SdkTracerProvider {
    SdkTracerProvider::builder()
        .with_resource(Resource::builder_empty().with_service_name("shop").build())
        .with_span_processor(queue.clone())
        .build()
}

/// Longer than anything takes on the most loaded machine.
const PATIENCE: Duration = Duration::from_secs(30);

async fn flush(queue: &SpanQueue) {
    tokio::time::timeout(PATIENCE, queue.flush())
        .await
        .expect("a flush ends");
}

#[tokio::test(flavor = "current_thread")]
async fn spans_arrive_over_one_connection_on_one_thread() {
    let (collector, address) = Collector::start(100).await;
    let queue = queue(address);
    let provider = provider(&queue);
    for name in ["first", "second"] {
        provider.tracer("t").in_span(name, |_| ());
        flush(&queue).await;
    }
    let spans = collector.spans();
    let names: Vec<_> = spans.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["first", "second"]);
    assert!(
        spans.iter().all(|(service, _)| service.contains("shop")),
        "{spans:?}"
    );
    assert_eq!((queue.stats().delivered, queue.stats().queued), (2, 0));
}

#[tokio::test(flavor = "current_thread")]
async fn a_flush_that_is_cut_off_goes_on_in_the_next_and_sends_nothing_twice() {
    let (collector, address) = Collector::start(0).await;
    let queue = queue(address);
    let provider = provider(&queue);
    provider.tracer("t").in_span("first", |_| ());
    while collector.spans().is_empty() {
        let _ = tokio::time::timeout(Duration::from_millis(20), queue.flush()).await;
    }
    assert_eq!(queue.stats().queued, 1);
    provider.tracer("t").in_span("second", |_| ());
    collector.permits.add_permits(2);
    flush(&queue).await;
    assert_eq!((queue.stats().delivered, queue.stats().queued), (2, 0));
    assert_eq!(collector.spans().len(), 2);
}

#[tokio::test(flavor = "current_thread")]
async fn an_endpoint_that_is_away_keeps_the_spans() {
    let address = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let queue = queue(address);
    let provider = provider(&queue);
    provider.tracer("t").in_span("first", |_| ());
    flush(&queue).await;
    assert_eq!((queue.stats().queued, queue.stats().failed), (1, 0));
}

/// Passes connections on, until it is told that a network has forgotten those of an earlier time:
/// they stay open and carry nothing.
async fn forgetful_network(upstream: SocketAddr) -> (SocketAddr, watch::Sender<u32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (time, now) = watch::channel(0);
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut now = now.clone();
            let began = *now.borrow_and_update();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(upstream).await.unwrap();
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut client, &mut server) => return,
                    _ = now.wait_for(|now| *now > began) => {}
                }
                // Neither closed nor reset.
                std::future::pending::<()>().await;
            });
        }
    });
    (address, time)
}

#[tokio::test(flavor = "current_thread")]
async fn a_connection_that_died_in_a_freeze_is_replaced() {
    let (collector, upstream) = Collector::start(100).await;
    let (address, time) = forgetful_network(upstream).await;
    let queue = queue(address);
    let provider = provider(&queue);
    provider.tracer("t").in_span("before", |_| ());
    flush(&queue).await;
    assert_eq!(queue.stats().delivered, 1);

    time.send_replace(1);
    provider.tracer("t").in_span("after", |_| ());
    let began = std::time::Instant::now();
    while queue.stats().queued > 0 {
        flush(&queue).await;
        assert!(began.elapsed() < PATIENCE, "{:?}", queue.stats());
    }
    assert_eq!(queue.stats().delivered, 2);
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "found out by itself: {:?}",
        began.elapsed()
    );
    assert_eq!(collector.spans().len(), 2);
}

#[test]
fn without_a_runtime_there_is_a_reason_and_no_panic() {
    let nothing = |_: &str| None;
    let error = sink(&Environment::new(&nothing)).unwrap_err().to_string();
    assert!(error.contains("tokio"), "{error}");
}

#[test]
fn an_endpoint_without_a_scheme_is_secure_unless_it_is_said_otherwise() {
    let uri = |variables: &'static [(&str, &str)]| {
        let get = move |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let endpoint = Environment::new(&get).otlp_grpc_endpoint().unwrap();
        endpoint.url().to_owned()
    };
    const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
    assert_eq!(uri(&[]), "http://localhost:4317");
    assert_eq!(uri(&[(ENDPOINT, "c:4317")]), "https://c:4317");
    assert_eq!(
        uri(&[
            (ENDPOINT, "c:4317"),
            ("OTEL_EXPORTER_OTLP_INSECURE", "true")
        ]),
        "http://c:4317"
    );
    assert_eq!(
        uri(&[
            (ENDPOINT, "http://c:1"),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://t:2")
        ]),
        "https://t:2"
    );
}

/// What is said of an export to `endpoint`.
async fn error(endpoint: &str, timeout: &str) -> String {
    let get = |name: &str| match name {
        "OTEL_EXPORTER_OTLP_ENDPOINT" => Some(endpoint.to_owned()),
        "OTEL_EXPORTER_OTLP_TIMEOUT" => Some(timeout.to_owned()),
        _ => None,
    };
    let exporter = exporter(&Environment::new(&get)).unwrap();
    match exporter.export(Vec::new()).await.unwrap_err() {
        OTelSdkError::InternalFailure(text) => text,
        other => panic!("{other}"),
    }
}

/// An OTLP endpoint that refuses everything.
struct Refusing(tonic::Code);

#[tonic::async_trait]
impl TraceService for Refusing {
    async fn export(
        &self,
        _: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        Err(Status::new(self.0, "no"))
    }
}

#[tokio::test]
async fn a_refused_export_says_where_and_why_and_what_to_look_at() {
    use tonic::Code;
    for (code, remedy) in [
        (Code::Unauthenticated, "check OTEL_EXPORTER_OTLP_HEADERS"),
        (Code::PermissionDenied, "check OTEL_EXPORTER_OTLP_HEADERS"),
        (Code::Unimplemented, "OTEL_EXPORTER_OTLP_PROTOCOL"),
        (Code::ResourceExhausted, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"),
        (Code::Internal, "check OTEL_EXPORTER_OTLP_ENDPOINT"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server::builder().add_service(TraceServiceServer::new(Refusing(code)));
        tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
        let error = error(&format!("http://user:secret@{address}"), "60000").await;
        let begin = format!("http://{address}: {code:?}");
        assert!(error.starts_with(&begin), "{error}");
        assert!(error.contains(remedy), "{error}");
    }
}

#[tokio::test]
async fn a_connection_that_fails_says_how() {
    let (_collector, plain) = Collector::start(0).await;
    // Without a scheme it is TLS.
    let plain = plain.to_string();
    for (endpoint, cause, remedy) in [
        (
            "http://127.0.0.1:1",
            "onnection refused",
            "nothing listens there",
        ),
        ("http://nobody.invalid", "dns error", "resolves names"),
        (&plain, "InvalidContentType", "the scheme of"),
    ] {
        let error = error(endpoint, "60000").await;
        assert!(error.contains(&format!("{endpoint}: ")), "{error}");
        assert!(error.contains(cause) && error.contains(remedy), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_is_silent_is_a_matter_of_time() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let error = error(&endpoint, "50").await;
    assert!(error.contains("imeout expired"), "{error}");
    assert!(error.contains("OTEL_EXPORTER_OTLP_TIMEOUT"), "{error}");
}
