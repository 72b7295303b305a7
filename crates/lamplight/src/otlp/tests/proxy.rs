//! Proxies, which are on this machine here, as their endpoints are.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use rustls::{ServerConnection, StreamOwned};
use tonic::transport::server::TcpIncoming;

use super::{
    over_grpc::Collector,
    server::{CONNECTED, Server, ok, tunnel},
    tls::Authority,
    *,
};

#[tokio::test(flavor = "current_thread")]
async fn plain_http_goes_by_a_proxy_that_reads_it() {
    let proxy = Server::that_says(ok());
    let url = format!("http://me:pass%20word@{}", proxy.address);
    let queue = queue("http://collector.example/otlp", &[("HTTP_PROXY", &url)]);
    for _ in 0..2 {
        record(&queue, ["a"]);
        flush(&queue).await;
    }
    assert_eq!(counts(&queue), (2, 0, 0));
    let seen = proxy.seen();
    assert_eq!(
        seen[0].line,
        "POST http://collector.example/otlp/v1/traces HTTP/1.1"
    );
    assert_eq!(seen[0].header("host"), "collector.example");
    // me:pass word
    assert_eq!(
        seen[0].header("proxy-authorization"),
        "Basic bWU6cGFzcyB3b3Jk"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn tls_goes_through_a_proxy_that_does_not() {
    let authority = Authority::new("proxy-tls");
    let config = authority.server("collector.example", None);
    let server = Server::on(
        |_, _| ok(),
        move |stream| StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream),
    );
    let (proxy, asked) = tunnel(server.address, CONNECTED);
    let (url, ca) = (
        format!("http://me:you@{proxy}"),
        authority.file("ca.pem", &authority.pem()),
    );
    let variables = [
        ("HTTPS_PROXY", &*url),
        ("HTTP_PROXY", "http://127.0.0.1:1"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", &ca),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=secret"),
    ];
    let queue = queue("https://collector.example", &variables);
    record(&queue, ["a"]);
    flush(&queue).await;
    assert_eq!(counts(&queue), (1, 0, 0));
    let asked = asked.lock().unwrap().clone();
    assert_eq!(asked[0].line, "CONNECT collector.example:443 HTTP/1.1");
    assert_eq!(asked[0].header("proxy-authorization"), "Basic bWU6eW91");
    assert_eq!(asked[0].header("x-key"), "", "the endpoint's");
    let seen = server.seen();
    assert_eq!(seen[0].line, "POST /v1/traces HTTP/1.1");
    assert_eq!(seen[0].header("x-key"), "secret");
    assert_eq!(seen[0].header("proxy-authorization"), "", "the proxy's");
}

#[tokio::test(flavor = "current_thread")]
async fn grpc_goes_through_a_proxy_without_tls_too() {
    let collector = Collector::new(100, |_, _| Ok(ExportTraceServiceResponse::default()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tonic::transport::Server::builder().add_service(collector.service());
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    for (endpoint, line) in [
        (
            "http://collector.example:4317",
            "CONNECT collector.example:4317 HTTP/1.1",
        ),
        (
            "http://collector.example",
            "CONNECT collector.example:80 HTTP/1.1",
        ),
    ] {
        let (proxy, asked) = tunnel(address, CONNECTED);
        let url = format!("http://{proxy}");
        let queue = queue(endpoint, &[GRPC, ("http_proxy", &url)]);
        record(&queue, ["a"]);
        flush(&queue).await;
        assert_eq!(counts(&queue), (1, 0, 0));
        assert_eq!(asked.lock().unwrap()[0].line, line);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_proxy_that_refuses_is_named_as_what_refused() {
    let nobody = Server::that_says(ok());
    for answer in [
        "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\n\r\n",
    ] {
        let (proxy, _) = tunnel(nobody.address, answer);
        let url = format!("http://me:hunter2@{proxy}");
        let failure = failure("https://collector.example", &[("HTTPS_PROXY", &url)]).await;
        assert!(failure.contains("tunnel error"), "{failure}");
        assert!(failure.contains("check HTTPS_PROXY"), "{failure}");
        assert!(!failure.contains("hunter2"), "{failure}");
    }
}
