//! The cost of the whole relay except its I/O: records of a shard go into the core; decided traces
//! come out, are cleaned, and are encoded as requests.
//!
//! `cargo bench -p lamplight-relay --bench relay` prints spans per second and core, by the
//! processor time of one thread: the maximum of several rounds, since other processes may run at
//! the same time. Stream time advances as for a shard at its maximum write rate, so that 30 s of
//! records are undecided at any time, and every five seconds checkpoints and the log are taken as
//! for saving.
//!
//! | after the `--` | |
//! |---|---|
//! | part of a name | only these cases |
//! | `--instructions` | counts instructions, which do not depend on the load of the machine; needs `valgrind` |
//! | `--memory` | prints the memory of an undecided trace in addition to the bytes of its records, and the memory of a function with a shard's largest batch |
//! | `--check` | fails if a goal is missed |

// A benchmark fails by panicking.
#![allow(clippy::panic, clippy::unwrap_used)]

mod corpus;
mod memory;
mod rules;

use std::{
    env, fs,
    hint::black_box,
    process::{Command, ExitCode},
    sync::Arc,
};

use lamplight_relay::{
    clean::{
        Chunk, Cleaner, CleanerBuilder, DEFAULT_MAX_REQUEST, EventPolicy, Oversized, ValueSet,
        requests,
    },
    engine::{RecordNumber, Settings},
    metrics,
    record::{ShardId, StreamTime},
    relay::{Core, Delivery, Lane},
    rules::Rules,
};
use lamplight_test_rig::callgrind;

use self::corpus::Corpus;

/// A measured case, and its goal in spans per second.
struct Case {
    name: &'static str,
    /// `None` measures the cost of creating the records, which is subtracted.
    core: Option<fn() -> Core>,
    goal: f64,
}

const CASES: [Case; 4] = [
    Case {
        name: "decide only",
        core: Some(|| core(rules::none_kept(), Cleaner::builder(), false)),
        goal: 1.2e6,
    },
    Case {
        name: "full path, 9 % kept",
        core: Some(|| core(rules::ten_rules(), redact(), false)),
        goal: 0.0,
    },
    Case {
        name: "full path, all kept",
        core: Some(|| core(rules::all_kept(), redact(), false)),
        goal: 0.5e6,
    },
    Case {
        name: "full path and metrics",
        core: Some(|| core(rules::all_kept(), redact(), true)),
        goal: 0.0,
    },
];

const NOTHING: Case = Case {
    name: "nothing",
    core: None,
    goal: 0.0,
};

fn redact() -> CleanerBuilder {
    Cleaner::builder()
        .events(EventPolicy::Exceptions)
        .values(ValueSet::CardNumbers)
        .values(ValueSet::Emails)
        .values(ValueSet::Tokens)
        .max_value_bytes(4096)
}

fn core(rules: Rules, cleaner: CleanerBuilder, measures: bool) -> Core {
    let meter = measures.then(metrics::Settings::default);
    let cleaner = cleaner.build().unwrap();
    let (rules, lanes) = (Arc::new(rules), vec![Lane::all()]);
    Core::new(Settings::default(), rules, meter, cleaner, lanes)
}

/// A core, and its input.
struct Bench {
    core: Option<Core>,
    shard: ShardId,
    corpus: Corpus,
    round: u64,
    chunks: Vec<Chunk>,
    bytes: usize,
    numbers: Vec<RecordNumber>,
    kept: u64,
    sent: usize,
}

impl Bench {
    fn new(case: &Case, corpus: Corpus) -> Self {
        let shard = ShardId::new("shardId-000000000000");
        let mut core = case.core.map(|core| core());
        if let Some(core) = &mut core {
            core.open(shard.clone(), None, &[] as &[&[u8]]).unwrap();
        }
        Self {
            core,
            shard,
            corpus,
            round: 0,
            chunks: Vec::new(),
            bytes: 0,
            numbers: Vec::new(),
            kept: 0,
            sent: 0,
        }
    }

