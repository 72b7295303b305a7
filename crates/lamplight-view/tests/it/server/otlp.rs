//! OTLP over HTTP.

use std::io::Write as _;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message as _;

use super::rig::{start, traces};

const PROTOBUF: (&str, &str) = ("content-type", "application/x-protobuf");
const JSON: (&str, &str) = ("content-type", "application/json");

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn spans_arrive_in_protobuf_and_json_however_they_are_packed() {
    let server = start(None);
    let protobuf = |name, byte| traces(name, byte).encode_to_vec();
    let json = |name, byte| serde_json::to_vec(&traces(name, byte)).unwrap();

    let answers = [
        server.post(&[PROTOBUF], &protobuf("plain", 1)),
        server.post(
            &[PROTOBUF, ("content-encoding", "gzip")],
            &gzip(&protobuf("gzip", 2)),
        ),
        server.post(
            &[PROTOBUF, ("content-encoding", "zstd")],
            &zstd::encode_all(&protobuf("zstd", 3)[..], 1).unwrap(),
        ),
    ];
    for answer in answers {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(
            answer.header("content-type"),
            Some("application/x-protobuf")
        );
        let said = ExportTraceServiceResponse::decode(&answer.body[..]).unwrap();
        assert_eq!(said, ExportTraceServiceResponse::default());
    }
    let charset = ("content-type", "application/json; charset=utf-8");
    for answer in [
        server.post(&[JSON], &json("json", 4)),
        server.post(
            &[charset, ("content-encoding", "gzip")],
            &gzip(&json("json-gzip", 5)),
        ),
    ] {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let said: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert!(said["partialSuccess"].is_null(), "{said}");
    }

    let page = server.get("/traces", &[]).text();
    for name in ["plain", "gzip", "zstd", "json", "json-gzip"] {
        assert!(page.contains(name), "{name} is not in {page}");
    }
    assert_eq!(server.intake.counts().spans, 5);
}

#[test]
fn what_cannot_be_read_is_refused_with_what_to_do() {
    let server = start(None);
    let protobuf = traces("a", 1).encode_to_vec();
    let mut many = b"{\"resourceSpans\":[{}".to_vec();
    many.extend(b",{}".repeat(4_000_001));
    many.extend(b"]}");
    /// Headers, body, and the expected status and message.
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a [u8], u16, &'a str);
    let cases: [Case<'_>; 8] = [
        // Three bytes each, and a hundred in memory.
        (
            &[JSON, ("content-encoding", "gzip")],
            &gzip(&many),
            413,
            "at most 4000000 values",
        ),
        (&[], &protobuf, 415, "application/x-protobuf"),
        (
            &[("content-type", "text/plain")],
            &protobuf,
            415,
            "content type",
        ),
        (
            &[PROTOBUF, ("content-encoding", "br")],
            &protobuf,
            415,
            "gzip",
        ),
        (
            &[PROTOBUF, ("content-encoding", "gzip")],
            &protobuf,
            400,
            "decompressed",
        ),
        (&[JSON], b"{\"resourceSpans\":7}", 400, "resourceSpans"),
        (&[JSON], b"{", 400, "JSON"),
        (
            &[PROTOBUF, ("content-encoding", "gzip")],
            &gzip(&vec![0; 129 << 20]),
            413,
            "too large",
        ),
    ];
    for (headers, body, status, text) in cases {
        let answer = server.post(headers, body);
        assert_eq!(answer.status, status, "{headers:?}: {}", answer.text());
        assert!(
            answer.text().contains(text),
            "{headers:?}: {}",
            answer.text()
        );
    }
    // The server still works.
    assert_eq!(server.post(&[PROTOBUF], &protobuf).status, 200);
}

#[test]
fn spans_beside_one_that_cannot_be_read_are_kept() {
    let server = start(None);
    let mut both = traces("sound", 1).encode_to_vec();
    // ResourceSpans { ScopeSpans { Span: a field that claims more bytes than there are } }
    both.extend([0x0a, 0x06, 0x12, 0x04, 0x12, 0x02, 0x2a, 0x7f]);
    let answer = server.post(&[PROTOBUF], &both);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let said = ExportTraceServiceResponse::decode(&answer.body[..]).unwrap();
    let partial = said.partial_success.expect("a span was refused");
    assert_eq!(partial.rejected_spans, 1);
    assert!(server.get("/traces", &[]).text().contains("sound"));
}

#[test]
fn senders_whose_bodies_do_not_come_are_in_nobodys_way() {
    use std::io::{Read as _, Write as _};
    let server = start(None);
    let slow: Vec<_> = (0..8)
        .map(|_| {
            let mut sender = std::net::TcpStream::connect(server.otlp).unwrap();
            let head = format!(
                "POST /v1/traces HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-protobuf\r\n\
                 content-length: 1000\r\n\r\n",
                server.otlp
            );
            sender.write_all(head.as_bytes()).unwrap();
            sender
        })
        .collect();
    let answer = server.post(&[PROTOBUF], &traces("quick", 1).encode_to_vec());
    assert_eq!(answer.status, 200, "{}", answer.text());
    // None of them has received a response in the meantime: the server waits for them.
    for mut sender in slow {
        sender.set_nonblocking(true).unwrap();
        let error = sender.read(&mut [0; 1]).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    }
}

#[test]
fn other_signals_and_other_paths_say_where_to_go() {
    let server = start(None);
    for (path, text) in [
        ("/v1/metrics", "OTEL_METRICS_EXPORTER=none"),
        ("/v1/logs", "OTEL_LOGS_EXPORTER=none"),
        ("/", "/v1/traces"),
    ] {
        let answer = crate::http::request(server.otlp, "POST", path, &[PROTOBUF], b"");
        assert_eq!(answer.status, 404);
        assert!(answer.text().contains(text), "{}", answer.text());
    }
}

#[test]
fn a_body_that_is_cut_off_is_told_from_one_that_is_too_large() {
    let server = start(None);
    let cut = |length: usize, body: &[u8]| {
        let mut connection = std::net::TcpStream::connect(server.otlp).unwrap();
        let head = format!(
            "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).unwrap();
        connection.write_all(body).unwrap();
        connection.shutdown(std::net::Shutdown::Write).unwrap();
        crate::http::head(&mut std::io::BufReader::new(connection)).0
    };
    assert_eq!(cut(100, b"{\"resourceSpans\""), 400);
    let large = vec![b' '; (32 << 20) + 1];
    assert_eq!(server.post(&[JSON], &large).status, 413);
}

#[test]
fn a_request_of_which_all_was_taken_has_an_empty_answer() {
    let server = start(None);
    let answer = server.post(&[JSON], b"{\"resourceSpans\":[]}");
    assert_eq!((answer.status, answer.text().as_str()), (200, "{}"));
}
