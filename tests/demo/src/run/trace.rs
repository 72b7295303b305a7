//! Spans put together again, and what makes a trace whole.

use std::collections::{BTreeMap, HashMap};

use lamplight_test_rig::spans::SpanKind;

use super::spans::Span;

/// The way of an order: each caller and the service that it calls.
const HOPS: [(&str, &str); 2] = [("ingress", "egress"), ("egress", "subscriber")];

/// The spans of one trace.
#[derive(Debug, Clone)]
pub struct Trace {
    /// Trace id, in lower-case hex.
    pub id: String,
    /// The spans, by their start.
    pub spans: Vec<Span>,
}

impl Trace {
    /// Sorts spans into traces, the trace that began first being first.
    pub(crate) fn group(spans: Vec<Span>) -> Vec<Self> {
        let mut traces: BTreeMap<String, Vec<Span>> = BTreeMap::new();
        for span in spans {
            traces.entry(span.trace_id.clone()).or_default().push(span);
        }
        let mut traces: Vec<_> = traces
            .into_iter()
            .map(|(id, mut spans)| {
                spans.sort_by_key(|span| span.start);
                Self { id, spans }
            })
            .collect();
        traces.sort_by_key(|trace| trace.spans.first().map(|span| span.start));
        traces
    }

    /// Returns the spans without a parent.
    pub fn roots(&self) -> impl Iterator<Item = &Span> {
        self.spans.iter().filter(|span| span.parent_id.is_none())
    }

    /// Returns the spans whose parent is `parent`.
    pub fn children<'a>(&'a self, parent: &'a Span) -> impl Iterator<Item = &'a Span> {
        let id = Some(parent.span_id.as_str());
        self.spans
            .iter()
            .filter(move |span| span.parent_id.as_deref() == id)
    }

    /// Returns the parent of `span`, if it arrived.
    pub fn parent(&self, span: &Span) -> Option<&Span> {
        let parent = span.parent_id.as_deref()?;
        self.spans
            .iter()
            .find(|candidate| candidate.span_id == parent)
    }

    /// Returns the faults that any trace can have: not exactly one root, or a parent that did not arrive.
    pub(crate) fn flaws(&self) -> Vec<String> {
        let mut flaws = Vec::new();
        let roots = self.roots().count();
        if roots != 1 {
            flaws.push(format!("{roots} roots"));
        }
        for span in &self.spans {
            if let (Some(parent), None) = (&span.parent_id, self.parent(span)) {
                flaws.push(format!(
                    "{} `{}` has a parent that is missing, {parent}",
                    span.service, span.name
                ));
            }
        }
        flaws
    }

    /// Returns the other faults of the trace of an accepted order that was delivered `attempts` times. It
    /// must begin in ingress and have every hop between services, called by a client span.
    pub(crate) fn order_flaws(&self, attempts: usize) -> Vec<String> {
        let mut flaws = Vec::new();
        if self.roots().any(|root| root.service != "ingress") {
            flaws.push("does not begin in ingress".to_owned());
        }
        let mut hops: HashMap<(&str, &str), usize> = HashMap::new();
        for span in &self.spans {
            let Some(parent) = self
                .parent(span)
                .filter(|parent| parent.service != span.service)
            else {
                continue;
            };
            let hop = (parent.service.as_str(), span.service.as_str());
            *hops.entry(hop).or_default() += 1;
            if !HOPS.contains(&hop) {
                flaws.push(format!("{} is called by {}", span.service, parent.service));
            } else if !matches!(parent.kind, SpanKind::Client | SpanKind::Producer) {
                flaws.push(format!(
                    "{} continues `{}`, not a client span",
                    span.service, parent.name
                ));
            }
        }
        for (caller, called) in HOPS {
            let found = hops.get(&(caller, called)).copied().unwrap_or_default();
            if found < attempts {
                flaws.push(format!(
                    "{found} of {attempts} hops from {caller} to {called}"
                ));
            }
        }
        flaws
    }
}
