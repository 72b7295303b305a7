//! A trace as a tree of text.

use std::fmt::{self, Write};

use lamplight::semconv::{faas, http, lamplight::batch, messaging};

use super::{spans::Span, trace::Trace};

/// Besides everything under `app.`, the attributes worth a place in the tree.
const SHOWN: [&str; 5] = [
    faas::TRIGGER,
    faas::INVOCATION_ID,
    http::response::STATUS_CODE,
    messaging::batch::MESSAGE_COUNT,
    batch::FAILED_COUNT,
];
/// Characters of an id that tell traces of one run apart.
const SHORT: usize = 8;

/// Writes a trace as a tree below `title`.
pub(crate) fn draw(trace: &Trace, title: &str) -> Result<String, fmt::Error> {
    let mut text = String::new();
    writeln!(text, "{title}  trace {}", trace.id)?;
    // A span whose parent did not arrive is drawn like a root, so that nothing is hidden.
    let tops: Vec<_> = trace
        .spans
        .iter()
        .filter(|span| trace.parent(span).is_none())
        .collect();
    branches(&mut text, trace, &tops, "")?;
    Ok(text)
}

fn branches(text: &mut String, trace: &Trace, spans: &[&Span], indent: &str) -> fmt::Result {
    for (index, span) in spans.iter().enumerate() {
        let last = index + 1 == spans.len();
        let (branch, rest) = if last {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        writeln!(text, "{indent}{branch}{}", line(span))?;
        let children: Vec<_> = trace.children(span).collect();
        let below = format!("{indent}{rest}");
        let bar = if children.is_empty() { " " } else { "│" };
        for attributes in attributes(span) {
            writeln!(text, "{below}{bar}    {attributes}")?;
        }
        branches(text, trace, &children, &below)?;
    }
    Ok(())
}

/// Service, name, kind, duration, cold start, links and status.
fn line(span: &Span) -> String {
    let kind = span.kind.as_str_name().trim_start_matches("SPAN_KIND_");
    let milliseconds = span.duration.as_secs_f64() * 1e3;
    let mut line = format!(
        "{}  {}  {kind}  {milliseconds:.1} ms",
        span.service, span.name
    );
    if span.attribute(faas::COLDSTART) == Some("true") {
        line.push_str("  COLD START");
    }
    if let Some(error) = &span.error {
        line.push_str("  ERROR ");
        line.push_str(error);
    }
    if !span.links.is_empty() {
        let shown: Vec<_> = span
            .links
            .iter()
            .map(|(trace, _)| trace.chars().take(SHORT).collect::<String>())
            .collect();
        line.push_str(&format!("  links to {}", shown.join(" ")));
    }
    line
}

fn attributes(span: &Span) -> Vec<String> {
    let worth = |key: &str| key.starts_with("app.") || SHOWN.contains(&key);
    let pairs: Vec<_> = span
        .attributes
        .iter()
        .filter(|(key, _)| worth(key))
        .collect();
    pairs
        .chunks(2)
        .map(|pairs| {
            let pairs: Vec<_> = pairs
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            pairs.join("  ")
        })
        .collect()
}
