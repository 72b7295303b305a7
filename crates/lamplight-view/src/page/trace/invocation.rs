//! An invocation with its records and its calls.

use std::sync::Arc;

use maud::{Markup, html};

use super::{
    TraceOptions,
    bar::Bar,
    calls::calls,
    chips::{self, outcome},
    drawing::Drawing,
    icon, summary,
    survey::{color, init_start},
    text::{count, counted, cut, or_dash, ordinal},
    waterfall::{grid, ruler},
};
use crate::{
    facts::{Facts, Outcome},
    journey::{Batch, Journey, Node, names},
    page::{
        View,
        text::time,
        time::{Axis, duration, of_millis},
    },
    span::{Span, SpanRef},
};

/// Returns the page of an invocation: its records with links to their traces, the number of records
/// that did not arrive, and its calls through AWS SDKs, which are taken from `journey`, that of its
/// trace.
///
/// Its heading is an `h1`.
#[must_use]
pub fn invocation(journey: &Journey, id: SpanRef, options: &TraceOptions) -> Markup {
    let drawing = Drawing::new(journey, options);
    let batch = journey.batches.iter().find(|batch| batch.id == id);
    let own = drawing
        .survey
        .places
        .get(&id.span)
        .filter(|_| id.trace == journey.trace);
    let node = own.and_then(|place| journey.nodes.get(*place));
    let own = node.and_then(Node::span);
    let span = batch.and_then(|batch| batch.invocation.as_ref()).or(own);
    let records = batch.map_or(&[][..], |batch| &batch.records);
    let flush = node.and_then(|node| node.flush);
    let times = Times::of(span.map(Arc::as_ref), records, flush);
    html! {
        section.t-page.t-invocation {
            @match span {
                Some(span) => (head(&drawing, span, batch, flush)),
                None => {
                    div.t-head {
                        h1 { "Invocation" }
                        p.t-sub { span { "span " code { (id.span) } } span { "trace " code { (id.trace) } } }
                        p.t-note { "The invocation itself has not been received" @if !records.is_empty() { ", but these of its records have" } "." }
                    }
                }
            }
            @if span.is_some() || !records.is_empty() {
                (picture(&drawing, span.map(Arc::as_ref), batch, &times))
            }
            (calls(&drawing, id, records, times.axis.begin()))
        }
    }
}

/// The time range of the page.
struct Times {
    axis: Axis,
    init: Option<u64>,
    /// End of the flush after it.
    flush: Option<u64>,
}

impl Times {
    fn of(span: Option<&Span>, records: &[Arc<Span>], flush: Option<u64>) -> Self {
        let flush = span.and_then(|span| Some(span.end.max(span.start).saturating_add(flush?)));
        let init = span.and_then(|span| init_start(&Facts::of(span), span.start));
        let spans = || span.into_iter().chain(records.iter().map(Arc::as_ref));
        let begin = spans()
            .map(|span| span.start)
            .chain(init)
            .min()
            .unwrap_or_default();
        let ends = spans().map(|span| span.end).chain(flush);
        let end = ends.max().unwrap_or_default();
        Self {
            axis: Axis::linear(begin, end),
            init,
            flush,
        }
    }
}

fn head(drawing: &Drawing<'_>, span: &Span, batch: Option<&Batch>, flush: Option<u64>) -> Markup {
    let facts = Facts::of(span);
    let trace = drawing.options.span(span.id());
    let outcome = match facts.outcome {
        Outcome::Ok => "ok",
        Outcome::Error => "failed",
        Outcome::Timeout => "timed out",
    };
    let stat = |name: &str, value: String| html! { div { dt { (name) } dd { (value) } } };
    html! {
        div.t-head {
            h1 { span { "Invocation" } " " (cut(&span.name, 200)) }
            p.t-sub {
                span { (summary::swatch(color(facts.function))) " " (cut(facts.function, 120))
                    @if let Some(version) = facts.version { " " span.t-dim { (cut(version, 80)) } } }
                span { (time(span.start)) " UTC" }
                @if let Some(id) = facts.invocation_id { span { "request " code { (cut(id, 80)) } } }
                span { a href=(trace) { "in its trace" } }
            }
            dl.t-stats {
                div class=[(facts.outcome != Outcome::Ok).then_some("t-bad-text")] { dt { "Outcome" } dd { (outcome) } }
                (stat("Duration", duration(span.duration())))
                @if let Some(init) = facts.init_ms { (stat("Cold start", duration(of_millis(init)))) }
                @else if facts.cold { (stat("Cold start", "yes".to_owned())) }
                @if let Some(flush) = facts.held_ms {
                    div title="Time for which the flush of spans held the environment after the previous response" {
                        dt { "Flush before it" } dd { (duration(of_millis(flush))) }
                    }
                }
                @if let Some(flush) = flush {
                    div title="Time for which the flush of spans held the environment after the response; no caller waited for it" {
                        dt { "Flush after it" } dd { (duration(flush)) }
                    }
                }
                @if let Some(trigger) = facts.trigger { (stat("Trigger", cut(trigger, 80).into_owned())) }
                @if let Some(memory) = facts.memory { (stat("Memory", format!("{} MiB", memory / 1_048_576))) }
                @if let Some(batch) = batch {
                    (stat("Records", count(batch.size())))
                    @if let Some(failed) = batch.failed.filter(|failed| *failed > 0) {
                        div.t-bad-text { dt { "Redelivered" } dd { (counted(failed, "record")) } }
                    }
                    @let missing = missing(batch);
                    @if missing > 0 { (stat("Not received", counted(missing, "record"))) }
                }
            }
            @if facts.outcome != Outcome::Ok {
                @let message = facts.exception.map_or(span.status_message.as_str(), |(_, message)| message);
                div.t-problem role="note" {
                    strong { (cut(facts.exception.map(|(kind, _)| kind).or(facts.error_type).unwrap_or("error"), 200)) }
                    @if !message.is_empty() { p { (cut(message, 2_000)) } }
                }
            }
        }
    }
}

