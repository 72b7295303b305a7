//! The cost of the function behind an event source mapping, as deployed: its size, the processor
//! time of a cold start up to the first delivery, and its memory with the largest batch.
//!
//! ```sh
//! cargo build --profile lambda -p lamplight-relay --bin lamplight-relay-function --features function
//! cargo test -p lamplight-relay --bench function -- target/lambda/lamplight-relay-function
//! ```
//!
//! The program is started as Lambda starts it, and gets its events from a Runtime API in the
//! benchmark. After the path, `--starts N` sets the number of starts, and `--check` makes it fail
//! if a goal is missed. Times are the kernel's run times of the program's threads, so that other
//! processes may run at the same time.

// A benchmark fails by panicking.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[allow(dead_code, reason = "of another benchmark")]
#[path = "../relay/corpus.rs"]
mod corpus;

use std::{
    env, fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use flate2::{Compression, write::DeflateEncoder};
use lamplight_test_rig::{Connection, response};

/// Goal for processor time up to the first delivery, in milliseconds.
const MOST_CPU: f64 = 30.0;

/// Goal for memory with the largest batch, in megabytes.
const MOST_MEMORY: f64 = 128.0;

/// Maximum size of an event, in bytes.
const EVENT: usize = 6_000_000;

const RULES: &str = "
[[rule]]
name = \"health\"
when = { route_regex = \"^/(health|ready)\" }
drop = true

[[rule]]
name = \"errors\"
when = { error = true }
keep = true

[[rule]]
name = \"slow\"
when = { longer_than = \"1 s\" }
keep = true

[[rule]]
name = \"all others\"
probability = \"100 %\"

[clean]
redact = [\"card_numbers\", \"tokens\"]

[clean.attributes]
deny = [\"http.request.header.*\"]
mask = [\"/(?i)password|secret/\"]

[telemetry]
log_level = \"error\"
";

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).filter(|it| it != "--bench").collect();
    let Some(program) = arguments.first().filter(|it| !it.starts_with("--")) else {
        println!("give the path of the function's program: see the head of this file");
        return ExitCode::SUCCESS;
    };
    // Cargo starts benchmarks in the folder of their package.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let program = [PathBuf::from(program), root.join(program)];
    let program = program.iter().find(|it| it.exists()).expect("the program");
    let starts = arguments.iter().position(|it| it == "--starts");
    let starts = starts.map_or(20, |at| arguments[at + 1].parse().unwrap());

    let bytes = fs::read(program).unwrap();
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&bytes).unwrap();
    let packed = packed.finish().unwrap().len();
    let megabytes = |bytes: usize| bytes as f64 / 1e6;
    println!(
        "the program has {:.2} MB, {:.2} MB in an archive",
        megabytes(bytes.len()),
        megabytes(packed)
    );

    let mut slowest = 0.0_f64;
    for (name, scheme) in [
        ("over HTTP, the first delivery has arrived", "http"),
        (
            "over HTTPS, the first delivery's handshake has begun",
            "https",
        ),
    ] {
        let mut times: Vec<_> = (0..starts).map(|_| cold(program, scheme)).collect();
        times.sort_by(f64::total_cmp);
        let (least, median) = (times[0], times[times.len() / 2]);
        println!("{name} after {median:.1} ms of processor time, at least {least:.1} ms");
        slowest = slowest.max(median);
    }

    let event = largest();
    let (idle, peak) = memory(program, &event);
    println!(
        "before its first batch it takes {idle:.1} MB, with one of {:.2} MB at most {peak:.1} MB",
        megabytes(event.len())
    );
    let is_missed = slowest > MOST_CPU || peak > MOST_MEMORY;
    match arguments.iter().any(|it| it == "--check") && is_missed {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}

/// The function's process, and its Runtime API.
struct Lambda {
    process: Child,
    api: Connection<TcpStream>,
}

impl Drop for Lambda {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Lambda {
    fn start(program: &Path, endpoint: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sink = format!(
            "[[sink]]\nname = \"backend\"\ntype = \"otlp_http\"\nendpoint = {endpoint:?}\n{RULES}"
        );
        let process = Command::new(program)
            .env_clear()
            .env(
                "AWS_LAMBDA_RUNTIME_API",
                listener.local_addr().unwrap().to_string(),
            )
            .env("AWS_LAMBDA_FUNCTION_NAME", "relay")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("LAMPLIGHT_RELAY_CONFIG", sink)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let (api, _) = listener.accept().unwrap();
        let mut api = Connection::new(api);
        assert!(
            api.read()
                .unwrap()
                .unwrap()
                .path
                .ends_with("/invocation/next")
        );
        Self { process, api }
    }

    fn give(&mut self, event: &str) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let deadline = (now + Duration::from_secs(60)).as_millis().to_string();
        let headers = [
            ("lambda-runtime-aws-request-id", "request"),
            ("lambda-runtime-deadline-ms", &*deadline),
            (
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:eu-west-1:123456789012:function:relay",
            ),
        ];
        let bytes = response(200, &headers, event.as_bytes());
        self.api.stream.write_all(&bytes).unwrap();
    }

    /// Returns the run time of its threads, in milliseconds.
    fn ran(&self) -> f64 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.process.id())).unwrap();
        let nanos = tasks.map(|task| {
            let times = fs::read_to_string(task.unwrap().path().join("schedstat"));
            let times = times.unwrap_or_default();
            let first = times.split(' ').next().map(str::parse::<f64>);
            first.and_then(Result::ok).unwrap_or_default()
        });
        nanos.sum::<f64>() / 1e6
    }

    /// Returns a line of the kernel's memory statistics, in megabytes.
    fn memory(&self, line: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|it| it.starts_with(line)).unwrap();
        let kilobytes = line.split_whitespace().nth(1).unwrap();
        kilobytes.parse::<f64>().unwrap() * 1024.0 / 1e6
    }
}

