//! Sinks in a whole relay, and in a separate process if they need its variables or its output.

use std::process::Command;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lamplight_relay::{
    function::{Batch, Handler},
    record::{SequenceNumber, ShardId},
    relay::{Lane, Relay},
    sink::{Outcome, RecordId, Request, StdoutDeadLetters, StdoutSink},
};
use lamplight_test_rig::grpc::Endpoint;
use serde_json::{Value, json};

use super::{
    server::{CONNECTED, Server, ok, tunnel},
    *,
};
use crate::function::spans::{request, trace};

/// The test to run on its own, and its input.
const ENDPOINT: &str = "RELAY_TEST_ENDPOINT";

/// Runs an ignored test of this program in a separate process, and returns its output.
async fn alone(test: &'static str, variables: &[(&'static str, String)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]);
    command.envs(variables.iter().cloned());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && printed.contains("1 passed"),
        "{printed}{said}"
    );
    printed
}

/// Runs a relay with two records of a trace, which it delivers to an endpoint.
async fn relay(protocol: Protocol, endpoint: &str) -> Value {
    let sink = OtlpSink::builder("backend", protocol, endpoint)
        .with_header("x-tenant", "shop")
        .with_timeout(PATIENCE)
        .build()
        .unwrap();
    let relay = Relay::builder().sink(Arc::new(sink), quick(), Lane::all());
    let records: Vec<_> = [1_u8, 2]
        .into_iter()
        .map(|number| {
            json!({
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": "key",
                    "sequenceNumber": number.to_string(),
                    "data": STANDARD.encode(request(trace(1, true), number, false)),
                    "approximateArrivalTimestamp": 1_700_000_000.0,
                },
                "eventSource": "aws:kinesis",
                "eventID": format!("shardId-000000000006:{number}"),
            })
        })
        .collect();
    let batch: Batch = serde_json::from_value(json!({ "Records": records })).unwrap();
    let answer = Handler::new(relay).unwrap().handle(batch, PATIENCE).await;
    serde_json::to_value(answer).unwrap()
}

fn nothing_failed() -> Value {
    json!({ "batchItemFailures": [] })
}

#[tokio::test]
async fn a_relay_delivers_over_grpc_and_again_what_was_refused_for_now() {
    // UNAVAILABLE, and then OK.
    let endpoint = Endpoint::start(&[14]).await;
    let url = format!("http://{}", endpoint.address);
    assert_eq!(relay(Protocol::Grpc, &url).await, nothing_failed());
    let calls = endpoint.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].message, calls[1].message);
    assert_eq!(calls[1].spans().len(), 2);
    let path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    assert_eq!(calls[1].path, path);
    assert_eq!(calls[1].headers["x-tenant"], "shop");
    assert_eq!(calls[1].headers["grpc-encoding"], "gzip");
}

#[tokio::test]
async fn what_grpc_refuses_for_good_is_a_dead_letter() {
    // INVALID_ARGUMENT.
    let endpoint = Endpoint::start(&[3]).await;
    let url = format!("http://{}", endpoint.address);
    let sink = OtlpSink::builder("backend", Protocol::Grpc, &url).build();
    let (queue, letters) = start(Arc::new(sink.unwrap()), quick());
    queue.push(parcel(1, &["a"])).await;
    queue.push(parcel(2, &["b"])).await;
    flush(&queue).await;
    let stats = queue.stats();
    assert_eq!(stats.delivered + stats.dead_lettered, 2);
    let why = &letters.all()[0].why;
    assert!(why.contains("INVALID_ARGUMENT"), "{why}");
}

#[tokio::test]
#[ignore = "needs variables: it is run by those below"]
async fn deliver() {
    let (protocol, endpoint) = match std::env::var(ENDPOINT).unwrap() {
        endpoint if endpoint.ends_with(":4317") => (Protocol::Grpc, endpoint),
        endpoint => (Protocol::Http, endpoint),
    };
    assert_eq!(relay(protocol, &endpoint).await, nothing_failed());
}

