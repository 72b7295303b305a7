//! Compilation of configured rules to an evaluated form.

use super::{
    adaptive::{Adaptive, Field, Goal, KeyField},
    attribute::{Holder, Test, Wanted},
    condition::{Condition, Kind, Leaf, Measured, Shared, Status},
    estimate::Plan,
    keys::{Keys, MAX_ENTRIES},
    matcher::Matcher,
    node::Node,
    rule::{Action, Rule},
    slots::MAX_SLOTS,
};
use crate::sampling::Threshold;

/// Maximum number of leaves in all rules together.
pub(super) const MAX_LEAVES: usize = 64;

/// Maximum nesting depth of conditions.
const MAX_DEPTH: usize = 32;

/// A compiled rule.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) name: Box<str>,
    pub(super) when: Node,
    pub(super) effect: Effect,
}

/// The effect of a rule that matches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Effect {
    Keep(Threshold),
    /// The index of its plan.
    Adapt(usize),
    Drop,
}

/// A test of a span other than of its attributes.
#[derive(Debug)]
pub(super) enum Question {
    Status(u64),
    Duration {
        measured: Measured,
        least: u64,
        most: u64,
    },
    Name(Matcher),
    Sampled,
    Custom(Shared),
}

/// The compiled form of all rules.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) rules: Vec<Compiled>,
    pub(super) plans: Vec<Plan>,
    /// The questions, each with its bit.
    pub(super) questions: Vec<(u64, Question)>,
    pub(super) span: Keys,
    pub(super) resource: Keys,
    /// Conditions on a single span: their bits, the conditions, and the leaves they use.
    pub(super) same_span: Vec<(u64, Node, u64)>,
    /// The fields of all keys, without duplicates.
    pub(super) fields: Vec<KeyField>,
    /// The slot of the span name.
    pub(super) name_slot: Option<u8>,
    /// True if a rule needs the extent of a trace.
    pub(super) extent: bool,
}

/// The state of a compilation.
#[derive(Debug, Default)]
pub(super) struct Compiler {
    pub(super) program: Program,
    /// The leaves, by bit; equal leaves share one bit.
    leaves: Vec<Kind>,
}

impl Compiler {
    /// Adds a rule, or returns all its faults.
    pub(super) fn rule(&mut self, rule: &Rule) -> Vec<String> {
        let mut faults = Vec::new();
        let when = self.node(&rule.when, false, 0, &mut faults);
        let effect = self.effect(&rule.name, &rule.action, &mut faults);
        self.program.extent |= when.asks_extent();
        let name = rule.name.as_str().into();
        self.program.rules.push(Compiled { name, when, effect });
        faults
    }

    fn effect(&mut self, name: &str, action: &Action, faults: &mut Vec<String>) -> Effect {
        match action {
            Action::Keep => Effect::Keep(Threshold::ALWAYS),
            Action::Drop => Effect::Drop,
            Action::Probability(fraction) => {
                check_fraction("the probability", *fraction, faults);
                Effect::Keep(Threshold::from_probability(*fraction))
            }
            Action::Adaptive(adaptive) => {
                check_adaptive(adaptive, faults);
                let fields = adaptive.key.iter().map(|field| self.field(field, faults));
                let plan = Plan::new(name, adaptive, fields.collect());
                self.program.plans.push(plan);
                Effect::Adapt(self.program.plans.len() - 1)
            }
        }
    }

    /// Returns the slot of a field.
    fn field(&mut self, field: &KeyField, faults: &mut Vec<String>) -> u8 {
        let known = self.program.fields.iter().position(|other| other == field);
        let place = known.unwrap_or(self.program.fields.len());
        let slot = u8::try_from(place).ok().filter(|_| place < MAX_SLOTS);
        let Some(slot) = slot else {
            faults.push(format!("keys have more than {MAX_SLOTS} fields in total"));
            return 0;
        };
        if known.is_some() {
            return slot;
        }
        self.program.fields.push(field.clone());
        match &field.0 {
            Field::Name => self.program.name_slot = Some(slot),
            Field::Attribute { key, .. } if key.is_empty() => {
                faults.push("a field of the key is an attribute without a name".to_owned());
            }
            Field::Attribute { key, holder } => {
                if *holder != Holder::Resource {
                    self.program.span.slot(key, slot);
                }
                if *holder != Holder::Span {
                    self.program.resource.slot(key, slot);
                }
            }
        }
        slot
    }

    /// Returns the node of a condition. `in_span` is true within a condition on a single span.
    fn node(
        &mut self,
        condition: &Condition,
        in_span: bool,
        depth: usize,
        faults: &mut Vec<String>,
    ) -> Node {
        let nothing = || Node::All(0, Box::default());
        if depth > MAX_DEPTH {
            faults.push(format!(
                "conditions are nested deeper than {MAX_DEPTH} levels"
            ));
            return nothing();
        }
        match &condition.0 {
            Kind::Always => nothing(),
            Kind::Leaf(leaf) => Node::All(self.leaf(leaf, faults), Box::default()),
            Kind::Spans { .. } | Kind::Extent { .. } | Kind::SameSpan(_) if in_span => {
                let problem =
                    "`same_span` contains a condition on the whole trace, or another `same_span`";
                faults.push(problem.to_owned());
                nothing()
            }
            Kind::Spans { least, most } => {
                check_range(*least, *most, "number of spans", faults);
                let (least, most) = (*least, *most);
                Node::Spans { least, most }
            }
            Kind::Extent { least, most } => {
                check_range(*least, *most, "latency", faults);
                let (least, most) = (*least, *most);
                Node::Extent { least, most }
            }
            Kind::All(conditions) => {
                let (leaves, nodes) = self.parts(conditions, true, in_span, depth, faults);
                Node::All(leaves, nodes)
            }
            Kind::Any(conditions) => {
                let (leaves, nodes) = self.parts(conditions, false, in_span, depth, faults);
                Node::Any(leaves, nodes)
            }
            Kind::Not(condition) => {
                Node::Not(Box::new(self.node(condition, in_span, depth + 1, faults)))
            }
            Kind::SameSpan(inner) => {
                let node = self.node(inner, true, depth + 1, faults);
                let (bit, new) = self.bit(&condition.0, faults);
                if new {
                    let leaves = node.leaves();
                    self.program.same_span.push((bit, node, leaves));
                }
                Node::All(bit, Box::default())
            }
        }
    }

