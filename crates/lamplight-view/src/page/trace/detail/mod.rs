//! The details of a span.

mod attributes;
mod event;
mod value;

use maud::{Markup, html};

pub(super) use event::{exception, is_exception};

use super::{
    chips::{attempt, failure, in_batch, shift},
    drawing::Drawing,
    icon,
    text::{count, counted, cut, or_dash},
};
use crate::{
    facts::{Facts, Outcome, Role},
    journey::{Node, Place},
    page::time::{date_time, duration, offset},
    span::{Attributes, Link, Span, SpanRef, Status},
};
use value::Room;

/// Maximum size of the values in a panel, in bytes; further values are truncated.
const PANEL: usize = 1024 * 1024;
/// Maximum number of listed links in each direction.
const MAX_LINKS: usize = 100;

/// Returns the panel of a span.
pub(super) fn panel(
    drawing: &Drawing<'_>,
    place: Place,
    node: &Node,
    span: &Span,
    facts: &Facts<'_>,
) -> Markup {
    let room = Room::of(PANEL);
    let begin = drawing.survey.begin;
    html! {
        section.t-panel aria-label={ "Span " (cut(or_dash(&span.name, "without a name"), 120)) } {
            (problems(node, span, facts, &room))
            dl.t-times {
                (item("Start", &html! { (offset(begin, node.start)) " " span.t-dim { (date_time(node.start)) " UTC" } }))
                (item("Duration", &html! { (duration(span.duration())) }))
                @if let Some(own) = own_time(drawing, place, node) { (item("Own time", &html! { (duration(own)) })) }
                (item("Kind", &html! { (span.kind.name()) " " span.t-dim { (icon::word(facts.role)) } }))
                (item("Function", &html! { (cut(facts.function, 200))
                    @if let Some(version) = facts.version { " " span.t-dim { (cut(version, 80)) } } }))
                @if span.status != Status::Unset || !span.status_message.is_empty() {
                    (item("Status", &html! { (status(span.status)) }))
                }
                (item("Span", &html! { code { (span.span_id) } }))
                @if let Some(parent) = span.parent { (item("Parent", &html! { code { (parent) } })) }
            }
            p.t-ways { (in_batch(drawing, node, span)) (attempt(drawing, node, span, facts)) }
            (call(span, facts))
            (links(drawing, node, span))
            (event::events(span, node, begin, &room))
            (attributes::groups(span, &room))
            (recorder(span, &room))
        }
    }
}

/// Returns the panel of a span whose details do not fit into the file.
pub(super) fn without_room() -> Markup {
    html! {
        p.t-panel.t-dim { "The details did not fit into this file: " code { "lamplight serve" } " shows them." }
    }
}

fn item(name: &str, value: &Markup) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

const fn status(status: Status) -> &'static str {
    match status {
        Status::Unset => "unset",
        Status::Ok => "ok",
        Status::Error => "error",
    }
}

/// Returns the time in which no child was active.
fn own_time(drawing: &Drawing<'_>, place: Place, node: &Node) -> Option<u64> {
    let nodes = &drawing.journey.nodes;
    let children = nodes.get(place)?.children.iter();
    let mut inner: Vec<(u64, u64)> = children
        .filter_map(|child| nodes.get(*child))
        .map(|child| (child.start.max(node.start), child.end.min(node.end)))
        .filter(|(from, to)| from < to)
        .collect();
    inner.sort_unstable();
    let mut at = node.start;
    let mut own = 0;
    for (from, to) in inner {
        own += from.saturating_sub(at);
        at = at.max(to);
    }
    let own = own + node.end.saturating_sub(at);
    (own < node.end.saturating_sub(node.start)).then_some(own)
}

/// Returns the problems of the span, in its own words.
fn problems(node: &Node, span: &Span, facts: &Facts<'_>, room: &Room) -> Markup {
    let (kind, message) = failure(span, facts);
    html! {
        @if facts.outcome != Outcome::Ok {
            div.t-problem role="note" {
                strong {
                    (if facts.outcome == Outcome::Timeout { "Timed out" } else { "Failed" })
                    @if !kind.is_empty() { ": " (cut(kind, 200)) }
                }
                @if !message.is_empty() { p { (value::text(message, room)) } }
                @if !span.status_message.is_empty() && span.status_message != message {
                    p.t-dim { (value::text(&span.status_message, room)) }
                }
            }
        } @else if !span.status_message.is_empty() {
            p.t-dim { (value::text(&span.status_message, room)) }
        }
        @if node.shift != 0 {
            p.t-note { "Drawn " (shift(node.shift)) " from the time of its clock: it cannot have begun before its parent." }
        }
        @if span.end < span.start {
            p.t-note { "It ended " (duration(span.start - span.end)) " before it started: a clock was set back." }
        }
        @if span.times > 1 {
            p.t-note { "It was received " (count(span.times.into())) " times, in identical copies." }
        }
    }
}

