//! What is in a span.

use super::Fact;
use super::probe::{Probe, TIMEOUT, http};
use crate::functions::{Event, events, spans};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use std::collections::BTreeSet;

pub(super) fn continues(probe: &Probe<'_>) -> Fact {
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

pub(super) fn baggage(probe: &Probe<'_>) -> Fact {
    let answer = probe.see(&[], &http()).answer;
    let body = answer.map(|answer| answer.body).unwrap_or_default();
    Fact::new(String::from_utf8_lossy(&body).contains("acme"), "")
}

pub(super) fn name_and_kind(probe: &Probe<'_>) -> Fact {
    probe.with_span(&[], &http(), |span| {
        let kind = spans::kind(span);
        let holds = kind == "server" && !span.name.contains("42");
        Fact::new(holds, format!("`{}`, {kind}", span.name))
    })
}

pub(super) fn typed(probe: &Probe<'_>) -> Fact {
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

pub(super) fn redacted(probe: &Probe<'_>) -> Fact {
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

pub(super) fn no_junk(probe: &Probe<'_>) -> Fact {
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

pub(super) fn links(probe: &Probe<'_>) -> Fact {
    let event = Event::new(events::batch()).with_timeout(TIMEOUT);
    probe.with_span(&[("FUNCTION_EVENT", "sqs")], &event, |span| {
        let linked = span.links.iter().map(|link| spans::hex(&link.trace_id));
        let linked: BTreeSet<String> = linked.collect();
        let wanted: BTreeSet<String> = events::traces().into_iter().collect();
        let seen = linked.intersection(&wanted).count();
        Fact::new(linked == wanted, format!("{seen} of {}", wanted.len()))
    })
}

pub(super) fn event_bridge_in_sqs(probe: &Probe<'_>) -> Fact {
    let event = Event::new(events::event_bridge_in_sqs()).with_timeout(TIMEOUT);
    probe.with_span(&[("FUNCTION_EVENT", "sqs")], &event, |span| {
        let is_it = |trace: &[u8]| spans::hex(trace) == events::TRACE;
        let linked = span.links.iter().any(|link| is_it(&link.trace_id));
        Fact::new(is_it(&span.trace_id), if linked { "linked" } else { "" })
    })
}
