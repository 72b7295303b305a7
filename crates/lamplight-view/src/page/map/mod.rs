//! The map: functions, the queues and services between them, and the services they call.

mod draw;
mod graph;
mod layout;
mod node;

use maud::{Markup, html};

use node::{kind, view};

use super::{
    Addresses, View,
    parts::{nothing_within, only_served, scrolling},
    text::{count, percent},
    time::duration,
};
use crate::store::{Edge, Map, Node, Window};

/// Maximum number of nodes in a readable drawing.
const DRAWN: usize = 50;

/// Returns a drawing, and a table with the same content.
pub(super) fn map(map: &Map, window: Window, addresses: Addresses) -> Markup {
    let busiest = busiest(map);
    html! {
        h1 { "Map" }
        div.live id=[only_served("drawing", addresses)] {
            @if map.nodes.is_empty() {
                (nothing_within(window, &View::Map(Window::default()), addresses))
            } @else {
                @if busiest.nodes.len() < map.nodes.len() {
                    p.note { "The drawing shows the " (busiest.nodes.len()) " busiest of " (count(map.nodes.len() as u64))
                        " nodes. The table shows all of them." }
                }
                (draw::draw(&busiest, window, addresses))
                h2 { "As a table" }
                (table(map, window, addresses))
            }
        }
    }
}

/// Returns the nodes with the most traffic, and the edges between them.
fn busiest(map: &Map) -> Map {
    let mut traffic: Vec<(u64, usize)> = (0..map.nodes.len()).map(|node| (0, node)).collect();
    for edge in &map.edges {
        for end in [edge.from, edge.to] {
            if let Some(it) = traffic.get_mut(end) {
                it.0 = it.0.saturating_add(edge.count);
            }
        }
    }
    traffic.sort_by_key(|(count, node)| (std::cmp::Reverse(*count), *node));
    let mut kept: Vec<usize> = traffic
        .into_iter()
        .take(DRAWN)
        .map(|(_, node)| node)
        .collect();
    kept.sort_unstable();
    let place = |node: usize| kept.binary_search(&node).ok();
    let edge = |edge: &Edge| {
        Some(Edge {
            from: place(edge.from)?,
            to: place(edge.to)?,
            ..edge.clone()
        })
    };
    Map {
        nodes: kept
            .iter()
            .filter_map(|it| map.nodes.get(*it).cloned())
            .collect(),
        edges: map.edges.iter().filter_map(edge).collect(),
    }
}

fn table(map: &Map, window: Window, addresses: Addresses) -> Markup {
    let mut edges: Vec<_> = map.edges.iter().collect();
    edges.sort_by_key(|it| std::cmp::Reverse(it.count));
    let table = html! {
        table.map {
            thead { tr {
                th scope="col" { "From" }
                th scope="col" { "To" }
                th.number scope="col" { "Count" }
                th.number scope="col" { "Errors" }
                th.number scope="col" { "Mean wait" }
            } }
            tbody {
                @for edge in edges {
                    tr {
                        td { (end(map.nodes.get(edge.from), window, addresses)) }
                        td { (end(map.nodes.get(edge.to), window, addresses)) }
                        td.number { (count(edge.count)) }
                        td.number {
                            @if edge.errors > 0 {
                                span.error { (count(edge.errors)) } " " small { (percent(edge.errors, edge.count)) }
                            } @else { span.none { "\u{2013}" } }
                        }
                        td.number { @if let Some(wait) = edge.wait { (duration(wait)) } @else { span.none { "\u{2013}" } } }
                    }
                }
            }
        }
    };
    scrolling("Map as a table", &table)
}

fn end(node: Option<&Node>, window: Window, addresses: Addresses) -> Markup {
    html! {
        @if let Some(node) = node {
            @match view(node, window) {
                Some(view) => a href=(view.address(addresses)) { (node.name) },
                None => (node.name),
            }
            " " small { (kind(node.kind)) }
        }
    }
}