/// Returns the processor time of a start, up to the first bytes of the first delivery.
fn cold(program: &Path, scheme: &str) -> f64 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("{scheme}://{}", listener.local_addr().unwrap());
    let mut lambda = Lambda::start(program, &endpoint);
    let data = corpus::Corpus::new(1).payloads()[0].clone();
    lambda.give(&event([data].into_iter()));
    let (mut stream, _) = listener.accept().unwrap();
    let mut first = [0; 1];
    stream.read_exact(&mut first).unwrap();
    lambda.ran()
}

/// Returns the memory before the first batch, and its maximum with this one, in megabytes.
fn memory(program: &Path, event: &str) -> (f64, f64) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut connection = Connection::new(stream.unwrap());
            thread::spawn(move || {
                while let Ok(Some(_)) = connection.read() {
                    let _ = connection.respond(200, &[], &[]);
                }
            });
        }
    });
    let mut lambda = Lambda::start(program, &endpoint);
    let idle = lambda.memory("VmRSS");
    lambda.give(event);
    let answer = lambda.api.read().unwrap().unwrap();
    assert!(answer.path.ends_with("/response"), "{}", answer.path);
    assert_eq!(answer.body, b"{\"batchItemFailures\":[]}");
    (idle, lambda.memory("VmHWM"))
}

/// Returns the largest event that a mapping sends.
fn largest() -> String {
    let corpus = corpus::Corpus::new(2000);
    event(corpus.payloads().iter().cloned())
}

/// Returns an event with as many of these records as fit.
fn event(records: impl Iterator<Item = Bytes>) -> String {
    let mut event = String::from("{\"Records\":[");
    for (number, data) in records.enumerate() {
        let sequence = format!("49590338271490256608559692538{number:027}");
        let record = format!(
            "{{\"kinesis\":{{\"kinesisSchemaVersion\":\"1.0\",\"partitionKey\":\"{number:032x}\",\
             \"sequenceNumber\":\"{sequence}\",\"data\":\"{}\",\
             \"approximateArrivalTimestamp\":1773119783.5}},\"eventSource\":\"aws:kinesis\",\
             \"eventVersion\":\"1.0\",\"eventID\":\"shardId-000000000006:{sequence}\",\
             \"eventName\":\"aws:kinesis:record\",\"awsRegion\":\"eu-west-1\"}}",
            STANDARD.encode(data),
        );
        if event.len() + record.len() + 3 > EVENT {
            break;
        }
        if number > 0 {
            event.push(',');
        }
        event.push_str(&record);
    }
    event.push_str("]}");
    event
}
