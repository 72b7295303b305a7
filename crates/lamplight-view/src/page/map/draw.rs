//! The map as SVG.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::{
    layout::{Layout, layout},
    node::{kind, view},
};
use crate::{
    page::{
        Addresses,
        text::{count, counted, shortened},
        time::duration,
    },
    store::{Edge, Map, Node, NodeKind, Window},
};

/// Size of a node, and distances between nodes.
const WIDTH: f64 = 168.0;
const HEIGHT: f64 = 54.0;
const GAP: f64 = 98.0;
const ROW: f64 = 84.0;
/// Margin around the drawing, needed by edges from a node to itself.
const MARGIN: f64 = 34.0;
/// Maximum width at which a drawing is scaled to fit the window instead of scrolling.
const FITS: f64 = 1900.0;
/// Minimum width at which it would become too small to read in a narrow window; there it scrolls.
const SHRINKS: f64 = 1250.0;
/// Number of letters of a name that fit in a line.
const LETTERS: usize = 15;

/// Returns the drawing.
pub(super) fn draw(map: &Map, window: Window, addresses: Addresses) -> Markup {
    let known = |edge: &&Edge| edge.from < map.nodes.len() && edge.to < map.nodes.len();
    let edges: Vec<&Edge> = map.edges.iter().filter(known).collect();
    let pairs: Vec<_> = edges.iter().map(|it| (it.from, it.to)).collect();
    let layout = layout(map.nodes.len(), &pairs);
    #[allow(clippy::cast_precision_loss, reason = "there are at most some hundred")]
    let width = layout.layers as f64 * (WIDTH + GAP) - GAP + 2.0 * MARGIN;
    let height = (layout.rows - 1.0) * ROW + HEIGHT + 2.0 * MARGIN;
    let label = format!(
        "{} and {} between them; the table below shows them as text",
        counted(map.nodes.len() as u64, "node"),
        counted(edges.len() as u64, "way")
    );
    let failed = |node: usize| edges.iter().any(|it| it.to == node && it.errors > 0);
    html! {
        p.legend {
            span.way-waits { "\u{2300} mean wait" }
            span.way-failed { "something failed" }
        }
        div.scroll.drawing role="region" aria-label="Map" tabindex="0" {
            svg class={ "map" @if width > FITS { " large" } @else if width > SHRINKS { " wide" } } viewBox=(format!("0 0 {width:.0} {height:.0}")) width=(format!("{width:.0}"))
                height=(format!("{height:.0}")) role="group" aria-label=(label) {
                defs {
                    @for class in ["arrow", "arrow-error"] {
                        marker id=(class) class=(class) viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8"
                            markerHeight="8" markerUnits="userSpaceOnUse" orient="auto" {
                            path d="M0 0L8 4L0 8Z" {}
                        }
                    }
                }
                @for (edge, passed) in edges.iter().zip(&layout.edges) {
                    (way(edge, passed, &layout))
                }
                @for (edge, passed) in edges.iter().zip(&layout.edges) {
                    (label_of(edge, passed, &layout, &pairs))
                }
                @for (index, (node, place)) in map.nodes.iter().zip(&layout.nodes).enumerate() {
                    g data-node=(index) class={ "node " (class(node.kind)) @if failed(index) { " failed" } } {
                        (node_at(node, at(place.0, place.1), view(node, window).map(|it| it.address(addresses))))
                    }
                }
            }
        }
    }
}

/// Returns the top left corner of a position.
fn at(layer: usize, row: f64) -> (f64, f64) {
    #[allow(clippy::cast_precision_loss, reason = "there are at most some hundred")]
    let layer = layer as f64;
    (MARGIN + layer * (WIDTH + GAP), MARGIN + row * ROW)
}

