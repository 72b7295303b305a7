//! Compares what arrived with what must have arrived.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fmt,
};

use lamplight::semconv::{faas, lamplight::batch, messaging};
use lamplight_test_rig::spans::SpanKind;

use super::{
    deploy::ATTEMPTS, evidence::Evidence, orders::Sent, receiver::Relayed, spans::Span,
    trace::Trace,
};

/// The counts of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Orders sent.
    pub requests: usize,
    /// Orders the API took.
    pub accepted: usize,
    /// HTTP status of the answer to one more request, whose body is not JSON: 400.
    pub malformed_status: u16,
    /// Invocations of all functions, according to the platform.
    pub invocations: usize,
    /// Delivery attempts, according to the platform.
    pub deliveries: usize,
    /// Messages in the dead-letter queue.
    pub dead_lettered: usize,
    /// Traces in the stream.
    pub traces: usize,
    /// Different spans in the stream.
    pub spans: usize,
    /// Spans that arrived again.
    pub duplicates: usize,
    /// Invocations that were the first of their process.
    pub cold_starts: usize,
    /// Batches of several records of which some, not all, failed.
    pub partial_failures: usize,
    /// Traces that are not whole, orders without a trace included.
    pub broken: usize,
    /// Spans that must have been made and did not arrive.
    pub lost: usize,
    /// True if every order came to its end in time.
    pub settled: bool,
    /// The verdict on the relay.
    pub relayed: Relayed,
}

impl Summary {
    /// Returns whether the run shows no fault.
    pub fn is_good(&self) -> bool {
        self.broken == 0
            && self.lost == 0
            && self.accepted == self.requests
            && self.malformed_status == 400
            && self.settled
            && self.relayed.is_good()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} requests, {} traces, {} spans, {} traces broken, {} spans lost",
            self.requests, self.traces, self.spans, self.broken, self.lost
        )?;
        write!(
            f,
            " ({} invocations, {} of them cold; {} deliveries; {} batches failed in part; {} orders \
             dead-lettered; {} spans came twice)",
            self.invocations,
            self.cold_starts,
            self.deliveries,
            self.partial_failures,
            self.dead_lettered,
            self.duplicates
        )?;
        write!(f, "; the relay {}", self.relayed)?;
        if self.accepted < self.requests {
            write!(
                f,
                "; {} requests were turned away",
                self.requests - self.accepted
            )?;
        }
        if self.malformed_status != 400 {
            write!(
                f,
                "; what is not JSON was answered with {}",
                self.malformed_status
            )?;
        }
        if !self.settled {
            write!(
                f,
                "; some orders were neither delivered nor dead-lettered in time"
            )?;
        }
        Ok(())
    }
}

/// Returns how many spans the evidence asks for that are not among `spans`.
///
/// Every invocation has a span with its request id. Every accepted order has a span for
/// `PutEvents`. Every delivery attempt has one for the record in egress and one for its `Invoke`.
pub(crate) fn lost<'a>(
    evidence: &Evidence,
    sent: &[Sent],
    spans: impl Iterator<Item = &'a Span>,
) -> usize {
    let mut invoked = HashSet::new();
    let mut calls: HashMap<&str, usize> = HashMap::new();
    let mut records: HashMap<&str, usize> = HashMap::new();
    for span in spans {
        match (span.attribute(faas::INVOCATION_ID), span.kind) {
            (Some(id), _) => drop(invoked.insert((span.service.as_str(), id))),
            (None, SpanKind::Client | SpanKind::Producer) => {
                *calls.entry(&span.service).or_default() += 1;
            }
            (None, SpanKind::Consumer) => *records.entry(&span.service).or_default() += 1,
            (None, _) => {}
        }
    }
    let invocations = |service, ids: &BTreeSet<String>| {
        ids.iter()
            .filter(|id| !invoked.contains(&(service, id.as_str())))
            .count()
    };
    let fewer = |found: &HashMap<&str, usize>, service, expected: usize| {
        expected.saturating_sub(found.get(service).copied().unwrap_or_default())
    };
    let accepted = sent.iter().filter(|sent| sent.accepted()).count();
    let deliveries = evidence.subscriber.len();
    invocations("ingress", &evidence.ingress)
        + invocations("egress", &evidence.egress)
        + invocations("subscriber", &evidence.subscriber)
        + fewer(&calls, "ingress", accepted)
        + fewer(&records, "egress", deliveries)
        + fewer(&calls, "egress", deliveries)
}

/// Returns a line for each trace that is not whole, with its faults.
pub(crate) fn broken(traces: &[Trace], sent: &[Sent]) -> Vec<String> {
    let orders: HashMap<_, _> = sent
        .iter()
        .filter_map(|sent| Some((sent.trace_id.as_deref()?, sent)))
        .collect();
    let arrived: HashSet<_> = traces.iter().map(|trace| trace.id.as_str()).collect();
    let mut broken: Vec<_> = traces
        .iter()
        .filter_map(|trace| {
            let mut flaws = trace.flaws();
            if let Some(sent) = orders.get(trace.id.as_str()).filter(|sent| sent.accepted()) {
                flaws.extend(trace.order_flaws(if sent.refused { ATTEMPTS } else { 1 }));
            }
            (!flaws.is_empty()).then(|| format!("trace {}: {}", trace.id, flaws.join("; ")))
        })
        .collect();
    for sent in sent {
        match &sent.trace_id {
            Some(id) if arrived.contains(id.as_str()) => {}
            Some(id) => broken.push(format!("trace {id}: nothing of {} arrived", sent.order)),
            None => broken.push(format!("the answer to {} named no trace", sent.order)),
        }
    }
    broken
}

/// Returns the counts of a run.
pub(crate) fn summarize(
    evidence: &Evidence,
    sent: &[Sent],
    malformed_status: u16,
    traces: &[Trace],
    broken: usize,
    duplicates: usize,
    relayed: Relayed,
) -> Summary {
    let spans = || traces.iter().flat_map(|trace| &trace.spans);
    let failed_in_part = |span: &&Span| {
        let failed = count(span, batch::FAILED_COUNT);
        failed > 0 && failed < count(span, messaging::batch::MESSAGE_COUNT)
    };
    Summary {
        requests: sent.len(),
        accepted: sent.iter().filter(|sent| sent.accepted()).count(),
        malformed_status,
        invocations: evidence.ingress.len() + evidence.egress.len() + evidence.subscriber.len(),
        deliveries: evidence.subscriber.len(),
        dead_lettered: evidence.dead_lettered,
        traces: traces.len(),
        spans: spans().count(),
        duplicates,
        cold_starts: spans()
            .filter(|span| span.attribute(faas::COLDSTART) == Some("true"))
            .count(),
        partial_failures: spans().filter(failed_in_part).count(),
        broken,
        lost: lost(evidence, sent, spans()),
        settled: evidence.settled,
        relayed,
    }
}

/// Returns a number among the attributes; 0 if it is not there.
fn count(span: &Span, key: &str) -> usize {
    span.attribute(key)
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