/// Returns the number of records that did not arrive.
fn missing(batch: &Batch) -> u64 {
    batch.size().saturating_sub(batch.records.len() as u64)
}

/// Returns the bar of the invocation, and those of its records below it.
fn picture(
    drawing: &Drawing<'_>,
    span: Option<&Span>,
    batch: Option<&Batch>,
    times: &Times,
) -> Markup {
    let axis = &times.axis;
    let records = batch.map_or(&[][..], |batch| &batch.records);
    let limit = drawing.options.limit;
    let left = records.len().saturating_sub(limit);
    let missing = batch.map_or(0, missing);
    html! {
        div.t-wf {
            div.t-ruler aria-hidden="true" {
                span.t-name { @if records.is_empty() { "Span" } @else { "Records" } }
                span.t-dur { "Duration" }
                (ruler(axis, ""))
            }
            div.t-body {
                (grid(axis, ""))
                ol.t-rows aria-label="The invocation and its records" {
                    @if let Some(span) = span { (own_row(drawing, span, times)) }
                    @for (index, record) in records.iter().take(limit).enumerate() {
                        (record_row(drawing, record, index, axis))
                    }
                    @if left > 0 { (note(&format!("{} more records", count(left as u64)))) }
                    @if missing > 0 {
                        (note(&format!("{} of {} were not received", count(missing), count(batch.map_or(0, Batch::size)))))
                    }
                }
            }
        }
    }
}

fn note(text: &str) -> Markup {
    html! {
        li.t-li.t-gone.t-d1 aria-level="2" {
            span.t-row { span.t-name { span.t-in {} (icon::missing()) span.t-main { (text) } } }
        }
    }
}

fn own_row(drawing: &Drawing<'_>, span: &Span, times: &Times) -> Markup {
    let facts = Facts::of(span);
    let color = color(facts.function);
    let bar = Bar {
        init: times.init,
        flush: times.flush,
        ..bar(span, &facts)
    };
    html! {
        li class={ "t-li t-d0" @if facts.outcome != Outcome::Ok { " t-err" } } aria-level="1" {
            div.t-row {
                span.t-name {
                    span.t-in {}
                    (icon::icon(facts.role, color))
                    a.t-main href=(drawing.options.span(span.id())) { (cut(or_dash(&span.name, "(no name)"), 120)) }
                    span class={ "t-fn t-f" (color) } { (cut(facts.function, 120)) }
                    (outcome(&facts))
                    (chips::flush(bar.flush.map(|end| end.saturating_sub(bar.end))))
                }
                span.t-dur { (duration(span.duration())) }
                (bar.on(&times.axis, ""))
            }
        }
    }
}

fn record_row(drawing: &Drawing<'_>, record: &Span, index: usize, axis: &Axis) -> Markup {
    let facts = Facts::of(record);
    let address = drawing.options.span(record.id());
    let waited = facts.queue_ms.map(of_millis).filter(|waited| *waited > 0);
    html! {
        li class={ "t-li t-d1" @if facts.outcome != Outcome::Ok { " t-err" } } aria-level="2" {
            div.t-row {
                span.t-name {
                    span.t-in {}
                    (icon::icon(facts.role, color(facts.function)))
                    span.t-dim.t-nth { (ordinal(index as u64 + 1)) }
                    a.t-main href=(address) title="The record in its trace" {
                        @match facts.message_id.filter(|id| !id.is_empty()) {
                            Some(id) => (cut(id, 60)),
                            None => (cut(or_dash(&record.name, "(no name)"), 120)),
                        }
                    }
                    (outcome(&facts))
                    @if let Some(attempt) = facts.attempt.filter(|attempt| *attempt > 1) {
                        @let message = facts.message_id.unwrap_or_default().to_owned();
                        a.t-chip.t-to.t-warn href=(drawing.options.address(&View::Message(message))) {
                            "attempt " (count(attempt))
                        }
                    }
                    @if let Some(waited) = waited {
                        span.t-chip { (duration(waited)) " in " (cut(&names::place(facts.system, facts.destination), 60)) }
                    }
                }
                span.t-dur { (duration(record.duration())) }
                (bar(record, &facts).on(axis, ""))
            }
        }
    }
}

fn bar<'a>(span: &Span, facts: &Facts<'_>) -> Bar<'a> {
    Bar {
        color: Some(color(facts.function)),
        start: span.start,
        end: span.end.max(span.start),
        init: None,
        flush: None,
        waits: &[],
        failed: facts.outcome != Outcome::Ok,
        timed_out: facts.outcome == Outcome::Timeout,
        critical: false,
        marks: Vec::new(),
    }
}