/// Returns the two ends of each section of an edge, from one layer to the next.
fn stretches(edge: &Edge, passed: &[f64], layout: &Layout) -> Vec<[(f64, f64); 2]> {
    let layer = |node: usize| layout.nodes.get(node).map_or(0, |it| it.0);
    let back = layer(edge.to) < layer(edge.from);
    // Beside the edge in the other direction.
    let aside = HEIGHT / 2.0 + if back { 9.0 } else { 0.0 };
    let mut ends = Vec::with_capacity(passed.len());
    for (step, pair) in passed.windows(2).enumerate() {
        let [from, to] = pair else { continue };
        let (here, next) = if back {
            let here = layer(edge.from).saturating_sub(step);
            (here, here.saturating_sub(1))
        } else {
            let here = layer(edge.from) + step;
            (here, here + 1)
        };
        let ((x, y), (next_x, next_y)) = (at(here, *from), at(next, *to));
        let (x, next_x) = if back {
            (x, next_x + WIDTH)
        } else {
            (x + WIDTH, next_x)
        };
        ends.push([(x, y + aside), (next_x, next_y + aside)]);
    }
    ends
}

fn way(edge: &Edge, passed: &[f64], layout: &Layout) -> Markup {
    let mut path = String::new();
    let stretches = stretches(edge, passed, layout);
    if stretches.is_empty() {
        let (layer, row) = layout.nodes.get(edge.from).copied().unwrap_or_default();
        let (x, y) = at(layer, row);
        let x = x + WIDTH / 2.0;
        let _ = write!(path, "M{:.1} {y:.1}c-34 -28 52 -28 18 -1", x - 9.0);
    }
    for (index, [(x, y), (next_x, next_y)]) in stretches.into_iter().enumerate() {
        // Straight through the layers it only passes.
        let step = if index == 0 { 'M' } else { 'L' };
        let middle = f64::midpoint(x, next_x);
        let _ = write!(
            path,
            "{step}{x:.1} {y:.1}C{middle:.1} {y:.1} {middle:.1} {next_y:.1} {next_x:.1} {next_y:.1}"
        );
    }
    #[allow(clippy::cast_precision_loss, reason = "for display")]
    let thickness = 1.2 + (edge.count.max(1) as f64).log10() * 0.7;
    let failed = edge.errors > 0;
    html! {
        path class={ "way" @if failed { " error" } @if edge.wait.is_some() { " waits" } } d=(path) data-from=(edge.from) data-to=(edge.to)
            stroke-width=(format!("{thickness:.1}"))
            marker-end=(if failed { "url(#arrow-error)" } else { "url(#arrow)" }) {}
    }
}

fn label_of(edge: &Edge, passed: &[f64], layout: &Layout, pairs: &[(usize, usize)]) -> Markup {
    // Nearer to the end with fewer edges, which has more room.
    let leaving = pairs.iter().filter(|it| it.0 == edge.from).count();
    let coming = pairs.iter().filter(|it| it.1 == edge.to).count();
    let stretches = stretches(edge, passed, layout);
    let (stretch, part) = if coming <= leaving {
        (stretches.last(), 0.6)
    } else {
        (stretches.first(), 0.4)
    };
    let (x, y) = if let Some([(x, y), (next_x, next_y)]) = stretch {
        (x + (next_x - x) * part, y + (next_y - y) * part)
    } else {
        let (layer, row) = layout.nodes.get(edge.from).copied().unwrap_or_default();
        let (x, y) = at(layer, row);
        (x + WIDTH / 2.0, y - 20.0)
    };
    html! {
        text.label data-from=(edge.from) data-to=(edge.to) x=(format!("{x:.1}")) y=(format!("{:.1}", y - 6.0)) text-anchor="middle" {
            (count(edge.count))
            @if edge.errors > 0 {
                tspan.error x=(format!("{x:.1}")) dy="20" { (count(edge.errors)) " failed" }
            }
            @if let Some(wait) = edge.wait {
                tspan.wait x=(format!("{x:.1}")) dy=(if edge.errors > 0 { 13 } else { 20 }) { "\u{2300} " (duration(wait)) }
            }
        }
    }
}

