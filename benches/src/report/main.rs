//! `cargo bench-report`: builds the rivals, measures all of them side by side on this machine, and writes
//! `benches/REPORT.md` with its plots. See `benches/README.md`.

mod bench;
mod cold_start;
mod completeness;
mod context;
mod encoder;
mod error;
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

use std::{process::ExitCode, time::Instant};

use bench::{Bench, Options};
use error::Result;
use section::Section;

/// A function that measures one section.
type Measure = fn(&Bench) -> Result<Section>;
const SECTIONS: [(&str, Measure); 8] = [
    ("overhead", overhead::measure),
    ("context", context::measure),
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
    let bench = Bench::new(options)?;
    let mut sections = Vec::new();
    let mut failed = Vec::new();
    for (name, measure) in SECTIONS {
        if bench.options.wants(name) {
            bench.say(format_args!("== {name}"));
            let start = Instant::now();
            // The other sections are still measured.
            sections.push(measure(&bench).unwrap_or_else(|error| {
                failed.push(format!("{name}: {error}"));
                Section::failed(&bench, name, error)
            }));
            bench.say(format_args!("== {name}: {} s", start.elapsed().as_secs()));
        }
    }
    write::report(&bench, &sections)?;
    if failed.is_empty() {
        return Ok(());
    }
    Err(failed.join("\n").into())
}
