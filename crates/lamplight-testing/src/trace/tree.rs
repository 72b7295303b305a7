//! Spans as a tree of text.

use std::fmt::{self, Display, Formatter};

use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::SpanData;

/// Deeper than a person reads. Parents that lead in a circle would have no end.
const MAX_DEPTH: usize = 64;

/// Spans, whose text is a tree.
pub(super) struct Tree<'t>(pub(super) &'t [SpanData]);

impl Display for Tree<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return writeln!(f, "(no spans)");
        }
        let is_here = |span: &SpanData| {
            let mut all = self.0.iter();
            all.any(|it| it.span_context.span_id() == span.parent_span_id)
        };
        for root in self.0.iter().filter(|span| !is_here(span)) {
            writeln!(f, "trace {}", root.span_context.trace_id())?;
            self.subtree(f, root, 1)?;
        }
        Ok(())
    }
}

impl Tree<'_> {
    fn subtree(&self, f: &mut Formatter<'_>, span: &SpanData, depth: usize) -> fmt::Result {
        one(f, span, &"  ".repeat(depth))?;
        let id = span.span_context.span_id();
        let mut children = self.0.iter().filter(|it| it.parent_span_id == id);
        if depth >= MAX_DEPTH {
            return match children.next() {
                Some(_) => writeln!(f, "{}...", "  ".repeat(depth)),
                None => Ok(()),
            };
        }
        children.try_for_each(|child| self.subtree(f, child, depth + 1))
    }
}

fn one(f: &mut Formatter<'_>, span: &SpanData, indent: &str) -> fmt::Result {
    let kind = format!("{:?}", span.span_kind).to_uppercase();
    let took = span.end_time.duration_since(span.start_time);
    let millis = took.unwrap_or_default().as_secs_f64() * 1e3;
    write!(f, "{indent}{} [{kind}] {millis:.1} ms", span.name)?;
    match &span.status {
        Status::Error { description } if description.is_empty() => write!(f, " ERROR")?,
        Status::Error { description } => write!(f, " ERROR: {description}")?,
        _ => {}
    }
    writeln!(f)?;
    let mut attributes: Vec<_> = span.attributes.iter().collect();
    attributes.sort_by(|one, other| one.key.cmp(&other.key));
    for attribute in attributes {
        writeln!(f, "{indent}    {} = {}", attribute.key, attribute.value)?;
    }
    for event in &span.events.events {
        writeln!(f, "{indent}    event {}", event.name)?;
        for attribute in &event.attributes {
            writeln!(f, "{indent}        {} = {}", attribute.key, attribute.value)?;
        }
    }
    for link in &span.links.links {
        let context = &link.span_context;
        let (trace_id, span_id) = (context.trace_id(), context.span_id());
        writeln!(f, "{indent}    link to {trace_id} {span_id}")?;
    }
    Ok(())
}
