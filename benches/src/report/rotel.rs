//! A collector beside the function, for comparison: the agent of `rotel`, from its Python package.

use std::{path::Path, time::Duration};

use crate::{
    bench::Bench,
    completeness,
    error::Result,
    functions::{
        COLLECTOR,
        collector::{Agent, VERSION, install},
    },
    section::{Section, Table},
    stats::Spread,
};

pub(crate) fn measure(bench: &Bench) -> Result<Section> {
    let about = format!(
        "The alternative that spares the caller from waiting is a collector as a separate process \
         beside the function, such as `rotel` {VERSION}. Its Lambda extension is in no package \
         registry, so this is the agent of its Python package, which is not informed of the end \
         of an invocation. With `lambda_runtime`'s layer, it is a row of the [latency \
         table](#latency-the-caller-sees). The table shows the cost before the first span can be \
         passed to it, in addition to that of a function that exports to it.\n\n"
    );
    let measured = match install(bench) {
        Ok(agent) => table(bench, &agent)? + &failing(bench),
        Err(reason) => format!("Not measured: {reason}\n"),
    };
    Ok(Section {
        title: "A collector beside the function",
        text: about + &measured,
        ..Section::default()
    })
}

/// Returns the fate of the spans if their destination fails.
fn failing(bench: &Bench) -> String {
    let name = COLLECTOR.name;
    if !bench.options.wants_function(name) {
        return String::new();
    }
    match COLLECTOR.build(bench) {
        Ok(built) => format!(
            "\n\
             Frozen with the failing sink of the last question under \
             [Completeness](#completeness), `{name}`: every span arrives, {}.\n",
            completeness::frozen_cell(&COLLECTOR, &built),
        ),
        Err(error) => format!("\n{name} does not build: {error}.\n"),
    }
}

fn table(bench: &Bench, agent: &Path) -> Result<String> {
    let (mut ready, mut cpu, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.rounds() {
        let start = start(agent)?;
        ready.push(start.ready.as_secs_f64() * 1e3);
        cpu.push(start.cpu_ms);
        memory.push(start.megabytes);
    }
    let mut table = Table::new(&[
        "",
        "ready, ms",
        "CPU until then, ms",
        "memory, MB",
        "binary, MB",
    ]);
    let binary = std::fs::metadata(agent)?.len() as f64 / 1e6;
    table.row(&[
        "rotel-agent".to_owned(),
        format!("{:.0}", Spread::of(&ready)),
        format!("{:.0}", Spread::of(&cpu)),
        format!("{:.1}", Spread::of(&memory)),
        format!("{binary:.1}"),
    ]);
    Ok(table.finish())
}

struct Start {
    ready: Duration,
    cpu_ms: f64,
    megabytes: f64,
}

/// Starts the agent, and ends it as soon as it accepts spans.
fn start(program: &Path) -> Result<Start> {
    let agent = Agent::start(program, None)?;
    let id = agent.id();
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    Ok(Start {
        ready: agent.ready,
        cpu_ms: cpu_ms(&stat).unwrap_or(f64::NAN),
        megabytes: megabytes(&status).unwrap_or(f64::NAN),
    })
}

/// Processor time of `/proc/PID/stat`, which counts it in hundredths of a second.
fn cpu_ms(stat: &str) -> Option<f64> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    let mut fields = behind_name.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) * 10.0)
}

/// Resident memory of `/proc/PID/status`.
fn megabytes(status: &str) -> Option<f64> {
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}
