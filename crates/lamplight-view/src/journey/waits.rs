//! Time without computation: in queues, in cold starts, in transit.
//!
//! A sent timestamp in an event takes precedence over the gap between two spans. If an invocation
//! had a single record whose span is below it, the wait belongs to the invocation. Time in a
//! managed service that has its own span (`LAMPLIGHT_HOP_SPANS`) is not repeated as a wait.

use std::{collections::HashMap, sync::Arc};

use lamplight_semconv::faas;

use super::{
    Attempts, Batch, Node, Wait,
    clocks::is_same_process,
    names::{self, COLD_START, EARLIER_RECORDS, IN_TRANSIT, LAMBDA},
};
use crate::{
    facts::{Facts, Role},
    span::{Span, SpanRef},
};

/// Minimum gap between two spans that counts as a wait, in nanoseconds; shorter ones come from
/// networks and clocks.
const SHORTEST: u64 = 1_000_000;

/// Maximum wait in a queue: the longest retention of any service, that of Kinesis, in milliseconds.
/// It is a year.
const LONGEST_QUEUE_MS: f64 = 366.0 * 24.0 * 3_600_000.0;

/// Maximum duration of a cold start, in milliseconds.
const LONGEST_INIT_MS: f64 = 900_000.0;

/// Finds the waits of each node.
pub(super) fn find(batches: &[Batch], attempts: &[Attempts], nodes: &mut [Node]) {
    let attempts_of = nodes.iter().filter_map(|node| {
        let attempts = attempts.get(node.attempts?)?;
        Some((node.span()?.id(), attempts))
    });
    let around = Around {
        batches,
        attempts: attempts_of.collect(),
        single: single(batches),
        nodes,
    };
    let waits: Vec<_> = nodes.iter().map(|node| around.waits(node)).collect();
    for (node, waits) in nodes.iter_mut().zip(waits) {
        node.waits = waits;
    }
}

/// The record of each invocation that had only one, if it is below the invocation.
fn single(batches: &[Batch]) -> HashMap<SpanRef, &Arc<Span>> {
    let mut single = HashMap::new();
    for batch in batches {
        let (Some(above), [record]) = (&batch.invocation, batch.records.as_slice()) else {
            continue;
        };
        let is_below = record.trace_id == above.trace_id && record.parent == Some(above.span_id);
        if is_below && batch.count.is_none_or(|count| count <= 1) {
            single.insert(above.id(), record);
            // The invocation is above the span for all messages of an event.
            if let (Role::Batch, Some(span)) = (Facts::of(above).role, above.parent) {
                let trace = above.trace_id;
                single.insert(SpanRef { trace, span }, record);
            }
        }
    }
    single
}

struct Around<'a> {
    batches: &'a [Batch],
    /// Attempts, by delivery.
    attempts: HashMap<SpanRef, &'a Attempts>,
    single: HashMap<SpanRef, &'a Arc<Span>>,
    nodes: &'a [Node],
}

/// A node with its facts.
#[derive(Clone, Copy)]
struct Told<'a> {
    node: &'a Node,
    span: &'a Arc<Span>,
    facts: Facts<'a>,
}

impl<'a> Told<'a> {
    fn by(node: &'a Node) -> Option<Self> {
        let span = node.span()?;
        let facts = Facts::of(span);
        Some(Self { node, span, facts })
    }

    fn has_messages(&self) -> bool {
        matches!(
            self.facts.role,
            Role::Invocation | Role::Record | Role::Batch | Role::Hop
        )
    }
}

/// A message in a queue.
struct Queued {
    /// The time at which the service received it, according to the service.
    sent: u64,
    place: String,
    system: Option<String>,
}

/// The last action of an event's sender for it.
struct HandedOver {
    at: u64,
    place: String,
    system: Option<String>,
}

/// The start of an invocation.
struct Arrival {
    at: u64,
    /// The time at which its environment began to start, if the invocation waited for that.
    init: Option<u64>,
}

impl Around<'_> {
    fn waits(&self, node: &Node) -> Vec<Wait> {
        let mut line = Line::default();
        let Some(own) = Told::by(node) else {
            return line.waits;
        };
        let above = node.parent.and_then(|above| self.nodes.get(above));
        let above = above.and_then(Told::by);
        let batch = node.batch.and_then(|batch| self.batches.get(batch));
        if let Some(invocation) = above.filter(|above| is_invocation_of(above, &own)) {
            if !self.single.contains_key(&invocation.span.id()) {
                // A record may begin before its invocation, by clocks that differ.
                let at = invocation.node.start.min(node.start);
                let arrival = arrival(&invocation.facts, at);
                line.from(self.previous(own.span).unwrap_or_default());
                line.queue(queued(&own.facts, node.start), &arrival);
            }
            return line.waits;
        }

        let invocation = match own.facts.role {
            Role::Record | Role::Batch => batch.and_then(|batch| batch.invocation.as_ref()),
            _ => None,
        };
        let arrival = match invocation {
            Some(span) => {
                let at = span.start.saturating_add_signed(node.shift).min(node.start);
                arrival(&Facts::of(span), at)
            }
            None => arrival(&own.facts, node.start),
        };
        // The record whose message it was.
        let told = self.single.get(&own.span.id()).copied();
        let delivery = told.unwrap_or(own.span);
        let mut queued = match told {
            Some(record) => {
                let start = record.start.saturating_add_signed(node.shift);
                queued(&Facts::of(record), start)
            }
            None => queued(&own.facts, node.start),
        };
        // The queue has its own span.
        if above.is_some_and(|above| above.facts.role == Role::Hop) {
            queued = None;
        }
        if let Some(previous) = self.previous(delivery) {
            line.from(previous);
        } else if let Some(above) = above {
            line.from(above.node.start);
            if let Some(handed) = handed_over(&above, &own) {
                let until = match (&queued, arrival.init) {
                    (Some(queued), _) => queued.sent.min(arrival.at),
                    (None, Some(init)) => init,
                    (None, None) => arrival.at,
                };
                line.between(handed, until, queued.as_ref());
            }
        }
        line.queue(queued, &arrival);
        line.init(&arrival);
        let first = batch.and_then(|batch| batch.records.first());
        if first.is_some_and(|first| first.start < own.span.start) {
            line.behind_others(arrival.at, node.start);
        }
        line.waits
    }

    /// Returns the end of the previous delivery, if there was one.
    fn previous(&self, delivery: &Span) -> Option<u64> {
        let attempts = &self.attempts.get(&delivery.id())?.deliveries;
        let time = (delivery.start, delivery.end);
        let next = attempts.partition_point(|it| (it.start, it.end) < time);
        Some(attempts.get(next.checked_sub(1)?)?.end)
    }
}

