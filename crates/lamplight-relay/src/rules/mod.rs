//! Rules: what a trace must be like, and how many of such traces are kept.
//!
//! A [`Rule`] has a name, a [`Condition`], and what follows: all traces that meet it are kept, a fraction of
//! them, a fraction that [adapts](Adaptive) to what arrives, or none. Each rule whose condition is met gives a
//! [threshold](crate::sampling::Threshold); the lowest one decides, since whoever passes a higher one passes it
//! too, and a rule that drops has a veto. A trace that meets no rule is not kept. Conditions look at
//! what spans say and never at the randomness, so that what is kept can be counted for what it stands for.
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
//! # How a trace is judged
//!
//! [`Rules::observe`] is called with each span of a trace, in any order, and remembers in an
//! [`Evidence`] of 16 bytes which conditions some span has met. [`Rules::decide`] gives the [`Verdict`] on
//! what was seen. What does not fit into bits (the extent of a trace, the key of an adaptive rule,
//! explicit randomness) is in the [`RuleState`], where [`Rules::forget`] frees it.
//!
//! # What is counted right
//!
//! The threshold of a trace does not depend on its randomness, so that the adjusted counts of what is kept
//! add up to what there was, for all traces that meet a rule and none that drops. Two things are out of
//! reach: traces that meet no rule stand for nothing, and where heads sample the spans of one trace
//! differently, a rule cannot see what they left out. A span that is late for a trace which was dropped, and is
//! kept for its own sake, was chosen with a probability that nobody knows: it goes out without a threshold
//! ([`rewrite`](crate::sampling::rewrite) with `None`).
//!
//! There are at most 1000 rules with 64 different conditions; equal conditions, in whichever rules, are one.
//!
//! # Where this is not the Collector's `tail_sampling`
//!
//! The same policies decide the same, but:
//!
//! * Latency is measured on entries (roots, servers, consumers) unless [`Measured::Trace`] is asked
//!   for: work that goes on after an answer does not make the answer late. Both bounds are inclusive,
//!   where the Collector excludes the lower one if there is an upper one. A trace without a span to
//!   measure has no latency, and an upper bound decides when the trace is complete, not before.
//! * There is no `invert_match`: its precedence surprises. [`Condition::not`] is about the whole trace, and
//!   [`Rule::drop`] is a veto.
//! * `not` is a condition within a rule, not a policy that votes against others.
//! * Probability is always R >= T with the specification's randomness. `hash_seed` decisions agree with
//!   nobody else's.
//! * Numbers are compared as numbers, integers and floating point; text never equals a number.
//! * An array meets a condition where one of its elements does.
//! * `rate_limiting`, `bytes_limiting` and `composite` have no threshold that would make counts right:
//!   [`Rule::adaptive`] takes their place.

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
