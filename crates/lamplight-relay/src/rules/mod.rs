//! Sampling rules: conditions on traces, and the share of matching traces to keep.
//!
//! A [`Rule`] has a name, a [`Condition`] and an action: it keeps all matching traces, a fraction
//! of them, a fraction that [adapts](Adaptive) to the traffic, or none. Each matching rule gives a
//! [threshold](crate::sampling::Threshold). The lowest one decides, since a trace that passes a
//! higher threshold passes it too; a rule that drops has a veto. A trace that matches no rule is
//! dropped. Conditions depend on the content of spans and never on the randomness, so that adjusted
//! counts of kept spans are correct.
//!
//! ```
//! use std::time::Duration;
//!
//! use lamplight_relay::rules::{Condition, Measured, Rule, Rules};
//!
//! let rules = Rules::builder()
//!     .rule(Rule::drop("health", Condition::attribute("http.route").is("/health")))
//!     .rule(Rule::keep("errors", Condition::error()))
//!     .rule(Rule::keep("slow", Condition::latency(Measured::Entry, Duration::from_secs(1)..)))
//!     .rule(Rule::probability("baseline", Condition::always(), 0.05))
//!     .build()?;
//! assert_eq!(rules.names().count(), 4);
//! # Ok::<(), lamplight_relay::rules::Faults>(())
//! ```
//!
//! # Evaluation
//!
//! [`Rules::observe`] is called with each span of a trace, in any order, and records in an
//! [`Evidence`] of 16 bytes which conditions have been met by a span. [`Rules::decide`] returns the
//! [`Verdict`] on the observed spans. Data that does not fit into bits (the extent of a trace, the
//! key of an adaptive rule, explicit randomness) is in the [`RuleState`] until [`Rules::forget`]
//! frees it.
//!
//! # Adjusted counts
//!
//! The threshold of a trace does not depend on its randomness. Therefore the adjusted counts of
//! kept traces add up to the original number, for all traces that match a rule and no rule that
//! drops. There are two exceptions: traces that match no rule are not represented, and if head
//! samplers treat the spans of one trace differently, rules cannot see the spans that were left
//! out. A span that arrives late for a dropped trace, and is kept on its own, was selected with an
//! unknown probability: it is delivered without a threshold ([`rewrite`](crate::sampling::rewrite)
//! with `None`).
//!
//! There can be at most 1000 rules with 64 different conditions; equal conditions count once, even
//! in different rules.
//!
//! # Differences from the Collector's `tail_sampling`
//!
//! The same policies give the same decisions, with these exceptions:
//!
//! * Latency is measured on entries (roots, servers, consumers) unless [`Measured::Trace`] is set:
//!   work that continues after a response does not delay the response. Both bounds are inclusive,
//!   where the Collector excludes the lower one if there is an upper one. A trace without a span to
//!   measure has no latency, and an upper bound is evaluated once the trace is complete, not
//!   before.
//! * There is no `invert_match`, whose precedence is surprising. [`Condition::not`] applies to the
//!   whole trace, and [`Rule::drop`] is a veto.
//! * `not` is a condition within a rule, not a policy that votes against others.
//! * Probability is always R >= T with the specification's randomness. Decisions based on a
//!   `hash_seed` would not agree with those of other samplers.
//! * Numbers are compared as numbers, integers and floating point; text never equals a number.
//! * An array meets a condition if one of its elements does.
//! * `rate_limiting`, `bytes_limiting` and `composite` have no threshold that would make adjusted
//!   counts correct: [`Rule::adaptive`] replaces them.

mod adaptive;
mod attribute;
mod builder;
mod compile;
mod condition;
mod decide;
mod estimate;
mod evidence;
mod hash;
mod keys;
mod matcher;
mod node;
mod observe;
mod program;
mod resource;
mod rule;
mod slots;
mod state;
mod value;
mod verdict;

pub use self::{
    adaptive::{Adaptive, KeyField},
    builder::{Fault, Faults, RulesBuilder},
    condition::{AttributeCondition, Condition, Custom, Measured, NameCondition, Status},
    evidence::Evidence,
    program::Rules,
    rule::{Action, Rule},
    state::RuleState,
    value::Scalar,
    verdict::{RuleId, Verdict},
};
