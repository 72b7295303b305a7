//! The presentation of costs: tables, the best, budgets, plots.

use super::cost::Cost;
use crate::{
    plot::{Bar, Plot},
    section::{Budget, Table, least, thousands},
    stats::Spread,
};

/// A choice of the clock.
type Clock = fn(&Cost) -> &[f64];
const CPU: Clock = |cost| &cost.cpu;
const WALL: Clock = |cost| &cost.wall;

/// Returns the additional nanoseconds of an invocation, compared with the bare one of the same round.
fn added(cost: &Cost, bare: &Cost, clock: Clock) -> Spread {
    let rounds = clock(cost).iter().zip(clock(bare));
    Spread::of(&rounds.map(|(cost, bare)| cost - bare).collect::<Vec<_>>())
}

/// Returns the ratio to the bare invocation of the same round.
fn ratio(cost: &Cost, bare: &Cost) -> Spread {
    let rounds = cost.cpu.iter().zip(&bare.cpu);
    Spread::of(&rounds.map(|(cost, bare)| cost / bare).collect::<Vec<_>>())
}

pub(super) fn table(bare: &Cost, others: &[Cost]) -> String {
    let mut table = Table::new(&[
        "",
        "spans",
        "attributes",
        "trace",
        "allocations",
        "bytes",
        "instructions",
        "CPU µs",
        "CPU, bare = 1",
        "wall µs",
    ]);
    for cost in others {
        let instructions = cost.instructions.zip(bare.instructions);
        table.row(&[
            cost.title.to_owned(),
            format!("{:.0}", cost.spans),
            format!("{} + {}", cost.attributes, cost.junk),
            cost.trace.clone(),
            format!("{:.1}", cost.allocations - bare.allocations),
            thousands(cost.bytes - bare.bytes),
            instructions.map_or("–".to_owned(), |(cost, bare)| thousands(cost - bare)),
            format!("{:.1}", added(cost, bare, CPU).scaled(0.001)),
            format!("{:.2}", ratio(cost, bare)),
            format!("{:.1}", added(cost, bare, WALL).scaled(0.001)),
        ]);
    }
    let instructions = bare.instructions.map_or(String::new(), |bare| {
        format!(", {} instructions", thousands(bare))
    });
    format!(
        "{}\nThe bare invocation itself: {:.0} allocations, {} bytes{instructions}, {:.1} µs of CPU.\n",
        table.finish(),
        bare.allocations,
        thousands(bare.bytes),
        Spread::of(&bare.cpu).scaled(0.001),
    )
}

/// Returns the best in each column.
pub(super) fn winners(bare: &Cost, others: &[Cost]) -> String {
    let best = |what, by: &dyn Fn(&Cost) -> Option<f64>| {
        least(what, others.iter().map(|cost| (cost.title, by(cost))))
    };
    let mut text = String::from("\n");
    text += best("Fewest allocations", &|cost| Some(cost.allocations)).trim_start();
    text += &best("Fewest bytes", &|cost| Some(cost.bytes));
    text += &best("Fewest instructions", &|cost| cost.instructions);
    text += &best("Least time", &|cost| Some(added(cost, bare, CPU).median));
    text + "\n"
}

pub(super) fn budgets(bare: &Cost, others: &[Cost]) -> Vec<Budget> {
    let Some(ours) = others.iter().find(|cost| cost.title == "Lamplight") else {
        return Vec::new();
    };
    let allocations = ours.allocations - bare.allocations;
    let mut budgets = vec![Budget {
        what: "allocations an invocation adds, 18 attributes, API Gateway v2, no-op exporter",
        bound: "≤ 20",
        measured: format!("{allocations:.1}"),
        met: allocations <= 20.0,
        note: String::new(),
    }];
    let extracting = others
        .iter()
        .filter(|cost| cost.extracts && cost.title != ours.title);
    let fastest = extracting.min_by(|a, b| {
        added(a, bare, CPU)
            .median
            .total_cmp(&added(b, bare, CPU).median)
    });
    if let Some(fastest) = fastest {
        let rounds = ours.cpu.iter().zip(&fastest.cpu).zip(&bare.cpu);
        let share = Spread::of(
            &rounds
                .map(|((ours, theirs), bare)| (ours - bare) / (theirs - bare))
                .collect::<Vec<_>>(),
        );
        budgets.push(Budget {
            what: "time an invocation adds, compared with the fastest rival that also reads the event",
            bound: "≤ 1/4",
            measured: format!("{share:.2}"),
            met: share.median <= 0.25,
            note: format!(
                "the fastest is {}{}",
                fastest.title,
                in_instructions(bare, ours, fastest)
            ),
        });
    }
    budgets
}

/// Returns the same share in instructions, which repeat better than times.
fn in_instructions(bare: &Cost, ours: &Cost, theirs: &Cost) -> String {
    let added = |cost: &Cost| Some(cost.instructions? - bare.instructions?);
    let share = added(ours).zip(added(theirs));
    share.map_or_else(String::new, |(ours, theirs)| {
        format!("; in instructions it is {:.2}", ours / theirs)
    })
}

pub(super) fn plots(bare: &Cost, others: &[Cost]) -> Vec<Plot> {
    let bars = |by: &dyn Fn(&Cost) -> f64| {
        others
            .iter()
            .map(|cost| Bar::new(cost.title, by(cost)))
            .collect()
    };
    vec![
        Plot {
            file: "allocations",
            title: "Allocations an invocation adds",
            subtitle: "API Gateway v2, 18 attributes, exporter that drops everything",
            unit: "",
            bars: bars(&|cost| cost.allocations - bare.allocations),
        },
        Plot {
            file: "time",
            title: "Time an invocation adds",
            subtitle: "API Gateway v2, 18 attributes, exporter that drops everything",
            unit: "µs",
            bars: bars(&|cost| added(cost, bare, CPU).median / 1000.0),
        },
    ]
}
