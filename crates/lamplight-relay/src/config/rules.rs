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
    about: "Which traces are kept. Each rule whose condition a trace meets says which share of such traces is \
            kept; the largest share decides, and a rule that drops has a veto. A trace that meets no rule is \
            dropped. Without any rule all are kept.",
    list: true,
    open: false,
    keys: KEYS,
};

const KEYS: &[Key] = &[
    key(
        "name",
        "text",
        "required",
        "What kept spans, log lines and metrics call it.",
    ),
    key(
        "when",
        "condition",
        "every trace",
        "Which traces it is about: below.",
    ),
    key("keep", "`true`", "none", "All of them are kept."),
    key(
        "drop",
        "`true`",
        "none",
        "None of them is kept, whatever other rules say.",
    ),
    key(
        "probability",
        "share",
        "none",
        "This share of them is kept: `\"10 %\"`, or `0.1`.",
    ),
    key(
        "adaptive",
        "table",
        "none",
        "A share of them that adapts to what arrives: below.",
    ),
];

pub(super) static ADAPTIVE: Table = Table {
    name: "rule.adaptive",
    about: "A share that adapts to what arrives, for each combination of values of its own: what is rare is kept, \
            what is frequent is thinned. It follows the time of the stream, so that a replay decides the same.",
    list: false,
    open: false,
    keys: &[
        key(
            "share",
            "share",
            "this or `per_second`",
            "The share of all traces of the rule that is to be kept.",
        ),
        key(
            "per_second",
            "number",
            "this or `share`",
            "How many traces of the rule are to be kept a second, of each shard.",
        ),
        key(
            "by",
            "texts",
            "`[\"service.name\", \"span.name\"]`",
            "Which values make a combination: keys of attributes, or `span.name`.",
        ),
        key(
            "interval",
            "duration",
            "`\"15 s\"`",
            "How often shares are adapted.",
        ),
        key(
            "weight",
            "number, 0 to 1",
            "`0.5`",
            "How much the last interval counts against those before.",
        ),
        key(
            "max_keys",
            "number",
            "`500`",
            "Most combinations, up to 10000; the others share one.",
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
                "drops all traces, whatever other rules keep",
                "write `when = { .. }` for which traces it is",
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
            "is a rule that drops, as are all others, so that no trace is kept",
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
    const REMEDY: &str = "write one of `keep = true`, `drop = true`, `probability = \"10 %\"` and \
                          `adaptive = { .. }`";
    let set = ["keep", "drop", "probability", "adaptive"].map(|name| section.get(name));
    match set.iter().flatten().count() {
        1 => {}
        0 => {
            section.fault("does nothing with the traces it is about", REMEDY);
            return None;
        }
        _ => {
            section.fault("does several things with the traces it is about", REMEDY);
            return None;
        }
    }
    let [keep, drop, probability, adaptive] = set;
    let on = |item: &Item<'_>, action: Action| match item.bool()? {
        true => Some(action),
        false => {
            item.fault("is `false`, which does nothing", REMEDY);
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
                "leave the rule out, or write `drop = true` for a veto",
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
                "must have one of `share` and `per_second`",
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
            item.fault(&format!("is {weight}"), "write a number above 0, at most 1");
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
        .fault("keeps nothing", "write more than 0, or leave the rule out");
    None
}
