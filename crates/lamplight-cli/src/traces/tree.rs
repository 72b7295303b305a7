//! Traces as trees of text.

use std::fmt::Write as _;

use lamplight_view::{
    journey::{Journey, Journeys, Node, NodeKind, Place},
    span::{Attribute, Span},
};

use super::line;

/// Maximum indentation in bytes, since otherwise a long chain could fill the disk.
const MAX_INDENT: usize = 256;

/// Draws every trace whose id begins with `trace`, sorted by start. All received spans are drawn: a
/// span whose parent is missing is drawn like a root, with a note.
///
/// Writing to a string cannot fail, so the results are ignored.
pub(super) fn draw(journeys: &Journeys, trace: &str, attributes: bool) -> String {
    let mut text = String::new();
    let (mut traces, mut spans) = (0, 0);
    for id in journeys.traces() {
        if !id.to_string().starts_with(trace) {
            continue;
        }
        let journey = journeys.journey(id);
        traces += 1;
        spans += journey.nodes.iter().filter_map(Node::span).count();
        let _ = writeln!(text, "trace {id}");
        branches(&mut text, &journey, attributes);
        text.push('\n');
    }
    let _ = writeln!(text, "{traces} traces, {spans} spans");
    text
}

/// A span to be drawn, with its position.
struct Branch {
    place: Place,
    indent: String,
    last: bool,
}

/// Uses an explicit stack, since a file can contain arbitrarily deep traces.
fn branches(text: &mut String, journey: &Journey, attributes: bool) {
    let mut stack = Vec::new();
    push(&mut stack, &tops(journey), "");
    while let Some(Branch {
        place,
        indent,
        last,
    }) = stack.pop()
    {
        let Some(node) = journey.nodes.get(place) else {
            continue;
        };
        let Some(span) = node.span() else { continue };
        let (branch, rest) = if last {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        let _ = writeln!(text, "{indent}{branch}{}", line::of(journey, node, span));
        let bar = if node.children.is_empty() { " " } else { "│" };
        let indent = if indent.len() < MAX_INDENT {
            format!("{indent}{rest}")
        } else {
            indent
        };
        for detail in details(span, attributes) {
            let _ = writeln!(text, "{indent}{bar}    {detail}");
        }
        push(&mut stack, &node.children, &indent);
    }
}

fn push(stack: &mut Vec<Branch>, places: &[Place], indent: &str) {
    for (index, place) in places.iter().enumerate().rev() {
        stack.push(Branch {
            place: *place,
            indent: indent.to_owned(),
            last: index + 1 == places.len(),
        });
    }
}

/// Returns roots, and the children of missing parents.
fn tops(journey: &Journey) -> Vec<Place> {
    let is_missing = |node: &Node| matches!(node.kind, NodeKind::Missing(_));
    let above = |node: &Node| node.parent.and_then(|parent| journey.nodes.get(parent));
    let nodes = journey.nodes.iter().enumerate();
    let tops = nodes.filter(|(_, node)| !is_missing(node) && above(node).is_none_or(is_missing));
    let mut tops: Vec<_> = tops.map(|(place, node)| (node.start, place)).collect();
    tops.sort_unstable();
    tops.into_iter().map(|(_, place)| place).collect()
}

/// Returns links, and the requested details.
fn details(span: &Span, attributes: bool) -> Vec<String> {
    let links = span.links.iter().map(|link| link.to);
    let mut details: Vec<_> = links
        .map(|to| format!("link: trace {} span {}", to.trace, to.span))
        .collect();
    if attributes {
        details.extend(span.attributes.iter().map(pair));
        for event in &span.events {
            details.push(line::one(&format!("event: {}", event.name)));
            details.extend(event.attributes.iter().map(|it| format!("  {}", pair(it))));
        }
    }
    details
}

fn pair(attribute: &Attribute) -> String {
    line::one(&format!("{} = {}", attribute.key, attribute.value))
}
