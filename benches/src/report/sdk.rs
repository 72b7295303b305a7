//! What an AWS SDK call costs with a span around it.

use crate::bench::Bench;
use crate::rivals;
use crate::section::{Section, Table, thousands};
use crate::{Error, Result, process};
use serde_json::Value;
use std::fmt::Write;
use std::process::Command;

/// The crates with a program `sdk_call`.
const CRATES: [&str; 2] = ["lamplight-sdk", "awssdk-instrumentation-sdk"];

pub(crate) fn measure(bench: &Bench) -> Result<Section> {
    let mut lines = Vec::new();
    for folder in CRATES {
        let path = bench.root.join("benches/rivals").join(folder);
        if !path.exists() || bench.options.leaves_out(folder) {
            continue;
        }
        bench.say(format_args!("building {folder}"));
        let target = bench.target.join("rivals");
        let mut cargo = rivals::cargo(&path, &target);
        cargo.args(["build", "--release", "--quiet"]);
        process::succeed(&mut cargo)?;
        bench.say(format_args!("sdk: {folder}"));
        let program = target.join(format!("release/{folder}-sdk_call"));
        let output = process::output(&mut Command::new(program))?;
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            lines.push(serde_json::from_str::<Value>(line)?);
        }
    }
    let mut cases: Vec<&str> = Vec::new();
    for line in &lines {
        let case = text(line, "case")?;
        if !cases.contains(&case) {
            cases.push(case);
        }
    }
    let mut section = Section {
        title: "AWS SDK calls",
        text: "What a span costs a call more than the same call without, answered in memory. Lamplight also puts \
               context into what SQS and EventBridge carry, which nobody else does. Time is the difference of two \
               medians of 2000 calls.\n"
            .to_owned(),
        ..Section::default()
    };
    if lines.is_empty() {
        section.text.push_str("\nNot measured in this run.\n");
    }
    for case in cases {
        let mut table = Table::new(&["", "allocations", "bytes", "instructions", "µs"]);
        for line in lines
            .iter()
            .filter(|line| text(line, "case").ok() == Some(case))
        {
            let instructions = line.get("instructions").and_then(Value::as_f64);
            table.row(&[
                text(line, "subject")?.to_owned(),
                thousands(number(line, "allocations")?),
                thousands(number(line, "bytes")?),
                instructions.map_or("–".to_owned(), thousands),
                format!("{:.1}", number(line, "nanoseconds_median")? / 1000.0),
            ]);
        }
        let _ = write!(section.text, "\n`{case}`:\n\n{}", table.finish());
    }
    Ok(section)
}

fn text<'a>(line: &'a Value, name: &str) -> Result<&'a str> {
    let text = line.get(name).and_then(Value::as_str);
    text.ok_or_else(|| Error::from(format!("no {name} in {line}")))
}

fn number(line: &Value, name: &str) -> Result<f64> {
    let number = line.get(name).and_then(Value::as_f64);
    number.ok_or_else(|| Error::from(format!("no {name} in {line}")))
}
