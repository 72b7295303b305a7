//! The process with a sink that inserts into ClickHouse.

use std::{path::PathBuf, process::Stdio, time::Duration};

use lamplight_test_clickhouse::Database;
use lamplight_test_kinesis::Kinesis;
use serde_json::Value;

use crate::{
    Ends, Folder, config, ended,
    receiver::Copies,
    relay, text,
    traffic::{Producer, RULES, STREAM, Verdict},
};

/// Number of kills.
const KILLS: usize = 8;

/// Returns a configuration that delivers spans and metrics to a database.
fn with_tables(folder: &Folder, kinesis: &str, database: &Database) -> PathBuf {
    let path = config(folder, kinesis, "http://unused");
    let text = std::fs::read_to_string(&path).unwrap();
    let (text, _) = text.split_once("[[sink]]").unwrap();
    let text = format!(
        "{text}{RULES}
[metrics]
window = \"10 s\"

[[sink]]
name = \"tables\"
type = \"clickhouse\"
url = {:?}
database = {:?}
signals = [\"traces\", \"metrics\"]
replacing = true
linger = \"100 ms\"
",
        database.url(),
        database.name()
    );
    folder.write("relay.toml", &text)
}

/// Returns the rows of all spans, by their ids; none before there is a table.
fn rows(database: &Database, from: &str) -> Copies {
    let mut copies = Copies::new();
    if database.run("SHOW TABLES LIKE 'otel_traces'").is_empty() {
        return copies;
    }
    let number = |hex: &str| u8::from_str_radix(hex, 16).unwrap();
    for row in database.rows(&format!("SELECT TraceId, SpanId, SpanName FROM {from}")) {
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        let trace = text("TraceId");
        let trace = (0..16).map(|at| number(&trace[2 * at..2 * at + 2]));
        let id = (trace.collect(), number(&text("SpanId")[14..]));
        copies.entry(id).or_default().push(text("SpanName").into());
    }
    copies
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_has_each_kept_span_in_the_table_and_no_span_twice() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let (folder, kinesis) = (Folder::new("tables"), Kinesis::new());
    kinesis.create_stream(STREAM, 2);
    let endpoint = kinesis.serve().await;
    let database = Database::new();
    let config = with_tables(&folder, &endpoint.url(), &database);
    let start = || {
        let mut command = relay(&["--config", config.to_str().unwrap()]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let mut producer = Producer::new(&kinesis, seed);
    for _ in 0..KILLS {
        let mut child = start().spawn().unwrap();
        let patience = producer.rng.u64(50..2_000);
        for _ in 0..3 {
            producer.step();
        }
        producer.disturb();
        tokio::time::sleep(Duration::from_millis(patience)).await;
        child.kill().unwrap();
        child.wait().unwrap();
    }
    kinesis.heal();
    let child = Ends::new(start());
    producer.drain(|| rows(&database, "otel_traces")).await;
    producer.mark();
    producer.drain(|| rows(&database, "otel_traces")).await;
    child.terminated().await;

    let all = Verdict::new(&producer.truth, &rows(&database, "otel_traces"));
    all.check();
    let counted = Verdict::new(&producer.truth, &rows(&database, "otel_traces FINAL"));
    counted.check();
    assert_eq!((counted.again, counted.delivered), (0, counted.kept));
    println!("{} spans, {} rows again", counted.kept, all.again);
    let metrics = database.rows("SELECT DISTINCT MetricName FROM otel_metrics_sum");
    let metrics: Vec<&Value> = metrics.iter().map(|row| &row["MetricName"]).collect();
    assert!(
        metrics
            .iter()
            .any(|name| **name == "traces.span.metrics.calls"),
        "{metrics:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_statements_that_the_process_prints_create_the_tables() {
    let (folder, database) = (Folder::new("schema"), Database::new());
    let tables = with_tables(&folder, "http://localhost:1", &database);
    let of_config = ["--config", tables.to_str().unwrap()];
    let of_options = ["--database", database.name(), "--replacing"];
    let mut scripts = Vec::new();
    for options in [&of_config[..], &of_options] {
        let mut command = relay(&["clickhouse", "schema"]);
        command.args(options);
        let output = ended(command.spawn().unwrap()).await;
        assert!(output.status.success(), "{}", text(&output));
        scripts.push(String::from_utf8(output.stdout).unwrap());
    }
    assert_eq!(scripts[0], scripts[1]);
    for statement in scripts[0].split_terminator(";\n") {
        database.run(statement);
    }
    let engine = "SELECT engine FROM system.tables WHERE database = currentDatabase() AND name = ";
    let engine = database.run(&format!("{engine}'otel_traces'"));
    assert_eq!(engine.trim(), "ReplacingMergeTree");

    let wrong = config(&folder, "http://localhost:1", "http://localhost:2");
    let mut command = relay(&["clickhouse", "schema", "--config", wrong.to_str().unwrap()]);
    let output = ended(command.spawn().unwrap()).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("has no sink of type `clickhouse`"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_with_tables_is_checked_without_a_server() {
    let folder = Folder::new("check-tables");
    let text_of_it = "[[sink]]\nname = \"tables\"\ntype = \"clickhouse\"\nurl = \"http://localhost:1\"\n\
                      password = \"s3cret-of-it\"\n";
    let path = folder.write("relay.toml", text_of_it);
    let mut command = relay(&["--check", "--config", path.to_str().unwrap()]);
    let output = ended(command.spawn().unwrap()).await;
    assert!(output.status.success(), "{}", text(&output));
    let said = text(&output);
    assert!(
        said.contains("\ndelivers to: tables (clickhouse, traces)\n"),
        "{said}"
    );
    assert!(!said.contains("s3cret"), "{said}");
}
