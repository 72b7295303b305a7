//! The content of spans.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    fact::Fact,
    probe::{Probe, TIMEOUT, http},
};
use crate::functions::{Event, events, spans};

pub(super) fn continues(probe: &Probe<'_>) -> Fact {
    probe.with_span(&[], &http(), |span| {
        let (trace, parent) = (span.trace_id.as_str(), span.parent_span_id.as_str());
        let holds = trace == events::TRACE && parent == events::SPAN;
        let evidence = match (holds, parent) {
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
        match span.attribute("http.response.status_code") {
            status if *status == 404 => Fact::new(true, ""),
            Value::String(_) => Fact::new(false, "text"),
            Value::Null => Fact::new(false, "not recorded"),
            _ => Fact::new(false, "another type"),
        }
    })
}

pub(super) fn redacted(probe: &Probe<'_>) -> Fact {
    probe.with_span(&[], &http(), |span| {
        let leaks = span.attributes.iter().find(|(_, value)| {
            value
                .as_str()
                .is_some_and(|text| text.contains(events::SECRET))
        });
        let evidence = match (leaks, spans::text(span, "url.query")) {
            (Some((key, _)), _) => format!("`{key}` has it"),
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
        let count = span.attributes.keys().filter(|key| junk(key)).count();
        let all = span.attributes.len();
        Fact::new(count == 0, format!("{count} of {all} attributes"))
    })
}

pub(super) fn links(probe: &Probe<'_>) -> Fact {
    let event = Event::new(events::batch()).with_timeout(TIMEOUT);
    probe.with_span(&[("FUNCTION_EVENT", "sqs")], &event, |span| {
        let linked = span.links.iter().map(|link| link.trace_id.clone());
        let linked: BTreeSet<String> = linked.collect();
        let wanted: BTreeSet<String> = events::traces().into_iter().collect();
        let seen = linked.intersection(&wanted).count();
        Fact::new(linked == wanted, format!("{seen} of {}", wanted.len()))
    })
}

pub(super) fn event_bridge_in_sqs(probe: &Probe<'_>) -> Fact {
    let event = Event::new(events::event_bridge_in_sqs()).with_timeout(TIMEOUT);
    probe.with_span(&[("FUNCTION_EVENT", "sqs")], &event, |span| {
        let linked = span.links.iter().any(|link| link.trace_id == events::TRACE);
        let is_it = span.trace_id == events::TRACE;
        Fact::new(is_it, if linked { "linked" } else { "" })
    })
}
