//! `[[rule]]`: the sampling rules.

use std::{collections::BTreeSet, time::Duration};

use lamplight_semconv as semconv;

use crate::{
    config::{
        condition::{self, Test},
        item::Item,
        keys::{Key, Table, key},
        section::Section,
    },
    rules::{Action, Adaptive, Condition, KeyField, Rule, Rules},
};

const SECOND: Duration = Duration::from_secs(1);

pub(super) static RULE: Table = Table {
    name: "rule",
    about: "The sampling rules. Each rule keeps a share of the traces that meet its condition. If \
    a trace matches several rules, the largest share decides; a rule that drops has a veto. A \
    trace that matches no rule is dropped. Without any rules, all traces are kept.",
    list: true,
    open: false,
    keys: KEYS,
};

const KEYS: &[Key] = &[
    key(
        "name",
        "string",
        "required",
        "The name of the rule in kept spans, log lines and metrics.",
    ),
    key(
        "when",
        "condition",
        "every trace",
        "The condition of matching traces: see below.",
    ),
    key("keep", "`true`", "none", "Keeps all matching traces."),
    key(
        "drop",
        "`true`",
        "none",
        "Drops all matching traces, whatever other rules decide.",
    ),
    key(
        "probability",
        "share",
        "none",
        "Keeps this share of matching traces: `\"10 %\"`, or `0.1`.",
    ),
    key(
        "adaptive",
        "table",
        "none",
        "Keeps a share that adapts to the traffic: see below.",
    ),
];

pub(super) static ADAPTIVE: Table = Table {
    name: "rule.adaptive",
    about: "A share that adapts to the traffic, separately for each combination of values: rare \
    ones are kept, and frequent ones are sampled. It uses stream time, so that a replay gives the \
    same decisions.",
    list: false,
    open: false,
    keys: &[
        key(
            "share",
            "share",
            "this or `per_second`",
            "The share of all matching traces to keep.",
        ),
        key(
            "per_second",
            "number",
            "this or `share`",
            "The number of matching traces to keep per second, in each shard.",
        ),
        key(
            "by",
            "strings",
            "`[\"service.name\", \"span.name\"]`",
            "The values that form a combination: keys of attributes, or `span.name`.",
        ),
        key(
            "interval",
            "duration",
            "`\"15 s\"`",
            "Interval between adaptations of shares.",
        ),
        key(
            "weight",
            "number, 0 to 1",
            "`0.5`",
            "Weight of the last interval compared to earlier ones.",
        ),
        key(
            "max_keys",
            "number",
            "`500`",
            "Maximum number of combinations, up to 10000; further ones share one.",
        ),
    ],
};

/// Reads the rules, and checks them together.
pub(super) fn read(sections: &[Section<'_>]) -> Vec<Rule> {
    let mut names = BTreeSet::new();
    let (mut rules, mut places) = (Vec::new(), Vec::new());
    for section in sections {
        let name = section.name("rule", "write `name = \"errors\"`", &mut names);
        let when = match section.get("when") {
            Some(item) => condition::read(&item, Test::Trace),
            None => Some(Condition::always()),
        };
        let action = action(section);
        if section.get("when").is_none() && matches!(action, Some(Action::Drop)) {
            section.fault(
                "drops all traces, including those that other rules keep",
                "add a condition `when = { .. }`",
            );
        }
        if let (Some(name), Some(when), Some(action)) = (name, when, action) {
            rules.push(Rule::new(name, when, action));
            places.push(section);
        }
    }
    let is_drop = |section: &Section<'_>| section.get("drop").is_some();
    if let Some(last) = sections.last()
        && sections.iter().all(is_drop)
    {
        last.fault(
            "is a rule that drops, like all others, so that no trace is kept",
            "add one that keeps: `[[rule]]`, `name = \"others\"`, `probability = \"100 %\"`",
        );
    }
    if let Err(faults) = Rules::builder().rules(rules.iter().cloned()).build() {
        for fault in faults.iter() {
            let place = fault.index().and_then(|index| places.get(index));
            if let Some(section) = place.copied().or(sections.first()) {
                // The problem already includes the remedy.
                section.fault(fault.problem(), "");
            }
        }
    }
    rules
}

fn action(section: &Section<'_>) -> Option<Action> {
    const REMEDY: &str = "set one of `keep = true`, `drop = true`, `probability = \"10 %\"` and \
                          `adaptive = { .. }`";
    let set = ["keep", "drop", "probability", "adaptive"].map(|name| section.get(name));
    match set.iter().flatten().count() {
        1 => {}
        0 => {
            section.fault("has no action", REMEDY);
            return None;
        }
        _ => {
            section.fault("has several actions", REMEDY);
            return None;
        }
    }
    let [keep, drop, probability, adaptive] = set;
    let on = |item: &Item<'_>, action: Action| match item.bool()? {
        true => Some(action),
        false => {
            item.fault("is `false`, which has no effect", REMEDY);
            None
        }
    };
    if let Some(item) = keep {
        return on(&item, Action::Keep);
    }
    if let Some(item) = drop {
        return on(&item, Action::Drop);
    }
    if let Some(item) = probability {
        let share = item.share()?;
        if share <= 0.0 {
            item.fault(
                "keeps nothing",
                "remove the rule, or write `drop = true` for a veto",
            );
            return None;
        }
        return Some(Action::Probability(share));
    }
    adaptive_of(&adaptive?).map(Action::Adaptive)
}

fn adaptive_of(item: &Item<'_>) -> Option<Adaptive> {
    let section = item.section(&ADAPTIVE)?;
    let share = section.get("share").map(|item| item.share());
    let rate = section.get("per_second").map(|item| item.number());
    let mut adaptive = match (share, rate) {
        (Some(share), None) => Adaptive::percentage(positive(&section, "share", share?)?),
        (None, Some(rate)) => Adaptive::throughput(positive(&section, "per_second", rate?)?),
        _ => {
            item.fault(
                "must have either `share` or `per_second`",
                "write `share = \"10 %\"`",
            );
            return None;
        }
    };
    let by = section.some_texts("by");
    let by = by.unwrap_or_else(|| {
        vec![
            semconv::service::NAME.to_owned(),
            semconv::span::NAME.to_owned(),
        ]
    });
    adaptive = adaptive.key(by.into_iter().map(|key| match &*key {
        semconv::span::NAME => KeyField::span_name(),
        _ => KeyField::attribute(key),
    }));
    if let Some(interval) = section.duration("interval", SECOND..=3600 * SECOND) {
        adaptive = adaptive.adjustment_interval(interval);
    }
    if let Some(item) = section.get("weight") {
        let weight = item.number()?;
        if !(weight > 0.0 && weight <= 1.0) {
            item.fault(
                &format!("is {weight}"),
                "use a number above 0 and at most 1",
            );
            return None;
        }
        adaptive = adaptive.weight(weight);
    }
    if let Some(keys) = section.integer("max_keys", 1..=10_000) {
        adaptive = adaptive.max_keys(keys as usize);
    }
    Some(adaptive)
}

fn positive(section: &Section<'_>, name: &str, number: f64) -> Option<f64> {
    if number > 0.0 {
        return Some(number);
    }
    section
        .get(name)?
        .fault("keeps nothing", "use more than 0, or remove the rule");
    None
}
