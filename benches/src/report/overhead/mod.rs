//! The cost of an invocation with each rival, in one process, without a network.

mod cost;
mod tables;

use std::{fmt::Write, net::SocketAddr, path::PathBuf, process::Command};

use lamplight_semconv as semconv;
use serde_json::Value;

use crate::{
    bench::Bench,
    error::{Error, Result},
    extensions, process,
    rivals::{self, LAMBDA, Variant},
    section::{Section, reason},
};
use cost::Cost;
use tables::{budgets, plots, table, winners};

struct Scenario {
    /// Its name in the rivals' programs.
    name: &'static str,
    title: &'static str,
    about: &'static str,
    /// The number of invocations in the shorter run under callgrind; the longer one has five times as many.
    counted: u64,
}

const SCENARIOS: [Scenario; 5] = [
    Scenario {
        name: "api-gateway-18",
        title: "API Gateway v2, 18 attributes",
        about: "All candidates must record the same eighteen attributes. Those that a rival does not \
         record itself are added by its handler, as constants, in the way shown in the rival's \
         README.",
        counted: 40,
    },
    Scenario {
        name: "api-gateway",
        title: "API Gateway v2, as it comes",
        about: "The handler adds nothing: there is less work if fewer attributes are recorded, or if the \
         caller's trace is not continued.",
        counted: 40,
    },
    Scenario {
        name: "sqs-records",
        title: "SQS, ten messages, a span for each",
        about: "Each message is handled in a span that continues the message's own trace. Only Lamplight \
         creates such spans, so the other handlers create them by hand with `tracing`, with six \
         attributes; Lamplight's also have links, status and the queue's latency.",
        counted: 16,
    },
    Scenario {
        name: "sqs",
        title: "SQS, ten messages, one span",
        about: "Only the invocation's span.",
        counted: 16,
    },
    Scenario {
        name: "direct",
        title: "Direct invoke",
        about: "A small JSON payload, as it comes.",
        counted: 40,
    },
];

/// The attributes that every span must have in the scenario with eighteen attributes.
const EIGHTEEN: [&str; 18] = [
    semconv::http::request::METHOD,
    semconv::http::ROUTE,
    semconv::http::response::STATUS_CODE,
    semconv::url::PATH,
    semconv::url::QUERY,
    semconv::url::SCHEME,
    semconv::client::ADDRESS,
    semconv::server::ADDRESS,
    semconv::server::PORT,
    semconv::user_agent::ORIGINAL,
    semconv::network::protocol::NAME,
    semconv::network::protocol::VERSION,
    semconv::faas::TRIGGER,
    semconv::faas::INVOCATION_ID,
    semconv::faas::COLDSTART,
    semconv::aws::lambda::INVOKED_ARN,
    semconv::cloud::RESOURCE_ID,
    semconv::cloud::account::ID,
];

/// The trace in the events with one caller.
const CALLER: &str = "0af7651916cd43dd8448eb211c80319c";

/// One rival in one mode.
struct Entry {
    program: PathBuf,
    variant: Variant,
    /// True if it reads the event.
    extracts: bool,
}

pub(crate) fn measure(bench: &Bench) -> Result<Section> {
    let api = extensions::serve()?;
    let entries: Vec<Entry> = rivals::all(bench)
        .built
        .iter()
        .filter(|built| built.has("overhead"))
        .flat_map(|built| {
            built.rival.variants.iter().map(|variant| Entry {
                program: built.program("overhead"),
                variant: *variant,
                extracts: !["bare", "aws-layer", "awssdk-instrumentation"]
                    .contains(&built.rival.folder),
            })
        })
        .collect();
    let valgrind = lamplight_test_rig::callgrind::is_installed();
    let mut section = Section {
        title: "Per invocation",
        text: about(valgrind, bench.rounds()),
        ..Section::default()
    };
    for scenario in &SCENARIOS {
        bench.say(format_args!("overhead: {}", scenario.title));
        let (costs, absent) = costs(bench, scenario, &entries, api, valgrind)?;
        let (bare, others) = costs.split_first().ok_or("nobody to measure")?;
        let _ = write!(
            section.text,
            "\n### {}\n\n{}\n\n",
            scenario.title, scenario.about
        );
        section.text += &table(bare, others);
        section.text += &winners(bare, others);
        for reason in absent {
            let _ = writeln!(section.text, "\nNot measured: {reason}.");
        }
        if scenario.name == "api-gateway-18" {
            section.budgets = budgets(bare, others);
            section.plots = plots(bare, others);
        }
    }
    Ok(section)
}

fn about(valgrind: bool, rounds: usize) -> String {
    let instructions = if valgrind {
        "*Instructions* are counted by callgrind for all threads: a long run minus a short one."
    } else {
        "*Instructions* were not counted: valgrind is not installed."
    };
    format!(
        "The cost of an invocation compared with the same one without telemetry, in one process \
         on one thread, with the services of `lambda_runtime` but without its network. The \
         exporter drops everything. The event's bytes, its deserialization and the handler are \
         the same for all, and an invocation ends when its spans have been passed to the \
         exporter.\n\n\
         * *attributes*: those of the invocation's span, and after the `+` those that `tracing` \
         adds by itself, such as source file and thread.\n\
         * *trace*: the trace of that span: the caller's, which is in the event, X-Ray's, or a \
         new one; links refer to the contexts of the messages.\n\
         * *allocations*, *bytes*: of all threads; they repeat exactly. {instructions}\n\
         * *CPU*: the processor time of all threads, as the median of {rounds} interleaved \
         rounds, with minimum and maximum. The ratio refers to the bare invocation of the same \
         round. *wall*: the additional duration of the invocation. `~` marks a figure disturbed \
         by other work on the machine.\n"
    )
}

