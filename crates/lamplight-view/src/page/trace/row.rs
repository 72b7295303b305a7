//! Rows of the waterfall.

use maud::{Markup, html};

use super::{
    bar::{Bar, MAX_MARKS, Mark, flushed, said},
    chips::chips,
    detail,
    drawing::Drawing,
    icon,
    options::row_id,
    survey::flush_end,
    text::{count, counted, cut, or_dash},
};
use crate::{
    facts::{Facts, Outcome, Role},
    journey::{Node, NodeKind, Place},
    page::time::{duration, offset},
    span::{Span, SpanId, SpanRef},
};

/// Maximum indentation; the depth of deeper spans is written as a number.
const MAX_INDENT: usize = 20;
/// Maximum length of a name in a row, in characters.
const NAME: usize = 120;

/// Returns the row of a node.
pub(super) fn row(drawing: &Drawing<'_>, place: Place) -> Markup {
    let Some(node) = drawing.journey.nodes.get(place) else {
        return html! {};
    };
    match &node.kind {
        NodeKind::Span(span) => of_span(drawing, place, node, span),
        NodeKind::Missing(id) => of_missing(drawing, node, *id),
    }
}

/// Returns the row for nodes without their own rows.
pub(super) fn folded(
    drawing: &Drawing<'_>,
    below: Option<Place>,
    number: u64,
    first: Place,
) -> Markup {
    let node = |place: Place| drawing.journey.nodes.get(place);
    let depth = below.and_then(node).map_or(0, |node| node.depth + 1);
    let first = node(first).and_then(Node::span);
    let noun = if number == 1 { "span" } else { "spans" };
    let text = match below {
        Some(_) => format!("{} more {noun} below", count(number)),
        None => format!("{} more {noun} without a row", count(number)),
    };
    html! {
        li class={ "t-li t-fold t-d" (depth.min(MAX_INDENT)) } aria-level=(depth + 1) {
            span.t-row {
                span.t-name {
                    span.t-in {}
                    @match first {
                        Some(first) if !drawing.options.is_file() => {
                            a.t-main href=(drawing.options.span(first.id())) { (text) }
                        }
                        _ => span.t-main { (text) },
                    }
                }
            }
        }
    }
}

/// Returns the row for spans that do not fit on the page.
pub(super) fn left_out(number: u64) -> Markup {
    without_row(&format!(
        "{} not shown for lack of room on this page",
        counted(number, "more span")
    ))
}

/// Returns the row for spans of the trace that were not read.
pub(super) fn in_store(number: u64) -> Markup {
    let verb = if number == 1 { "is" } else { "are" };
    without_row(&format!(
        "{} {verb} in the store",
        counted(number, "more span")
    ))
}

/// Returns the row for missing related spans.
pub(super) fn lacks_related() -> Markup {
    without_row("more related spans of other traces are in the store")
}

fn without_row(text: &str) -> Markup {
    html! {
        li.t-li.t-fold.t-d0 aria-level="1" {
            span.t-row { span.t-name { span.t-in {} span.t-main { (text) } } }
        }
    }
}

fn of_missing(drawing: &Drawing<'_>, node: &Node, id: SpanId) -> Markup {
    let id = SpanRef {
        trace: drawing.journey.trace,
        span: id,
    };
    html! {
        li.t-li.t-gone class={ "t-d" (node.depth.min(MAX_INDENT)) } id=(row_id(id)) aria-level=(node.depth + 1) {
            span.t-row {
                span.t-name {
                    span.t-in {}
                    (icon::missing())
                    span.t-main { "missing parent " code { (id.span) } }
                    span.t-chip title="Spans refer to it as their parent. It was not sampled, is still running, or was lost." { "not received" }
                }
            }
        }
    }
}

