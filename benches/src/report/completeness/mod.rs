//! Completeness: recorded and lost data, each fact determined by a program.

mod delivered;
mod fact;
mod probe;
mod recorded;

use crate::{
    bench::Bench,
    error::Result,
    functions::{NOT_SAMPLED, SERVING, Spans, Subject, events},
    section::{Section, Table},
};
use delivered::{FAILING, concurrent, frozen, ready_again, stalled};
use fact::Fact;
use probe::{Probe, http};
use recorded::{
    baggage, continues, event_bridge_in_sqs, links, name_and_kind, no_junk, redacted, typed,
};

pub(crate) use delivered::frozen_cell;

type Question = (&'static str, fn(&Probe<'_>) -> Fact);

/// The questions, in the order of the table.
const QUESTIONS: [Question; 20] = [
    ("a span, with nothing configured but the destination", |p| {
        p.some_span(&p.unset(), &http())
    }),
    ("a span, at `AWS_LAMBDA_LOG_LEVEL=ERROR`", |p| {
        let mut variables = p.unset();
        variables.push(("AWS_LAMBDA_LOG_LEVEL", "ERROR"));
        p.some_span(&variables, &http())
    }),
    ("a span, without X-Ray tracing", |p| {
        p.some_span(&[], &http().with_xray(NOT_SAMPLED))
    }),
    ("the caller's W3C trace continues", continues),
    ("the handler sees the caller's baggage", baggage),
    (
        "an HTTP request has a kind, and a name without its id",
        name_and_kind,
    ),
    ("the status code is a number", typed),
    ("a signature in the query is not recorded", redacted),
    ("no source files and threads are recorded", no_junk),
    ("recorded: the handler's error", |p| {
        p.failure("error", events::http())
    }),
    ("recorded: a response with 500", |p| {
        p.failure("status:500", events::http())
    }),
    ("recorded: a panic", |p| p.failure("panic", events::http())),
    ("recorded: an event that cannot be deserialized", |p| {
        p.failure("answer", events::unreadable())
    }),
    ("recorded: a timeout", |p| {
        p.failure("slow:60000", events::http())
    }),
    ("SQS: the messages' traces are linked", links),
    (
        "EventBridge through SQS: the trace continues",
        event_bridge_in_sqs,
    ),
    ("several invocations at a time", concurrent),
    ("the response does not wait for a sink that stalls", stalled),
    (
        "a sink that hangs: ready again before the timeout",
        ready_again,
    ),
    (
        "frozen, three requests in ten fail: every span arrives",
        frozen,
    ),
];

pub(crate) fn measure(bench: &Bench) -> Result<Section> {
    let mut built = Vec::new();
    let wanted = |subject: &&Subject| {
        // A collector forwards what its function recorded.
        let records = ![Spans::Nowhere, Spans::Collector].contains(&subject.spans);
        records && bench.options.wants_function(subject.name)
    };
    for subject in SERVING.iter().filter(wanted) {
        if let Ok(of) = subject.build(bench) {
            built.push((subject, of, subject.build_concurrent(bench)));
        }
    }
    let mut columns = vec![""];
    columns.extend(built.iter().map(|(subject, ..)| subject.name));
    let mut table = Table::of_text(&columns);
    bench.say("completeness");
    // Probes mostly wait, and the measured times are much longer than their own work.
    let columns: Vec<Vec<Fact>> = std::thread::scope(|scope| {
        let probes = built.iter().map(|(subject, built, concurrent)| {
            let probe = Probe {
                subject,
                built,
                concurrent: concurrent.clone(),
            };
            scope.spawn(move || QUESTIONS.map(|(_, ask)| ask(&probe)).into())
        });
        let probes: Vec<_> = probes.collect();
        let join = |probe: std::thread::ScopedJoinHandle<'_, _>| probe.join();
        probes.into_iter().map(join).collect::<Result<_, _>>()
    })
    .map_err(|_| "a probe panicked")?;
    for (place, (question, _)) in QUESTIONS.iter().enumerate() {
        let facts = columns.iter().filter_map(|facts| facts.get(place));
        let mut cells = vec![(*question).to_owned()];
        cells.extend(facts.map(Fact::cell));
        table.row(&cells);
    }
    let text = format!(
        "Observed by a program, on the real `lambda_runtime`: each question has a process of its \
         own, with the same events and the same sink. A failure counts as recorded if the span of \
         the invocation has the status Error and an `error.type`. The failing sink is tested with \
         {} invocations; between them, the process is frozen and idle connections are closed.\n\n\
         {}",
        FAILING + 2,
        table.finish(),
    );
    Ok(Section {
        title: "Completeness",
        text,
        ..Section::default()
    })
}
