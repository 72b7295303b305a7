//! One pass over all spans of a journey, for data that the rows of a few spans need from all.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use crate::{
    facts::{Facts, Outcome, Role},
    journey::{Journey, Node, Place},
    page::time,
    span::SpanId,
};

/// Number of colors for functions.
pub(super) const COLORS: usize = 12;

/// Maximum duration of a displayed initialization, in nanoseconds: functions cannot take longer.
const MAX_INIT: u64 = 15 * 60 * 1_000_000_000;

/// Data about all spans of a journey.
pub(super) struct Survey<'a> {
    /// A brief of each node of the journey.
    pub(super) briefs: Vec<Brief>,
    /// Functions, in the order of their occurrence.
    pub(super) functions: Vec<Function<'a>>,
    pub(super) spans: u64,
    pub(super) missing: u64,
    pub(super) errors: u64,
    /// Number of repeated arrivals of spans.
    pub(super) copies: u64,
    /// First displayed time: an initialization is before its invocation.
    pub(super) begin: u64,
    pub(super) end: u64,
    /// Last displayed time: a flush is after its invocation, and nothing waits for it.
    pub(super) reach: u64,
    /// Times without computation, in order.
    pub(super) idle: Vec<(u64, u64)>,
    /// Places of spans; of those with the same id, the first.
    pub(super) places: HashMap<SpanId, Place>,
    /// Ids shared by several spans.
    pub(super) doubled: HashSet<SpanId>,
}

/// The data of a node that is collected for all nodes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Brief {
    pub(super) role: Role,
    pub(super) outcome: Outcome,
    /// Index of its function; `None` for a missing parent.
    pub(super) function: Option<u32>,
}

/// A function, or another source of spans.
pub(super) struct Function<'a> {
    pub(super) name: &'a str,
    pub(super) color: usize,
    pub(super) invocations: u64,
    pub(super) spans: u64,
    pub(super) errors: u64,
    /// Time in which it was active, in nanoseconds.
    pub(super) busy: u64,
}

/// Returns the start of the initialization of an invocation that was a cold start.
pub(super) fn init_start(facts: &Facts<'_>, start: u64) -> Option<u64> {
    let init = time::of_millis(facts.init_ms?);
    (init > 0 && init <= MAX_INIT).then(|| start.saturating_sub(init))
}

/// Returns the end of the flush after an invocation.
pub(super) fn flush_end(node: &Node) -> Option<u64> {
    Some(node.end.saturating_add(node.flush?))
}

impl<'a> Survey<'a> {
    pub(super) fn of(journey: &'a Journey) -> Self {
        let mut survey = Self {
            briefs: Vec::with_capacity(journey.nodes.len()),
            functions: Vec::new(),
            spans: 0,
            missing: 0,
            errors: 0,
            copies: 0,
            begin: journey.begin,
            end: journey.end.max(journey.begin),
            reach: 0,
            idle: Vec::new(),
            places: HashMap::with_capacity(journey.nodes.len()),
            doubled: HashSet::new(),
        };
        let mut indices: HashMap<&str, u32> = HashMap::new();
        let mut busy: Vec<Vec<(u64, u64)>> = Vec::new();
        let mut flushes = Vec::new();
        for (place, node) in journey.nodes.iter().enumerate() {
            let Some(span) = node.span() else {
                survey.missing += 1;
                survey.briefs.push(Brief {
                    role: Role::Internal,
                    outcome: Outcome::Ok,
                    function: None,
                });
                continue;
            };
            let facts = Facts::of(span);
            match survey.places.entry(span.span_id) {
                Entry::Vacant(entry) => {
                    entry.insert(place);
                }
                Entry::Occupied(_) => {
                    survey.doubled.insert(span.span_id);
                }
            }
            let index = *indices.entry(facts.function).or_insert_with(|| {
                survey.functions.push(Function {
                    name: facts.function,
                    color: 0,
                    invocations: 0,
                    spans: 0,
                    errors: 0,
                    busy: 0,
                });
                busy.push(Vec::new());
                u32::try_from(busy.len() - 1).unwrap_or(u32::MAX)
            });
            let failed = u64::from(facts.outcome != Outcome::Ok);
            survey.spans += 1;
            survey.errors += failed;
            survey.copies += u64::from(span.times.saturating_sub(1));
            if let Some(function) = survey.functions.get_mut(index as usize) {
                function.spans += 1;
                function.errors += failed;
                function.invocations += u64::from(facts.role == Role::Invocation);
            }
            let (start, end) = (node.start, node.end.max(node.start));
            let from = init_start(&facts, start).unwrap_or(start);
            survey.begin = survey.begin.min(from);
            survey.end = survey.end.max(end);
            flushes.extend(flush_end(node).map(|until| (end, until)));
            // A hop is time in a service, in which no span of a function is active.
            if facts.role != Role::Hop
                && let Some(intervals) = busy.get_mut(index as usize)
            {
                intervals.push((from, end));
            }
            survey.briefs.push(Brief {
                role: facts.role,
                outcome: facts.outcome,
                function: Some(index),
            });
        }
        survey.finish(busy, flushes);
        survey
    }

    fn finish(&mut self, busy: Vec<Vec<(u64, u64)>>, flushes: Vec<(u64, u64)>) {
        let last = flushes.iter().map(|(_, until)| *until).max();
        self.reach = last.unwrap_or_default().max(self.end);
        let mut all = flushes;
        for (function, intervals) in self.functions.iter_mut().zip(busy) {
            let joined = joined(intervals);
            function.busy = joined.iter().map(|(from, to)| to - from).sum();
            all.extend(joined);
        }
        let mut at = self.begin;
        for (from, to) in joined(all) {
            if from > at {
                self.idle.push((at, from));
            }
            at = at.max(to);
        }
        if self.reach > at {
            self.idle.push((at, self.reach));
        }
        let mut colors = Colors::default();
        for function in &mut self.functions {
            function.color = colors.of(function.name);
        }
    }

    /// Returns the index of a node's function, and its color.
    pub(super) fn function_at(&self, place: Place) -> (Option<u32>, usize) {
        let index = self.briefs.get(place).and_then(|brief| brief.function);
        let function = index.and_then(|index| self.functions.get(index as usize));
        (index, function.map_or(0, |function| function.color))
    }
}

/// Colors of functions that are shown together.
#[derive(Default)]
pub(super) struct Colors<'a> {
    /// The first function with each color.
    taken: [Option<&'a str>; COLORS],
}

impl<'a> Colors<'a> {
    /// Returns the color of a function: its own, or the next free one if another function has that.
    pub(super) fn of(&mut self, name: &'a str) -> usize {
        let own = color(name);
        for color in (0..COLORS).map(|step| (own + step) % COLORS) {
            match self.taken.get_mut(color) {
                Some(Some(other)) if *other == name => return color,
                Some(free @ None) => {
                    *free = Some(name);
                    return color;
                }
                _ => {}
            }
        }
        own
    }
}

/// Returns the default color of a function, which it has wherever no other function takes it.
pub(super) fn color(name: &str) -> usize {
    // FNV-1a: the same on every page and every machine.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (hash >> 32) as usize % COLORS
}

/// Returns intervals in order, with overlapping ones merged.
fn joined(mut intervals: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    intervals.sort_unstable();
    let mut joined: Vec<(u64, u64)> = Vec::new();
    for (from, to) in intervals {
        match joined.last_mut() {
            Some((_, last)) if from <= *last => *last = to.max(*last),
            _ => joined.push((from, to)),
        }
    }
    joined
}
