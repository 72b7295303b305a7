//! The line of a span.

use std::fmt::Write as _;

use lamplight_semconv::service;
use lamplight_view::{
    facts::Facts,
    journey::{Attempts, Batch, Journey, Node, NodeKind, Wait},
    page::time::duration,
    span::{Span, Status},
};

/// Returns service, name, kind, start relative to the trace, duration, and unusual properties.
pub(super) fn of(journey: &Journey, node: &Node, span: &Span) -> String {
    let service = span.resource.attributes.text(service::NAME);
    let mut line = format!(
        "{}  {}  {}  +{:.1} ms  {:.1} ms",
        service.unwrap_or("unknown_service"),
        span.name,
        span.kind.name(),
        ms(node.start.saturating_sub(journey.begin)),
        ms(span.duration()),
    );
    if span.status == Status::Error {
        let _ = write!(line, "  ERROR {}", span.status_message);
    }
    let mut notes = waits(&node.waits);
    if let Some(batch) = node.batch.and_then(|batch| journey.batches.get(batch)) {
        notes.extend(in_batch(batch, span));
    }
    if let Some(attempts) = node.attempts.and_then(|it| journey.attempts.get(it)) {
        notes.extend(attempt(attempts, span));
    }
    if node.shift != 0 {
        let by = duration(node.shift.unsigned_abs());
        notes.push(format!("its clock is behind; shown {by} later"));
    }
    let parent = node.parent.and_then(|parent| journey.nodes.get(parent));
    if let Some(NodeKind::Missing(id)) = parent.map(|parent| &parent.kind) {
        notes.push(format!("its parent {id} is missing"));
    }
    if span.times > 1 {
        notes.push(format!("received {} times", span.times));
    }
    for note in notes {
        let _ = write!(line, "  ({note})");
    }
    one(&line)
}

/// Returns arbitrary text on one line, without characters that control a terminal.
pub(super) fn one(text: &str) -> String {
    let shown = |character: char| match character {
        '\n' => '⏎',
        other if other.is_control() => '\u{fffd}',
        other => other,
    };
    text.chars().map(shown).collect()
}

fn waits(waits: &[Wait]) -> Vec<String> {
    let said = |wait: &Wait| format!("{} {}", duration(wait.duration()), wait.said());
    let said: Vec<_> = waits.iter().map(said).collect();
    match said.is_empty() {
        true => Vec::new(),
        false => vec![said.join(", ")],
    }
}

/// Returns the number of a record in its batch, or the number of records of an invocation.
fn in_batch(batch: &Batch, span: &Span) -> Option<String> {
    let size = batch.size();
    if size < 2 {
        return None;
    }
    if let Some(number) = batch.number(span.id()) {
        return Some(format!("{} of {size} in its batch", ordinal(number)));
    }
    Some(match batch.failed {
        None | Some(0) => format!("{size} records"),
        Some(failed) => format!("{size} records, {failed} failed"),
    })
}

fn attempt(attempts: &Attempts, span: &Span) -> Option<String> {
    let deliveries = &attempts.deliveries;
    let place = deliveries.iter().position(|it| it.id() == span.id())?;
    let counted = |span: &Span| Facts::of(span).attempt;
    let number = counted(span).unwrap_or(place as u64 + 1);
    let last = deliveries.last().and_then(|last| counted(last));
    let last = last.unwrap_or_default().max(deliveries.len() as u64);
    let before = place.checked_sub(1).and_then(|it| deliveries.get(it));
    let from = before.and_then(|before| Facts::of(before).destination);
    if let Some(from) = from.filter(|from| Some(*from) != Facts::of(span).destination) {
        return Some(format!("moved here from {from}"));
    }
    if last < 2 {
        return None;
    }
    let is_last = place + 1 == deliveries.len();
    Some(match attempts.open && is_last {
        true => format!("attempt {number}, none after it"),
        false => format!("attempt {number} of {last}"),
    })
}

fn ms(nanos: u64) -> f64 {
    nanos as f64 / 1e6
}

fn ordinal(number: usize) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}
