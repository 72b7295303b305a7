//! The waterfall: its controls, its axis and its rows.

use maud::{Markup, html};

use super::{
    bar::Percent,
    drawing::Drawing,
    fold::{self, Row},
    row,
    text::{counted, percent},
};
use crate::page::{
    Scale, View,
    time::{Axis, Piece, duration},
};

/// Minimum width of a compressed segment that shows its duration, as a share of the axis.
const LABELED: f64 = 0.06;

/// Returns the controls above the waterfall, and notes on distortions of the drawing.
pub(super) fn tools(drawing: &Drawing<'_>) -> Markup {
    let options = drawing.options;
    let has_scales = drawing.has_scales();
    let address = |scale, critical| {
        options.address(&View::Trace {
            id: drawing.journey.trace,
            span: options.selected,
            scale,
            critical,
        })
    };
    let other = match options.scale {
        Scale::Compressed => Scale::True,
        Scale::True => Scale::Compressed,
    };
    let is_true = options.scale == Scale::True;
    html! {
        div.t-tools {
            @if options.is_file() {
                @if has_scales {
                    label.t-switch { input.t-scale type="checkbox" data-press="s" data-keys="s|true scale, of a trace" checked[is_true]; " True scale " kbd { "s" } }
                }
                label.t-switch { input.t-path type="checkbox" data-press="c" data-keys="c|critical path, of a trace" checked[options.critical]; " Critical path " kbd { "c" } }
            } @else {
                @if has_scales {
                    a.t-switch href=(address(other, options.critical)) data-press="s" data-keys="s|true scale, of a trace" aria-current=[is_true.then_some("true")] { "True scale " kbd { "s" } }
                }
                a.t-switch href=(address(options.scale, !options.critical)) data-press="c" data-keys="c|critical path, of a trace" aria-current=[options.critical.then_some("true")] { "Critical path " kbd { "c" } }
            }
            @for (axis, class) in &drawing.axes { (shortened(axis, class)) }
            span.t-keys data-keys="← →|fold and unfold the children of a span" { kbd { "j" } " " kbd { "k" } " move, " kbd { "Enter" } " open" }
        }
    }
}

/// Returns a note on compressed waits.
fn shortened(axis: &Axis, class: &str) -> Markup {
    let pieces: Vec<&Piece> = axis.shortened().collect();
    let time: u64 = pieces.iter().map(|piece| piece.to - piece.from).sum();
    let width: f64 = pieces.iter().map(|piece| piece.right - piece.left).sum();
    html! {
        @if !pieces.is_empty() {
            span class={ "t-said " (class) } {
                "Compressed: " (duration(time))
                @if pieces.len() > 1 { " in " (counted(pieces.len() as u64, "gap")) }
                " drawn as " (percent((width * 1000.0) as u64, 1000)) " of the width" span.t-hint { "; press " kbd { "s" } " for true scale" }
            }
        }
    }
}

/// Maximum size of rows without the details of a file, in bytes; further rows are counted.
const MOST: usize = 6 * 1024 * 1024;

/// Returns the axis and the rows.
pub(super) fn waterfall(drawing: &Drawing<'_>) -> Markup {
    let options = drawing.options;
    let rows = fold::rows(
        drawing.journey,
        &drawing.survey,
        options.limit,
        options.selected,
    );
    let (mut drawn, mut left) = (Vec::with_capacity(rows.len()), 0);
    let mut room = MOST;
    for row in rows {
        let details = drawing.room.get();
        let (row, spans) = match row {
            // Once there is no room, further rows are not rendered just to find that they do not
            // fit.
            Row::Node(_) if room == 0 => (None, 1),
            Row::Node(place) => (Some(row::row(drawing, place)), 1),
            Row::Folded {
                below,
                count,
                first,
            } => (Some(row::folded(drawing, below, count, first)), count),
        };
        let own = row.as_ref().map_or(usize::MAX, |row| {
            row.0.len() - (details - drawing.room.get()).min(row.0.len())
        });
        match (row, room.checked_sub(own)) {
            (Some(row), Some(rest)) => {
                drawn.push(row);
                room = rest;
            }
            _ => {
                room = 0;
                left += spans;
            }
        }
    }
    html! {
        div class={ "t-wf" @if options.critical { " t-critical" } } {
            div.t-ruler aria-hidden="true" {
                span.t-name { "Span" }
                span.t-dur { "Duration" }
                @for (axis, class) in &drawing.axes { (ruler(axis, class)) }
            }
            div.t-body {
                @for (axis, class) in &drawing.axes { (grid(axis, class)) }
                ol.t-rows aria-label="Spans" {
                    @for row in drawn { (row) }
                    @if left > 0 { (row::left_out(left)) }
                    @if drawing.journey.left_out > 0 { (row::in_store(drawing.journey.left_out)) }
                    @if drawing.journey.lacks_related { (row::lacks_related()) }
                }
            }
        }
    }
}

/// Returns the times above the rows.
pub(super) fn ruler(axis: &Axis, class: &str) -> Markup {
    html! {
        svg class={ "t-axis " (class) } {
            @for piece in axis.shortened() {
                line.t-gap x1=(Percent(piece.left)) x2=(Percent(piece.right)) y1="78%" y2="78%" {}
                @if piece.right - piece.left >= LABELED {
                    text.t-label x=(Percent((piece.left + piece.right) / 2.0)) y="78%" dy=".32em" text-anchor="middle" {
                        (duration(piece.to - piece.from))
                    }
                }
            }
            @for tick in axis.ticks() {
                text x=(Percent(tick.x)) y="32%" dx="3" dy=".32em" { (tick.label) }
            }
        }
    }
}

/// Returns the lines behind the rows.
pub(super) fn grid(axis: &Axis, class: &str) -> Markup {
    html! {
        svg class={ "t-grid " (class) } aria-hidden="true" {
            @for piece in axis.shortened() {
                rect.t-gap x=(Percent(piece.left)) width=(Percent(piece.right - piece.left)) height="100%" {}
            }
            @for tick in axis.ticks() { line x1=(Percent(tick.x)) x2=(Percent(tick.x)) y1="0" y2="100%" {} }
        }
    }
}
