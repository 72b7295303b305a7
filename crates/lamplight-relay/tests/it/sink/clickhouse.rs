//! Tables of ClickHouse: with the real engine, and with servers that fail as it does.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use lamplight_clickhouse::Schema;
use lamplight_relay::sink::{
    ClickHouseSink, ClickHouseSinkBuilder, Compression, Outcome, Request, Signal, tickets,
};
use lamplight_test_clickhouse::{ClickHouse, Database};
use opentelemetry_proto::tonic::{
    collector::{metrics::v1::ExportMetricsServiceRequest, trace::v1::ExportTraceServiceRequest},
    metrics::v1::{
        Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, metric::Data,
        number_data_point,
    },
    trace::v1::{ResourceSpans, ScopeSpans},
};
use serde_json::{Value, json};

use super::{
    server::{Seen, Server, answer, ok},
    *,
};

const DAY: u64 = 86_400_000_000_000;

fn sink(url: &str, database: &str) -> ClickHouseSinkBuilder {
    ClickHouseSink::builder("clickhouse", url)
        .with_database(database)
        .with_timeout(PATIENCE)
}

/// A sink that creates its tables.
fn creating(database: &Database) -> ClickHouseSinkBuilder {
    sink(&database.url(), database.name()).with_schema(Schema::new(database.name()))
}

fn built(builder: ClickHouseSinkBuilder) -> Arc<dyn Sink> {
    Arc::new(builder.build().unwrap())
}

fn create(database: &Database, schema: &Schema) {
    for statement in schema.statements() {
        database.run(&statement);
    }
}

fn count(database: &Database, from: &str) -> Value {
    let rows = database.rows(&format!("SELECT count() AS n FROM {from}"));
    rows[0]["n"].clone()
}

fn span_at(time: u64) -> Span {
    Span {
        trace_id: vec![1; 16],
        span_id: time.to_be_bytes().to_vec(),
        start_time_unix_nano: time,
        ..Span::default()
    }
}

/// A request with a span at each of these times.
fn spans(times: impl IntoIterator<Item = u64>) -> Request {
    let spans: Vec<_> = times.into_iter().map(span_at).collect();
    let items = spans.len();
    let message = ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            scope_spans: vec![ScopeSpans {
                spans,
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    };
    Request::new(Signal::Traces, message.encode_to_vec().into(), items)
}

/// A message with one data point.
fn metrics() -> Bytes {
    let point = NumberDataPoint {
        time_unix_nano: DAY,
        value: Some(number_data_point::Value::AsDouble(1.5)),
        ..NumberDataPoint::default()
    };
    let metric = Metric {
        name: "faas.invocations".to_owned(),
        data: Some(Data::Gauge(Gauge {
            data_points: vec![point],
        })),
        ..Metric::default()
    };
    let message = ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            scope_metrics: vec![ScopeMetrics {
                metrics: vec![metric],
                ..ScopeMetrics::default()
            }],
            ..ResourceMetrics::default()
        }],
    };
    message.encode_to_vec().into()
}

async fn sent_by(builder: ClickHouseSinkBuilder, request: Request) -> Outcome {
    built(builder).send(request).await
}

/// Returns the message of a request that may succeed later.
fn retryable(outcome: Outcome) -> String {
    match outcome {
        Outcome::Retryable { after: None, why } => why,
        outcome => panic!("{outcome:?}"),
    }
}

/// Passes a request on to the engine, and returns its answer.
fn passed_on(seen: &Seen, to: &str) -> Vec<u8> {
    let path = seen.line.split(' ').nth(1).unwrap();
    let mut request = ureq::post(format!("{to}{path}"))
        .config()
        .http_status_as_error(false)
        .build();
    let encoding = seen.headers.get("content-encoding");
    if let Some(encoding) = encoding {
        request = request.header("content-encoding", encoding);
    }
    let mut reply = request.send(&seen.body[..]).unwrap();
    let code = reply.headers().get("x-clickhouse-exception-code");
    let code = code.map(|code| format!("x-clickhouse-exception-code: {}", code.to_str().unwrap()));
    let code = code.as_deref();
    let body = reply.body_mut().read_to_vec().unwrap();
    answer(reply.status().as_str(), code.as_slice(), &body)
}

/// What a [`Cutting`] stream loses together with its connection.
const LOST: &[u8] = b"lost";

