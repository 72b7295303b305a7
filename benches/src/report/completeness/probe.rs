//! The means to answer a question.

use std::time::Duration;

use spans::Span;

use super::fact::Fact;
use crate::functions::{Answer, Built, Event, Function, PATIENCE, Sink, Subject, events, spans};

/// The function's timeout in a probe.
pub(super) const TIMEOUT: Duration = Duration::from_secs(2);

/// A function to be examined.
pub(super) struct Probe<'a> {
    pub(super) subject: &'a Subject,
    pub(super) built: &'a Built,
    /// The function for several invocations at a time, or the reason for its absence.
    pub(super) concurrent: Result<Built, String>,
}

/// The result of an invocation.
pub(super) struct Seen {
    pub(super) answer: Option<Answer>,
    pub(super) spans: Vec<Span>,
}

impl Probe<'_> {
    /// Returns variables that are unset here although users of a rival need them, except those that select
    /// its mode.
    pub(super) fn unset(&self) -> Vec<(&'static str, &'static str)> {
        let names = self.subject.variables.iter().map(|(name, _)| *name);
        let levels = names.filter(|name| *name == "RUST_LOG");
        levels.map(|name| (name, "")).collect()
    }

    /// Makes one invocation of a new process, which Lambda ends at the timeout.
    pub(super) fn see(&self, variables: &[(&str, &str)], event: &Event) -> Seen {
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

    pub(super) fn some_span(&self, variables: &[(&str, &str)], event: &Event) -> Fact {
        let spans = self.see(variables, event).spans;
        Fact::new(spans.iter().any(is_invocation), "")
    }

    /// Returns a fact about the invocation's span, if there is one.
    pub(super) fn with_span(
        &self,
        variables: &[(&str, &str)],
        event: &Event,
        fact: impl FnOnce(&Span) -> Fact,
    ) -> Fact {
        let spans = self.see(variables, event).spans;
        let span = spans.iter().find(|span| is_invocation(span));
        span.map_or_else(|| Fact::new(false, "no span"), fact)
    }

    pub(super) fn failure(&self, does: &str, event: String) -> Fact {
        let event = Event::new(event).with_timeout(TIMEOUT);
        self.with_span(&[("FUNCTION_DOES", does)], &event, |span| {
            let status = spans::status(span);
            let error_type = spans::text(span, "error.type");
            let evidence = match error_type {
                Some(error_type) => format!("{status}, `{error_type}`"),
                None => format!("{status}, no `error.type`"),
            };
            Fact::new(span.error.is_some() && error_type.is_some(), evidence)
        })
    }
}

pub(super) fn http() -> Event {
    Event::new(events::http()).with_timeout(TIMEOUT)
}

pub(super) fn invoke(function: &Function) -> Option<Answer> {
    function.api.idle(PATIENCE)?;
    let id = function.api.invoke(Event::new(events::http()));
    function.api.answer(&id, PATIENCE)
}

pub(super) fn is_invocation(span: &Span) -> bool {
    span.attributes.contains_key("faas.invocation_id")
}
