//! Cold starts, and the size of functions.

use std::{collections::BTreeMap, fmt::Write, time::Duration};

use crate::{
    bench::Bench,
    error::Result,
    functions::{
        BARE, BARE_LAMBDA, Built, Event, Function, KINESIS, KINESIS_LAMBDA, PATIENCE, STARTED,
        Sink, Spans, Subject, events, milliseconds, time_clean,
    },
    plot::{Bar, Plot},
    section::{Budget, Section, Table, least},
    stats::Spread,
};

/// The time from the start of a process to its first request for an event, as a multiple of that of bare
/// `lambda_runtime`.
const READY_BUDGET: f64 = 4.0;

/// The time from the start of a process to the arrival of the first span, on an idle core.
const DELIVERED_BUDGET: f64 = 25.0;

/// The additional size of a binary compared with bare `lambda_runtime`, in megabytes.
const SIZE_BUDGET: f64 = 4.5;

/// The measurements of one function, one number per start.
#[derive(Debug, Default)]
struct Starts {
    ready: Vec<f64>,
    delivered: Vec<f64>,
    cpu: Vec<f64>,
    memory: Vec<f64>,
    undelivered: usize,
}

pub(crate) fn measure(bench: &Bench) -> Result<Section> {
    let mut notes = String::new();
    let mut subjects = Vec::new();
    for subject in STARTED
        .iter()
        .filter(|s| bench.options.wants_function(s.name))
    {
        match subject.build(bench) {
            Ok(built) => subjects.push((*subject, built)),
            Err(error) => {
                let _ = writeln!(notes, "{} does not build: {error}.\n", subject.name);
            }
        }
    }
    let rounds = if bench.options.quick { 9 } else { 25 };
    let mut starts: BTreeMap<&str, Starts> = BTreeMap::new();
    let sink = Sink::start_tls(&bench.target.join("rivals/functions"));
    let mut delivered = 0;
    bench.say(format_args!("cold starts, {rounds} rounds"));
    for _ in 0..rounds {
        subjects.rotate_left(1);
        for (subject, built) in &subjects {
            let starts = starts.entry(subject.name).or_default();
            start(subject, built, &sink, &mut delivered, starts);
        }
    }
    let built: BTreeMap<&str, &Built> = subjects.iter().map(|(s, b)| (s.name, b)).collect();
    let mut section = section(&starts, &built, rounds, &notes);
    if bench.options.times_builds() {
        section.text.push_str(&clean_builds(bench));
    }
    Ok(section)
}

fn start(
    subject: &Subject,
    built: &Built,
    sink: &Sink,
    delivered: &mut usize,
    starts: &mut Starts,
) {
    let function = Function::start(subject, built, sink, &[]);
    let Some(ready) = function.api.idle(PATIENCE) else {
        starts.undelivered += 1;
        return;
    };
    starts.ready.push(milliseconds(ready - function.started));
    // The event for which Lambda started it.
    let id = function.api.invoke(Event::new(events::http()));
    function.api.answer(&id, PATIENCE);
    if subject.spans != Spans::Nowhere {
        // The wait is short for a function that has not delivered anything before.
        let patience = if starts.undelivered > 0 {
            Duration::from_secs(1)
        } else {
            PATIENCE
        };
        let received = sink.received(*delivered + 1, patience);
        let before = std::mem::replace(
            delivered,
            received.iter().map(|request| request.spans.len()).sum(),
        );
        match received.last() {
            Some(last) if *delivered > before => {
                starts
                    .delivered
                    .push(milliseconds(last.at - function.started));
            }
            _ => starts.undelivered += 1,
        }
    }
    function.api.idle(PATIENCE);
    starts.memory.extend(function.peak_memory().map(megabytes));
    starts.cpu.push(milliseconds(function.end()));
}

fn section(
    starts: &BTreeMap<&str, Starts>,
    built: &BTreeMap<&str, &Built>,
    rounds: usize,
    notes: &str,
) -> Section {
    let columns = [
        "",
        "ready, ms",
        "first span delivered, ms",
        "CPU, ms",
        "memory, MB",
        "binary, MB",
        "crates",
    ];
    let mut table = Table::new(&columns);
    let mut bars = Vec::new();
    let mut missing = String::new();
    for subject in STARTED {
        let (Some(starts), Some(built)) = (starts.get(subject.name), built.get(subject.name))
        else {
            continue;
        };
        table.row(&[
            subject.name.to_owned(),
            spread(&starts.ready),
            spread(&starts.delivered),
            spread(&starts.cpu),
            spread(&starts.memory),
            format!("{:.2}", megabytes(built.bytes)),
            built.crates.to_string(),
        ]);
        if !starts.delivered.is_empty() {
            bars.push(Bar::new(subject.name, Spread::of(&starts.delivered).median));
        }
        if starts.undelivered > 0 {
            let count = starts.undelivered;
            let _ = writeln!(
                missing,
                "{}: {count} starts without a span.\n",
                subject.name
            );
        }
    }
    let text = format!(
        "From the start of the process to its first request for an event (\"ready\"), and to the \
         arrival of the first span at its destination, over TLS; the event is available \
         immediately. CPU and memory (the peak) are those of the whole process up to that point. \
         Crates include those of build scripts and macros. {rounds} rounds, each candidate once \
         per round: median (minimum–maximum), with `~` if they differ much.\n\n\
         {}\n\
         {}\n\
         {missing}{notes}",
        table.finish(),
        winners(starts, built),
    );
    let plot = Plot {
        file: "cold-start",
        title: "Cold start to the first span delivered",
        subtitle: "start of the process to the span's last byte over TLS; median",
        unit: "ms",
        bars,
    };
    Section {
        title: "Cold start",
        text,
        budgets: budgets(starts, built),
        plots: vec![plot],
    }
}

