//! Faults of the OTLP configuration, or of its endpoint: one line each, without secrets.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    http::{HeaderMap, StatusCode},
    routing::post,
};

use crate::lambda::{Told, invoke};

/// An endpoint that gives each request this answer, and counts them.
async fn endpoint(
    status: u16,
    headers: HeaderMap,
    body: &'static [u8],
) -> (String, Arc<AtomicUsize>) {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = requests.clone();
    let status = StatusCode::from_u16(status).unwrap();
    let answer = move || async move {
        count.fetch_add(1, Ordering::SeqCst);
        (status, headers, body)
    };
    let router = Router::new().route("/v1/traces", post(answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, requests)
}

/// A part of what may not be printed.
const SECRET: &str = "Hunter2";

async fn told(address: &str, variables: &[(&str, &str)]) -> Told {
    let endpoint = format!("http://{address}");
    let mut all = vec![
        ("OTEL_TRACES_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint),
    ];
    all.extend(variables);
    let told = invoke("plain", &all, 4).await;
    assert_eq!(told.answers, 4);
    for text in [&told.out, &told.log] {
        assert!(!text.contains(SECRET), "{text}");
    }
    told
}

#[tokio::test]
async fn a_refusal_is_one_line_and_no_pause() {
    let body = b"who is\n\tHunter2?";
    for (status, cause, says) in [
        (
            400,
            "export-refused",
            "status 400 Bad Request: \"who is REDACTED?\"",
        ),
        (401, "export-forbidden", "check OTEL_EXPORTER_OTLP_HEADERS"),
        (413, "export-too-large", "are counted as failed"),
        (500, "export-faulty", "are counted as failed"),
    ] {
        let (address, requests) = endpoint(status, HeaderMap::new(), body).await;
        let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=Hunter2");
        let told = told(&address, &[headers]).await;
        assert_eq!(told.warnings(cause), 1, "{}", told.log);
        assert!(told.log.contains(says), "{}", told.log);
        assert_eq!(told.warnings("export-paused"), 0, "{}", told.log);
        // The invocation and a span in it, together; where it is too large, each by itself, and from
        // the first of them on without trying both.
        let expected = if status == 413 { 3 + 3 * 2 } else { 4 };
        assert_eq!(requests.load(Ordering::SeqCst), expected, "{status}");
    }
}

#[tokio::test]
async fn spans_that_are_rejected_are_one_line() {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/json".parse().unwrap());
    let body = br#"{"partialSuccess":{"rejectedSpans":1,"errorMessage":"Hunter2 is too old"}}"#;
    let (address, requests) = endpoint(200, headers, body).await;
    let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=Hunter2");
    let told = told(&address, &[headers]).await;
    assert_eq!(told.warnings("export-rejected"), 1, "{}", told.log);
    assert!(
        told.log.contains("rejected 1 of its 2 spans"),
        "{}",
        told.log
    );
    assert!(told.log.contains("\"REDACTED is too old\""), "{}", told.log);
    assert_eq!(requests.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn what_is_not_understood_is_one_line_with_its_name() {
    let (address, requests) = endpoint(200, HeaderMap::new(), b"").await;
    let whole = format!("http://{address}/v1/traces");
    let quoted = format!("'http://user:Hunter2@{address}'");
    for (name, value, says) in [
        (
            "OTEL_EXPORTER_OTLP_HEADERS",
            "a=1,Hunter2,Hunter2 c=Hunter2,content-type=Hunter2",
            "member 2: no pair `name=value`; member 3: what stands before its `=` is no name of a \
             header; member 4: `content-type` is the exporter's own",
        ),
        (
            "OTEL_EXPORTER_OTLP_HEADERS",
            "authorization: Bearer Hunter2=x",
            "member 1: `authorization..` is no name of a header",
        ),
        (
            "OTEL_EXPORTER_OTLP_HEADERS",
            "\"a=Hunter2\"",
            "OTEL_EXPORTER_OTLP_HEADERS has quotes around its value",
        ),
        (
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
            "a=Hunter2%00",
            "the value of `a`",
        ),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            &address,
            "has no scheme, and `http://` is taken",
        ),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &whole, "ends in /v1/traces"),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            &quoted,
            "has quotes around its value",
        ),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "99", "means 99 milliseconds"),
        (
            "OTEL_EXPORTER_OTLP_COMPRESSION",
            "lz4",
            "allowed are `none`, `gzip` and `zstd`",
        ),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/key", "belong together"),
        (
            "HTTP_PROXY",
            "socks5://user:Hunter2@h",
            "HTTP_PROXY is not used",
        ),
    ] {
        let mut variables = vec![(name, value)];
        if name == "HTTP_PROXY" {
            variables.push(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://nobody.invalid"));
        }
        let before = requests.load(Ordering::SeqCst);
        let told = told(&address, &variables).await;
        let count = told.log.matches(says).count();
        assert_eq!(count, 1, "{name}={value}: {}", told.log);
        if name != "HTTP_PROXY" {
            let arrived = requests.load(Ordering::SeqCst) - before;
            assert!(arrived > 0, "{name}={value}: {}", told.log);
        }
    }
}

#[tokio::test]
async fn files_that_cannot_be_used_are_one_line_each() {
    let https = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://127.0.0.1:1");
    for name in [
        "OTEL_EXPORTER_OTLP_CERTIFICATE",
        "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    ] {
        let key = ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/nowhere/key");
        let told = told("", &[https, key, (name, "/nowhere/file")]).await;
        assert_eq!(told.warnings(name), 1, "{}", told.log);
        assert!(
            told.log.contains("=\"/nowhere/file\" is not used"),
            "{}",
            told.log
        );
    }
}

/// Unused settings are not printed.
#[tokio::test]
async fn the_console_shows_spans_and_no_configuration() {
    let variables = [
        ("OTEL_TRACES_EXPORTER", "console"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:Hunter2@c"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=Hunter2,Hunter2"),
        ("HTTPS_PROXY", "http://user:Hunter2@h:1"),
    ];
    let told = invoke("debug", &variables, 2).await;
    assert_eq!(told.spans("work"), 2, "{}", told.out);
    for text in [&told.out, &told.log] {
        assert!(!text.contains(SECRET), "{text}");
    }
}

/// The URL in use is logged only for debugging, without secrets, whatever the underlying crates log.
#[tokio::test]
async fn the_url_in_use_is_shown_once_to_those_who_debug() {
    let (address, _) = endpoint(200, HeaderMap::new(), b"").await;
    let url = format!("http://user:Hunter2@{address}/?key=Hunter2");
    for (protocol, path) in [("http/protobuf", "/v1/traces"), ("grpc", GRPC_METHOD)] {
        let variables = [
            ("OTEL_TRACES_EXPORTER", "otlp"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &*url),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer Hunter2"),
        ];
        let line = format!("spans go to http://{address}{path} (OTEL_EXPORTER_OTLP_ENDPOINT)");
        for (program, count) in [
            ("everything worth knowing is logged", 1),
            ("only errors", 0),
        ] {
            let told = invoke(program, &variables, 3).await;
            assert_eq!(told.log.matches(&line).count(), count, "{}", told.log);
            assert!(!told.log.contains(SECRET), "{}", told.log);
        }
    }
}

const GRPC_METHOD: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
