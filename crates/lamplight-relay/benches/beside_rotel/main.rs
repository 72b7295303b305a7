//! A comparison of the relay with [rotel], a collector written in Rust: both receive the same OTLP
//! over HTTP and send OTLP over HTTP to the same sink. The result is the processor time per span of
//! each.
//!
//! `LAMPLIGHT_ROTEL=path/of/rotel-agent cargo bench -p lamplight-relay --bench beside_rotel` runs
//! the benchmark; without the variable it prints a note and exits. Nothing is installed: `pip
//! install rotel==0.0.1a15` provides the program, the newest on PyPI; rotel's own releases are
//! newer.
//!
//! Every program is a separate process on the first processor (if `taskset` is available). It
//! receives all spans over two connections, each of which waits for the response before it sends
//! the next request, and the sink counts the spans. The result is `utime + stime` of the process,
//! without its start. Both keep every span. Both compress with gzip, since this version of rotel
//! does so over HTTP even if configured otherwise. A separate row shows the relay without
//! compression, which takes about a quarter of its time. For rotel it cannot be separated.
//!
//! The relay reads streams and has no receiver. This benchmark adds one of a few lines, which
//! treats each `ResourceSpans` of a request as a record. The relay holds every trace for a second
//! to decide it as a whole, which rotel, a forwarder, does not do. With redaction, it also searches
//! for card numbers, email addresses and credentials.
//!
//! [rotel]: https://github.com/streamfold/rotel

// A benchmark fails by panicking.
#![allow(clippy::panic, clippy::unwrap_used)]

#[allow(dead_code)]
#[path = "../relay/corpus.rs"]
mod corpus;
mod http;
mod relay;
#[allow(dead_code)]
#[path = "../relay/rules.rs"]
mod rules;

use std::{
    env, fs,
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;

use self::corpus::Corpus;

/// Number of records, number of records per request, and number of measurements of each program.
const RECORDS: u32 = 40_000;
const A_REQUEST: usize = 100;
const ROUNDS: usize = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["--sink", listens] => http::sink(listens),
        ["--relay", listens, sink, mode] => relay::run(listens, sink, mode),
        _ => {}
    }
    let Ok(rotel) = env::var("LAMPLIGHT_ROTEL") else {
        println!("LAMPLIGHT_ROTEL is not set: nothing to be beside of");
        return ExitCode::SUCCESS;
    };
    let records = if arguments.contains(&"--test") {
        2_000
    } else {
        RECORDS
    };
    let corpus = Corpus::new(records);
    println!("{corpus}; {A_REQUEST} records a request");
    let programs = [
        ("rotel", Program::Rotel(rotel)),
        ("relay", Program::Relay("gzip")),
        ("relay, redacting", Program::Relay("redact")),
        ("relay, no gzip", Program::Relay("plain")),
    ];
    println!(
        "{:<18}{:>14}{:>16}{:>14}{:>12}",
        "", "µs CPU/span", "spans/s/core", "wall, s", "max RSS, MB"
    );
    for _ in 0..ROUNDS {
        for (name, program) in &programs {
            let run = measure(program, &corpus);
            println!(
                "{name:<18}{:>14.3}{:>16.0}{:>14.2}{:>12.0}",
                run.processor * 1e6 / corpus.spans as f64,
                corpus.spans as f64 / run.processor,
                run.wall,
                run.memory,
            );
        }
    }
    ExitCode::SUCCESS
}

enum Program {
    Rotel(String),
    Relay(&'static str),
}

impl Program {
    /// Returns the command that listens at one address and sends to the other.
    fn command(&self, listens: SocketAddr, sink: SocketAddr) -> Command {
        let mut command = pinned();
        match self {
            Self::Rotel(path) => {
                let (pid, log) = (file("rotel.pid"), file("rotel.log"));
                command.arg(path).args([
                    "start",
                    "--exporter",
                    "otlp",
                    "--otlp-exporter-protocol",
                    "http",
                    "--otlp-exporter-endpoint",
                    &format!("http://{sink}"),
                    "--otlp-http-endpoint",
                    &listens.to_string(),
                    "--otlp-grpc-endpoint",
                    &free().to_string(),
                    "--pid-file",
                    &pid,
                    "--log-file",
                    &log,
                ]);
            }
            Self::Relay(mode) => {
                command.arg(env::current_exe().unwrap()).args([
                    "--relay",
                    &listens.to_string(),
                    &sink.to_string(),
                    mode,
                ]);
            }
        }
        command
    }
}

fn file(name: &str) -> String {
    let name = format!("lamplight-{}-{name}", std::process::id());
    env::temp_dir().join(name).to_str().unwrap().to_owned()
}

/// Returns a command that runs its arguments on the first processor.
fn pinned() -> Command {
    let has = Command::new("taskset").arg("--version").output().is_ok();
    let mut command = Command::new(if has { "taskset" } else { "env" });
    if has {
        command.args(["-c", "0"]);
    }
    for proxy in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(proxy);
    }
    command
}

/// A process that ends when this is dropped.
struct Process(Child);

impl Process {
    fn start(command: &mut Command, listens: SocketAddr) -> Self {
        let command = command.stdin(Stdio::null()).stdout(Stdio::null());
        let process = Self(command.spawn().unwrap());
        let start = Instant::now();
        while TcpStream::connect(listens).is_err() {
            assert!(start.elapsed() < Duration::from_secs(60), "{command:?}");
            thread::sleep(Duration::from_millis(20));
        }
        process
    }

    /// Returns the processor time used by the process, in seconds.
    fn processor(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        // After the name, which may contain any characters.
        let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
        let ticks = fields.skip(11).take(2).map(|it| it.parse::<f64>().unwrap());
        // USER_HZ is 100 on all Linux systems.
        ticks.sum::<f64>() / 100.0
    }

    /// Returns the maximum memory used by the process, in MB.
    fn memory(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM"));
        let kilobytes = line.unwrap().split_whitespace().nth(1).unwrap();
        kilobytes.parse::<f64>().unwrap() / 1000.0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Run {
    processor: f64,
    wall: f64,
    memory: f64,
}

fn measure(program: &Program, corpus: &Corpus) -> Run {
    let (listens, to) = (free(), free());
    let mut sink = Command::new(env::current_exe().unwrap());
    let sink = Process::start(sink.args(["--sink", &to.to_string()]), to);
    let process = Process::start(&mut program.command(listens, to), listens);
    // The process is ready; lines it writes at its start do not count for spans.
    thread::sleep(Duration::from_millis(300));
    let (before, start) = (process.processor(), Instant::now());
    let requests: Vec<Bytes> = corpus
        .payloads()
        .chunks(A_REQUEST)
        .map(|records| records.concat().into())
        .collect();
    let halves = requests.split_at(requests.len() / 2);
    thread::scope(|scope| {
        for half in [halves.0, halves.1] {
            scope.spawn(move || {
                let mut connection = http::Connection::open(listens);
                for body in half {
                    assert_eq!(connection.post("/v1/traces", body), 200);
                }
            });
        }
    });
    let mut arrived = 0;
    while arrived < corpus.spans {
        assert!(
            start.elapsed() < Duration::from_secs(300),
            "{arrived} of {} spans have arrived",
            corpus.spans
        );
        thread::sleep(Duration::from_millis(50));
        arrived = http::Connection::open(to).count();
    }
    assert_eq!(arrived, corpus.spans, "nothing arrives twice");
    let run = Run {
        processor: process.processor() - before,
        wall: start.elapsed().as_secs_f64(),
        memory: process.memory(),
    };
    drop((process, sink));
    run
}

/// Returns an unused address.
fn free() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}
