//! Deliveries of one message, side by side.

use maud::{Markup, html};

use super::{
    TraceOptions,
    chips::failure,
    summary,
    survey::Colors,
    text::{count, cut, or_dash},
};
use crate::{
    facts::{Facts, Outcome},
    journey::{Attempts, names},
    page::time::{date_time, duration, of_millis},
    span::Span,
};

/// Maximum number of displayed deliveries.
const MOST: usize = 200;

/// Returns the page of a message: each delivery with its outcome, moves to other queues, and a note
/// if a later delivery is missing. Each system or consumer has its own list of deliveries.
///
/// Its heading is an `h1`.
#[must_use]
pub fn message(message_id: &str, attempts: &[Attempts], options: &TraceOptions) -> Markup {
    let deliveries: usize = attempts
        .iter()
        .map(|attempts| attempts.deliveries.len())
        .sum();
    html! {
        section.t-page.t-message {
            div.t-head {
                h1 { span { "Message" } " " (cut(message_id, 200)) }
                p.t-sub { (count(deliveries as u64)) (if deliveries == 1 { " delivery" } else { " deliveries" }) }
            }
            @if deliveries == 0 {
                p { "No delivery of this message was recorded. Spans of records contain its id if the function splits its batches." }
            }
            @for attempts in attempts { (one(attempts, options)) }
        }
    }
}

fn one(attempts: &Attempts, options: &TraceOptions) -> Markup {
    let deliveries = deliveries(attempts);
    let left = attempts.deliveries.len().saturating_sub(deliveries.len());
    html! {
        section.t-block aria-label="Deliveries" {
            h2 { (names::system(&attempts.system)) }
            ol.t-deliveries {
                @for delivery in &deliveries {
                    @if let Some(before) = &delivery.before { li.t-between { (before) } }
                    li class={ "t-card" @if delivery.facts.outcome != Outcome::Ok { " t-err" } } { (card(delivery, options)) }
                }
                @if left > 0 { li.t-between { (count(left as u64)) " more" } }
                @if attempts.open {
                    li.t-between.t-open { "No later attempt was recorded: the message was dead-lettered, will be redelivered, or its delivery was not recorded." }
                }
            }
        }
    }
}

struct Delivery<'a> {
    span: &'a Span,
    facts: Facts<'a>,
    color: usize,
    number: u64,
    place: String,
    /// A description of the time since the previous delivery.
    before: Option<String>,
}

fn deliveries(attempts: &Attempts) -> Vec<Delivery<'_>> {
    let mut deliveries: Vec<Delivery<'_>> = Vec::new();
    let mut colors = Colors::default();
    for span in attempts.deliveries.iter().take(MOST) {
        let facts = Facts::of(span);
        let place = names::place(facts.system, facts.destination);
        let last = deliveries.last();
        let is_moved = last.is_some_and(|last| last.place != place);
        let expected = last.filter(|_| !is_moved).map_or(1, |last| last.number + 1);
        let number = facts.attempt.unwrap_or(expected);
        let before = before(last, span, &place, number.saturating_sub(expected));
        deliveries.push(Delivery {
            span,
            color: colors.of(facts.function),
            facts,
            number,
            place,
            before,
        });
    }
    deliveries
}

/// Returns a description of the time before a delivery.
fn before(last: Option<&Delivery<'_>>, span: &Span, place: &str, skipped: u64) -> Option<String> {
    let unrecorded = match skipped {
        0 => None,
        1 => Some("one earlier attempt was not recorded".to_owned()),
        _ => Some(format!(
            "{} earlier attempts were not recorded",
            count(skipped)
        )),
    };
    let Some(last) = last else {
        return unrecorded;
    };
    let later = span.start.saturating_sub(last.span.end);
    let moved = (last.place != place).then(|| format!("moved to {place}"));
    let later = format!("{} later", duration(later));
    let parts = [moved, Some(later), unrecorded];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

fn card(delivery: &Delivery<'_>, options: &TraceOptions) -> Markup {
    let Delivery {
        span,
        facts,
        color,
        number,
        place,
        before: _,
    } = delivery;
    let (kind, message) = failure(span, facts);
    html! {
        h3 {
            "Attempt " (count(*number)) " "
            @match facts.outcome {
                Outcome::Ok => span.t-chip.t-good { "ok" },
                Outcome::Error => span.t-chip.t-bad { "failed" },
                Outcome::Timeout => span.t-chip.t-bad { "timed out" },
            }
        }
        dl.t-times {
            div { dt { "From" } dd { (cut(place, 120)) } }
            div { dt { "Function" } dd { (summary::swatch(*color)) " " (cut(facts.function, 120)) } }
            div { dt { "Started" } dd { (date_time(span.start)) " UTC" } }
            div { dt { "Duration" } dd { (duration(span.duration())) } }
            @if let Some(waited) = facts.queue_ms {
                div { dt { "Waited" } dd { (duration(of_millis(waited))) span.t-dim { " since it was sent" } } }
            }
        }
        @if !matches!(facts.outcome, Outcome::Ok) && (!kind.is_empty() || !message.is_empty()) {
            div.t-problem {
                @if !kind.is_empty() { strong { (cut(kind, 200)) } }
                @if !message.is_empty() { p { (cut(message, 2_000)) } }
            }
        }
        p { a href=(options.span(span.id())) { (cut(or_dash(&span.name, "The span"), 80)) " in its trace" } }
    }
}
