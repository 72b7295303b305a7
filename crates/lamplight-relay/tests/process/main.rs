//! The complete process `lamplight-relay`: it reads a simulated Kinesis, and delivers over HTTP.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

mod clickhouse;
mod dynamo;
mod kill;
mod receiver;
mod streams;
mod takeover;
mod traffic;

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

use lamplight_test_kinesis::Kinesis;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::task::spawn_blocking;

use receiver::{PATIENCE, Receiver, record};

/// A temporary folder, removed after the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("relay-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn config(folder: &Folder, kinesis: &str, sink: &str) -> PathBuf {
    let checkpoints = folder.0.join("checkpoints");
    let text = format!(
        "[source]
streams = [\"spans\"]
endpoint = {kinesis:?}
poll_interval = \"250 ms\"
checkpoints = {{ type = \"file\", path = {checkpoints:?}, interval = \"1 s\" }}

[sampling]
decision_wait = \"1 s\"

[[rule]]
name = \"errors\"
when = {{ error = true }}
keep = true

[[sink]]
name = \"backend\"
type = \"otlp_http\"
endpoint = {sink:?}
compression = \"none\"
"
    );
    folder.write("relay.toml", &text)
}

fn relay(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lamplight-relay"));
    command
        .args(arguments)
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ACCESS_KEY_ID", "key")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env_remove("LAMPLIGHT_RELAY_CONFIG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn signal(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
}

/// A process that ends with the test.
struct Ends(Option<Child>);

impl Ends {
    fn new(mut command: Command) -> Self {
        Self(Some(command.spawn().unwrap()))
    }

    fn signal(&self, which: Signal) {
        signal(self.0.as_ref().unwrap(), which);
    }

    /// Ends it with the usual signal, and returns its output.
    async fn terminated(mut self) -> Output {
        self.signal(Signal::SIGTERM);
        let output = ended(self.0.take().unwrap()).await;
        assert!(output.status.success(), "{}", text(&output));
        output
    }
}

impl Drop for Ends {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

async fn ended(child: Child) -> Output {
    let ended = spawn_blocking(move || child.wait_with_output().unwrap());
    tokio::time::timeout(PATIENCE, ended)
        .await
        .expect("an end in time")
        .unwrap()
}

fn text(output: &Output) -> String {
    let streams = [&output.stdout, &output.stderr];
    streams
        .map(|stream| String::from_utf8_lossy(stream))
        .join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_process_relays_ends_on_sigterm_and_goes_on_where_it_was() {
    let (folder, kinesis) = (Folder::new("relays"), Kinesis::new());
    kinesis.create_stream("spans", 1);
    let endpoint = kinesis.serve().await;
    let mut receiver = Receiver::start().await;
    let config = config(&folder, &endpoint.url(), &receiver.url);
    let config = config.to_str().unwrap();
    kinesis.put("spans", "1", record(1, 1, false));
    kinesis.put("spans", "1", record(1, 2, true));
    kinesis.put("spans", "2", record(2, 1, false));

    let child = relay(&["--config", config]).spawn().unwrap();
    let spans = receiver.wait_for(2).await;
    assert!(spans.iter().all(|span| span.trace_id[0] == 1));
    signal(&child, Signal::SIGTERM);
    let output = ended(child).await;
    assert!(output.status.success(), "{}", text(&output));

    // A late span of a kept trace, one of a dropped trace, and a new trace.
    kinesis.put("spans", "1", record(1, 3, false));
    kinesis.put("spans", "2", record(2, 2, false));
    kinesis.put("spans", "3", record(3, 1, true));
    let child = relay(&["--config", config]).spawn().unwrap();
    let spans = receiver.wait_for(4).await;
    signal(&child, Signal::SIGTERM);
    let output = ended(child).await;
    assert!(output.status.success(), "{}", text(&output));
    let mut ids: Vec<_> = spans
        .iter()
        .map(|span| (span.trace_id[0], span.span_id[7]))
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, [(1, 1), (1, 2), (1, 3), (3, 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_tells_what_would_be_kept_and_delivers_and_saves_nothing() {
    let (folder, kinesis) = (Folder::new("dry"), Kinesis::new());
    kinesis.create_stream("spans", 1);
    let endpoint = kinesis.serve().await;
    let receiver = Receiver::start().await;
    let config = config(&folder, &endpoint.url(), &receiver.url);
    for trace in 1..=3 {
        kinesis.put("spans", "key", record(trace, 1, trace == 2));
    }
    let child = relay(&["--config", config.to_str().unwrap(), "--dry-run"])
        .spawn()
        .unwrap();
    let output = ended(child).await;
    assert!(output.status.success(), "{}", text(&output));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("kept 02000000000000000000000000000000 1 spans by errors\n"),
        "{said}"
    );
    let row = |name: &str| {
        let mut lines = said
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        lines
            .find(|line| line.len() == 5 && line[0] == name)
            .unwrap_or_else(|| panic!("{name}: {said}"))
    };
    assert_eq!(row("errors")[1..], ["1", "0", "0", "1"]);
    assert_eq!(row("-")[1..], ["0", "2", "0", "0"]);
    assert_eq!(row("all")[1..], ["1", "2", "0", "1"]);
    assert!(said.contains("3 records with 3 spans read"), "{said}");
    assert!(receiver.spans().is_empty());
    assert!(!folder.0.join("checkpoints").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_once_ends_at_the_end_of_the_stream_with_its_checkpoints_saved() {
    let (folder, kinesis) = (Folder::new("once"), Kinesis::new());
    kinesis.create_stream("spans", 2);
    let endpoint = kinesis.serve().await;
    let receiver = Receiver::start().await;
    let config = config(&folder, &endpoint.url(), &receiver.url);
    kinesis.put("spans", "key", record(1, 1, true));
    let child = relay(&["--config", config.to_str().unwrap(), "--once"])
        .spawn()
        .unwrap();
    let output = ended(child).await;
    assert!(output.status.success(), "{}", text(&output));
    assert!(folder.0.join("checkpoints").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_is_checked_without_doing_anything() {
    let folder = Folder::new("check");
    let right = config(&folder, "http://localhost:1", "http://localhost:2");
    let output = ended(
        relay(&["--check", "--config", right.to_str().unwrap()])
            .spawn()
            .unwrap(),
    )
    .await;
    assert!(output.status.success(), "{}", text(&output));
    let said = String::from_utf8(output.stdout).unwrap();
    for line in [
        "The configuration is valid.\nreads: spans; checkpoints are in the folder ",
        "\nkeeps: by rules: errors\n",
        "\ndelivers to: backend (otlp_http, traces)\n",
    ] {
        assert!(said.contains(line), "{said}");
    }
    let wrong = folder.write("wrong.toml", "[sampling]\ndecision_wiat = 3\n");
    let output = ended(
        relay(&["--check", "--config", wrong.to_str().unwrap()])
            .spawn()
            .unwrap(),
    )
    .await;
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output);
    assert!(
        said.contains("wrong.toml:2:1: sampling.decision_wiat:"),
        "{said}"
    );
    assert!(said.contains("there is no sink"), "{said}");
    let output = ended(relay(&["--nonsense"]).spawn().unwrap()).await;
    assert_eq!(output.status.code(), Some(2));
}
