//! Completeness: what is recorded and what is lost, each fact found out by a program.

use crate::Result;
use crate::bench::Bench;
use crate::functions::{
    Answer, Built, Conduct, Event, Function, NOT_SAMPLED, PATIENCE, SERVING, Sink, Spans, Subject,
    events, milliseconds, spans,
};
use crate::section::{Section, Table};
use nix::sys::signal::Signal;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use spans::Span;
use std::collections::BTreeSet;
use std::time::Duration;

/// The function's time in a probe.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Invocations in front of a failing sink, with a healthy one before and after.
const FAILING: usize = 40;

/// What was found out.
#[derive(Debug)]
struct Fact {
    holds: bool,
    /// What was seen; may be empty.
    evidence: String,
}

impl Fact {
    fn new(holds: bool, evidence: impl Into<String>) -> Self {
        Self {
            holds,
            evidence: evidence.into(),
        }
    }

    fn cell(&self) -> String {
        let verdict = if self.holds { "yes" } else { "**no**" };
        match self.evidence.as_str() {
            "" => verdict.to_owned(),
            evidence => format!("{verdict}: {evidence}"),
        }
    }
}

/// A function that is asked.
struct Probe<'a> {
    subject: &'a Subject,
    built: &'a Built,
    /// The same for several invocations at a time, or why there is no such thing.
    concurrent: Result<Built, String>,
}

/// What came of an invocation.
struct Seen {
    answer: Option<Answer>,
    spans: Vec<Span>,
}

type Question = (&'static str, fn(&Probe<'_>) -> Fact);

/// What is asked, in the order of the table.
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
    ("the caller's W3C trace goes on", continues),
    ("the handler sees the caller's baggage", baggage),
    (
        "an HTTP request has a kind, and a name without its id",
        name_and_kind,
    ),
    ("the status code is a number", typed),
    ("a signature in the query is not recorded", redacted),
    ("nothing of source files and threads is recorded", no_junk),
    ("recorded: the handler's error", |p| {
        p.failure("error", events::http())
    }),
    ("recorded: a response with 500", |p| {
        p.failure("status:500", events::http())
    }),
    ("recorded: a panic", |p| p.failure("panic", events::http())),
    ("recorded: an event that cannot be read", |p| {
        p.failure("answer", events::unreadable())
    }),
    ("recorded: a timeout", |p| {
        p.failure("slow:60000", events::http())
    }),
    ("SQS: the messages' traces are linked", links),
    (
        "EventBridge through SQS: the trace goes on",
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
        // What a collector sends on is what its function recorded.
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
    // Probes wait for most of their time, and what they time is far longer than their work.
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
        "What a program saw, on the real `lambda_runtime`: every question is a process of its own, \
         with the same events and the same sink. A failure is recorded if the span of the \
         invocation says Error and has an `error.type`. In front of the failing sink are {} \
         invocations; the process is frozen in between, and idle connections are closed meanwhile.\
         \n\n{}",
        FAILING + 2,
        table.finish(),
    );
    Ok(Section {
        title: "Completeness",
        text,
        ..Section::default()
    })
}

fn continues(probe: &Probe<'_>) -> Fact {
    probe.with_span(&[], &http(), |span| {
        let trace = spans::hex(&span.trace_id);
        let parent = spans::hex(&span.parent_span_id);
        let holds = trace == events::TRACE && parent == events::SPAN;
        let evidence = match (holds, parent.as_str()) {
            (true, _) => "",
            (false, "") => "a trace of its own",
            (false, _) if trace != events::TRACE => "another trace, X-Ray's",
            (false, _) => "another parent",
        };
        Fact::new(holds, evidence)
    })
}

fn baggage(probe: &Probe<'_>) -> Fact {
    let answer = probe.see(&[], &http()).answer;
    let body = answer.map(|answer| answer.body).unwrap_or_default();
    Fact::new(String::from_utf8_lossy(&body).contains("acme"), "")
}

fn name_and_kind(probe: &Probe<'_>) -> Fact {
    probe.with_span(&[], &http(), |span| {
        let kind = spans::kind(span);
        let holds = kind == "server" && !span.name.contains("42");
        Fact::new(holds, format!("`{}`, {kind}", span.name))
    })
}

fn typed(probe: &Probe<'_>) -> Fact {
    let does = [("FUNCTION_DOES", "status:404")];
    probe.with_span(&does, &http(), |span| {
        match spans::attribute(span, "http.response.status_code") {
            Some(Value::IntValue(404)) => Fact::new(true, ""),
            Some(Value::StringValue(_)) => Fact::new(false, "text"),
            Some(_) => Fact::new(false, "another type"),
            None => Fact::new(false, "not recorded"),
        }
    })
}

fn redacted(probe: &Probe<'_>) -> Fact {
    probe.with_span(&[], &http(), |span| {
        let leaks = span.attributes.iter().find(|attribute| {
            let value = attribute
                .value
                .as_ref()
                .and_then(|value| value.value.as_ref());
            matches!(value, Some(Value::StringValue(text)) if text.contains(events::SECRET))
        });
        let evidence = match (leaks, spans::text(span, "url.query")) {
            (Some(leak), _) => format!("`{}` has it", leak.key),
            (None, Some(query)) => format!("`{query}`"),
            (None, None) => "no query is recorded".to_owned(),
        };
        Fact::new(leaks.is_none(), evidence)
    })
}

