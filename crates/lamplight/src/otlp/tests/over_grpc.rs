//! OTLP over gRPC, against the server of tonic.

use std::{net::SocketAddr, sync::Mutex};

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
    trace_service_server::{TraceService, TraceServiceServer},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tonic::{
    Code, Request, Response, Status,
    codec::CompressionEncoding,
    transport::{Server, server::TcpIncoming},
};

use super::{server::names, *};

type Answer = Result<ExportTraceServiceResponse, Status>;
type Answers = dyn Fn(&[String], usize) -> Answer + Send + Sync;

/// An OTLP endpoint that keeps what it gets, and answers as long as it has permits.
#[derive(Clone)]
pub(super) struct Collector {
    received: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
    metadata: Arc<Mutex<Vec<tonic::metadata::MetadataMap>>>,
    permits: Arc<Semaphore>,
    answer: Arc<Answers>,
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.metadata
            .lock()
            .unwrap()
            .push(request.metadata().clone());
        let request = request.into_inner();
        let spans = names(request.clone());
        let number = {
            let mut received = self.received.lock().unwrap();
            received.push(request);
            received.len() - 1
        };
        self.permits.acquire().await.unwrap().forget();
        (self.answer)(&spans, number).map(Response::new)
    }
}

impl Collector {
    pub(super) fn new(
        permits: usize,
        answer: impl Fn(&[String], usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self {
            received: Arc::default(),
            metadata: Arc::default(),
            permits: Arc::new(Semaphore::new(permits)),
            answer: Arc::new(answer),
        }
    }

    pub(super) fn service(&self) -> TraceServiceServer<Self> {
        TraceServiceServer::new(self.clone())
            .accept_compressed(CompressionEncoding::Gzip)
            .accept_compressed(CompressionEncoding::Zstd)
    }

    pub(super) async fn start(self) -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server::builder().add_service(self.service());
        tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
        (self, address)
    }

    pub(super) async fn that_takes_all(permits: usize) -> (Self, SocketAddr) {
        Self::new(permits, |_, _| Ok(ExportTraceServiceResponse::default()))
            .start()
            .await
    }

    /// One that answers each request with `answer`, without a limit.
    pub(super) async fn that_says(
        answer: impl Fn(&[String], usize) -> Answer + Send + Sync + 'static,
    ) -> (Self, SocketAddr) {
        Self::new(10_000, answer).start().await
    }

    /// The names of all spans of each request.
    pub(super) fn spans(&self) -> Vec<Vec<String>> {
        let received = self.received.lock().unwrap().clone();
        received.into_iter().map(names).collect()
    }

    pub(super) fn sizes(&self) -> Vec<usize> {
        self.spans().iter().map(Vec::len).collect()
    }
}

pub(super) fn over_grpc(address: SocketAddr) -> SpanQueue {
    queue(&format!("http://{address}"), &[GRPC])
}

#[tokio::test(flavor = "current_thread")]
async fn spans_arrive_over_one_connection_on_one_thread() {
    let (collector, address) = Collector::that_takes_all(100).await;
    let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "X-Tenant=shop");
    let queue = queue(&format!("http://{address}"), &[GRPC, headers]);
    for name in ["first", "second"] {
        record(&queue, [name]);
        flush(&queue).await;
    }
    assert_eq!(counts(&queue), (2, 0, 0));
    assert_eq!(collector.spans(), [["first"], ["second"]]);
    let received = collector.received.lock().unwrap().clone();
    let resource = received[0].resource_spans[0].resource.as_ref().unwrap();
    assert!(format!("{resource:?}").contains("shop"));
    let metadata = collector.metadata.lock().unwrap().clone();
    assert_eq!(metadata[0].get("x-tenant").unwrap(), "shop");
    assert_eq!(metadata[0].get("grpc-timeout").unwrap(), "60000m");
}

#[tokio::test(flavor = "current_thread")]
async fn a_flush_that_is_cut_off_goes_on_in_the_next_and_sends_nothing_twice() {
    let (collector, address) = Collector::that_takes_all(0).await;
    let queue = over_grpc(address);
    record(&queue, ["first"]);
    while collector.spans().is_empty() {
        let _ = tokio::time::timeout(Duration::from_millis(20), queue.flush()).await;
    }
    assert_eq!(queue.snapshot().pending(), 1);
    record(&queue, ["second"]);
    collector.permits.add_permits(2);
    flush_anyway(&queue).await;
    assert_eq!(counts(&queue), (2, 0, 0));
    assert_eq!(collector.spans().len(), 2);
}

#[tokio::test(flavor = "current_thread")]
async fn an_endpoint_that_is_away_keeps_the_spans() {
    let address = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let queue = over_grpc(address);
    record(&queue, ["first"]);
    flush(&queue).await;
    assert_eq!(counts(&queue), (0, 0, 1));
}

