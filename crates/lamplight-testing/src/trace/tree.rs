//! A trace as a tree of text.

use std::fmt::{Formatter, Result};

use opentelemetry::trace::Status;

use super::{Span, Trace};

/// Deeper than a person reads. Parents that lead in a circle would have no end.
const MAX_DEPTH: usize = 64;

pub(super) fn write(f: &mut Formatter<'_>, trace: &Trace) -> Result {
    if trace.is_empty() {
        return writeln!(f, "(no spans)");
    }
    for root in trace.spans().filter(|span| span.parent().is_none()) {
        let trace_id = root.data().span_context.trace_id();
        writeln!(f, "trace {trace_id}")?;
        subtree(f, root, 1)?;
    }
    Ok(())
}

fn subtree(f: &mut Formatter<'_>, span: Span<'_>, depth: usize) -> Result {
    let indent = "  ".repeat(depth);
    let data = span.data();
    let kind = format!("{:?}", data.span_kind).to_uppercase();
    let millis = span.duration().as_secs_f64() * 1e3;
    write!(f, "{indent}{} [{kind}] {millis:.1} ms", span.name())?;
    match &data.status {
        Status::Error { description } if description.is_empty() => write!(f, " ERROR")?,
        Status::Error { description } => write!(f, " ERROR: {description}")?,
        _ => {}
    }
    writeln!(f)?;
    let mut attributes: Vec<_> = data.attributes.iter().collect();
    attributes.sort_by(|one, other| one.key.cmp(&other.key));
    for attribute in attributes {
        writeln!(f, "{indent}    {} = {}", attribute.key, attribute.value)?;
    }
    for event in &data.events.events {
        writeln!(f, "{indent}    event {}", event.name)?;
        for attribute in &event.attributes {
            writeln!(f, "{indent}        {} = {}", attribute.key, attribute.value)?;
        }
    }
    for link in &data.links.links {
        let context = &link.span_context;
        let (trace_id, span_id) = (context.trace_id(), context.span_id());
        writeln!(f, "{indent}    link to {trace_id} {span_id}")?;
    }
    if depth >= MAX_DEPTH {
        return writeln!(f, "{indent}  ...");
    }
    span.children()
        .try_for_each(|child| subtree(f, child, depth + 1))
}
