//! `lamplight serve` as a developer runs it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, TracesData};
use prost::Message as _;

/// Longer than any operation takes on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running `lamplight serve`.
pub(crate) struct Served {
    child: Child,
    pub(crate) input: Option<ChildStdin>,
    lines: Receiver<String>,
    pages: String,
    pub(crate) otlp: String,
}

pub(crate) fn serve(arguments: &[&str], variables: &[(&str, &str)]) -> Served {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lamplight"))
        .args(["serve", "--otlp-port", "0"])
        .args(arguments)
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let mut served = Served {
        input: child.stdin.take(),
        child,
        lines,
        pages: String::new(),
        otlp: String::new(),
    };
    let address = |line: String, before: &str| {
        let (_, url) = line.split_once("http://").expect(&line);
        assert!(line.starts_with(before), "{line}");
        url.trim_end_matches('/').to_owned()
    };
    served.pages = address(served.line(), "pages");
    served.otlp = address(served.line(), "OTLP   OTEL_EXPORTER_OTLP_ENDPOINT=");
    served
}

impl Served {
    fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line")
    }

    /// Returns the page at a path.
    pub(crate) fn page(&self, path: &str) -> String {
        http(&self.pages, "GET", path, &[])
    }

    /// Waits until a page contains this text.
    pub(crate) fn shows(&self, path: &str, text: &str) {
        let began = Instant::now();
        loop {
            let page = self.page(path);
            if page.contains(text) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "no {text} in {page}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn http(address: &str, method: &str, path: &str, body: &[u8]) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/x-protobuf\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes()).unwrap();
    connection.write_all(body).unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn request(name: &str, byte: u8) -> Vec<u8> {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let start = u64::try_from(now.as_nanos()).unwrap();
    let span = Span {
        trace_id: vec![byte; 16],
        span_id: vec![byte; 8],
        name: name.to_owned(),
        start_time_unix_nano: start,
        end_time_unix_nano: start + 1_000_000,
        ..Span::default()
    };
    let traces = TracesData {
        resource_spans: vec![ResourceSpans {
            scope_spans: vec![ScopeSpans {
                spans: vec![span],
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    };
    traces.encode_to_vec()
}

/// Returns the line that the exporter `console` writes for a request.
fn logged(request: &[u8]) -> String {
    let traces = TracesData::decode(request).unwrap();
    serde_json::to_string(&traces).unwrap()
}

#[test]
fn spans_over_otlp_are_on_the_page() {
    let served = serve(&[], &[]);
    assert!(
        served.page("/").contains("OTEL_TRACES_EXPORTER"),
        "what to do first"
    );
    let answer = http(&served.otlp, "POST", "/v1/traces", &request("checkout", 1));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    served.shows("/traces", "checkout");
}

#[test]
fn the_lines_of_a_function_are_shown_and_all_others_passed_on() {
    let mut served = serve(&["-"], &[]);
    let mut input = served.input.take().unwrap();
    writeln!(input, "INFO started").unwrap();
    writeln!(
        input,
        "2026-11-26T10:00:00Z {}",
        logged(&request("from a log", 2))
    )
    .unwrap();
    writeln!(input, "{{\"level\":\"INFO\",\"message\":\"handled\"}}").unwrap();
    input.flush().unwrap();
    assert_eq!(served.line(), "INFO started");
    assert_eq!(
        served.line(),
        "{\"level\":\"INFO\",\"message\":\"handled\"}"
    );
    served.shows("/traces", "from a log");
    // The function has ended; the page stays.
    drop(input);
    served.shows("/traces", "from a log");
}

#[test]
fn a_line_that_should_have_had_spans_is_told_and_other_json_is_not() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lamplight"))
        .args(["serve", "--no-otlp", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, r#"{{"Records":[{{"body":"an event of SQS"}}]}}"#).unwrap();
    writeln!(input, r#"{{"resourceSpans":[{{"scopeSpans":7}}]}}"#).unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut told = String::new();
    errors.read_line(&mut told).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        told.contains("line 2") && told.contains("resourceSpans[0].scopeSpans: not a list"),
        "{told}"
    );
}

#[test]
fn files_are_shown_and_a_database_keeps_what_came() {
    let folder = std::env::temp_dir().join(format!("lamplight-serve-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("records.json");
    let record = BASE64.encode(request("from a record", 3));
    std::fs::write(&file, format!(r#"{{"Records":[{{"Data":"{record}"}}]}}"#)).unwrap();
    let db = folder.join("spans.db");
    let (file, db) = (file.to_str().unwrap(), db.to_str().unwrap());
    let served = serve(&["--db", db, file], &[]);
    served.shows("/traces", "from a record");
    drop(served);
    let served = serve(&["--db", db], &[]);
    served.shows("/traces", "from a record");
    drop(served);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn what_it_is_told_wrongly_is_said_with_the_remedy() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().port().to_string();
    let cases: [(&[&str], &str); 14] = [
        (&["--otlp-port", &taken], "--otlp-port PORT, or --no-otlp"),
        (&["--port", &taken, "--no-otlp"], "--port PORT"),
        (&["--listen", "0.0.0.0"], "--token TEXT"),
        (&["--token", "short"], "at least 8"),
        (&["--since", "soon"], "30s, 15m, 2h or 1d"),
        (&["--port", "70000"], "70000"),
        (&["-", "-"], "standard input"),
        (&["--listen", "localhost"], "an IP address such as"),
        (
            &["--listen", "192.0.2.1", "--token", "open-sesame"],
            "an address of this machine",
        ),
        (&["--db", ""], "the name of a file"),
        (
            &["--clickhouse", "http://host", "--db", "spans.db"],
            "leave out --db or --clickhouse",
        ),
        (
            &["--max-age", "1d", "--clickhouse", "http://host"],
            "leave out --max-age or --clickhouse",
        ),
        (&["--clickhouse-create"], "needs --clickhouse URL"),
        (
            &["--clickhouse", "me:secret@host"],
            "http://host:8123/database",
        ),
    ];
    // Held, so that the port is in use.
    let _listener = std::net::TcpListener::bind(("127.0.0.1", taken.parse().unwrap()));
    for (arguments, remedy) in cases {
        let mut all = vec!["serve"];
        all.extend(arguments);
        let (code, _, errors) = crate::common::lamplight(&all, b"");
        assert_ne!(code, 0, "{arguments:?}");
        assert!(errors.contains(remedy), "{arguments:?}: {errors}");
        assert!(!errors.contains("secret"), "{errors}");
    }
}

#[cfg(feature = "clickhouse")]
#[test]
fn the_tables_of_clickhouse_are_shown_and_spans_added_to_them() {
    use lamplight_test_clickhouse::ClickHouse;

    let server = ClickHouse::start("viewer", "secret word");
    let address = format!("{}/otel", server.url());
    let variables = [
        ("CLICKHOUSE_USER", "viewer"),
        ("CLICKHOUSE_PASSWORD", "secret word"),
    ];
    let served = serve(
        &["--clickhouse", &address, "--clickhouse-create"],
        &variables,
    );
    let answer = http(&served.otlp, "POST", "/v1/traces", &request("checkout", 1));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    served.shows("/traces", "checkout");

    // An open page learns that another program added spans, here by a second server.
    let mut events = TcpStream::connect(&served.pages).unwrap();
    events.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        events,
        "GET /live HTTP/1.1\r\nhost: {}\r\n\r\n",
        served.pages
    )
    .unwrap();
    let mut events = BufReader::new(events).lines().map(Result::unwrap);
    let mut revision = || events.find(|line| line.starts_with("data: ")).unwrap();
    let before = revision();
    let other = serve(&["--clickhouse", &address], &variables);
    let answer = http(&other.otlp, "POST", "/v1/traces", &request("elsewhere", 2));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_ne!(revision(), before);
    served.shows("/traces", "elsewhere");

    // A server that refuses is on the page, without the password.
    let refused = serve(
        &["--clickhouse", &address],
        &[("CLICKHOUSE_PASSWORD", "wrong word")],
    );
    let page = refused.page("/");
    assert!(
        page.contains("CLICKHOUSE_PASSWORD") && page.contains("No answer"),
        "{page}"
    );
    assert!(!page.contains("wrong word"), "{page}");
}

#[cfg(feature = "kinesis")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_is_shown_while_it_is_written() {
    let kinesis = lamplight_test_kinesis::Kinesis::new();
    kinesis.create_stream("spans", 2);
    let endpoint = kinesis.serve().await;
    let url = endpoint.url();
    kinesis.put("spans", "a", request("before", 4));
    kinesis.put("spans", "b", &b"not OTLP"[..]);
    let variables = [
        ("AWS_ENDPOINT_URL_KINESIS", url.as_str()),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ];
    let served = serve(&["--stream", "spans"], &variables);
    let served = tokio::task::spawn_blocking(move || {
        served.shows("/traces", "before");
        served
    });
    let served = served.await.unwrap();
    kinesis.split("spans", "shardId-000000000000");
    for key in 0..20_u8 {
        kinesis.put("spans", &format!("key {key}"), request("after", 100 + key));
    }
    let shown = tokio::task::spawn_blocking(move || {
        let all = (0..20_u8).map(|key| format!("{:02x}", 100 + key).repeat(16));
        for id in all {
            served.shows("/traces", &id);
        }
    });
    shown.await.unwrap();
}
