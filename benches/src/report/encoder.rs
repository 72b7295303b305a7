//! Encoding of spans: the encoder compared with `opentelemetry-proto` and `prost`, and the size on the wire.

use std::{path::Path, process::Command};

use serde_json::Value;

use crate::{
    bench::Bench,
    error::{Error, Result},
    plot::{Bar, Plot},
    process,
    section::{Budget, Section, Table, thousands},
    stats::Spread,
    wire,
};

/// Sizes of the batches in spans, and the difference in the number of batches between two runs under
/// callgrind.
const BATCHES: [(u64, u64); 4] = [(1, 200), (10, 100), (100, 20), (512, 4)];

/// The cost of encoding one batch.
struct Cost {
    instructions: Option<f64>,
    allocations: f64,
    bytes: f64,
    nanos: Vec<f64>,
}

pub(crate) fn measure(bench: &Bench) -> Result<Section> {
    let program = bench.workspace_program("encoder")?;
    let valgrind = lamplight_test_rig::callgrind::is_installed();
    let mut table = Table::new(&[
        "spans in the batch",
        "instructions, Lamplight",
        "prost",
        "share",
        "allocations, Lamplight",
        "prost",
        "µs, Lamplight",
        "prost",
    ]);
    let mut shares = Vec::new();
    let mut bars = Vec::new();
    for (spans, times) in BATCHES {
        bench.say(format_args!("encoder: {spans} spans"));
        let [ours, prost] = costs(bench, &program, spans, times, valgrind)?;
        if ours.bytes != prost.bytes {
            return Err(format!("{} bytes, prost {}", ours.bytes, prost.bytes).into());
        }
        let share = ours
            .instructions
            .zip(prost.instructions)
            .map(|(ours, prost)| ours / prost);
        shares.extend(share);
        table.row(&row(spans, &ours, &prost, share));
        if spans == 100 {
            let sides = [("Lamplight", &ours), ("opentelemetry-proto", &prost)];
            bars.extend(sides.into_iter().filter_map(|(name, cost)| {
                let count = cost.instructions?;
                Some(Bar::new(name, count / 100.0))
            }));
        }
    }
    let wire = wire::measure(bench)?;
    let mut section = Section {
        title: "Encode and wire",
        text: format!(
            "Encoding of spans with 15 attributes, from the SDK's span data to OTLP protobuf; the \
             bytes are the same. {}Time is the median of {} interleaved rounds, with minimum and \
             maximum.\n\n\
             {}\n\
             {wire}",
            if valgrind {
                "Instructions are callgrind's. "
            } else {
                "Instructions were not counted: valgrind is not installed. "
            },
            bench.rounds(),
            table.finish()
        ),
        ..Section::default()
    };
    if !bars.is_empty() {
        section.plots.push(Plot {
            file: "encoder",
            title: "Instructions to encode a span",
            subtitle: "OTLP protobuf, a batch of 100 spans with 15 attributes, the same bytes",
            unit: "",
            bars,
        });
    }
    let worst = shares.into_iter().max_by(f64::total_cmp);
    section.budgets.extend(worst.map(|worst| Budget {
        what: "instructions to encode a batch, compared with `opentelemetry-proto` and prost",
        bound: "≤ 1/5",
        measured: format!("1/{:.1}", 1.0 / worst),
        met: worst <= 0.2,
        note: "the worst of the batches".to_owned(),
    }));
    Ok(section)
}

fn row(spans: u64, ours: &Cost, prost: &Cost, share: Option<f64>) -> [String; 8] {
    let micros = |cost: &Cost| format!("{:.1}", Spread::of(&cost.nanos).scaled(0.001));
    let instructions = |cost: &Cost| cost.instructions.map_or("–".to_owned(), thousands);
    [
        spans.to_string(),
        instructions(ours),
        instructions(prost),
        share.map_or("–".to_owned(), |share| format!("1/{:.1}", 1.0 / share)),
        thousands(ours.allocations),
        thousands(prost.allocations),
        micros(ours),
        micros(prost),
    ]
}

fn costs(
    bench: &Bench,
    program: &Path,
    spans: u64,
    times: u64,
    valgrind: bool,
) -> Result<[Cost; 2]> {
    let spans = spans.to_string();
    let run =
        |what: &str, mode: &str| process::json(Command::new(program).args([what, &spans, mode]));
    let mut costs = ["lamplight", "prost"].map(|what| {
        let count = run(what, "count")?;
        Ok::<_, Error>(Cost {
            instructions: None,
            allocations: number(&count, "allocations")?,
            bytes: number(&count, "bytes")?,
            nanos: Vec::new(),
        })
    });
    if valgrind {
        let count = |what: &str| -> Result<f64> {
            let run = |times: u64| {
                let mut command = Command::new(program);
                command.args([what, &spans, "encode", &times.to_string()]);
                process::instructions(&command)
            };
            Ok((run(2 * times)? - run(times)?) as f64 / times as f64)
        };
        let copy = count("copy")?;
        for (cost, what) in costs.iter_mut().zip(["lamplight", "prost"]) {
            if let Ok(cost) = cost {
                cost.instructions = Some(count(what)? - copy);
            }
        }
    }
    for _ in 0..bench.rounds() {
        for (cost, what) in costs.iter_mut().zip(["lamplight", "prost"]) {
            if let Ok(cost) = cost {
                cost.nanos.push(number(&run(what, "time")?, "nanos")?);
            }
        }
    }
    let [ours, prost] = costs;
    Ok([ours?, prost?])
}

fn number(value: &Value, name: &str) -> Result<f64> {
    let number = value.get(name).and_then(Value::as_f64);
    number.ok_or_else(|| Error::from(format!("no {name} in {value}")))
}