fn no_junk(probe: &Probe<'_>) -> Fact {
    probe.with_span(&[], &http(), |span| {
        let junk = |key: &str| {
            key.starts_with("code.")
                || key.starts_with("thread.")
                || ["busy_ns", "idle_ns", "target"].contains(&key)
        };
        let keys = span
            .attributes
            .iter()
            .map(|attribute| attribute.key.as_str());
        let count = keys.filter(|key| junk(key)).count();
        let all = span.attributes.len();
        Fact::new(count == 0, format!("{count} of {all} attributes"))
    })
}

fn links(probe: &Probe<'_>) -> Fact {
    let event = Event::new(events::batch()).with_timeout(TIMEOUT);
    probe.with_span(&[("FUNCTION_EVENT", "sqs")], &event, |span| {
        let linked = span.links.iter().map(|link| spans::hex(&link.trace_id));
        let linked: BTreeSet<String> = linked.collect();
        let wanted: BTreeSet<String> = events::traces().into_iter().collect();
        let seen = linked.intersection(&wanted).count();
        Fact::new(linked == wanted, format!("{seen} of {}", wanted.len()))
    })
}

fn event_bridge_in_sqs(probe: &Probe<'_>) -> Fact {
    let event = Event::new(events::event_bridge_in_sqs()).with_timeout(TIMEOUT);
    probe.with_span(&[("FUNCTION_EVENT", "sqs")], &event, |span| {
        let is_it = |trace: &[u8]| spans::hex(trace) == events::TRACE;
        let linked = span.links.iter().any(|link| is_it(&link.trace_id));
        Fact::new(is_it(&span.trace_id), if linked { "linked" } else { "" })
    })
}

/// Four at a time, eight in all, each of a trace of its own.
fn concurrent(probe: &Probe<'_>) -> Fact {
    const COUNT: usize = 8;
    let built = match &probe.concurrent {
        Ok(built) => built,
        Err(error) => return Fact::new(false, format!("does not compile, {error}")),
    };
    let sink = Sink::start();
    let variables = [
        ("AWS_LAMBDA_MAX_CONCURRENCY", "4"),
        ("FUNCTION_DOES", "slow:50"),
    ];
    let function = Function::start(probe.subject, built, &sink, &variables);
    if function.api.idle(PATIENCE).is_none() {
        return Fact::new(false, "never asks for an event");
    }
    let traces: BTreeSet<String> = (1..=COUNT).map(|n| format!("{n:032x}")).collect();
    let invoke = |trace: &String| function.api.invoke(Event::new(events::http_of(trace)));
    let ids: Vec<String> = traces.iter().map(invoke).collect();
    let answers = ids
        .iter()
        .filter_map(|id| function.api.answer(id, PATIENCE));
    let answered = answers.count();
    let received = sink.received(COUNT, TIMEOUT).into_iter();
    let received = received.flat_map(|request| request.spans);
    let received: Vec<Span> = received.filter(is_invocation).collect();
    let cold = received.iter().filter(|span| {
        let value = spans::attribute(span, "faas.coldstart");
        matches!(value, Some(Value::BoolValue(true)))
    });
    let cold = cold.count();
    let seen = received.iter().map(|span| spans::hex(&span.trace_id));
    let seen: BTreeSet<String> = seen.collect();
    let right = seen.intersection(&traces).count();
    let at_once = function.api.most_at_once();
    let all = answered == COUNT && right == COUNT && received.len() == COUNT;
    let starts = if cold == 1 { "start" } else { "starts" };
    let evidence = format!("{at_once} at once, {cold} cold {starts}, {right} of {COUNT} traces");
    Fact::new(all && at_once > 1 && cold == 1, evidence)
}

fn stalled(probe: &Probe<'_>) -> Fact {
    const STALL: Duration = Duration::from_millis(1500);
    let sink = Sink::start();
    let function = Function::start(probe.subject, probe.built, &sink, &[]);
    // Not the first one, which starts a good many things.
    invoke(&function);
    function.api.idle(PATIENCE);
    sink.behave(Conduct::Late(STALL));
    match invoke(&function) {
        None => Fact::new(false, "no response"),
        Some(answer) => {
            let evidence = format!("{:.0} ms", milliseconds(answer.took));
            Fact::new(answer.took < STALL / 5, evidence)
        }
    }
}

fn ready_again(probe: &Probe<'_>) -> Fact {
    let sink = Sink::start();
    let function = Function::start(probe.subject, probe.built, &sink, &[]);
    function.api.idle(PATIENCE);
    sink.behave(Conduct::Hanging);
    let id = function.api.invoke(http());
    let Some(answer) = function.api.answer(&id, TIMEOUT) else {
        return Fact::new(false, "no response either");
    };
    match function.api.idle(TIMEOUT.saturating_sub(answer.took)) {
        None => Fact::new(false, format!("not within {} s", TIMEOUT.as_secs())),
        Some(ready) => {
            let took = answer.took + (ready - answer.at);
            Fact::new(true, format!("{:.0} ms", milliseconds(took)))
        }
    }
}

