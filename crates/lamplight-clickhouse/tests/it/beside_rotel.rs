//! The same OTLP through the ClickHouse exporter of `rotel`: three columns differ.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use lamplight_clickhouse::TRACE_COLUMNS;
use lamplight_local_aws::{install_packages, target};
use lamplight_test_clickhouse::Database;
use prost::Message as _;
use serde_json::{Value, json};

use crate::traces::{insert, request, with_tables};

/// The tested release.
const PACKAGE: &str = "rotel==0.0.1a15";

/// Maximum wait until the agent listens, and until its rows are there.
const PATIENCE: Duration = Duration::from_secs(60);

struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Installs the agent, and returns its path.
fn installed() -> PathBuf {
    let packages = [PACKAGE];
    let python = install_packages(
        &target().join("python"),
        "rotel-0.0.1a15",
        &packages,
        |command| Ok(command.output()?),
    );
    let code = "import rotel; print(rotel.__path__[0])";
    let output = python.unwrap().command().args(["-c", code]).output();
    let folder = String::from_utf8(output.unwrap().stdout).unwrap();
    let agent = Path::new(folder.trim()).join("rotel-agent");
    // Not every installer keeps the executable bit of files in a wheel.
    let made = Command::new("chmod").arg("+x").arg(&agent).status();
    assert!(made.unwrap().success());
    agent
}

fn free_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// Starts the agent, and returns its address for OTLP over HTTP.
fn start(program: &Path, database: &Database) -> (Agent, SocketAddr) {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        // It cannot choose a free port itself, and it ends if another program took the port first.
        let (http, grpc) = (free_port(), free_port());
        let child = Command::new(program)
            .args(["start", "--exporter", "clickhouse"])
            .args(["--clickhouse-exporter-endpoint", &database.url()])
            .args(["--clickhouse-exporter-database", database.name()])
            .args(["--clickhouse-exporter-compression", "none"])
            .args(["--clickhouse-exporter-async-insert", "false"])
            .args(["--otlp-http-endpoint", &http.to_string()])
            .args(["--otlp-grpc-endpoint", &grpc.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut agent = Agent(child);
        while agent.0.try_wait().unwrap().is_none() && began.elapsed() < PATIENCE {
            if TcpStream::connect(http).is_ok() {
                return (agent, http);
            }
            sleep(Duration::from_millis(10));
        }
    }
    panic!("rotel does not listen");
}

#[test]
fn rows_differ_from_those_of_rotel_in_three_columns_only() {
    if !std::env::var("LAMPLIGHT_TEST_INTEROP").is_ok_and(|wanted| wanted == "all") {
        eprintln!("nothing is sent through rotel: LAMPLIGHT_TEST_INTEROP=all installs it");
        return;
    }
    let (ours, theirs) = (with_tables(), with_tables());
    insert(&ours, &request());
    let (_agent, address) = start(&installed(), &theirs);
    let sent = ureq::post(format!("http://{address}/v1/traces"))
        .header("content-type", "application/x-protobuf")
        .send(&request().encode_to_vec()[..]);
    assert_eq!(sent.unwrap().status(), 200);
    let rows = |database: &Database| {
        database.rows(&format!(
            "SELECT `{}` FROM otel_traces ORDER BY Timestamp",
            TRACE_COLUMNS.join("`, `")
        ))
    };
    let began = Instant::now();
    while rows(&theirs).len() < rows(&ours).len() {
        assert!(began.elapsed() < PATIENCE, "rows of rotel");
        sleep(Duration::from_millis(50));
    }
    let mut differing = BTreeMap::<&str, Vec<(Value, Value)>>::new();
    for (ours, theirs) in rows(&ours).into_iter().zip(rows(&theirs)) {
        for column in TRACE_COLUMNS {
            if ours[column] != theirs[column] {
                let pair = (ours[column].clone(), theirs[column].clone());
                differing.entry(column).or_default().push(pair);
            }
        }
    }
    let attributes = rows(&ours)[0]["SpanAttributes"].clone();
    let mut of_rotel = attributes.clone();
    of_rotel["list"] = json!(r#"{"values":[{"doubleValue":1.5}]}"#);
    assert_eq!(
        json!(differing),
        json!({
            // A span without a parent: an id of zeros, where the Collector writes none.
            "ParentSpanId": [["", "0".repeat(16)]],
            // An array: the message of OTLP, where the Collector writes its JSON.
            "SpanAttributes": [[
                attributes,
                of_rotel,
            ]],
            // A span that ends before it begins: 0, and not the difference modulo 2^64, which is centuries.
            "Duration": [[0, 16_446_744_073_709_551_616_u64]],
        })
    );
}
