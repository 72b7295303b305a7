//! Observation of spans.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lamplight_otlp::trace::{Place, Span, field::ATTRIBUTES};

use super::{
    adaptive::Field,
    compile::Question,
    condition::Measured,
    evidence::Evidence,
    hash::{of_text, of_value},
    node::Facts,
    program::Rules,
    slots::{MAX_SLOTS, NONE},
    state::RuleState,
};
use crate::sampling::TraceState;

/// The bit of the W3C flags for a sampled trace.
const SAMPLED: u32 = 1;

/// The bits of a span's flags for a remote parent, and for this being known.
const REMOTE: u32 = 0x300;

/// The position of a span's rank in the value of a field.
const RANK: u32 = 62;

impl Rules {
    /// Observes a span of a trace. The order of spans does not matter.
    pub fn observe(
        &self,
        state: &mut RuleState,
        evidence: &mut Evidence,
        place: Place<'_, '_>,
        span: &Span<'_>,
    ) {
        let program = &self.program;
        evidence.spans = evidence.spans.saturating_add(1);
        // Leaves that are already met need not be evaluated again, unless they are part of a
        // same-span condition that is not.
        let known = evidence.conditions;
        let groups = program.same_span.iter();
        let unknown = groups
            .filter(|(bit, ..)| known & bit == 0)
            .fold(!known, |wanted, (_, _, leaves)| wanted | leaves);
        let mut met = 0;
        let mut fields = [NONE; MAX_SLOTS];
        if self.asks_resources {
            met = self.resource(state, place, &mut fields);
        }
        for (bit, question) in &program.questions {
            if unknown & bit != 0 && holds(question, place, span) {
                met |= bit;
            }
        }
        let wanted = unknown & !met;
        if program.span.leaves() & wanted != 0 || program.span.has_slots() {
            met |= program
                .span
                .scan(span.message, ATTRIBUTES, wanted, |slot, value| {
                    if let Some(field) = fields.get_mut(usize::from(slot)) {
                        *field = of_value(value);
                    }
                });
        }
        for (bit, node, _) in &program.same_span {
            let facts = Facts {
                conditions: met,
                spans: 1,
                extent: None,
            };
            if known & bit == 0 && node.holds(&facts) {
                met |= bit;
            }
        }
        evidence.conditions |= met;
        if program.extent || !program.fields.is_empty() || !span.trace_state.is_empty() {
            self.remember(state, evidence, span, &fields);
        }
    }

    /// Returns the leaves that the resource meets, and stores its fields.
    fn resource(
        &self,
        state: &mut RuleState,
        place: Place<'_, '_>,
        fields: &mut [u64; MAX_SLOTS],
    ) -> u64 {
        let resource = place.resource.resource;
        let answers = state.resources.of(&self.program.resource, resource);
        for (slot, value) in &answers.slots {
            if let Some(field) = fields.get_mut(usize::from(*slot)) {
                *field = *value;
            }
        }
        answers.met
    }

    /// Stores data that does not fit into a bit.
    fn remember(
        &self,
        state: &mut RuleState,
        evidence: &mut Evidence,
        span: &Span<'_>,
        fields: &[u64; MAX_SLOTS],
    ) {
        let program = &self.program;
        let trace_state = TraceState::new(span.trace_state);
        let randomness = trace_state.randomness();
        let adaptive = !program.plans.is_empty();
        let head = trace_state.threshold().filter(|_| adaptive);
        let always = program.extent || !program.fields.is_empty();
        if !always && randomness.is_none() && head.is_none() {
            return;
        }
        if evidence.extra == 0 {
            evidence.extra = state.slots.allocate();
        }
        let Some(mut row) = state.slots.row_mut(evidence.extra) else {
            return;
        };
        if let Some(randomness) = randomness {
            row.randomness(randomness.get());
        }
        if let Some(head) = head {
            row.head(head.get());
        }
        if program.extent {
            row.extent(span.start, span.end);
        }
        let rank = rank(span) << RANK;
        for (slot, field) in program.fields.iter().enumerate() {
            let value = match field.0 {
                Field::Name => of_text(span.name),
                Field::Attribute { .. } => fields.get(slot).copied().unwrap_or(NONE),
            };
            if value != NONE {
                row.key(slot, rank | value >> (64 - RANK));
            }
        }
    }
}

/// Returns whether a span meets a condition.
#[inline]
fn holds(question: &Question, place: Place<'_, '_>, span: &Span<'_>) -> bool {
    match question {
        Question::Status(code) => span.status_code == *code,
        Question::Duration {
            measured,
            least,
            most,
        } => is_measured(*measured, span) && (*least..=*most).contains(&span.duration()),
        Question::Name(matcher) => matcher.fits_text(span.name),
        Question::Sampled => span.flags & SAMPLED != 0,
        // User code may panic, which must not lose a record.
        Question::Custom(custom) => {
            let asked = AssertUnwindSafe(|| custom.0.is_met(place, span));
            catch_unwind(asked).unwrap_or(false)
        }
    }
}

fn is_measured(measured: Measured, span: &Span<'_>) -> bool {
    match measured {
        Measured::Root => span.is_root(),
        Measured::Entry => is_entry(span) || span.is_root(),
        Measured::Span | Measured::Trace => true,
    }
}

/// Returns whether a span is the entry into a function or a process: a server, a consumer, or a
/// span with a remote parent.
fn is_entry(span: &Span<'_>) -> bool {
    matches!(span.kind, 2 | 5) || span.flags & REMOTE == REMOTE
}

/// Returns the rank of a span for the fields of keys; lower ones take precedence.
fn rank(span: &Span<'_>) -> u64 {
    if span.is_root() {
        0
    } else if is_entry(span) {
        1
    } else {
        2
    }
}