/// What comes of the question of the failing sink for a function that is not asked the others.
pub(crate) fn frozen_cell(subject: &Subject, built: &Built) -> String {
    let concurrent = Err("not asked".to_owned());
    frozen(&Probe {
        subject,
        built,
        concurrent,
    })
    .cell()
}

fn frozen(probe: &Probe<'_>) -> Fact {
    let sink = Sink::start();
    let function = Function::start(probe.subject, probe.built, &sink, &[]);
    let mut started = usize::from(invoke(&function).is_some());
    sink.behave(Conduct::Failing);
    for number in 0..FAILING {
        if function.api.idle(PATIENCE).is_none() {
            break;
        }
        function.signal(Signal::SIGSTOP);
        sink.close_idle();
        std::thread::sleep(Duration::from_millis(5 + number as u64 % 4 * 5));
        function.signal(Signal::SIGCONT);
        started += usize::from(invoke(&function).is_some());
    }
    function.api.idle(PATIENCE);
    sink.behave(Conduct::Healthy);
    started += usize::from(invoke(&function).is_some());
    function.api.idle(PATIENCE);
    // What Lambda gives internal extensions, and those that are processes of their own.
    let patience = match probe.subject.spans {
        Spans::Collector => Duration::from_secs(2),
        _ => Duration::from_millis(500),
    };
    function.terminate(patience);
    let received = sink.received(0, Duration::ZERO).into_iter();
    let received = received.flat_map(|request| request.spans);
    let received: Vec<Span> = received.filter(is_invocation).collect();
    let arrived = received.iter().map(|span| span.span_id.as_slice());
    let arrived = arrived.collect::<BTreeSet<_>>().len();
    let mut evidence = format!("{arrived} of {started}");
    if received.len() > arrived {
        evidence.push_str(&format!(", {} of them twice", received.len() - arrived));
    }
    let unanswered = FAILING + 2 - started;
    if unanswered > 0 {
        evidence.push_str(&format!(", {unanswered} invocations unanswered"));
    }
    Fact::new(arrived == started && unanswered == 0, evidence)
}

impl Probe<'_> {
    /// Variables that users of a rival must know of are not set. How it works is not among them.
    fn unset(&self) -> Vec<(&'static str, &'static str)> {
        let names = self.subject.variables.iter().map(|(name, _)| *name);
        let levels = names.filter(|name| *name == "RUST_LOG");
        levels.map(|name| (name, "")).collect()
    }

    /// One invocation of a new process, which Lambda ends when its time is over.
    fn see(&self, variables: &[(&str, &str)], event: &Event) -> Seen {
        let sink = Sink::start();
        let function = Function::start(self.subject, self.built, &sink, variables);
        function.api.idle(PATIENCE);
        let id = function.api.invoke(event.clone());
        let answer = function.api.answer(&id, event.timeout);
        let took = answer.as_ref().map_or(event.timeout, |answer| answer.took);
        function.api.idle(event.timeout.saturating_sub(took));
        drop(function);
        let received = sink.received(0, Duration::ZERO).into_iter();
        Seen {
            answer,
            spans: received.flat_map(|request| request.spans).collect(),
        }
    }

    fn some_span(&self, variables: &[(&str, &str)], event: &Event) -> Fact {
        let spans = self.see(variables, event).spans;
        Fact::new(spans.iter().any(is_invocation), "")
    }

    /// A fact about the invocation's span, if there is one.
    fn with_span(
        &self,
        variables: &[(&str, &str)],
        event: &Event,
        fact: impl FnOnce(&Span) -> Fact,
    ) -> Fact {
        let spans = self.see(variables, event).spans;
        let span = spans.iter().find(|span| is_invocation(span));
        span.map_or_else(|| Fact::new(false, "no span"), fact)
    }

    fn failure(&self, does: &str, event: String) -> Fact {
        let event = Event::new(event).with_timeout(TIMEOUT);
        self.with_span(&[("FUNCTION_DOES", does)], &event, |span| {
            let status = spans::status(span);
            let error_type = spans::text(span, "error.type");
            let evidence = match error_type {
                Some(error_type) => format!("{status}, `{error_type}`"),
                None => format!("{status}, no `error.type`"),
            };
            Fact::new(spans::is_error(span) && error_type.is_some(), evidence)
        })
    }
}

fn http() -> Event {
    Event::new(events::http()).with_timeout(TIMEOUT)
}

fn invoke(function: &Function) -> Option<Answer> {
    function.api.idle(PATIENCE)?;
    let id = function.api.invoke(Event::new(events::http()));
    function.api.answer(&id, PATIENCE)
}

fn is_invocation(span: &Span) -> bool {
    spans::attribute(span, "faas.invocation_id").is_some()
}
