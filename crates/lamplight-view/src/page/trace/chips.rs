//! Short notes on unusual properties of a span, and links to related pages.

use std::sync::Arc;

use maud::{Markup, html};

use super::{
    bar::flushed,
    drawing::Drawing,
    text::{count, counted, cut, or_dash, ordinal},
};
use crate::{
    facts::{Facts, Outcome},
    journey::{Attempts, Node},
    page::{
        View,
        time::{duration, of_millis},
    },
    span::Span,
};

/// Returns notes on unusual properties of a span, and links to related pages.
pub(super) fn chips(drawing: &Drawing<'_>, node: &Node, span: &Span, facts: &Facts<'_>) -> Markup {
    let links = node.linked_from.len() + span.links.len();
    let links = (links > 0 && node.batch.is_none()).then(|| counted(links as u64, "link"));
    html! {
        (outcome(facts))
        @if facts.cold || facts.init_ms.is_some() {
            span.t-chip.t-cold {
                "cold start"
                @if let Some(init) = facts.init_ms { " " (duration(of_millis(init))) }
            }
        }
        (flush(node.flush))
        (in_batch(drawing, node, span))
        (attempt(drawing, node, span, facts))
        @if span.times > 1 {
            span.t-chip title="Delivery is at least once: identical copies of this span were received." { "received " (count(span.times.into())) "×" }
        }
        @if drawing.survey.doubled.contains(&span.span_id) {
            span.t-chip.t-warn title="Several different spans have this id." { "id not unique" }
        }
        @if node.shift != 0 {
            span.t-chip.t-warn title="Its clock and its parent's disagree: it is drawn at its earliest possible time." {
                "clock " (shift(node.shift))
            }
        }
        @if span.end < span.start {
            span.t-chip.t-warn title="A clock was set back while it was running." { "ends before it starts" }
        }
        @if let Some(links) = links { span.t-chip.t-links { (links) } }
    }
}

/// Returns the failure of a span, if any, by its exception's type without the path.
pub(super) fn outcome(facts: &Facts<'_>) -> Markup {
    let is_known = |kind: &&str| !kind.is_empty() && *kind != OTHER;
    let exception = facts.exception.map(|(kind, _)| kind).filter(is_known);
    let kind = exception
        .or(facts.error_type.filter(is_known))
        .unwrap_or("failed");
    let last = kind.rsplit([':', '.', '/']).next().unwrap_or(kind);
    html! {
        @match facts.outcome {
            Outcome::Timeout => span.t-chip.t-bad { "timeout" },
            Outcome::Error => span.t-chip.t-bad title=(cut(kind, 200)) { (cut(or_dash(last, "failed"), 24)) },
            Outcome::Ok => {}
        }
    }
}

/// Returns the duration of the flush after an invocation.
pub(super) fn flush(flush: Option<u64>) -> Markup {
    html! {
        @if let Some(flush) = flush {
            span.t-chip title=(flushed(flush)) { "flush " (duration(flush)) }
        }
    }
}

/// Returns the type and message of a failure: those of the exception, or else those of the span
/// itself. Either may be empty.
pub(super) fn failure<'a>(span: &'a Span, facts: &Facts<'a>) -> (&'a str, &'a str) {
    let (kind, message) = facts.exception.unwrap_or_default();
    let kind = match kind {
        "" => facts
            .error_type
            .filter(|kind| *kind != OTHER)
            .unwrap_or_default(),
        kind => kind,
    };
    let message = if message.is_empty() {
        span.status_message.as_str()
    } else {
        message
    };
    (kind, message)
}

/// `error.type` of a failure without a specific type.
const OTHER: &str = "_OTHER";

/// Returns the correction of a clock.
pub(super) fn shift(shift: i64) -> String {
    let length = duration(shift.unsigned_abs());
    if shift < 0 {
        format!("−{length}")
    } else {
        format!("+{length}")
    }
}

/// Returns a link from a record to its invocation, or from an invocation to its records.
pub(super) fn in_batch(drawing: &Drawing<'_>, node: &Node, span: &Span) -> Markup {
    let batch = node
        .batch
        .and_then(|batch| drawing.journey.batches.get(batch));
    let Some(batch) = batch else {
        return html! {};
    };
    let address = drawing.options.address(&View::Invocation(batch.id));
    let size = batch.size();
    match batch.number(span.id()) {
        Some(number) if size > 1 => html! {
            a.t-chip.t-to href=(address) title="The invocation with all its records" {
                (ordinal(number as u64)) " of " (count(size))
                span.t-sr { " in this invocation" }
            }
        },
        Some(_) => html! {
            a.t-chip.t-to href=(address) title="The invocation with its record" { "invocation" }
        },
        None => html! {
            a.t-chip.t-to href=(address) title="Its records, with links to their traces" {
                (counted(size, "record"))
                @if let Some(failed) = batch.failed.filter(|failed| *failed > 0) { ", " (count(failed)) " failed" }
            }
        },
    }
}

/// Returns the number of a delivery of its message, with a link to the others.
pub(super) fn attempt(
    drawing: &Drawing<'_>,
    node: &Node,
    span: &Span,
    facts: &Facts<'_>,
) -> Markup {
    let attempts = node
        .attempts
        .and_then(|it| drawing.journey.attempts.get(it));
    let Some(attempts) = attempts else {
        return html! {
            @if let Some(attempt) = facts.attempt.filter(|attempt| *attempt > 1) {
                span.t-chip.t-warn { "attempt " (count(attempt)) }
            }
        };
    };
    html! {
        a.t-chip.t-to.t-warn href=(drawing.options.address(&View::Message(attempts.message_id.clone())))
            title="All deliveries of this message" { (delivery(attempts, span, facts)) }
    }
}

/// Returns the number of a delivery among those from the same queue, or a note that the message was
/// moved.
fn delivery(attempts: &Attempts, span: &Span, facts: &Facts<'_>) -> String {
    let is_it = |it: &Arc<Span>| it.id() == span.id();
    let place = attempts.deliveries.iter().position(is_it);
    let (before, rest) = attempts
        .deliveries
        .split_at_checked(place.unwrap_or_default())
        .unwrap_or((&[], &attempts.deliveries));
    let queue = |span: &Arc<Span>| Facts::of(span).destination.map(str::to_owned);
    let is_same = |it: &&Arc<Span>| queue(it).as_deref() == facts.destination;
    let earlier = before.iter().rev().take_while(is_same).count() as u64;
    let from = before.last().filter(|last| !is_same(last)).and_then(queue);
    if let Some(from) = from {
        return format!("moved from {}", cut(&from, 40));
    }
    let number = facts.attempt.unwrap_or(earlier + 1);
    if attempts.open && rest.len() <= 1 {
        return format!("attempt {}, none after it", count(number));
    }
    let counts = rest.iter().take_while(is_same).zip(number..);
    let last = counts.map(|(it, place)| Facts::of(it).attempt.unwrap_or(place));
    let last = last.max().unwrap_or(number).max(number);
    format!("attempt {} of {}", count(number), count(last))
}
