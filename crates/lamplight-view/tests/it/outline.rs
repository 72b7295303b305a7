//! Journeys as text, for comparison.

use std::fmt::Write as _;

use lamplight_view::journey::{Journey, NodeKind};

/// Returns a line for each wait and each node, with milliseconds from the start of the journey:
///
/// ```text
/// ~ SQS orders 0..5
/// * name 5..8
/// ```
///
/// The star marks the critical path.
pub(crate) fn outline(journey: &Journey) -> String {
    let ms = |nanos: u64| nanos.saturating_sub(journey.begin) / 1_000_000;
    let mut text = String::new();
    for node in &journey.nodes {
        let indent = "  ".repeat(node.depth);
        for wait in &node.waits {
            let mark = if wait.measured { '~' } else { '?' };
            let (start, end) = (ms(wait.start), ms(wait.end));
            writeln!(text, "{indent}{mark} {} {start}..{end}", wait.place).unwrap();
        }
        let mark = if node.critical { '*' } else { '-' };
        let name = match &node.kind {
            NodeKind::Span(span) => span.name.clone(),
            NodeKind::Missing(id) => format!("missing {id}"),
        };
        let (start, end) = (ms(node.start), ms(node.end));
        write!(text, "{indent}{mark} {name} {start}..{end}").unwrap();
        if node.shift != 0 {
            write!(text, ", {} ms later", node.shift / 1_000_000).unwrap();
        }
        if let Some(span) = node.span().filter(|span| span.times > 1) {
            write!(text, ", {} times", span.times).unwrap();
        }
        text.push('\n');
    }
    text
}
