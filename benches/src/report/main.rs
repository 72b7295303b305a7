//! `cargo bench-report`: builds the rivals, measures all of them beside each other on this machine,
//! and writes `benches/REPORT.md` with its plots. See `benches/README.md`.

mod bench;
mod cold_start;
mod completeness;
mod encoder;
mod extensions;
mod functions;
mod latency;
mod machine;
mod overhead;
mod plot;
mod process;
mod rivals;
mod rotel;
mod sdk;
mod section;
mod stats;
mod wire;
mod write;

use bench::{Bench, Options};
use section::Section;
use std::process::ExitCode;
use std::time::Instant;

type Error = Box<dyn std::error::Error>;
type Result<T, E = Error> = std::result::Result<T, E>;

/// What is measured, in the order of the report.
type Measure = fn(&Bench) -> Result<Section>;
const SECTIONS: [(&str, Measure); 7] = [
    ("overhead", overhead::measure),
    ("sdk", sdk::measure),
    ("latency", latency::measure),
    ("cold-start", cold_start::measure),
    ("collector", rotel::measure),
    ("encoder", encoder::measure),
    ("completeness", completeness::measure),
];

fn main() -> ExitCode {
    match Options::from_args(SECTIONS.map(|(name, _)| name)).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-report: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<()> {
    let start = Instant::now();
    let bench = Bench::new(options)?;
    let built = start.elapsed();
    let mut sections = Vec::new();
    for (name, measure) in SECTIONS {
        if bench.options.wants(name) {
            bench.say(format_args!("== {name}"));
            let start = Instant::now();
            sections.push(measure(&bench)?);
            bench.say(format_args!("== {name}: {} s", start.elapsed().as_secs()));
        }
    }
    let took = (built, start.elapsed().saturating_sub(built));
    write::report(&bench, &sections, took)
}
