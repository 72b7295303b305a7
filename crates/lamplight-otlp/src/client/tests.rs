//! Behavior that only the client itself shows; its handling of endpoints is tested by its users.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::mpsc,
};

use super::{
    received::{End, MAX_KEPT, Received},
    *,
};

/// Starts a server that answers one request endlessly, and reports how much of the answer was read.
fn endless() -> (String, mpsc::Receiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut stream = BufReader::new(listener.accept().unwrap().0);
        let mut line = String::new();
        while stream.read_line(&mut line).unwrap() > 2 {
            line.clear();
        }
        let mut sent = 0;
        let mut written = stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while written.is_ok() {
            written = stream.get_mut().write_all(&[b'x'; 4096]);
            sent += 4096;
        }
        let _ = tell.send(sent);
        let _ = stream.read(&mut [0; 1]);
    });
    (url, told)
}

#[tokio::test(flavor = "current_thread")]
async fn no_more_than_the_bound_is_kept_of_an_answer() {
    let (url, told) = endless();
    let client = OtlpClient::builder(Protocol::Http, url.parse().unwrap());
    let client = client.build().unwrap();
    let request = client.request(Bytes::new());
    let received = client.connections.send(request).await.0.unwrap();
    assert_eq!(received.body.len(), MAX_KEPT);
    assert_eq!(received.end, End::TooLong);
    // Beside what the system keeps for those who are slow.
    let sent = tokio::task::spawn_blocking(move || told.recv_timeout(Duration::from_secs(60)));
    let sent = sent.await.unwrap().unwrap();
    assert!(sent < 64 << 20, "{sent} bytes were read");
}

#[test]
fn nothing_shows_a_secret() {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("hunter2"));
    let url = "http://me:hunter2@c:1/v1/traces?key=hunter2"
        .parse()
        .unwrap();
    let builder = OtlpClient::builder(Protocol::Http, url).with_headers(headers);
    let client = builder.build().unwrap();
    let debug = format!("{client:?}");
    assert!(debug.contains("http://c:1/v1/traces"), "{debug}");
    assert!(!debug.contains("hunter2"), "{debug}");
    assert_eq!(client.without_secrets("of hunter2"), "of REDACTED");
}

#[test]
fn each_signal_has_a_path_of_its_own() {
    let url =
        |protocol: Protocol, endpoint, signal| protocol.url(endpoint, signal).unwrap().to_string();
    let (http, grpc) = (Protocol::Http, Protocol::Grpc);
    assert_eq!(
        url(http, "http://c:4318", Signal::Traces),
        "http://c:4318/v1/traces"
    );
    assert_eq!(
        url(http, "http://c/otlp/?k=v", Signal::Metrics),
        "http://c/otlp/v1/metrics?k=v"
    );
    let metrics = "http://c:4317/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    assert_eq!(url(grpc, "http://c:4317", Signal::Metrics), metrics);
    let traces = "http://c:4317/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    assert_eq!(url(grpc, "http://c:4317/", Signal::Traces), traces);
}

#[test]
fn what_is_no_url_of_an_endpoint_is_refused() {
    for url in ["ftp://c/v1/traces", "/v1/traces", "c:4318"] {
        let builder = OtlpClient::builder(Protocol::Http, url.parse().unwrap());
        assert_eq!(builder.build().unwrap_err(), BuildError::Url, "{url}");
    }
}

/// A web server with HTTP/2, or a proxy, does not support gRPC:
/// <https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md>.
#[test]
fn nothing_was_accepted_where_there_is_no_status_of_grpc() {
    let of = |status: u16, end| {
        let received = Received {
            status: status.try_into().unwrap(),
            end,
            ..Received::default()
        };
        grpc::of_call(&received, &Secrets::default(), SystemTime::now())
    };
    for status in 200..600 {
        for end in [End::Whole, End::TooLong, End::Broken] {
            let answer = of(status, end);
            let is_right = match (status, end) {
                (429 | 502 | 503 | 504, _) | (200, End::Broken) => {
                    matches!(answer, Answer::Retryable(..))
                }
                (413, _) => matches!(answer, Answer::TooLarge(_)),
                _ => matches!(answer, Answer::Rejected(_)),
            };
            assert!(is_right, "{status}, {end:?}: {answer:?}");
        }
    }
    let Answer::Rejected(failure) = of(200, End::TooLong) else {
        panic!("as above");
    };
    assert_eq!(failure.kind(), FailureKind::LongAnswer);
}

proptest::proptest! {
    /// Any answer is read to its end.
    #[test]
    fn no_answer_is_too_strange(
        status in 100_u16..1000,
        headers in proptest::collection::vec((0..4_usize, "[ -~]{0,40}"), 0..4),
        body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200),
    ) {
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

#[test]
fn a_builder_shows_no_secret() {
    let mut headers = http::HeaderMap::new();
    headers.insert("api-key", http::HeaderValue::from_static("Hunter2"));
    let url = "https://user:Hunter2@host/v1/traces?key=Hunter2"
        .parse()
        .unwrap();
    let builder = super::OtlpClient::builder(super::Protocol::Http, url).with_headers(headers);
    let shown = format!("{builder:?}");
    assert!(!shown.contains("Hunter2"), "{shown}");
}
