//! The cost of a span around an AWS SDK call.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::{
    bench::Bench,
    error::{Error, Result},
    process, rivals,
    section::{Section, Table, least, reason, thousands},
    stats::Spread,
};

/// The crates with a program `sdk_call`.
const CRATES: [&str; 2] = ["lamplight-sdk", "awssdk-instrumentation-sdk"];

/// The calls, each with whether it can carry context.
const CASES: [(&str, &str, bool); 3] = [
    ("GetItem", "DynamoDB, which carries no context.", false),
    ("SendMessage", "SQS, one message.", true),
    ("PutEvents", "EventBridge, one event of 2 KB.", true),
];

/// The name of the client without instrumentation in the programs.
const WITHOUT: &str = "without";

/// The number of calls in the two runs under callgrind; both include the start-up.
const FEW: u64 = 20;
const MANY: u64 = 120;

/// One instrumentation of calls.
struct Subject {
    name: String,
    program: PathBuf,
    /// One for each of [`CASES`].
    costs: Vec<Cost>,
}

#[derive(Default)]
struct Cost {
    allocations: f64,
    bytes: f64,
    instructions: Option<f64>,
    nanos: Vec<f64>,
    carries: bool,
}

pub(crate) fn measure(bench: &Bench) -> Result<Section> {
    let mut notes = String::new();
    let mut subjects = Vec::new();
    for folder in CRATES {
        match build(bench, folder).and_then(|program| counted(&program)) {
            Ok(counted) => subjects.extend(counted),
            Err(error) => {
                let reason = reason(bench, error);
                let _ = writeln!(notes, "\n`{folder}` is not measured: {reason}.");
            }
        }
    }
    let valgrind = lamplight_test_rig::callgrind::is_installed();
    if valgrind {
        bench.say("sdk: instructions");
        count_instructions(&mut subjects)?;
    }
    for round in 0..bench.rounds() {
        bench.say(format_args!(
            "sdk, round {} of {}",
            round + 1,
            bench.rounds()
        ));
        for subject in &mut subjects {
            for (cost, line) in
                subject
                    .costs
                    .iter_mut()
                    .zip(lines(&subject.program, "time", &subject.name)?)
            {
                cost.nanos.push(number(&line, "nanoseconds")?);
            }
        }
    }
    let mut text = about(valgrind, bench.rounds());
    for (place, (case, about, carrier)) in CASES.into_iter().enumerate() {
        let _ = write!(
            text,
            "\n### `{case}`\n\n{about}\n\n{}",
            table(&subjects, place, carrier)
        );
    }
    Ok(Section {
        title: "AWS SDK calls",
        text: text + &notes,
        ..Section::default()
    })
}

fn about(valgrind: bool, rounds: usize) -> String {
    let instructions = if valgrind {
        "Instructions are callgrind's."
    } else {
        "Instructions were not counted: valgrind is not installed."
    };
    format!(
        "The additional cost of a call of the AWS SDK with a span around it; a client in memory \
         answers, and the exporter drops everything. *Context* shows whether the sent message \
         carries the caller's context, which is part of the work. `awssdk-instrumentation` has \
         two backends. {instructions} Time is the difference between two medians of 500 calls in \
         the same round: the median of {rounds} interleaved rounds, with minimum and maximum, and \
         `~` if they differ much.\n"
    )
}

fn build(bench: &Bench, folder: &str) -> Result<PathBuf> {
    if bench.options.leaves_out(folder) {
        return Err("left out of this run with `--without`".into());
    }
    let path = bench.root.join("benches/rivals").join(folder);
    let target = bench.target.join("rivals");
    let mut cargo = process::cargo(&path, &target);
    cargo.args(["build", "--release", "--quiet"]);
    rivals::lock(&mut cargo, folder);
    bench.build(folder, || process::succeed(&mut cargo))?;
    Ok(target.join(format!("release/{folder}-sdk_call")))
}

/// Returns everything that a program can measure, with its counts. The first one is the client without
/// instrumentation.
fn counted(program: &Path) -> Result<Vec<Subject>> {
    let output = process::output(Command::new(program).arg("subjects"))?;
    let names = String::from_utf8_lossy(&output.stdout);
    let names = std::iter::once(WITHOUT).chain(names.lines());
    names
        .map(|name| {
            let cost = |line: Value| {
                Ok(Cost {
                    allocations: number(&line, "allocations")?,
                    bytes: number(&line, "bytes")?,
                    carries: line.get("carries").and_then(Value::as_bool) == Some(true),
                    ..Cost::default()
                })
            };
            Ok(Subject {
                name: name.to_owned(),
                program: program.to_owned(),
                costs: lines(program, "count", name)?
                    .into_iter()
                    .map(cost)
                    .collect::<Result<_>>()?,
            })
        })
        .collect()
}

