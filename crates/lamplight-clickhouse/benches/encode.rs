//! The cost of encoding spans as blocks of ClickHouse.
//!
//! `cargo bench -p lamplight-clickhouse --bench encode [-- --check]` prints spans per second and core, by the
//! processor time of one thread, from OTLP to the bytes of a request: the fastest of several rounds, since
//! other processes may run at the same time. `--check` fails if the goal is missed.

// A benchmark fails by panicking.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::{env, fs, hint::black_box, io::Write as _, process::ExitCode};

use lamplight_clickhouse::TraceBlock;

#[path = "../../lamplight-relay/benches/decide/spans.rs"]
mod spans;

/// Traces of 3 to 6 spans, which are about as many spans as a block has by default.
const TRACES: u32 = 1_112;

/// Spans per second and core of uncompressed blocks.
const GOAL: f64 = 400_000.0;

const ROUNDS: usize = 60;

type Case = (&'static str, fn(Vec<u8>) -> Vec<u8>);

/// The compressions of requests, with the levels of the client.
const CASES: [Case; 3] = [
    ("none", |block| block),
    ("gzip", |block| {
        let level = flate2::Compression::fast();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
        encoder.write_all(&block).unwrap();
        encoder.finish().unwrap()
    }),
    ("zstd", |block| zstd::bulk::compress(&block, 1).unwrap()),
];

fn main() -> ExitCode {
    let records = spans::mixed(TRACES);
    let message: Vec<u8> = records.into_iter().flat_map(|it| it.payload).collect();
    let mut block = TraceBlock::default();
    let rows = block.push(&message).rows;
    println!(
        "{rows} spans of 18 attributes in a block, {} bytes of OTLP a span\n",
        message.len() / rows
    );
    println!("| compression | spans/s/core | ns/span | bytes/span |\n|---|---:|---:|---:|");
    let mut plain = 0.0;
    for (name, compress) in CASES {
        let mut bytes = 0;
        let round = |_| {
            let begin = processor_time();
            let mut block = TraceBlock::default();
            block.push(black_box(&message));
            bytes = black_box(compress(block.finish())).len();
            processor_time() - begin
        };
        let fastest = (0..ROUNDS).map(round).min().unwrap();
        let rate = rows as f64 * 1e9 / fastest as f64;
        if name == "none" {
            plain = rate;
        }
        println!(
            "| {name} | {rate:.0} | {:.0} | {} |",
            1e9 / rate,
            bytes / rows
        );
    }
    if env::args().any(|argument| argument == "--check") && plain < GOAL {
        eprintln!("below the goal of {GOAL} spans per second");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Returns the processor time of this thread, in nanoseconds.
fn processor_time() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}