/// A connection that breaks instead of carrying the answer [`LOST`].
struct Cutting(TcpStream);

impl Read for Cutting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Cutting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match bytes {
            LOST => Err(io::ErrorKind::BrokenPipe.into()),
            _ => self.0.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_and_metrics_are_rows_of_tables_that_the_sink_creates() {
    for compression in [Compression::Gzip, Compression::Zstd, Compression::None] {
        let database = Database::new();
        let builder = creating(&database).with_compression(compression);
        let (queue, letters) = start(built(builder), quick());
        queue.push(parcel(1, &["a", "b"])).await;
        let content = Content::Metrics(metrics(), 1);
        queue.push(Parcel::new([0; 16], content)).await;
        flush(&queue).await;
        let stats = queue.stats();
        assert_eq!((stats.delivered, stats.retried), (3, 0), "{compression:?}");
        assert!(letters.all().is_empty());
        let rows = database.rows("SELECT SpanName, ScopeName FROM otel_traces ORDER BY SpanName");
        let wanted = ["a", "b"].map(|name| json!({"SpanName": name, "ScopeName": "t"}));
        assert_eq!(rows, wanted);
        let rows = database.rows("SELECT MetricName, Value FROM otel_metrics_gauge");
        assert_eq!(
            rows,
            [json!({"MetricName": "faas.invocations", "Value": 1.5})]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_whose_answer_was_lost_is_there_once() {
    let database = Database::new();
    create(&database, &Schema::new(database.name()));
    let to = database.url();
    let losses = Arc::new(AtomicUsize::new(0));
    let lost = losses.clone();
    let proxy = Server::on(
        move |seen, number| {
            let answer = passed_on(seen, &to);
            // Of three answers, two are lost after the engine has written.
            if number % 3 < 2 {
                lost.fetch_add(1, Ordering::Relaxed);
                return LOST.to_vec();
            }
            answer
        },
        Cutting,
    );
    let builder = sink(&proxy.url(), database.name());
    let (queue, letters) = start(built(builder), quick());
    for number in 0..3 {
        queue.push(parcel(number, &["a", "b"])).await;
        let content = Content::Metrics(metrics(), 1);
        queue.push(Parcel::new([0; 16], content)).await;
        flush(&queue).await;
    }
    assert!(losses.load(Ordering::Relaxed) >= 6);
    assert_eq!(queue.stats().delivered, 9);
    assert!(letters.all().is_empty());
    assert_eq!(count(&database, "otel_traces"), 6);
    // The three windows are the same block.
    assert_eq!(count(&database, "otel_metrics_gauge"), 1);
    let ids = "(SELECT DISTINCT TraceId FROM otel_traces_trace_id_ts)";
    assert_eq!(count(&database, ids), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_that_did_not_reach_the_lookup_table_is_there_after_the_next_attempt() {
    let database = Database::new();
    create(&database, &Schema::new(database.name()));
    let lookup = "ALTER TABLE otel_traces_trace_id_ts";
    database.run(&format!(
        "{lookup} ADD CONSTRAINT none CHECK throwIf(1, 'no memory') = 0"
    ));
    let sink = built(sink(&database.url(), database.name()));
    let why = retryable(sink.send(spans([1, 2])).await);
    assert!(why.contains("no memory"), "{why}");
    // The row that finds the spans is missing. The spans may be there already: the engine writes both at once.
    assert_eq!(count(&database, "otel_traces_trace_id_ts"), 0);
    database.run(&format!("{lookup} DROP CONSTRAINT none"));
    assert_eq!(sink.send(spans([1, 2])).await, Outcome::accepted());
    assert_eq!(count(&database, "otel_traces"), 2);
    let ids = "(SELECT DISTINCT TraceId FROM otel_traces_trace_id_ts)";
    assert_eq!(count(&database, ids), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_that_a_restarted_relay_sends_in_other_blocks_count_once() {
    let database = Database::new();
    let schema = Schema::new(database.name()).with_replacing();
    for blocks in [vec![0..6, 6..10], vec![0..3, 3..10]] {
        // Each is a relay that was started anew.
        let builder = sink(&database.url(), database.name()).with_schema(schema.clone());
        let sink = built(builder);
        for block in blocks {
            assert_eq!(sink.send(spans(block)).await, Outcome::accepted());
        }
    }
    assert_eq!(count(&database, "otel_traces FINAL"), 10);
    database.run("OPTIMIZE TABLE otel_traces FINAL");
    assert_eq!(count(&database, "otel_traces"), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_fails_for_now_loses_nothing() {
    let database = Database::new();
    create(&database, &Schema::new(database.name()));
    let faults = [
        ("503 Service Unavailable", "<html>"),
        ("500 -", "Code: 252. DB::Exception: Too many parts (3001)"),
        ("500 -", "Code: 241. DB::Exception: Memory limit exceeded"),
        ("500 -", "Code: 242. DB::Exception: Table is read-only"),
        ("500 -", "Code: 243. DB::Exception: Cannot reserve 1.00 MiB"),
        ("500 -", "Code: 164. DB::Exception: readonly mode"),
        ("500 -", "Code: 49. DB::Exception: Logical error"),
        ("200 OK", "Code: 159. DB::Exception: Timeout exceeded"),
        ("404 Not Found", "<html>"),
    ];
    let to = database.url();
    let server = Server::start(move |seen, number| match faults.get(number) {
        Some((status, body)) => answer(status, &[], body.as_bytes()),
        None => passed_on(seen, &to),
    });
    let (queue, letters) = start(built(sink(&server.url(), database.name())), quick());
    let (tickets, mut settlements) = tickets();
    let ticket = tickets.issue([1]);
    queue.push(parcel(1, &["a"]).with_ticket(ticket)).await;
    flush(&queue).await;
    let stats = queue.stats();
    assert_eq!((stats.delivered, stats.retried), (1, faults.len() as u64));
    assert!(letters.all().is_empty());
    assert_eq!(settlements.try_next(), Some(1));
    assert_eq!(count(&database, "otel_traces"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_wait_for_a_table_that_the_sink_may_not_create() {
    let database = Database::new();
    let (queue, letters) = start(built(sink(&database.url(), database.name())), quick());
    queue.push(parcel(1, &["a"])).await;
    while queue.stats().retried == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    create(&database, &Schema::new(database.name()));
    flush(&queue).await;
    assert_eq!(queue.stats().delivered, 1);
    assert!(letters.all().is_empty());
    assert_eq!(count(&database, "otel_traces"), 1);

    database.run("DROP TABLE otel_traces");
    let outcome = sent_by(sink(&database.url(), database.name()), spans([1])).await;
    let why = retryable(outcome);
    assert!(
        why.contains("otel_traces") && why.contains("`lamplight-relay clickhouse schema`"),
        "{why}"
    );
}

#[tokio::test]
async fn a_sink_whose_tables_are_there_needs_no_right_to_create_any() {
    let server = Server::that_says(ok());
    let builder = sink(&server.url(), "otel").with_schema(Schema::new("otel"));
    assert_eq!(sent_by(builder, spans([1])).await, Outcome::accepted());
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert!(seen[0].line.contains("INSERT"), "{}", seen[0].line);
}

#[tokio::test]
async fn a_table_that_cannot_be_created_is_no_fault_of_the_rows() {
    let server = Server::start(|seen, _| match seen.line.contains("INSERT") {
        true => answer("404 -", &[], b"Code: 60. DB::Exception: no table"),
        // A setting that an older server does not have, for instance.
        false => answer("400 -", &[], b"Code: 117. DB::Exception: strange"),
    });
    let builder = sink(&server.url(), "otel").with_schema(Schema::new("otel"));
    let why = retryable(sent_by(builder, spans([1])).await);
    assert!(
        why.contains("the tables could not be created: HTTP 400"),
        "{why}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_with_other_columns_is_told_with_the_column() {
    for (change, column) in [
        ("DROP COLUMN StatusMessage", "StatusMessage"),
        ("DROP COLUMN `Links.SpanId`", "Links.SpanId"),
        ("MODIFY COLUMN ScopeVersion Array(String)", "ScopeVersion"),
    ] {
        let database = Database::new();
        let table = Schema::new(database.name()).statements();
        let table = table.iter().find(|sql| sql.contains(".`otel_traces` ("));
        database.run(table.unwrap());
        database.run(&format!("ALTER TABLE otel_traces {change}"));
        let outcome = sent_by(sink(&database.url(), database.name()), spans([1])).await;
        let why = retryable(outcome);
        assert!(why.contains(column), "{change}: {why}");
        assert!(why.contains("compare the table with"), "{change}: {why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_a_table_does_not_allow_are_dead_letters() {
    let database = Database::new();
    create(&database, &Schema::new(database.name()));
    database.run("ALTER TABLE otel_traces ADD CONSTRAINT named CHECK SpanName != 'bad'");
    let (queue, letters) = start(built(sink(&database.url(), database.name())), quick());
    for (number, name) in [(1, "bad"), (2, "good")] {
        queue.push(parcel(number, &[name])).await;
        flush(&queue).await;
    }
    let stats = queue.stats();
    assert_eq!((stats.delivered, stats.dead_lettered), (1, 1));
    assert!(letters.all()[0].why.contains("469"), "{:?}", letters.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_tried_again_and_shown_nowhere() {
    let server = ClickHouse::start("relay", "right");
    let with = |password: &str| {
        sink(&server.url(), "default")
            .with_schema(Schema::new("default"))
            .with_user("relay")
            .with_password(password)
    };
    let builder = with("wr0ng-secret");
    assert!(!format!("{builder:?}").contains("wr0ng-secret"));
    let why = retryable(sent_by(builder, spans([1])).await);
    assert!(why.contains("check user and password"), "{why}");
    assert!(!why.contains("wr0ng-secret"), "{why}");
    let outcome = sent_by(with("right"), spans([1])).await;
    assert_eq!(outcome, Outcome::accepted());
}

#[tokio::test]
async fn a_best_effort_sink_gives_up_and_counts() {
    let server = Server::that_says(answer("503 -", &[], b""));
    let mut settings = quick();
    settings.criticality = SinkSettings::best_effort().criticality;
    settings.give_up_after = Duration::ZERO;
    let (queue, letters) = start(built(sink(&server.url(), "otel")), settings);
    queue.push(parcel(1, &["a", "b"])).await;
    flush(&queue).await;
    assert_eq!((queue.stats().dropped, queue.stats().delivered), (2, 0));
    assert!(letters.all().is_empty());
}

#[tokio::test]
async fn a_body_that_a_proxy_does_not_let_through_comes_in_parts() {
    let server = Server::start(|seen, _| match seen.body.len() {
        0..=1_500 => ok(),
        _ => answer("413 Content Too Large", &[], b"<html>"),
    });
    let builder = sink(&server.url(), "otel").with_compression(Compression::None);
    let (queue, letters) = start(built(builder), quick());
    let names: Vec<_> = (0..40).map(|number| format!("{number:040}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    queue.push(parcel(1, &names)).await;
    flush(&queue).await;
    assert_eq!(queue.stats().delivered, 40);
    assert!(letters.all().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_of_more_days_than_a_block_may_have_come_in_several() {
    let database = Database::new();
    let (queue, letters) = start(built(creating(&database)), quick());
    let mut fields = Vec::new();
    for span in (0..150).map(|day| span_at(day * DAY)) {
        fields.push(0x12);
        span.encode_length_delimited(&mut fields).unwrap();
    }
    let mut chunk = Chunk::default();
    chunk.spans = fields.into();
    chunk.count = 150;
    let content = Content::Traces(vec![chunk]);
    queue.push(Parcel::new([1; 16], content)).await;
    flush(&queue).await;
    let stats = queue.stats();
    assert_eq!((stats.delivered, stats.split), (150, 1));
    assert!(letters.all().is_empty());
    assert_eq!(count(&database, "otel_traces"), 150);
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_spans_are_counted_and_the_others_delivered() {
    let database = Database::new();
    let mut message = spans([1]).message().to_vec();
    // Another resource, whose only span ends within a field.
    message.extend([0x0a, 6, 0x12, 4, 0x12, 2, 0x0a, 9]);
    let request = Request::new(Signal::Traces, message.into(), 2);
    match sent_by(creating(&database), request).await {
        Outcome::Accepted { rejected: 1, .. } => {}
        outcome => panic!("{outcome:?}"),
    }
    assert_eq!(count(&database, "otel_traces"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_collects_blocks_has_written_them_when_it_answers() {
    let database = Database::new();
    create(&database, &Schema::new(database.name()));
    let builder = sink(&database.url(), database.name()).with_async_insert();
    assert_eq!(sent_by(builder, spans([1, 2])).await, Outcome::accepted());
    assert_eq!(count(&database, "otel_traces"), 2);
}
