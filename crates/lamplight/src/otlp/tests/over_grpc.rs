//! OTLP over gRPC, against the server of tonic.

use super::server::names;
use super::*;
use bytes::Bytes;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use std::net::SocketAddr;
use std::sync::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tonic::codec::CompressionEncoding;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Request, Response, Status};

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

    async fn start(self) -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server::builder().add_service(self.service());
        tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
        (self, address)
    }

    async fn that_takes_all(permits: usize) -> (Self, SocketAddr) {
        Self::new(permits, |_, _| Ok(ExportTraceServiceResponse::default()))
            .start()
            .await
    }

    /// One that answers each request with `answer`, without a limit.
    async fn that_says(
        answer: impl Fn(&[String], usize) -> Answer + Send + Sync + 'static,
    ) -> (Self, SocketAddr) {
        Self::new(10_000, answer).start().await
    }

    /// The names of all spans of each request.
    pub(super) fn spans(&self) -> Vec<Vec<String>> {
        let received = self.received.lock().unwrap().clone();
        received.into_iter().map(names).collect()
    }

    fn sizes(&self) -> Vec<usize> {
        self.spans().iter().map(Vec::len).collect()
    }
}

fn over_grpc(address: SocketAddr) -> SpanQueue {
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
    assert_eq!(queue.stats().queued, 1);
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
    assert_eq!(queue.stats().delivered, 1);

    time.send_replace(1);
    record(&queue, ["after"]);
    let began = Instant::now();
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

/// `google.rpc.Status` with a `RetryInfo` of so many seconds.
fn retry_info(seconds: u8) -> Bytes {
    let mut any = b"\x0a\x28type.googleapis.com/google.rpc.RetryInfo\x12\x04\x0a\x02\x08".to_vec();
    any.push(seconds);
    let mut status = b"\x1a".to_vec();
    status.push(u8::try_from(any.len()).unwrap());
    status.extend(any);
    status.into()
}

/// The whole table: https://opentelemetry.io/docs/specs/otlp/#failures.
#[tokio::test(flavor = "current_thread")]
async fn each_code_is_tried_again_or_not_as_the_specification_says() {
    for number in 1..=16 {
        let code = Code::from_i32(number);
        for hint in [false, true] {
            let (collector, address) = Collector::that_says(move |_, number| match number {
                0 if hint => Err(Status::with_details(code, "no", retry_info(0))),
                0 => Err(Status::new(code, "no")),
                _ => Ok(ExportTraceServiceResponse::default()),
            })
            .await;
            let queue = over_grpc(address);
            record(&queue, ["a"]);
            flush(&queue).await;
            flush(&queue).await;
            let is_retried = match code {
                Code::Cancelled
                | Code::DeadlineExceeded
                | Code::Aborted
                | Code::OutOfRange
                | Code::Unavailable
                | Code::DataLoss => true,
                Code::ResourceExhausted => hint,
                _ => false,
            };
            let expected = if is_retried { (1, 0, 0) } else { (0, 1, 0) };
            assert_eq!(counts(&queue), expected, "{code:?} {hint}");
            assert_eq!(collector.sizes().len(), 1 + usize::from(is_retried));
            assert!(!queue.is_outage());
        }
    }
}

/// https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-throttling.
#[tokio::test(flavor = "current_thread")]
async fn a_server_that_asks_to_be_left_alone_is_left_alone() {
    for code in [Code::Unavailable, Code::ResourceExhausted] {
        let (_collector, address) = Collector::that_says(move |_, number| match number {
            0 => Err(Status::with_details(code, "busy", retry_info(100))),
            _ => Ok(ExportTraceServiceResponse::default()),
        })
        .await;
        let queue = over_grpc(address);
        record(&queue, ["a"]);
        flush(&queue).await;
        flush(&queue).await;
        assert_eq!(counts(&queue), (0, 0, 1), "{code:?}");
        flush_anyway(&queue).await;
        assert_eq!(counts(&queue), (1, 0, 0), "{code:?}");
    }
}

/// Each in the words of a server: Go, Java, C++ and Python, tonic, .NET.
#[tokio::test(flavor = "current_thread")]
async fn a_batch_that_is_too_large_is_split_until_it_fits() {
    for (code, words) in [
        (
            Code::ResourceExhausted,
            "grpc: received message larger than max (5000 vs. 4000)",
        ),
        (
            Code::ResourceExhausted,
            "gRPC message exceeds maximum size 4000: 5000",
        ),
        (
            Code::ResourceExhausted,
            "Received message larger than max (5000 vs. 4000)",
        ),
        (
            Code::OutOfRange,
            "Error, decoded message length too large: found 5000 bytes, the limit is: 4000 bytes",
        ),
        (
            Code::ResourceExhausted,
            "Received message exceeds the maximum configured message size.",
        ),
    ] {
        let (collector, address) = Collector::that_says(move |spans, _| {
            match spans.len() > 3 || spans.contains(&"big".to_owned()) {
                true => Err(Status::new(code, words)),
                false => Ok(ExportTraceServiceResponse::default()),
            }
        })
        .await;
        let queue = over_grpc(address);
        record(&queue, ["a", "b", "c", "d", "big"]);
        flush(&queue).await;
        assert_eq!(counts(&queue), (4, 1, 0), "{words}");
        assert_eq!(collector.sizes(), [5, 2, 3, 1, 2, 1, 1], "{words}");
    }
}

/// The server's own limit, with its own words.
#[tokio::test(flavor = "current_thread")]
async fn a_limit_of_tonics_server_is_met_by_splitting() {
    let collector = Collector::new(100, |_, _| Ok(ExportTraceServiceResponse::default()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = collector.service().max_decoding_message_size(2_000);
    let server = Server::builder().add_service(service);
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    let queue = over_grpc(address);
    record(&queue, (0..8).map(|number| number.to_string().repeat(500)));
    flush(&queue).await;
    assert_eq!(counts(&queue), (8, 0, 0));
    assert_eq!(collector.sizes(), [2; 4]);
}

/// https://opentelemetry.io/docs/specs/otlp/#partial-success.
#[tokio::test(flavor = "current_thread")]
async fn what_is_rejected_of_a_request_is_counted_and_never_offered_again() {
    let (collector, address) = Collector::that_says(|_, _| {
        let partial_success = Some(ExportTracePartialSuccess {
            rejected_spans: 2,
            error_message: "too old".to_owned(),
        });
        Ok(ExportTraceServiceResponse { partial_success })
    })
    .await;
    let queue = over_grpc(address);
    record(&queue, ["a", "b", "c", "d", "e"]);
    for _ in 0..3 {
        flush(&queue).await;
    }
    assert_eq!(counts(&queue), (3, 2, 0));
    assert_eq!(collector.sizes(), [5]);
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

/// A web server that speaks HTTP/2, or something on the way, knows nothing of gRPC.
#[test]
fn an_answer_without_a_status_of_grpc_is_taken_by_its_own() {
    use super::super::Answer;
    use super::super::client::Received;
    let of = |status: u16, is_whole| {
        let received = Received {
            status: status.try_into().unwrap(),
            is_whole,
            ..Received::default()
        };
        grpc::of_call(&received, &Secrets::default(), SystemTime::now())
    };
    assert!(matches!(of(200, true), Answer::Refused(_)));
    assert!(matches!(of(200, false), Answer::Later(..)), "broke off");
    assert!(matches!(of(503, true), Answer::Later(..)));
    assert!(matches!(of(413, true), Answer::TooLarge(_)));
    assert!(matches!(of(404, true), Answer::Refused(_)));
}

proptest::proptest! {
    /// Whatever somebody answers, it is read to its end.
    #[test]
    fn no_answer_is_too_strange(
        status in 100_u16..1000,
        headers in proptest::collection::vec((0..4_usize, "[ -~]{0,40}"), 0..4),
        body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200),
    ) {
        use super::super::client::Received;
        const NAMES: [&str; 4] = ["grpc-status", "grpc-message", "grpc-status-details-bin", "retry-after"];
        let mut received = Received {
            status: status.try_into().unwrap(),
            body: body.as_slice().into(),
            ..Received::default()
        };
        for (name, value) in headers {
            received.trailers.insert(NAMES[name], value.parse().unwrap());
        }
        let secrets = Secrets::default();
        let _ = grpc::of_call(&received, &secrets, SystemTime::now());
        std::mem::swap(&mut received.headers, &mut received.trailers);
        let _ = answer::of_http(&received, &secrets, SystemTime::now());
    }
}