/// Counts do not depend on other work, so all cores may be used.
fn count_instructions(subjects: &mut [Subject]) -> Result<()> {
    let counted = std::thread::scope(|scope| {
        let threads: Vec<_> = subjects
            .iter()
            .map(|subject| {
                scope.spawn(move || {
                    let each = CASES.iter().map(|(case, ..)| instructions(subject, case));
                    each.collect::<Result<Vec<f64>>>()
                        .map_err(|error| error.to_string())
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| "counting failed".to_owned())?)
            .collect::<Result<Vec<Vec<f64>>, String>>()
    })?;
    for (subject, counted) in subjects.iter_mut().zip(counted) {
        for (cost, counted) in subject.costs.iter_mut().zip(counted) {
            cost.instructions = Some(counted);
        }
    }
    Ok(())
}

fn instructions(subject: &Subject, case: &str) -> Result<f64> {
    let run = |calls: u64| {
        let mut command = Command::new(&subject.program);
        command.args(["repeat", &subject.name, case, &calls.to_string()]);
        process::instructions(&command)
    };
    Ok(run(MANY)?.saturating_sub(run(FEW)?) as f64 / (MANY - FEW) as f64)
}

fn table(subjects: &[Subject], place: usize, carrier: bool) -> String {
    let mut table = Table::new(&["", "context", "allocations", "bytes", "instructions", "µs"]);
    let mut bare: Option<&Cost> = None;
    let mut first: Option<&Cost> = None;
    let mut rows = Vec::new();
    for subject in subjects {
        let Some(cost) = subject.costs.get(place) else {
            continue;
        };
        // Each is compared with the client of its own build.
        if subject.name == WITHOUT {
            bare = Some(cost);
            first.get_or_insert(cost);
        } else if let Some(bare) = bare {
            rows.push((subject.name.as_str(), cost, bare));
        }
    }
    for (name, cost, bare) in &rows {
        let instructions = cost.instructions.zip(bare.instructions);
        let rounds = cost.nanos.iter().zip(&bare.nanos);
        let nanos: Vec<f64> = rounds.map(|(cost, bare)| cost - bare).collect();
        table.row(&[
            (*name).to_owned(),
            match (carrier, cost.carries) {
                (false, _) => "–".to_owned(),
                (true, true) => "sent".to_owned(),
                (true, false) => "**not sent**".to_owned(),
            },
            thousands(cost.allocations - bare.allocations),
            thousands(cost.bytes - bare.bytes),
            instructions.map_or("–".to_owned(), |(cost, bare)| thousands(cost - bare)),
            format!("{:.1}", Spread::of(&nanos).scaled(0.001)),
        ]);
    }
    let mut text = table.finish();
    if let Some(bare) = first {
        let instructions = bare.instructions.map_or(String::new(), |count| {
            format!(", {} instructions", thousands(count))
        });
        let _ = writeln!(
            text,
            "\nThe call itself: {} allocations, {} bytes{instructions}, {:.1} µs.",
            thousands(bare.allocations),
            thousands(bare.bytes),
            Spread::of(&bare.nanos).scaled(0.001),
        );
    }
    text + &winners(&rows)
}

/// Returns the best in each column.
fn winners(rows: &[(&str, &Cost, &Cost)]) -> String {
    let best = |what, by: fn(&Cost) -> Option<f64>| {
        let added = |cost, bare| Some(by(cost)? - by(bare)?);
        let values = rows
            .iter()
            .map(|(name, cost, bare)| (*name, added(cost, bare)));
        least(what, values)
    };
    let mut text = String::from("\n");
    text += best("Fewest allocations", |cost| Some(cost.allocations)).trim_start();
    text += &best("Fewest bytes", |cost| Some(cost.bytes));
    text += &best("Fewest instructions", |cost| cost.instructions);
    text += &best("Least time", |cost| Some(Spread::of(&cost.nanos).median));
    text + "\n"
}

/// The JSON objects that a program prints, one for each of [`CASES`].
fn lines(program: &Path, mode: &str, name: &str) -> Result<Vec<Value>> {
    let output = process::output(Command::new(program).args([mode, name]))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let lines = said.lines().zip(CASES).map(|(line, (case, ..))| {
        let line: Value = serde_json::from_str(line)?;
        if line.get("case").and_then(Value::as_str) != Some(case) {
            return Err(format!("no {case}: {line}").into());
        }
        Ok(line)
    });
    lines.collect()
}

fn number(value: &Value, name: &str) -> Result<f64> {
    let number = value.get(name).and_then(Value::as_f64);
    number.ok_or_else(|| Error::from(format!("no {name} in {value}")))
}