/// Returns a call through an AWS SDK, as one line.
fn call(span: &Span, facts: &Facts<'_>) -> Markup {
    use lamplight_semconv::{aws, http, lamplight};
    if !matches!(
        facts.role,
        Role::AwsCall | Role::Database | Role::Send | Role::Client
    ) {
        return html! {};
    }
    let of = |key| span.attributes.get(key).map(ToString::to_string);
    let attempts = span.attributes.number(lamplight::aws::ATTEMPTS);
    let parts = [
        ("request", of(aws::REQUEST_ID)),
        ("and", of(aws::EXTENDED_REQUEST_ID)),
        ("answered", of(http::response::STATUS_CODE)),
        ("expected error", of(lamplight::aws::EXPECTED_ERROR)),
        ("refused entries", of(lamplight::aws::FAILED_ENTRIES)),
    ];
    if attempts.is_none() && parts.iter().all(|(_, value)| value.is_none()) {
        return html! {};
    }
    html! {
        p.t-call {
            @if let Some(attempts) = attempts {
                span class=[(attempts > 1.0).then_some("t-warn")] {
                    (attempts) (if attempts == 1.0 { " attempt" } else { " attempts" })
                }
            }
            @for (name, value) in &parts {
                @if let Some(value) = value { span { (name) " " code { (cut(value, 120)) } } }
            }
        }
    }
}

/// Returns links in both directions.
fn links(drawing: &Drawing<'_>, node: &Node, span: &Span) -> Markup {
    let to = span.links.len();
    let from = node.linked_from.len();
    let dropped = span.dropped_links;
    html! {
        @if to > 0 || from > 0 || dropped > 0 {
            div.t-group {
                h3 { "Links" }
                ul.t-links {
                    @for link in span.links.iter().take(MAX_LINKS) { (link_to(drawing, link)) }
                    @if to > MAX_LINKS { li.t-dim { (count((to - MAX_LINKS) as u64)) " more to other spans" } }
                    @for id in node.linked_from.iter().take(MAX_LINKS) {
                        li { span.t-dim { "from " } (way(drawing, *id)) }
                    }
                    @if from > MAX_LINKS { li.t-dim { (count((from - MAX_LINKS) as u64)) " more from other spans" } }
                    @if dropped > 0 { li.t-warn { (counted(dropped.into(), "link")) " dropped" } }
                }
            }
        }
    }
}

fn link_to(drawing: &Drawing<'_>, link: &Link) -> Markup {
    html! {
        li {
            span.t-dim { "to " } (way(drawing, link.to))
            @for attribute in link.attributes.iter().take(4) {
                " " span.t-dim { (cut(&attribute.key, 80)) "=" (cut(&attribute.value.to_string(), 120)) }
            }
        }
    }
}

/// Returns a link to a span of any trace.
fn way(drawing: &Drawing<'_>, id: SpanRef) -> Markup {
    let here = id.trace == drawing.journey.trace;
    let name = drawing.name_of(id);
    html! {
        a href=(drawing.options.span(id)) {
            @if let Some(name) = name { (cut(name, 120)) } @else { "span " code { (id.span) } }
        }
        span.t-dim {
            @if here { " in this trace" } @else { " in trace " code { (id.trace) } }
        }
    }
}

/// Returns the source of the span, and the counts of dropped data.
fn recorder(span: &Span, room: &Room) -> Markup {
    let resource = &span.resource.attributes;
    let scope = &span.scope;
    let dropped = [
        (span.dropped_attributes, "attribute"),
        (span.dropped_events, "event"),
        (
            span.resource.dropped_attributes,
            "attribute of the resource",
        ),
        (scope.dropped_attributes, "attribute of the scope"),
    ];
    let has = |attributes: &Attributes| !attributes.0.is_empty();
    html! {
        @for (number, what) in dropped {
            @if number > 0 { p.t-warn { (count(number.into())) " " (what) (if number == 1 { "" } else { "s" }) " dropped" } }
        }
        @if has(resource) {
            details.t-group.t-resource {
                summary { "resource " span.t-dim { (counted(resource.0.len() as u64, "attribute")) } }
                (attributes::list(resource.iter(), room))
                @if !span.resource.schema_url.is_empty() { p.t-dim { "Schema " (cut(&span.resource.schema_url, 200)) } }
            }
        }
        p.t-dim.t-scope {
            @if !scope.name.is_empty() { "Recorded by " (cut(&scope.name, 200)) @if !scope.version.is_empty() { " " (cut(&scope.version, 80)) } ". " }
            @if !span.trace_state.is_empty() { "tracestate " code { (cut(&span.trace_state, 600)) } ". " }
            @if span.flags & 0xff != 0 { "flags " code { (format!("{:02x}", span.flags & 0xff)) } "." }
        }
        @if has(&scope.attributes) {
            div.t-group { h3 { "scope" } (attributes::list(scope.attributes.iter(), room)) }
        }
    }
}
