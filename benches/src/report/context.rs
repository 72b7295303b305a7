//! The cost of finding the context in an event, compared with the parsing that every function does anyway.

use std::{path::PathBuf, process::Command};

use crate::{
    bench::Bench,
    error::{Error, Result},
    process,
    section::{Budget, Section, Table, thousands},
};

/// Sizes of events, each with the name of its budget.
const SIZES: [(&str, &str, &str); 2] = [
    (
        "2 KB",
        "finding the context in a body of 2 KB, compared with parsing the typed event",
        "≤ 25 %",
    ),
    ("256 KB", "the same at 256 KB", "≤ 15 %"),
];

/// A line of the bench's output.
struct Case {
    event: String,
    size: &'static str,
    extract: f64,
    parse: f64,
    /// The maximum share; `None` if the parser reads less of the event than the extraction must read.
    budget: Option<f64>,
    allocations: String,
}

impl Case {
    fn share(&self) -> f64 {
        self.extract / self.parse
    }

    fn is_within(&self) -> bool {
        self.budget.is_none_or(|budget| self.share() <= budget)
    }
}

pub(crate) fn measure(bench: &Bench) -> Result<Section> {
    let program = build(bench)?;
    let valgrind = lamplight_test_rig::callgrind::is_installed();
    bench.say("context");
    let cases = std::thread::scope(|scope| {
        let run = |size: &'static str| cases(&program, size, valgrind).map_err(|e| e.to_string());
        let threads = SIZES.map(|(size, ..)| scope.spawn(move || run(size)));
        threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| "counting failed".to_owned())?)
            .collect::<Result<Vec<Vec<Case>>, String>>()
    })?;
    let cases: Vec<Case> = cases.into_iter().flatten().collect();
    let unit = if valgrind { "instructions" } else { "µs" };
    let mut table = Table::new(&[
        "event",
        "size",
        &format!("finding the context, {unit}"),
        &format!("`serde_json`, {unit}"),
        "share",
        "allocations",
    ]);
    for case in &cases {
        table.row(&[
            case.event.clone(),
            case.size.to_owned(),
            thousands(case.extract),
            thousands(case.parse),
            format!("{:.1} %", case.share() * 100.0),
            case.allocations.clone(),
        ]);
    }
    let text = format!(
        "The cost that Lamplight adds to parsing an event into its type in `aws_lambda_events`, \
         which a function does anyway. {} Events of 2 KB have one record, and SNS in SQS always \
         has one. Its context is inside the message's body, which `SqsEventObj<SnsMessage>` \
         parses and `SqsEvent` leaves as a string (\"body a string\").\n\n\
         {}",
        if valgrind {
            "Instructions are callgrind's."
        } else {
            "Instructions were not counted: valgrind is not installed."
        },
        table.finish()
    );
    Ok(Section {
        title: "Finding the context",
        text,
        budgets: SIZES
            .iter()
            .filter_map(|size| budget(size, &cases))
            .collect(),
        ..Section::default()
    })
}

fn budget(
    &(size, what, bound): &(&'static str, &'static str, &'static str),
    cases: &[Case],
) -> Option<Budget> {
    let (cases, others): (Vec<&Case>, Vec<&Case>) = cases
        .iter()
        .filter(|case| case.size == size)
        .partition(|case| case.budget.is_some());
    let others = others.iter().map(|case| {
        let share = case.share() * 100.0;
        format!("; not counted: {share:.1} % of {}", case.event)
    });
    let worst = cases
        .iter()
        .max_by(|a, b| a.share().total_cmp(&b.share()))?;
    let kept = cases.iter().filter(|case| case.is_within()).count();
    Some(Budget {
        what,
        bound,
        measured: format!("{:.1} % at worst", worst.share() * 100.0),
        met: kept == cases.len(),
        note: format!(
            "the worst is {}; {kept} of {} events are within{}",
            worst.event,
            cases.len(),
            others.collect::<String>()
        ),
    })
}

/// Builds the bench of `lamplight-propagation`, of which this is a part.
fn build(bench: &Bench) -> Result<PathBuf> {
    let mut cargo = process::cargo(&bench.root, &bench.target);
    cargo.args(["bench", "--locked", "--quiet", "--no-run"]);
    cargo.args(["--package", "lamplight-propagation", "--bench", "extract"]);
    cargo.arg("--message-format=json");
    let output = bench.build("the bench of lamplight-propagation", || {
        cargo.stderr(std::process::Stdio::inherit()).output()
    })?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let executable = messages.lines().rev().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        message.get("executable")?.as_str().map(PathBuf::from)
    });
    executable.ok_or_else(|| Error::from("the bench of lamplight-propagation does not build"))
}

fn cases(program: &PathBuf, size: &'static str, valgrind: bool) -> Result<Vec<Case>> {
    let mut command = Command::new(program);
    command.args(valgrind.then_some("--instructions")).arg(size);
    let output = process::output(&mut command)?;
    let said = String::from_utf8_lossy(&output.stdout);
    let cases: Vec<Case> = said.lines().filter_map(|line| case(line, size)).collect();
    if cases.is_empty() {
        return Err(format!("the bench of lamplight-propagation said {said:?}").into());
    }
    Ok(cases)
}

/// `api gateway v2    2 KB    1234.00    5678.00    21.7 %    25    3`.
fn case(line: &str, size: &'static str) -> Option<Case> {
    let (event, figures) = line.split_once(size)?;
    let mut figures = figures.split_whitespace();
    let extract = figures.next()?.parse().ok()?;
    let parse = figures.next()?.parse().ok()?;
    let budget = figures.nth(2)?.parse().ok();
    let allocations = figures.next()?.to_owned();
    Some(Case {
        event: event.trim().to_owned(),
        size,
        extract,
        parse,
        budget: budget.map(|percent: f64| percent / 100.0),
        allocations,
    })
}

#[cfg(test)]
mod tests {
    use super::case;

    #[test]
    fn lines_of_the_bench_are_understood() {
        let line =
            "sqs, 1 message              256 KB     2000.00      8000.00   25.0 %      15       3";
        let case = case(line, "256 KB").unwrap();
        assert_eq!(
            (case.event.as_str(), case.allocations.as_str()),
            ("sqs, 1 message", "3")
        );
        assert!((case.share() - 0.25).abs() < 1e-9);
        assert!(!case.is_within());
        assert!(super::case("event   size   extract   serde_json", "2 KB").is_none());
    }
}
