//! Events of a span.

use lamplight_semconv::exception as keys;
use maud::{Markup, html};

use super::{
    attributes,
    value::{self, Room},
};
use crate::{
    journey::Node,
    page::{
        time::offset,
        trace::text::{count, counted, cut, or_dash},
    },
    span::{Attribute, Event, Span},
};

/// Maximum number of listed events.
const MAX: usize = 500;

/// Returns whether an event is an exception.
pub(crate) fn is_exception(event: &Event) -> bool {
    event.name == "exception"
}

/// Returns the type and message of an exception; `None` for other events.
pub(crate) fn exception(event: &Event) -> Option<String> {
    let text = |key| event.attributes.text(key).unwrap_or_default();
    let (kind, message) = (text(keys::TYPE), text(keys::MESSAGE));
    match (is_exception(event), kind, message) {
        (false, ..) => None,
        (true, "", "") => Some("exception".to_owned()),
        (true, kind, "") => Some(kind.to_owned()),
        (true, "", message) => Some(cut(message, 1_000).into_owned()),
        (true, kind, message) => Some(format!("{kind}: {}", cut(message, 1_000))),
    }
}

/// Returns the events of a span in order, each with its time since the start of the journey.
pub(super) fn events(span: &Span, node: &Node, begin: u64, room: &Room) -> Markup {
    let shown = span.events.iter().take(MAX).take_while(|_| room.enter());
    let shown: Vec<&Event> = shown.collect();
    let left = span.events.len() - shown.len();
    html! {
        @if !span.events.is_empty() {
            div.t-group.t-events {
                h3 { "Events" }
                ol {
                    @for event in shown {
                        li { (one(event, node, begin, room)) }
                    }
                    @if left > 0 { li.t-dim { (count(left as u64)) " more events" } }
                }
            }
        }
    }
}

fn one(event: &Event, node: &Node, begin: u64, room: &Room) -> Markup {
    let time = event.time.saturating_add_signed(node.shift);
    let is_shown = |attribute: &&Attribute| {
        !is_exception(event)
            || !matches!(
                attribute.key.as_str(),
                keys::TYPE | keys::MESSAGE | keys::STACKTRACE
            )
    };
    let attributes: Vec<&Attribute> = event.attributes.iter().filter(is_shown).collect();
    let trace = event.attributes.text(keys::STACKTRACE);
    let trace = trace.filter(|trace| is_exception(event) && !trace.is_empty());
    html! {
        span.t-at-time title="since the start of the journey" { (offset(begin, time)) }
        " "
        @match exception(event) {
            Some(text) => strong.t-bad-text { (value::text(&text, room)) },
            None => strong { (cut(or_dash(&event.name, "(no name)"), 300)) },
        }
        span.t-dim { " " (offset(node.start, time)) " into the span" }
        @if !attributes.is_empty() { (attributes::list(attributes, room)) }
        @if let Some(trace) = trace { pre.t-stack-trace { (room.cut(trace)) } }
        @if event.dropped_attributes > 0 {
            span.t-warn { (counted(event.dropped_attributes.into(), "attribute")) " dropped" }
        }
    }
}
