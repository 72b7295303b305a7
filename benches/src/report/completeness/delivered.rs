//! Delivery of spans, and the waiting that it causes.

use std::{collections::BTreeSet, time::Duration};

use nix::sys::signal::Signal;
use spans::Span;

use super::{
    fact::Fact,
    probe::{Probe, TIMEOUT, http, invoke, is_invocation},
};
use crate::functions::{
    Behavior, Built, Event, Function, PATIENCE, Sink, Spans, Subject, events, milliseconds, spans,
};

/// The number of invocations with a failing sink; one with a healthy sink precedes them and one follows.
pub(super) const FAILING: usize = 40;

/// Makes eight invocations, four at a time, each with a separate trace.
pub(super) fn concurrent(probe: &Probe<'_>) -> Fact {
    const COUNT: usize = 8;
    let built = match &probe.concurrent {
        Ok(built) => built,
        Err(error) => return Fact::new(false, format!("does not compile: {error}")),
    };
    let sink = Sink::start();
    let variables = [
        ("AWS_LAMBDA_MAX_CONCURRENCY", "4"),
        ("FUNCTION_DOES", "slow:50"),
    ];
    let function = Function::start(probe.subject, built, &sink, &variables);
    if function.api.idle(PATIENCE).is_none() {
        return Fact::new(false, "never requests an event");
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
    let is_cold = |span: &&Span| *span.attribute("faas.coldstart") == true;
    let cold = received.iter().filter(is_cold).count();
    let seen = received.iter().map(|span| span.trace_id.clone());
    let seen: BTreeSet<String> = seen.collect();
    let right = seen.intersection(&traces).count();
    let at_once = function.api.most_at_once();
    let all = answered == COUNT && right == COUNT && received.len() == COUNT;
    let starts = if cold == 1 { "start" } else { "starts" };
    let evidence = format!("{at_once} at once, {cold} cold {starts}, {right} of {COUNT} traces");
    Fact::new(all && at_once > 1 && cold == 1, evidence)
}

pub(super) fn stalled(probe: &Probe<'_>) -> Fact {
    const STALL: Duration = Duration::from_millis(1500);
    let sink = Sink::start();
    let function = Function::start(probe.subject, probe.built, &sink, &[]);
    // Not the first one, which initializes many things.
    invoke(&function);
    function.api.idle(PATIENCE);
    sink.behave(Behavior::Late(STALL));
    match invoke(&function) {
        None => Fact::new(false, "no response"),
        Some(answer) => {
            let evidence = format!("{:.0} ms", milliseconds(answer.took));
            Fact::new(answer.took < STALL / 5, evidence)
        }
    }
}

pub(super) fn ready_again(probe: &Probe<'_>) -> Fact {
    let sink = Sink::start();
    let function = Function::start(probe.subject, probe.built, &sink, &[]);
    function.api.idle(PATIENCE);
    sink.behave(Behavior::Hanging);
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

/// Returns the answer to the question about the failing sink, for a function without the other questions.
pub(crate) fn frozen_cell(subject: &Subject, built: &Built) -> String {
    let concurrent = Err("not asked".to_owned());
    frozen(&Probe {
        subject,
        built,
        concurrent,
    })
    .cell()
}

pub(super) fn frozen(probe: &Probe<'_>) -> Fact {
    let sink = Sink::start();
    let function = Function::start(probe.subject, probe.built, &sink, &[]);
    let mut started = usize::from(invoke(&function).is_some());
    sink.behave(Behavior::Failing);
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
    sink.behave(Behavior::Healthy);
    started += usize::from(invoke(&function).is_some());
    function.api.idle(PATIENCE);
    // The limits of Lambda for internal extensions, and for those in separate processes.
    let patience = match probe.subject.spans {
        Spans::Collector => Duration::from_secs(2),
        _ => Duration::from_millis(500),
    };
    function.terminate(patience);
    let received = sink.received(0, Duration::ZERO).into_iter();
    let received = received.flat_map(|request| request.spans);
    let received: Vec<Span> = received.filter(is_invocation).collect();
    let arrived = received.iter().map(|span| span.span_id.as_str());
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