    /// Returns the parts of a list, with leaves as bits.
    fn parts(
        &mut self,
        conditions: &[Condition],
        all: bool,
        in_span: bool,
        depth: usize,
        faults: &mut Vec<String>,
    ) -> (u64, Box<[Node]>) {
        if conditions.is_empty() {
            faults.push("a list of conditions is empty".to_owned());
        }
        let (mut leaves, mut nodes) = (0, Vec::new());
        for condition in conditions {
            match self.node(condition, in_span, depth + 1, faults) {
                // With one bit both kinds of lists are equivalent; with several bits, all must be
                // set.
                Node::All(bits, inner) if inner.is_empty() && (all || bits.count_ones() == 1) => {
                    leaves |= bits;
                }
                node => nodes.push(node),
            }
        }
        (leaves, nodes.into())
    }

    /// Returns the bit of a leaf or of a condition on a single span, and whether it is new.
    fn bit(&mut self, kind: &Kind, faults: &mut Vec<String>) -> (u64, bool) {
        if let Some(known) = self.leaves.iter().position(|other| other == kind) {
            return (1 << known, false);
        }
        if self.leaves.len() == MAX_LEAVES {
            faults.push(format!(
                "all rules together have more than {MAX_LEAVES} different conditions; lists of \
                values \
                 count as one"
            ));
            return (0, false);
        }
        self.leaves.push(kind.clone());
        (1 << (self.leaves.len() - 1), true)
    }

    /// Returns the bit of a leaf.
    fn leaf(&mut self, leaf: &Leaf, faults: &mut Vec<String>) -> u64 {
        let (bit, new) = self.bit(&Kind::Leaf(leaf.clone()), faults);
        if !new {
            return bit;
        }
        let question = match leaf {
            Leaf::Attribute(wanted) => {
                self.attribute(wanted, bit, faults);
                return bit;
            }
            Leaf::Status(status) => Question::Status(match status {
                Status::Unset => 0,
                Status::Ok => 1,
                Status::Error => 2,
            }),
            Leaf::Duration {
                measured,
                least,
                most,
            } => {
                check_range(*least, *most, "latency", faults);
                let (measured, least, most) = (*measured, *least, *most);
                Question::Duration {
                    measured,
                    least,
                    most,
                }
            }
            Leaf::Name(test) => match matcher(test, "the span's name", faults) {
                Some(matcher) => Question::Name(matcher),
                None => return bit,
            },
            Leaf::Sampled => Question::Sampled,
            Leaf::Custom(custom) => Question::Custom(custom.clone()),
        };
        self.program.questions.push((bit, question));
        bit
    }

    fn attribute(&mut self, wanted: &Wanted, bit: u64, faults: &mut Vec<String>) {
        if wanted.key.is_empty() {
            faults.push("a condition is on an attribute without a name".to_owned());
        }
        let what = format!("attribute `{}`", wanted.key);
        let tables = [
            (Holder::Resource, &mut self.program.span),
            (Holder::Span, &mut self.program.resource),
        ];
        for (other, keys) in tables {
            if wanted.holder == other {
                continue;
            }
            // Reported once for both.
            let Some(matcher) = matcher(&wanted.test, &what, faults) else {
                return;
            };
            keys.leaf(&wanted.key, bit, matcher);
        }
    }
}

// There is always room for 64 leaves and 32 fields.
const _: () = assert!(MAX_LEAVES + MAX_SLOTS <= MAX_ENTRIES);

fn matcher(test: &Test, what: &str, faults: &mut Vec<String>) -> Option<Matcher> {
    Matcher::new(test)
        .map_err(|problem| faults.push(format!("{what}: {problem}")))
        .ok()
}

fn check_range<T: Copy + PartialOrd>(least: T, most: T, what: &str, faults: &mut Vec<String>) {
    if least > most {
        faults.push(format!("the range of {what} is empty"));
    }
}

fn check_fraction(what: &str, fraction: f64, faults: &mut Vec<String>) {
    if !(fraction > 0.0 && fraction <= 1.0) {
        faults.push(format!(
            "{what} is {fraction}; it must be above 0 and at most 1"
        ));
    }
}

fn check_adaptive(adaptive: &Adaptive, faults: &mut Vec<String>) {
    match adaptive.goal {
        Goal::Fraction(fraction) => check_fraction("the percentage's fraction", fraction, faults),
        Goal::Rate(rate) if !(rate > 0.0 && rate.is_finite()) => {
            faults.push(format!("the throughput is {rate}; it must be above 0"));
        }
        Goal::Rate(_) => {}
    }
    check_fraction("the weight", adaptive.weight, faults);
    if adaptive.interval.as_secs() == 0 {
        faults.push("the adjustment interval must be at least a second".to_owned());
    }
    if !(1..=10_000).contains(&adaptive.max_keys) {
        let keys = adaptive.max_keys;
        faults.push(format!("max_keys is {keys}; it must be from 1 to 10000"));
    }
}
