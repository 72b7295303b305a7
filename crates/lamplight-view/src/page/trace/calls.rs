//! The calls of an invocation.

use std::{collections::HashSet, sync::Arc};

use maud::{Markup, html};

use super::{
    chips::outcome,
    drawing::Drawing,
    icon,
    survey::color,
    text::{cut, or_dash},
};
use crate::{
    facts::{Facts, Outcome, Role},
    journey::{Node, Place},
    page::time::{duration, offset},
    span::{Span, SpanRef},
};

/// Maximum number of listed calls.
const MAX_CALLS: usize = 500;

/// Returns the calls of the invocation and of its records, as far as they are in its trace.
pub(super) fn calls(
    drawing: &Drawing<'_>,
    id: SpanRef,
    records: &[Arc<Span>],
    begin: u64,
) -> Markup {
    let (calls, left) = below(drawing, id, records);
    html! {
        @if !calls.is_empty() {
            section.t-block {
                h2 { "Calls" }
                div.t-scroll role="region" aria-label="Calls" tabindex="0" {
                    table.t-table {
                        thead { tr {
                            th { "Call" } th.t-num { "At" } th.t-num { "Duration" } th.t-num { "Attempts" } th { "Answer" } th { "Request" }
                        } }
                        tbody { @for (node, span) in calls { (call(drawing, node, span, begin)) } }
                    }
                }
                @if left { p.t-dim { "There are more: its trace shows all of them." } }
            }
        }
    }
}

fn below<'a>(
    drawing: &Drawing<'a>,
    id: SpanRef,
    records: &[Arc<Span>],
) -> (Vec<(&'a Node, &'a Span)>, bool) {
    let journey = drawing.journey;
    let own: HashSet<SpanRef> = [id]
        .into_iter()
        .chain(records.iter().map(|record| record.id()))
        .filter(|id| id.trace == journey.trace)
        .collect();
    let places = own
        .iter()
        .filter_map(|id| drawing.survey.places.get(&id.span));
    let mut open: Vec<Place> = places.copied().collect();
    // A record may be below its invocation.
    let mut seen: HashSet<Place> = HashSet::new();
    let mut found: Vec<(Place, &Node, &Span)> = Vec::new();
    while let Some(place) = open.pop().filter(|_| found.len() <= MAX_CALLS) {
        let brief = drawing.survey.briefs.get(place);
        let (Some(node), Some(brief)) = (journey.nodes.get(place), brief) else {
            continue;
        };
        // The work of another invocation or record has its own page.
        let begins = matches!(
            brief.role,
            Role::Invocation | Role::Record | Role::Batch | Role::Server
        );
        let is_own = || node.span().is_some_and(|span| own.contains(&span.id()));
        if !seen.insert(place) || begins && !is_own() {
            continue;
        }
        open.extend(&node.children);
        let is_call = matches!(
            brief.role,
            Role::AwsCall | Role::Database | Role::Send | Role::Client
        );
        if let (true, Some(span)) = (is_call, node.span()) {
            found.push((place, node, span));
        }
    }
    let is_full = found.len() > MAX_CALLS;
    found.sort_by_key(|(place, node, _)| (node.start, *place));
    (
        found
            .into_iter()
            .map(|(_, node, span)| (node, span))
            .collect(),
        is_full,
    )
}

fn call(drawing: &Drawing<'_>, node: &Node, span: &Span, begin: u64) -> Markup {
    use lamplight_semconv::{aws, http, lamplight};
    let facts = Facts::of(span);
    let text = |key| {
        span.attributes
            .get(key)
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    let attempts = span.attributes.number(lamplight::aws::ATTEMPTS);
    let is_retried = attempts.is_some_and(|attempts| attempts > 1.0);
    html! {
        tr class=[(facts.outcome != Outcome::Ok).then_some("t-err")] {
            td {
                (icon::icon(facts.role, color(facts.function))) " "
                a href=(drawing.options.span(span.id())) { (cut(or_dash(&span.name, "(no name)"), 120)) }
                @if let Some(destination) = facts.destination { " " span.t-dim { (cut(destination, 80)) } }
                " " (outcome(&facts))
            }
            td.t-num { (offset(begin, node.start)) }
            td.t-num { (duration(span.duration())) }
            td.t-num class=[is_retried.then_some("t-warn")] { @if let Some(attempts) = attempts { (attempts) } }
            td { (cut(&text(http::response::STATUS_CODE), 40))
                @let expected = text(lamplight::aws::EXPECTED_ERROR);
                @if !expected.is_empty() { " " span.t-dim { (cut(&expected, 80)) } } }
            td { code { (cut(&text(aws::REQUEST_ID), 80)) } }
        }
    }
}