    /// Relays all records once, and returns the nanoseconds of this thread. A round begins when the
    /// decisions of the previous one are forgotten.
    fn round(&mut self) -> u64 {
        let records = self.corpus.records(self.round * 7_200_000);
        self.round += 1;
        let Some(mut core) = self.core.take() else {
            black_box(records);
            return 0;
        };
        let start = processor_time();
        let mut saved = 0;
        for record in records {
            let now = record.arrival;
            let second = now.as_millis() / 5000;
            core.push(&self.shard, record);
            self.deliver(&mut core, now);
            if second != saved {
                saved = second;
                black_box(core.checkpoints());
                while !black_box(core.decisions(&self.shard)).is_empty() {}
            }
        }
        let end = StreamTime::from_millis(self.round * 7_200_000 - 3_600_000);
        core.advance(&self.shard, end);
        self.deliver(&mut core, end);
        self.send(&mut core);
        let time = processor_time() - start;
        assert_eq!(core.shard_stats().first().unwrap().records, 0);
        self.core = Some(core);
        time
    }

    fn deliver(&mut self, core: &mut Core, now: StreamTime) {
        for window in core.windows(&self.shard, now) {
            self.sent += window.requests.iter().map(bytes::Bytes::len).sum::<usize>();
            core.metered(&self.shard, window.end);
        }
        while let Some(delivery) = core.next() {
            let Delivery::Trace(trace) = delivery else {
                panic!("{delivery:?}");
            };
            self.numbers.extend(trace.numbers);
            for chunk in trace.parts.into_iter().flat_map(|(_, chunks)| chunks) {
                self.bytes += chunk.len();
                self.kept += chunk.count as u64;
                self.chunks.push(chunk);
            }
            if self.bytes > DEFAULT_MAX_REQUEST {
                self.send(core);
            }
        }
    }

    /// Makes requests of the available data, as if they were accepted at once.
    fn send(&mut self, core: &mut Core) {
        let made = requests(&self.chunks, DEFAULT_MAX_REQUEST, Oversized::CutDown);
        let bodies = made.requests.iter().map(|request| request.body.len());
        self.sent += bodies.sum::<usize>();
        black_box(made);
        self.chunks.clear();
        self.bytes = 0;
        self.numbers
            .drain(..)
            .for_each(|number| core.settle(number));
    }
}

/// Returns the processor time of this thread, in nanoseconds.
fn processor_time() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    if let [flag, name, rounds] = arguments.as_slice()
        && flag == "--run"
    {
        run(name, rounds.parse().unwrap());
        return ExitCode::SUCCESS;
    }
    if memory::is_child(&arguments) || has("--memory") {
        return memory::main(&arguments, has("--check"));
    }
    let parts: Vec<_> = arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let cases = CASES.iter().filter(|case| {
        parts.is_empty() || parts.iter().any(|part| case.name.contains(part.as_str()))
    });
    let corpus = Corpus::new(corpus::RECORDS);
    println!("{corpus}");
    let counts = has("--instructions");
    let base = counts.then(|| instructions(&NOTHING));
    let mut missed = Vec::new();
    for case in cases {
        match base {
            Some(base) => {
                let a_span = (instructions(case) - base) / Corpus::new(corpus::FEW).spans as f64;
                println!("{:<24}{a_span:>10.0} instructions/span", case.name);
            }
            None => {
                let reached = measure(case, has("--test"));
                if reached < case.goal {
                    missed.push(case.name);
                }
            }
        }
    }
    if has("--check") && !missed.is_empty() {
        eprintln!("below the goal: {}", missed.join("; "));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Prints and returns the spans per second of the fastest round.
fn measure(case: &Case, quick: bool) -> f64 {
    let mut bench = Bench::new(case, Corpus::new(corpus::RECORDS));
    let rounds = if quick { 1 } else { 12 };
    let fastest = (0..rounds).map(|_| bench.round()).min().unwrap();
    let spans = bench.corpus.spans as f64;
    let all = spans * f64::from(rounds);
    let reached = spans * 1e9 / fastest as f64;
    println!(
        "{:<24}{reached:>12.0} spans/s/core{:>8.0} ns/span{:>8.1} % kept{:>8.0} bytes out/span",
        case.name,
        1e9 / reached,
        bench.kept as f64 / all * 100.0,
        bench.sent as f64 / all,
    );
    reached
}

fn run(name: &str, rounds: u64) {
    let case = CASES.iter().find(|case| case.name == name);
    let mut bench = Bench::new(case.unwrap_or(&NOTHING), Corpus::new(corpus::FEW));
    (0..rounds).for_each(|_| {
        bench.round();
    });
}

/// Returns the instructions of a round.
fn instructions(case: &Case) -> f64 {
    let command = |rounds: u64| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--run", case.name, &rounds.to_string()]);
        command
    };
    callgrind::difference(command, 1, 3).unwrap_or_else(|error| panic!("{error}"))
}