fn of_span(drawing: &Drawing<'_>, place: Place, node: &Node, span: &Span) -> Markup {
    let facts = Facts::of(span);
    let options = drawing.options;
    let (function, color) = drawing.survey.function_at(place);
    let is_selected = options.selected == Some(span.span_id);
    // If several spans have the same id, the first one has the address.
    let is_first = drawing.survey.places.get(&span.span_id) == Some(&place);
    let above = node
        .parent
        .map(|parent| drawing.survey.function_at(parent).0);
    let is_same_function = above.flatten() == function && function.is_some();
    let shows_critical = options.critical || options.is_file();
    let bar = Bar {
        color: (facts.role != Role::Hop).then_some(color),
        start: node.start,
        end: node.end,
        init: drawing.init(&facts, node),
        flush: flush_end(node),
        waits: &node.waits,
        failed: facts.outcome != Outcome::Ok,
        timed_out: facts.outcome == Outcome::Timeout,
        critical: node.critical && shows_critical,
        marks: marks(span, node, drawing.survey.begin),
    };
    let name = or_dash(&span.name, "(no name)");
    let cells = |main: Markup| {
        html! {
            span.t-name {
                span.t-in {}
                @if node.depth > MAX_INDENT { span.t-deep title="depth" { (count(node.depth as u64)) } }
                (icon::icon(facts.role, color))
                (main)
                span class={ "t-fn t-f" (color) @if is_same_function || facts.function == span.name { " t-same" } } { (cut(facts.function, NAME)) }
                (chips(drawing, node, span, &facts))
            }
            span.t-dur {
                (duration(span.duration()))
                span.t-sr {
                    ", at " (offset(drawing.survey.begin, node.start))
                    @for wait in node.waits.iter().take(4) { ", after " (said(wait)) }
                    @if let Some(flush) = node.flush { ", " (flushed(flush)) }
                    @if bar.critical { ", on the critical path" }
                }
            }
            @for (axis, class) in &drawing.axes { (bar.on(axis, class)) }
        }
    };
    let shown = cut(name, NAME);
    let full = (shown.len() < name.len()).then(|| cut(name, 400));
    let row = if options.is_file() {
        let main = html! { span.t-main title=[full] { (shown) } };
        let cells = cells(main);
        html! {
            details open[is_selected] {
                summary.t-row { (cells) }
                (details(drawing, place, node, span, &facts))
            }
        }
    } else {
        let address = match is_selected {
            // An open row is closed by clicking its name.
            true => format!("{}#{}", options.trace(span.trace_id), row_id(span.id())),
            false => options.span(span.id()),
        };
        let main = html! {
            a.t-main href=(address) title=[full] aria-expanded=(is_selected) { (shown) }
        };
        html! {
            div.t-row { (cells(main)) }
            @if is_selected { (detail::panel(drawing, place, node, span, &facts)) }
        }
    };
    html! {
        li class={
            "t-li t-d" (node.depth.min(MAX_INDENT))
            @if facts.outcome != Outcome::Ok { " t-err" }
            @if node.critical && shows_critical { " t-crit" }
            @if is_selected { " t-sel" }
        } id=[is_first.then(|| row_id(span.id()))] aria-level=(node.depth + 1) { (row) }
    }
}

/// Returns the events of a span, as marks on its bar.
fn marks(span: &Span, node: &Node, begin: u64) -> Vec<Mark> {
    let events = span.events.iter().take(MAX_MARKS);
    let marks = events.map(|event| {
        let time = event.time.saturating_add_signed(node.shift);
        let what =
            detail::exception(event).unwrap_or_else(|| or_dash(&event.name, "event").to_owned());
        Mark {
            time,
            title: format!("{} {}", offset(begin, time), cut(&what, 80)),
            is_exception: detail::is_exception(event),
        }
    });
    marks.collect()
}

/// Returns the details of a span in a file, as long as there is room.
fn details(
    drawing: &Drawing<'_>,
    place: Place,
    node: &Node,
    span: &Span,
    facts: &Facts<'_>,
) -> Markup {
    if drawing.room.get() == 0 {
        return detail::without_room();
    }
    let panel = detail::panel(drawing, place, node, span, facts);
    let length = panel.0.len();
    if length > drawing.room.get() {
        // Shorter ones may still fit.
        return detail::without_room();
    }
    drawing.room.set(drawing.room.get() - length);
    panel
}