/// Returns the best in each column, among those that send spans and are built in the same way.
fn winners(starts: &BTreeMap<&str, Starts>, built: &BTreeMap<&str, &Built>) -> String {
    let best = |what, by: &dyn Fn(&Subject) -> Option<f64>| {
        let alike = STARTED
            .iter()
            .filter(|s| s.spans != Spans::Nowhere && s.build.is_release());
        least(what, alike.map(|subject| (subject.name, by(subject))))
    };
    let median = |by: fn(&Starts) -> &Vec<f64>| {
        move |subject: &Subject| {
            let values = by(starts.get(subject.name)?);
            (!values.is_empty()).then(|| Spread::of(values).median)
        }
    };
    let built = |subject: &Subject| built.get(subject.name).copied();
    let mut text =
        String::from("Among those that send spans, with the profile `release`, by the medians.");
    text += &best("Soonest ready", &median(|starts| &starts.ready));
    text += &best("Soonest span", &median(|starts| &starts.delivered));
    text += &best("Least CPU", &median(|starts| &starts.cpu));
    text += &best("Least memory", &median(|starts| &starts.memory));
    text += &best("Smallest binary", &|s| Some(built(s)?.bytes as f64));
    text += &best("Fewest crates", &|s| Some(built(s)?.crates as f64));
    text + "\n"
}

fn budgets(starts: &BTreeMap<&str, Starts>, built: &BTreeMap<&str, &Built>) -> Vec<Budget> {
    let mut budgets = Vec::new();
    if let (Some(ours), Some(bare)) = (starts.get(KINESIS.name), starts.get(BARE.name))
        && !ours.ready.is_empty()
        && !bare.ready.is_empty()
    {
        let ratio = Spread::of(&ours.ready).median / Spread::of(&bare.ready).median;
        budgets.push(Budget {
            what: "process start to first `/next`, Kinesis client included, compared with bare",
            bound: "≤ 4×",
            measured: format!("{ratio:.1}×"),
            met: ratio <= READY_BUDGET,
            note: "medians".to_owned(),
        });
    }
    if let Some(ours) = starts.get(KINESIS.name).filter(|s| !s.delivered.is_empty()) {
        let delivered = Spread::of(&ours.delivered);
        budgets.push(Budget {
            what: "process start to first PutRecords done, over TLS",
            bound: "≤ 25 ms on an idle core",
            measured: format!(
                "{:.1} ms, at best {:.1} ms",
                delivered.median, delivered.min
            ),
            met: delivered.min <= DELIVERED_BUDGET,
            note: "the fastest start counts, because the core was idle then".to_owned(),
        });
    }
    if let (Some(ours), Some(bare)) = (built.get(KINESIS_LAMBDA.name), built.get(BARE_LAMBDA.name))
    {
        let added = megabytes(ours.bytes) - megabytes(bare.bytes);
        budgets.push(Budget {
            what: "stripped binary added, Kinesis exporter included",
            bound: "≤ 4.5 MB",
            measured: format!("{added:.2} MB"),
            met: added <= SIZE_BUDGET,
            note: "profile `lambda`, which is what a function is deployed with".to_owned(),
        });
    }
    budgets
}

fn clean_builds(bench: &Bench) -> String {
    let mut table = Table::new(&["", "seconds", "CPU seconds"]);
    let mut timed = Vec::new();
    for subject in STARTED
        .iter()
        .filter(|s| bench.options.wants_function(s.name))
    {
        // Its modes are one program.
        if timed.contains(&subject.build) {
            continue;
        }
        timed.push(subject.build);
        let seconds = |took: Duration| format!("{:.0}", took.as_secs_f64());
        let [took, cpu] = match time_clean(bench, subject) {
            Some((took, cpu)) => [seconds(took), seconds(cpu)],
            None => ["does not build".to_owned(), "–".to_owned()],
        };
        table.row(&[subject.name.to_owned(), took, cpu]);
    }
    format!(
        "\n\
         ### Clean builds\n\n\
         With everything downloaded and nothing built, once each. CPU seconds are those of all \
         cores, and hardly depend on other work of the machine.\n\n\
         {}",
        table.finish()
    )
}

fn spread(values: &[f64]) -> String {
    if values.is_empty() {
        return "–".to_owned();
    }
    format!("{:.1}", Spread::of(values))
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