/// Returns whether a record, or an event of messages, is below its own invocation.
fn is_invocation_of(above: &Told<'_>, own: &Told<'_>) -> bool {
    matches!(own.facts.role, Role::Record | Role::Batch)
        && matches!(above.facts.role, Role::Invocation | Role::Batch)
        && is_same_process(&above.span.resource, &own.span.resource)
}

fn arrival(facts: &Facts<'_>, at: u64) -> Arrival {
    let init = facts.init_ms.filter(|_| facts.cold);
    let init = init.and_then(|ms| before(at, ms, LONGEST_INIT_MS));
    Arrival { at, init }
}

fn queued(facts: &Facts<'_>, start: u64) -> Option<Queued> {
    Some(Queued {
        sent: before(start, facts.queue_ms?, LONGEST_QUEUE_MS)?,
        place: names::place(facts.system, facts.destination),
        system: facts.system.map(str::to_owned),
    })
}

/// Returns the time this many milliseconds earlier; `None` if that is implausible.
fn before(time: u64, ms: f64, longest: f64) -> Option<u64> {
    let is_plausible = (0.0..=longest).contains(&ms);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    is_plausible.then(|| time.saturating_sub((ms * 1e6) as u64))
}

fn handed_over(above: &Told<'_>, own: &Told<'_>) -> Option<HandedOver> {
    let is_same = is_same_process(&above.span.resource, &own.span.resource);
    let (node, facts) = (above.node, &above.facts);
    let is_later = own.node.start > node.end;
    let since = |is_later| if is_later { node.end } else { node.start };
    let unknown = |at| HandedOver {
        at,
        place: IN_TRANSIT.to_owned(),
        system: None,
    };
    match facts.role {
        Role::Hop => None,
        Role::Send if own.has_messages() || !is_same => Some(HandedOver {
            at: node.end,
            place: names::place(facts.system, facts.destination),
            system: facts.system.map(str::to_owned),
        }),
        _ if is_same => None,
        _ if above.span.attributes.get(faas::INVOKED_NAME).is_some() => Some(HandedOver {
            place: LAMBDA.to_owned(),
            ..unknown(since(is_later))
        }),
        Role::Client | Role::AwsCall | Role::Database | Role::Send => {
            Some(unknown(since(is_later)))
        }
        // The time at which the context was passed on is unknown, only that it was before the end.
        _ => is_later.then(|| unknown(node.end)),
    }
}

/// Consecutive waits.
#[derive(Default)]
struct Line {
    waits: Vec<Wait>,
    /// The time before which no further wait begins.
    at: u64,
}

impl Line {
    fn from(&mut self, at: u64) {
        self.at = at.max(self.at);
    }

    fn add(&mut self, start: u64, end: u64, place: String, system: Option<String>, measured: bool) {
        let start = start.max(self.at);
        if start < end {
            self.at = end;
            self.waits.push(Wait {
                start,
                end,
                place,
                system,
                measured,
            });
        }
    }

    /// Adds the wait between the sender and the queue, or the start.
    fn between(&mut self, handed: HandedOver, until: u64, queued: Option<&Queued>) {
        let start = handed.at.max(self.at);
        if until.saturating_sub(start) < SHORTEST {
            return;
        }
        let (mut place, mut system) = (handed.place, handed.system);
        // The queue reports the arrival itself.
        if queued.is_some_and(|queued| queued.place == place) {
            (place, system) = (IN_TRANSIT.to_owned(), None);
        }
        self.add(start, until, place, system, false);
    }

    fn queue(&mut self, queued: Option<Queued>, arrival: &Arrival) {
        if let Some(queued) = queued {
            let end = arrival.init.unwrap_or(arrival.at);
            self.add(queued.sent, end, queued.place, queued.system, true);
        }
    }

    fn init(&mut self, arrival: &Arrival) {
        if let Some(init) = arrival.init {
            self.add(init, arrival.at, COLD_START.to_owned(), None, true);
        }
    }

    fn behind_others(&mut self, start: u64, end: u64) {
        if end.saturating_sub(start) >= SHORTEST {
            self.add(start, end, EARLIER_RECORDS.to_owned(), None, false);
        }
    }
}