/// A function whose handler blocks is flushed from another thread, with a runtime of its own.
#[tokio::test(flavor = "current_thread")]
async fn after_a_disconnect_spans_go_from_another_runtime() {
    let (collector, address) = Collector::that_takes_all(100).await;
    let queue = over_grpc(address);
    record(&queue, ["first"]);
    flush(&queue).await;
    record(&queue, ["second"]);
    queue.disconnect().await;
    let there = queue.clone();
    let (done, ended) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        runtime.block_on(flush(&there));
        runtime.block_on(there.disconnect());
        done.send(()).unwrap();
    });
    ended.await.unwrap();
    assert_eq!(counts(&queue), (2, 0, 0));
    record(&queue, ["third"]);
    flush(&queue).await;
    assert_eq!(collector.spans().len(), 3);
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
    let (collector, upstream) = Collector::that_takes_all(100).await;
    let (address, time) = forgetful_network(upstream).await;
    let queue = over_grpc(address);
    record(&queue, ["before"]);
    flush(&queue).await;
    assert_eq!(queue.snapshot().delivered, 1);

    time.send_replace(1);
    record(&queue, ["after"]);
    let began = Instant::now();
    while queue.snapshot().pending() > 0 {
        flush(&queue).await;
        assert!(began.elapsed() < PATIENCE, "{:?}", queue.snapshot());
    }
    assert_eq!(queue.snapshot().delivered, 2);
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "found out by itself: {:?}",
        began.elapsed()
    );
    assert_eq!(collector.spans().len(), 2);
}

#[tokio::test(flavor = "current_thread")]
async fn requests_are_compressed_as_it_is_asked_for() {
    for compression in ["gzip", "zstd", "none"] {
        let (collector, address) = Collector::that_takes_all(1).await;
        let variable = ("OTEL_EXPORTER_OTLP_COMPRESSION", compression);
        let queue = queue(&format!("http://{address}"), &[GRPC, variable]);
        record(&queue, ["a"]);
        flush(&queue).await;
        assert_eq!(counts(&queue), (1, 0, 0), "{compression}");
        assert_eq!(collector.spans(), [["a"]]);
    }
}

#[tokio::test]
async fn a_refused_export_says_where_and_why_and_what_to_look_at() {
    for (code, name, remedy) in [
        (
            Code::Unauthenticated,
            "UNAUTHENTICATED",
            "check OTEL_EXPORTER_OTLP_HEADERS",
        ),
        (
            Code::PermissionDenied,
            "PERMISSION_DENIED",
            "check OTEL_EXPORTER_OTLP_HEADERS",
        ),
        (
            Code::Unimplemented,
            "UNIMPLEMENTED",
            "OTEL_EXPORTER_OTLP_PROTOCOL",
        ),
        (Code::ResourceExhausted, "RESOURCE_EXHAUSTED", "quota"),
        (
            Code::Internal,
            "INTERNAL",
            "what OTEL_EXPORTER_OTLP_ENDPOINT names",
        ),
    ] {
        let said = "größer\n100%, Sesame123";
        let (_collector, address) =
            Collector::that_says(move |_, _| Err(Status::new(code, said))).await;
        let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=Sesame123");
        let url = format!("http://user:secret@{address}");
        let failure = failure(&url, &[GRPC, headers]).await;
        let begin = format!(
            "http://{address}: answered with gRPC status {name}: \"größer 100%, REDACTED\"; "
        );
        assert!(failure.starts_with(&begin), "{failure}");
        assert!(failure.contains(remedy), "{failure}");
    }
}

#[tokio::test]
async fn a_connection_that_fails_says_how() {
    let (_collector, plain) = Collector::that_takes_all(0).await;
    // Without a scheme it is TLS.
    let plain = plain.to_string();
    let http = server::Server::that_says(server::ok());
    for (endpoint, cause, remedy) in [
        (
            "http://127.0.0.1:1",
            "onnection refused",
            "nothing listens there",
        ),
        ("http://nobody.invalid", "dns error", "resolves names"),
        (&plain, "InvalidContentType", "the scheme of"),
        (&http.url(), "http2 error", "OTEL_EXPORTER_OTLP_PROTOCOL"),
    ] {
        let failure = failure(endpoint, &[GRPC]).await;
        assert!(failure.contains(&format!("{endpoint}: ")), "{failure}");
        assert!(
            failure.contains(cause) && failure.contains(remedy),
            "{failure}"
        );
    }
}

#[tokio::test]
async fn http_to_a_port_of_grpc_says_what_to_look_at() {
    let (_collector, address) = Collector::that_takes_all(0).await;
    let failure = failure(&format!("http://{address}"), &[]).await;
    assert!(failure.contains("OTEL_EXPORTER_OTLP_PROTOCOL"), "{failure}");
}

/// A server that shuts down reports that it has not processed a call (RFC 9113, sections 6.8 and 8.7): the
/// call is offered again immediately, on a new connection.
#[tokio::test(flavor = "current_thread")]
async fn a_call_that_a_server_did_not_look_at_goes_again_on_a_new_connection() {
    const GOAWAY: &[u8] = b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\0";
    const REFUSED: &[u8] = b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x07";
    for last_word in [GOAWAY, REFUSED] {
        let (collector, upstream) = Collector::that_takes_all(8).await;
        let network = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = network.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut first, _) = network.accept().await.unwrap();
            first.write_all(b"\0\0\0\x04\0\0\0\0\0").await.unwrap();
            let mut read = Vec::new();
            // The end of the request.
            while !read.windows(9).any(|it| it[3..] == [0, 1, 0, 0, 0, 1]) {
                first.read_buf(&mut read).await.unwrap();
            }
            first.write_all(last_word).await.unwrap();
            let (mut second, _) = network.accept().await.unwrap();
            let mut server = TcpStream::connect(upstream).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut second, &mut server).await;
        });
        let queue = over_grpc(address);
        record(&queue, ["a"]);
        flush(&queue).await;
        assert_eq!(counts(&queue), (1, 0, 0), "{last_word:?}");
        assert_eq!(collector.sizes(), [1]);
    }
}
