use super::*;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::trace::SpanExporter as _;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// A server that counts its connections; each answers `served` requests and is closed when one
/// more comes.
fn server(served: usize) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let count = connections.clone();
    // A request without a body fits into one packet on this machine.
    let serve = move |mut stream: TcpStream| {
        for _ in 0..served {
            if let Ok(1..) = stream.read(&mut [0; 4096]) {
                stream.write_all(OK).unwrap();
            }
        }
        let _ = stream.read(&mut [0; 4096]);
    };
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            count.fetch_add(1, Ordering::SeqCst);
            std::thread::spawn(move || serve(stream));
        }
    });
    (url, connections)
}

fn request(url: &str) -> Request<Bytes> {
    Request::get(url).body(Bytes::new()).unwrap()
}

fn client() -> Reconnecting {
    Reconnecting::new(connect(Duration::from_secs(10)))
}

#[tokio::test]
async fn a_client_that_let_go_opens_a_new_connection() {
    let (url, connections) = server(usize::MAX);
    let client = client();
    for expected in 1..=2 {
        for _ in 0..3 {
            client.send_bytes(request(&url)).await.unwrap();
        }
        assert_eq!(connections.load(Ordering::SeqCst), expected);
        client.reset();
    }
}

#[tokio::test]
async fn a_request_whose_connection_is_closed_goes_again_on_a_new_one() {
    let (url, connections) = server(2);
    let client = client();
    for _ in 0..6 {
        client.send_bytes(request(&url)).await.unwrap();
    }
    assert_eq!(connections.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_server_that_always_closes_is_asked_twice_and_no_more() {
    let (url, connections) = server(0);
    client().send_bytes(request(&url)).await.unwrap_err();
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}

/// What is said of an export to `endpoint`.
async fn error(endpoint: &str, more: &[(&str, &str)]) -> String {
    let get = |name: &str| match name {
        "OTEL_EXPORTER_OTLP_ENDPOINT" => Some(endpoint.to_owned()),
        _ => {
            let found = more.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        }
    };
    let (exporter, _) = exporter(&Environment::new(&get)).unwrap();
    match exporter.export(Vec::new()).await.unwrap_err() {
        OTelSdkError::InternalFailure(text) => text,
        other => panic!("{other}"),
    }
}

/// A server that gives each request the same answer.
fn answers(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address.to_string()
}

#[tokio::test]
async fn a_failed_export_says_where_and_why_and_what_to_look_at() {
    for (status, remedy) in [
        ("401 Unauthorized", "check OTEL_EXPORTER_OTLP_HEADERS"),
        ("403 Forbidden", "check OTEL_EXPORTER_OTLP_HEADERS"),
        ("404 Not Found", "the path /v1/traces is appended"),
        (
            "302 Found",
            "set OTEL_EXPORTER_OTLP_ENDPOINT to where it leads",
        ),
        ("413 Content Too Large", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"),
        ("400 Bad Request", "OTEL_EXPORTER_OTLP_PROTOCOL"),
        (
            "500 Internal Server Error",
            "check OTEL_EXPORTER_OTLP_ENDPOINT",
        ),
    ] {
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        let address = answers(answer.leak());
        let error = error(
            &format!("http://user:secret@{address}/otlp?key=secret"),
            &[],
        )
        .await;
        let code = status.split(' ').next().unwrap();
        let begin = format!("http://{address}/otlp/v1/traces: answered with status {code}");
        assert!(error.starts_with(&begin), "{error}");
        assert!(error.contains(remedy), "{error}");
    }
}

#[tokio::test]
async fn an_endpoint_that_is_used_as_it_is_has_a_remedy_of_its_own() {
    let address = answers("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
    let url = format!("http://{address}/");
    let error = error("", &[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &url)]).await;
    let remedy = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, which is used as it is";
    assert!(error.contains(remedy), "{error}");
}

#[tokio::test]
async fn a_connection_that_fails_says_how() {
    let plain = answers("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    let plain = format!("https://{plain}");
    let patient = [("OTEL_EXPORTER_OTLP_TIMEOUT", "60000")];
    for (endpoint, cause, remedy) in [
        (
            "http://127.0.0.1:1",
            "onnection refused",
            "nothing listens there",
        ),
        ("http://nobody.invalid", "dns error", "resolves names"),
        (&plain, "InvalidContentType", "the scheme of"),
    ] {
        let error = error(endpoint, &patient).await;
        let begin = format!("{endpoint}/v1/traces: ");
        assert!(error.starts_with(&begin), "{error}");
        assert!(error.contains(cause) && error.contains(remedy), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_is_silent_is_a_matter_of_time() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let error = error(&endpoint, &[("OTEL_EXPORTER_OTLP_TIMEOUT", "50")]).await;
    assert!(error.contains("deadline has elapsed"), "{error}");
    assert!(error.contains("OTEL_EXPORTER_OTLP_TIMEOUT"), "{error}");
}