fn costs(
    bench: &Bench,
    scenario: &Scenario,
    entries: &[Entry],
    api: SocketAddr,
    valgrind: bool,
) -> Result<(Vec<Cost>, Vec<String>)> {
    let mut costs = Vec::new();
    let mut absent = Vec::new();
    let mut measured = Vec::new();
    for entry in entries {
        match counted(entry, scenario, api) {
            Ok(cost) => {
                costs.push(cost);
                measured.push(entry);
            }
            // Without it, there is nothing to compare with.
            Err(error) if entry.variant.title == "bare" => return Err(error),
            Err(error) => {
                let reason = reason(bench, error);
                absent.push(format!("{}, {reason}", entry.variant.title));
            }
        }
    }
    let entries = measured;
    if valgrind {
        // Counts do not depend on other work, so all cores may be used.
        let counted = std::thread::scope(|scope| {
            let counting: Vec<_> = entries
                .iter()
                .map(|entry| {
                    scope.spawn(move || {
                        instructions(entry, scenario, api).map_err(|e| e.to_string())
                    })
                })
                .collect();
            counting
                .into_iter()
                .map(|thread| thread.join().map_err(|_| "counting failed".to_owned())?)
                .collect::<Result<Vec<f64>, String>>()
        })?;
        for (cost, counted) in costs.iter_mut().zip(counted) {
            cost.instructions = Some(counted);
        }
    }
    for round in 0..bench.rounds() {
        // The order rotates.
        for place in 0..entries.len() {
            let place = (place + round) % entries.len();
            let (Some(cost), Some(entry)) = (costs.get_mut(place), entries.get(place)) else {
                continue;
            };
            let time = process::json(command(entry, scenario, api).arg("time"))?;
            cost.wall.push(number(&time, "wall")?);
            cost.cpu.push(number(&time, "cpu")?);
        }
    }
    Ok((costs, absent))
}

/// Returns the counts of one entry, without times and instructions.
fn counted(entry: &Entry, scenario: &Scenario, api: SocketAddr) -> Result<Cost> {
    let run = |mode: &[&str]| process::json(command(entry, scenario, api).args(mode));
    let spans = run(&["spans"])?;
    let count = run(&["count"])?;
    let invocation = invocation_span(&spans);
    let keys: Vec<&str> = invocation
        .and_then(|span| span.get("attributes")?.as_array())
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if scenario.name == "api-gateway-18" && entry.variant.title != "bare" {
        let missing = EIGHTEEN.iter().find(|key| !keys.contains(*key));
        if let Some(missing) = missing {
            return Err(format!("its span has no `{missing}`").into());
        }
    }
    let junk = keys.iter().filter(|key| is_junk(key)).count();
    Ok(Cost {
        title: entry.variant.title,
        extracts: entry.extracts,
        spans: number(&count, "spans")?,
        attributes: keys.len() - junk,
        junk,
        trace: invocation.map_or_else(String::new, connection),
        allocations: number(&count, "allocations")?,
        bytes: number(&count, "bytes")?,
        instructions: None,
        wall: Vec::new(),
        cpu: Vec::new(),
    })
}

fn command(entry: &Entry, scenario: &Scenario, api: SocketAddr) -> Command {
    let mut command = Command::new(&entry.program);
    command
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("AWS_LAMBDA_RUNTIME_API", api.to_string())
        .envs(LAMBDA)
        .envs(entry.variant.env.iter().copied())
        .arg(scenario.name);
    command
}

/// Returns the instructions of one invocation: those of a long run minus those of a short one.
fn instructions(entry: &Entry, scenario: &Scenario, api: SocketAddr) -> Result<f64> {
    let (short, long) = (scenario.counted, 5 * scenario.counted);
    let run = |times: u64| {
        let mut command = command(entry, scenario, api);
        command.args(["invoke", &times.to_string()]);
        process::instructions(&command)
    };
    Ok((run(long)?.saturating_sub(run(short)?)) as f64 / (long - short) as f64)
}

/// Returns the span of the warm invocation, which ends last.
fn invocation_span(spans: &Value) -> Option<&Value> {
    spans.get("warm")?.as_array()?.last()
}

/// Returns the relation of a span to the caller's.
fn connection(span: &Value) -> String {
    let links = span.get("links").and_then(Value::as_u64).unwrap_or(0);
    let trace = span.get("trace").and_then(Value::as_str);
    match span.get("remote_parent") {
        Some(Value::Bool(true)) if trace == Some(CALLER) => "the caller's".to_owned(),
        Some(Value::Bool(true)) => "X-Ray's".to_owned(),
        _ if links > 0 => format!("{links} links"),
        _ => "new".to_owned(),
    }
}

/// Returns whether `tracing` adds this attribute to every span.
fn is_junk(key: &str) -> bool {
    key.starts_with("code.")
        || key.starts_with("thread.")
        || ["busy_ns", "idle_ns", "target", "level"].contains(&key)
}

fn number(value: &Value, name: &str) -> Result<f64> {
    let number = value.get(name).and_then(Value::as_f64);
    number.ok_or_else(|| Error::from(format!("no {name} in {value}")))
}