async fn deliver_by(proxy: String, endpoint: &str) {
    let variables = [("HTTP_PROXY", proxy), (ENDPOINT, endpoint.to_owned())];
    alone("sink::whole::deliver", &variables).await;
}

#[tokio::test]
async fn a_relay_delivers_over_grpc_through_a_proxy() {
    let endpoint = Endpoint::start(&[]).await;
    let (proxy, asked) = tunnel(endpoint.address, CONNECTED);
    let url = format!("http://me:you@{proxy}");
    deliver_by(url, "http://collector.example:4317").await;
    let asked = asked.lock().unwrap()[0].clone();
    assert_eq!(asked.line, "CONNECT collector.example:4317 HTTP/1.1");
    assert_eq!(asked.header("proxy-authorization"), "Basic bWU6eW91");
    assert_eq!(asked.header("x-tenant"), "", "the endpoint's");
    let calls = endpoint.calls();
    assert_eq!(calls[0].spans().len(), 2);
    assert!(!calls[0].headers.contains_key("proxy-authorization"));
}

#[tokio::test]
async fn a_relay_delivers_over_http_through_a_proxy() {
    let proxy = Server::that_says(ok());
    deliver_by(proxy.url(), "http://collector.example:4318").await;
    let seen = proxy.seen();
    assert_eq!(
        seen[0].line,
        "POST http://collector.example:4318/v1/traces HTTP/1.1"
    );
    assert_eq!(seen[0].spans().len(), 2);
}

/// A sink that accepts nothing.
struct Refusing;

impl Sink for Refusing {
    fn name(&self) -> &'static str {
        "refusing"
    }

    fn send(&self, _: Request) -> BoxFuture<'_, Outcome> {
        let why = "status 400".to_owned();
        Box::pin(async { Outcome::Rejected { why } })
    }
}

#[tokio::test]
#[ignore = "writes to standard output: it is run by the one below"]
async fn print() {
    let (queue, _) = start(Arc::new(StdoutSink::new("stdout")), quick());
    queue.push(parcel(1, &["a", "b"])).await;
    queue.push(parcel(2, &["c\n"])).await;
    flush(&queue).await;
    assert_eq!(queue.stats().delivered, 3);

    let letters = Arc::new(StdoutDeadLetters::new());
    let queue = SinkQueue::start(Arc::new(Refusing), quick(), letters.clone());
    queue.push(parcel(3, &["refused"])).await;
    flush(&queue).await;
    let shard = ShardId::new("spans/shardId-000000000001");
    let record = RecordId::new(shard, SequenceNumber::new("49"));
    let letter = DeadLetter::of_record(record, "jan@example.com".into(), "no OTLP");
    letters.put(&letter).await.unwrap();
}

#[tokio::test]
async fn standard_output_has_a_line_for_each_trace_and_no_data_that_was_not_cleaned() {
    let printed = alone("sink::whole::print", &[]).await;
    // The first one is printed after the name of the test.
    let lines = printed.lines().filter_map(|line| line.split_once('{'));
    let lines: Vec<Value> = lines
        .map(|(_, line)| serde_json::from_str(&format!("{{{line}")).unwrap())
        .collect();
    let names = |line: &Value| {
        let spans = &line["resourceSpans"][0]["scopeSpans"][0]["spans"];
        let spans = spans.as_array().unwrap().iter();
        spans.map(|span| span["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(lines.len(), 4, "{printed}");
    assert_eq!(names(&lines[0]), ["a", "b"]);
    assert_eq!(names(&lines[1]), ["c\n"]);
    let refused = &lines[2];
    assert_eq!(refused["kind"], "traces");
    assert!(refused["data"].is_string());
    let expected = json!({
        "sink": null,
        "why": "no OTLP",
        "records": [{ "shard": "spans/shardId-000000000001", "sequence": "49" }],
        "kind": "record",
        "items": 0,
        "bytes": 15,
    });
    assert_eq!(lines[3], expected);
}
