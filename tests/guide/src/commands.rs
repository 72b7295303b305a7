//! Shell commands of the README and the guide, and how each is known to work.

use crate::markdown::Page;

/// The way in which a command is known to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// `tests/it/commands.rs` runs it, in the order of the list.
    RunHere,
    /// `crates/lamplight-cli/tests/it/guide.rs` runs it.
    RunByCli,
    /// No test can run it, and why.
    Not(&'static str),
}
use Proof::{Not, RunByCli, RunHere};

const CARGO_LAMBDA: Proof = Not("cargo-lambda is not part of what tests install");
const INSTALLS: Proof = Not("it builds and installs for minutes; CI builds the same crates");
const SERVES: Proof =
    Not("it serves until it is stopped; `lamplight-cli --test it serve` has its tests");
const ADDS: Proof = Not("those of the README, which are run, have the same form");
const RELAY: Proof =
    Not("a stream is needed; the tests of lamplight-relay check the same configuration");

/// Every command of the pages. A command that is not here fails a test until somebody has decided.
pub const COMMANDS: &[(&str, Proof)] = &[
    (
        "cargo demo",
        Not("it takes minutes; the end-to-end test of the event broker does the same"),
    ),
    ("cargo test --workspace", Not("it is what runs the tests")),
    ("cargo new hello", RunHere),
    ("cd hello", RunHere),
    (
        "cargo add lamplight --path ../lamplight/crates/lamplight --features exporter-otlp-http",
        RunHere,
    ),
    ("cargo add lambda_runtime serde_json", RunHere),
    ("cargo add tokio --features macros,rt", RunHere),
    (
        "pip install cargo-lambda",
        Not("it installs from the network"),
    ),
    (
        "OTEL_TRACES_EXPORTER=console cargo lambda watch | tee ../hello.log",
        CARGO_LAMBDA,
    ),
    (
        "cargo lambda invoke hello --data-ascii '{\"order\": 1}'",
        CARGO_LAMBDA,
    ),
    (
        "cargo install --path ../lamplight/crates/lamplight-cli --no-default-features",
        INSTALLS,
    ),
    ("lamplight traces ../hello.log", RunByCli),
    (
        "cargo add lamplight --path ../lamplight/crates/lamplight --features records-sqs",
        ADDS,
    ),
    (
        "cargo add aws_lambda_events --no-default-features --features sqs",
        ADDS,
    ),
    (
        "cargo add --dev lamplight-testing --path ../lamplight/crates/lamplight-testing",
        ADDS,
    ),
    ("lamplight serve --open", SERVES),
    (
        "CLICKHOUSE_USER=reader CLICKHOUSE_PASSWORD=secret lamplight serve --clickhouse https://clickhouse.example:8443/otel",
        SERVES,
    ),
    ("OTEL_TRACES_EXPORTER=otlp cargo lambda watch", CARGO_LAMBDA),
    (
        "cargo doc --package lamplight --all-features --open",
        Not("it opens a browser; CI builds all documentation"),
    ),
    ("cargo install --path crates/lamplight-cli", INSTALLS),
    ("lamplight traces --html page.html ../hello.log", RunByCli),
    ("lamplight inspect event.json", RunByCli),
    (
        "aws kinesis get-records --shard-iterator \"$ITERATOR\" | lamplight traces -",
        Not("an AWS account is needed; `lamplight-cli --test it traces` reads such answers"),
    ),
    (
        "lamplight semconv generate semconv src/conventions",
        RunByCli,
    ),
    (
        "lamplight semconv markdown semconv CONVENTIONS.md",
        RunByCli,
    ),
    (
        "lamplight semconv check semconv --against released/semconv --otlp spans.json",
        RunByCli,
    ),
    ("export OTEL_TRACES_EXPORTER=otlp", RunHere),
    (
        "export OTEL_EXPORTER_OTLP_ENDPOINT=https://otlp.example.com",
        RunHere,
    ),
    ("export OTEL_EXPORTER_OTLP_HEADERS=api-key=secret", RunHere),
    ("export OTEL_TRACES_EXPORTER=kinesis", RunHere),
    ("export LAMPLIGHT_KINESIS_STREAM=spans", RunHere),
    (
        "export RELAY_STREAM=spans RELAY_TABLE=checkpoints RELAY_SECRET=x",
        RunHere,
    ),
    (
        "cargo install --path crates/lamplight-relay --features process",
        INSTALLS,
    ),
    ("lamplight-relay --config deploy/relay.toml --check", RELAY),
    (
        "lamplight-relay --config deploy/relay.toml --dry-run",
        RELAY,
    ),
    ("cargo lambda build --release --arm64", CARGO_LAMBDA),
    (
        "cargo lambda deploy hello --env-var OTEL_TRACES_EXPORTER=otlp --env-var OTEL_EXPORTER_OTLP_ENDPOINT=https://otlp.example.com",
        Not("it deploys to an AWS account"),
    ),
    ("cargo bench-report", Not("it takes an hour")),
    (
        "cargo bench-report --only overhead,latency",
        Not("it takes half an hour"),
    ),
];

/// Returns the commands of a page, without comments, each on one line.
pub fn of_page(page: &Page) -> Vec<String> {
    let mut commands = Vec::new();
    for block in page.code_in("sh") {
        for line in block.replace("\\\n", " ").lines() {
            let command = line.split(" #").next().unwrap_or_default();
            let words: Vec<_> = command.split_whitespace().collect();
            if !words.is_empty() && !command.starts_with('#') {
                commands.push(words.join(" "));
            }
        }
    }
    commands
}
