//! Latency as seen by the caller.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use crate::{
    bench::Bench,
    error::Result,
    functions::{
        BARE, Behavior, Built, Event, Function, PATIENCE, SERVING, Sink, Spans, Subject, events,
        milliseconds,
    },
    plot::{Bar, Plot},
    section::{Budget, Section, Table, least},
    stats::Spread,
};

/// The delay of the slow sink.
const LATE: Duration = Duration::from_millis(200);

/// The function's timeout while the sink hangs: Lambda's default.
const TIMEOUT: Duration = Duration::from_secs(3);

/// The maximum additional latency of a response while the sink hangs, compared with that without telemetry.
const BUDGET: Duration = Duration::from_millis(5);

/// The latencies of one function, one number per round, in milliseconds.
#[derive(Debug, Default)]
struct Waits {
    healthy: Quantiles,
    healthy_next: Vec<f64>,
    /// Microseconds of all threads per invocation.
    healthy_cpu: Vec<f64>,
    late: Quantiles,
    hanging: Vec<f64>,
    hanging_next: Vec<f64>,
    /// The number of invocations that Lambda ended.
    unanswered: usize,
    never_ready: usize,
}

#[derive(Debug, Default)]
struct Quantiles {
    median: Vec<f64>,
    p99: Vec<f64>,
}

/// One function and its sink.
struct Pair<'a> {
    name: &'static str,
    function: Function,
    sink: &'a Sink,
}

pub(crate) fn measure(bench: &Bench) -> Result<Section> {
    let counts = if bench.options.quick {
        (60, 5)
    } else {
        (200, 12)
    };
    let mut subjects = Vec::new();
    let mut notes = String::new();
    for subject in SERVING
        .iter()
        .filter(|s| bench.options.wants_function(s.name))
    {
        match subject.build(bench) {
            Ok(built) => subjects.push((*subject, built)),
            Err(error) => notes.push_str(&format!("{} does not build: {error}.\n\n", subject.name)),
        }
    }
    let mut waits: BTreeMap<&str, Waits> = BTreeMap::new();
    let rounds = bench.rounds().min(9);
    for round in 0..rounds {
        bench.say(format_args!("latency, round {} of {rounds}", round + 1));
        // The order rotates.
        subjects.rotate_left(1);
        for (subject, built) in &subjects {
            let sink = Sink::start();
            let pair = Pair::start(subject, built, &sink);
            pair.measure_healthy(counts.0, waits.entry(subject.name).or_default());
        }
        let sinks: Vec<Sink> = subjects.iter().map(|_| Sink::start()).collect();
        let pairs = || -> Vec<Pair<'_>> {
            let each = subjects.iter().zip(&sinks);
            each.map(|((subject, built), sink)| Pair::start(subject, built, sink))
                .collect()
        };
        measure_late(&pairs(), counts.1, &mut waits);
        measure_hanging(&pairs(), &mut waits);
    }
    Ok(section(&waits, rounds, counts, &notes))
}

impl<'a> Pair<'a> {
    fn start(subject: &Subject, built: &Built, sink: &'a Sink) -> Self {
        sink.behave(Behavior::Healthy);
        let function = Function::start(subject, built, sink, &[]);
        let pair = Self {
            name: subject.name,
            function,
            sink,
        };
        // The first invocation belongs to the cold start.
        for _ in 0..3 {
            let api = &pair.function.api;
            api.idle(PATIENCE);
            let id = api.invoke(Event::new(events::http()));
            api.answer(&id, PATIENCE);
        }
        pair
    }

    fn measure_healthy(&self, count: usize, waits: &mut Waits) {
        let api = &self.function.api;
        let mut took = Vec::new();
        let mut next = Vec::new();
        api.idle(PATIENCE);
        let before = self.function.cpu();
        for _ in 0..count {
            api.idle(PATIENCE);
            let id = api.invoke(Event::new(events::http()));
            if let Some(answer) = api.answer(&id, PATIENCE) {
                took.push(milliseconds(answer.took));
                if let Some(ready) = api.idle(PATIENCE) {
                    next.push(milliseconds(answer.took + (ready - answer.at)));
                }
            }
        }
        if let Some((before, after)) = before.zip(self.function.cpu()) {
            let used = after.saturating_sub(before);
            waits
                .healthy_cpu
                .push(milliseconds(used) * 1e3 / count as f64);
        }
        waits.healthy.add(took);
        waits.healthy_next.extend(quantile(next, 0.5));
    }
}