/// Returns the class of a kind of node, as one word.
const fn class(of: NodeKind) -> &'static str {
    match of {
        NodeKind::Bus => "bus",
        other => kind(other),
    }
}

fn node_at(node: &Node, (x, y): (f64, f64), address: Option<String>) -> Markup {
    // Nodes in which messages wait are round, and those that compute are not, so that they can be
    // distinguished without color.
    let round = match node.kind {
        NodeKind::Queue | NodeKind::Topic | NodeKind::Bus | NodeKind::Stream => HEIGHT / 2.0,
        NodeKind::Function | NodeKind::Client => 5.0,
        NodeKind::Table | NodeKind::Bucket | NodeKind::Service => 12.0,
    };
    let left = format!("{:.1}", x + 42.0);
    let (first, second) = lines(&node.name);
    let top = y + if second.is_empty() { 24.0 } else { 18.0 };
    let below = y + if second.is_empty() { 41.0 } else { 46.0 };
    let drawn = html! {
        title { (node.name) " (" (kind(node.kind)) ")" }
        rect x=(format!("{x:.1}")) y=(format!("{y:.1}")) width=(WIDTH) height=(HEIGHT) rx=(round) {}
        path.icon transform=(format!("translate({:.1} {:.1})", x + 14.0, y + 18.0)) d=(icon(node.kind)) {}
        text.name x=(left) y=(format!("{top:.1}")) {
            (first)
            @if !second.is_empty() { tspan x=(left) dy="14" { (second) } }
        }
        text.kind x=(left) y=(format!("{below:.1}")) { (kind(node.kind)) }
    };
    html! { @if let Some(address) = address { a href=(address) { (drawn) } } @else { (drawn) } }
}

/// Returns a name in one or two lines, split at a natural break.
fn lines(name: &str) -> (String, String) {
    if name.chars().count() <= LETTERS {
        return (name.to_owned(), String::new());
    }
    let fits = |(letter, _): &(usize, (usize, char))| *letter < LETTERS;
    let breaks = name.char_indices().enumerate().take_while(fits);
    let last = breaks.filter(|(_, (_, it))| matches!(it, '-' | '_' | '.' | '/' | ':' | ' '));
    match last
        .last()
        .and_then(|(_, (at, _))| name.split_at_checked(at + 1))
    {
        Some((first, rest)) => (first.to_owned(), shortened(rest, LETTERS)),
        None => (shortened(name, LETTERS), String::new()),
    }
}

/// Returns the paths of an 18 by 18 icon.
const fn icon(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Client => "M9 8a3.5 3.5 0 1 0 0-7a3.5 3.5 0 0 0 0 7M2 17c0-8 14-8 14 0",
        NodeKind::Function => "M4 1.5h3L15 16.5M8.7 6.5L3 16.5",
        NodeKind::Queue => "M1 4.5h4v9h-4zM7 4.5h4v9h-4zM13 4.5h4v9h-4z",
        NodeKind::Topic => "M2 9h5M7 9L15 2.5M7 9h9M7 9L15 15.5",
        NodeKind::Bus => "M1 9h16M5 9V3M13 9V3M9 9v6",
        NodeKind::Stream => {
            "M1 5c4-4 5 4 9 0s5-1 7 0M1 10c4-4 5 4 9 0s5-1 7 0M1 15c4-4 5 4 9 0s5-1 7 0"
        }
        NodeKind::Table => "M2 2h14v14H2zM2 6.5h14M2 11h14M7 2v14",
        NodeKind::Bucket => "M2 4c0-3 14-3 14 0s-14 3-14 0L4 15c1 2.5 9 2.5 10 0L16 4",
        NodeKind::Service => "M5 15a4 4 0 0 1 0-8a5 5 0 0 1 9.5 1A3.5 3.5 0 0 1 14 15z",
    }
}