impl Quantiles {
    fn add(&mut self, took: Vec<f64>) {
        self.median.extend(quantile(took.clone(), 0.5));
        self.p99.extend(quantile(took, 0.99));
    }
}

/// All functions wait at the same time, each for its own sink, and nothing is computed meanwhile. Events are
/// delivered one after another, so that no function responds while another one does.
fn measure_late(pairs: &[Pair<'_>], count: usize, waits: &mut BTreeMap<&str, Waits>) {
    let mut took: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for pair in pairs {
        pair.function.api.idle(PATIENCE);
        pair.sink.behave(Behavior::Late(LATE));
    }
    for _ in 0..count {
        for (pair, id) in hand_out(pairs, PATIENCE) {
            if let Some(answer) = pair.function.api.answer(&id, PATIENCE) {
                let took = took.entry(pair.name).or_default();
                took.push(milliseconds(answer.took));
            }
        }
    }
    for (name, took) in took {
        waits.entry(name).or_default().late.add(took);
    }
}

fn measure_hanging(pairs: &[Pair<'_>], waits: &mut BTreeMap<&str, Waits>) {
    for pair in pairs {
        pair.function.api.idle(PATIENCE);
        pair.sink.behave(Behavior::Hanging);
    }
    let handed = hand_out(pairs, TIMEOUT);
    let end = Instant::now() + TIMEOUT;
    let left = || end.saturating_duration_since(Instant::now());
    for (pair, id) in handed {
        let waits = waits.entry(pair.name).or_default();
        let api = &pair.function.api;
        let Some(answer) = api.answer(&id, left()) else {
            waits.unanswered += 1;
            waits.never_ready += 1;
            continue;
        };
        waits.hanging.push(milliseconds(answer.took));
        match api.idle(left()) {
            None => waits.never_ready += 1,
            Some(ready) => {
                let took = answer.took + (ready - answer.at);
                waits.hanging_next.push(milliseconds(took));
            }
        }
    }
}

fn hand_out<'p, 's>(pairs: &'p [Pair<'s>], timeout: Duration) -> Vec<(&'p Pair<'s>, String)> {
    let hand = |pair: &'p Pair<'s>| {
        let api = &pair.function.api;
        api.idle(PATIENCE);
        let id = api.invoke(Event::new(events::http()).with_timeout(timeout));
        // Enough time for those that respond immediately.
        api.answer(&id, Duration::from_millis(10));
        (pair, id)
    };
    pairs.iter().map(hand).collect()
}

fn quantile(mut values: Vec<f64>, share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let place = (last as f64 * share).round() as usize;
    values.get(place).copied()
}

fn section(
    waits: &BTreeMap<&str, Waits>,
    rounds: usize,
    (healthy, late): (usize, usize),
    notes: &str,
) -> Section {
    let columns = [
        "",
        "healthy, p50",
        "p99",
        "next event after",
        "CPU, µs",
        "200 ms late, p50",
        "p99",
        "hanging",
        "next event after",
    ];
    let mut table = Table::new(&columns);
    let mut bars = Vec::new();
    for subject in SERVING {
        let Some(waits) = waits.get(subject.name) else {
            continue;
        };
        table.row(&[
            subject.name.to_owned(),
            spread(&waits.healthy.median, 2),
            spread(&waits.healthy.p99, 2),
            spread(&waits.healthy_next, 2),
            spread(&waits.healthy_cpu, 0),
            spread(&waits.late.median, 2),
            spread(&waits.late.p99, 2),
            bounded(&waits.hanging, waits.unanswered, 2),
            bounded(&waits.hanging_next, waits.never_ready, 0),
        ]);
        if !waits.late.median.is_empty() {
            bars.push(Bar::new(
                subject.name,
                Spread::of(&waits.late.median).median,
            ));
        }
    }
    let text = format!(
        "Milliseconds from the first byte of the event to the last byte of the response, on the \
         real `lambda_runtime`, with the event of an API Gateway HTTP API and one span per \
         invocation. The sink is healthy ({healthy} invocations a round), answers {} ms late \
         ({late}), or accepts requests and never answers (one; the function's timeout is {} s, \
         after which Lambda ends it). \"Next event after\" is the time at which the function can \
         take another one, and up to which it is billed. CPU is the processor time of all threads \
         per invocation, including that of `lambda_runtime` and its HTTP, and that of the \
         collector if there is one. {rounds} rounds, each candidate once per round: median \
         (minimum–maximum), with `~` if they differ much.\n\n\
         {}\n\
         {}\n\
         {notes}",
        LATE.as_millis(),
        TIMEOUT.as_secs(),
        table.finish(),
        winners(waits),
    );
    let plot = Plot {
        file: "latency",
        title: "Response time with a slow destination of spans",
        subtitle: "the destination answers after 200 ms; median",
        unit: "ms",
        bars,
    };
    Section {
        title: "Latency the caller sees",
        text,
        budgets: budget(waits).into_iter().collect(),
        plots: vec![plot],
    }
}

/// Returns the best in each column, among those that send spans.
fn winners(waits: &BTreeMap<&str, Waits>) -> String {
    let best = |what, by: fn(&Waits) -> &Vec<f64>| {
        let sending = SERVING.iter().filter(|s| s.spans != Spans::Nowhere);
        let median = |name| {
            let values = by(waits.get(name)?);
            (!values.is_empty()).then(|| Spread::of(values).median)
        };
        least(what, sending.map(|s| (s.name, median(s.name))))
    };
    let mut text = String::from("Among those that send spans, by the medians.");
    text += &best("Shortest response, healthy", |waits| &waits.healthy.median);
    text += &best("Soonest next event", |waits| &waits.healthy_next);
    text += &best("Least CPU", |waits| &waits.healthy_cpu);
    text += &best("Shortest response, 200 ms late", |waits| &waits.late.median);
    text += &best("Shortest response, hanging", |waits| &waits.hanging);
    text += &best("Soonest next event then", |waits| &waits.hanging_next);
    text + "\n"
}

fn budget(waits: &BTreeMap<&str, Waits>) -> Option<Budget> {
    let bare = &waits.get(BARE.name)?.hanging;
    let ours = SERVING.iter().filter(|s| s.name.starts_with("Lamplight"));
    let ours: Vec<&Waits> = ours.filter_map(|s| waits.get(s.name)).collect();
    if bare.is_empty() || ours.is_empty() {
        return None;
    }
    let bare = Spread::of(bare).median;
    let later = ours
        .iter()
        .map(|waits| Spread::of(&waits.hanging).median - bare);
    let later = later.fold(f64::MIN, f64::max);
    let all_answered = ours.iter().all(|waits| waits.unanswered == 0);
    Some(Budget {
        what: "response while the exporter hangs, compared with bare",
        bound: "< 5 ms later",
        measured: format!("{later:.2} ms"),
        met: all_answered && later < milliseconds(BUDGET),
        note: "the slowest of Lamplight's exporters, medians".to_owned(),
    })
}

fn spread(values: &[f64], digits: usize) -> String {
    if values.is_empty() {
        return "–".to_owned();
    }
    format!("{:.digits$}", Spread::of(values))
}

/// Returns the spread, or a note that nothing arrived.
fn bounded(values: &[f64], missing: usize, digits: usize) -> String {
    let never = || format!("not within {} s", TIMEOUT.as_secs());
    match (values.is_empty(), missing) {
        (true, _) => never(),
        (false, 0) => spread(values, digits),
        (false, _) => format!("{}; {} {missing} times", spread(values, digits), never()),
    }
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn quantiles_are_values_that_were_measured() {
        let values = || (0..=100).rev().map(f64::from).collect::<Vec<_>>();
        assert_eq!(quantile(values(), 0.5), Some(50.0));
        assert_eq!(quantile(values(), 0.99), Some(99.0));
        assert_eq!(quantile(vec![], 0.5), None);
    }
}
