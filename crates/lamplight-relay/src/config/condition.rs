//! Conditions: `when` of a rule, `filter` of a sink, `drop_spans`.

use std::{sync::Arc, time::Duration};

use lamplight_otlp::trace::{Place, Span};

use crate::{
    clean::SpanCondition,
    config::{
        condition_keys::{CONDITION, SPAN_COUNT},
        item::Item,
        section::Section,
    },
    rules::{AttributeCondition, Condition, Measured, Rule, Rules, Scalar},
};

/// Explanation for expressions that only other regex engines accept.
const LINEAR: &str = "expressions are matched in linear time: \
                                 without look-around and back-references; see \
                                 https://docs.rs/regex/latest/regex/#syntax";

/// Maximum size of a compiled regular expression, in bytes.
const MOST_REGEX: usize = 1 << 20;

/// The subject of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    /// A whole trace.
    Trace,
    /// One span.
    Span,
}

/// A condition about a single span.
#[derive(Debug, Clone)]
pub struct SpanTest(Arc<Rules>);

impl SpanTest {
    /// Returns the test of a condition, or `None` if the condition needs a whole trace or cannot be
    /// compiled.
    pub fn new(condition: Condition) -> Option<Self> {
        let rule = Rule::keep("test", condition);
        let rules = Rules::builder().rule(rule).build().ok()?;
        Some(Self(Arc::new(rules)))
    }
}

impl SpanCondition for SpanTest {
    fn holds(&self, place: Place<'_, '_>, span: &Span<'_>) -> bool {
        let (mut state, mut evidence) = (self.0.state(), Default::default());
        self.0.observe(&mut state, &mut evidence, place, span);
        let trace = [0xff; 16];
        self.0
            .decide(&mut state, &evidence, &trace, Default::default())
            .kept
    }
}

/// Reads a condition, or a list of conditions of which at least one must hold.
pub(super) fn read_any(item: &Item<'_>, of: Test) -> Option<Condition> {
    if item.is_table() {
        return read(item, of);
    }
    let conditions = item.items()?;
    if conditions.is_empty() {
        item.fault("is empty", "add at least one condition, or remove it");
        return None;
    }
    let conditions: Vec<_> = conditions
        .iter()
        .filter_map(|item| read(item, of))
        .collect();
    Some(Condition::any(conditions))
}

/// Reads a condition.
pub(super) fn read(item: &Item<'_>, of: Test) -> Option<Condition> {
    read_within(item, of, 0)
}

fn read_within(item: &Item<'_>, of: Test, depth: usize) -> Option<Condition> {
    if depth > 8 {
        item.fault("is nested deeper than 8 conditions", "reduce the nesting");
        return None;
    }
    let section = item.section(&CONDITION)?;
    let mut of_span = Vec::new();
    simple(&section, &mut of_span);
    latency(&section, &mut of_span);
    texts(&section, &mut of_span);
    of_span.extend(attribute(&section));
    let mut of_trace = Vec::new();
    if of == Test::Trace {
        trace(&section, &mut of_trace);
    } else {
        for name in ["trace_longer_than", "trace_shorter_than", "span_count"] {
            if let Some(item) = section.get(name) {
                item.fault(
                    "is about a whole trace, but this condition is for single spans",
                    "remove it",
                );
            }
        }
    }
    nested(&section, of, depth, &mut of_trace);
    let mut all = of_trace;
    match of_span.len() {
        0 => {}
        1 => all.append(&mut of_span),
        _ => all.push(Condition::same_span(of_span)),
    }
    if all.is_empty() {
        if section.names().is_empty() {
            item.fault(
                "has no condition",
                "write `{ error = true }`, or remove it to match all",
            );
        }
        return None;
    }
    if all.len() == 1 {
        return all.pop();
    }
    Some(Condition::all(all))
}

fn simple(section: &Section<'_>, to: &mut Vec<Condition>) {
    match section.bool("error") {
        Some(true) => to.push(Condition::error()),
        Some(false) => to.push(Condition::not(Condition::error())),
        None => {}
    }
    for (name, condition) in [
        ("cold_start", Condition::cold_start as fn() -> Condition),
        ("timeout", Condition::timeout),
        ("sampled", Condition::sampled),
    ] {
        match section.bool(name) {
            Some(true) => to.push(condition()),
            Some(false) => to.push(Condition::not(condition())),
            None => {}
        }
    }
    if let Some(triggers) = section.some_texts("trigger") {
        to.push(Condition::any(
            triggers.iter().map(|trigger| Condition::trigger(trigger)),
        ));
    }
}

const ANY: std::ops::RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(7 * 86_400);

fn latency(section: &Section<'_>, to: &mut Vec<Condition>) {
    let measured = [
        ("entry", Measured::Entry),
        ("root", Measured::Root),
        ("span", Measured::Span),
    ];
    let measured = section.choice("measured", &measured);
    let longer = section.duration("longer_than", ANY);
    let shorter = section.duration("shorter_than", ANY);
    let has = section.get("longer_than").is_some() || section.get("shorter_than").is_some();
    if let (Some(item), false) = (section.get("measured"), has) {
        item.fault(
            "has no effect without a duration",
            "add `longer_than = \"1 s\"`",
        );
    }
    range(
        section,
        ("longer_than", longer),
        ("shorter_than", shorter),
        to,
        measured.unwrap_or_default(),
    );
}

/// Adds the condition of a range of durations, if the key is one.
fn range(
    section: &Section<'_>,
    (_, longer): (&str, Option<Duration>),
    (name, shorter): (&str, Option<Duration>),
    to: &mut Vec<Condition>,
    measured: Measured,
) {
    match (longer, shorter) {
        (Some(longer), Some(shorter)) if shorter < longer => {
            if let Some(item) = section.get(name) {
                item.fault("leaves an empty range", "make it the larger one");
            }
        }
        (Some(longer), Some(shorter)) => to.push(Condition::latency(measured, longer..=shorter)),
        (Some(longer), None) => to.push(Condition::latency(measured, longer..)),
        (None, Some(shorter)) => to.push(Condition::latency(measured, ..=shorter)),
        (None, None) => {}
    }
}

fn texts(section: &Section<'_>, to: &mut Vec<Condition>) {
    if let Some(names) = section.some_texts("name") {
        to.push(Condition::span_name().one_of(names));
    }
    if let Some(prefixes) = section.some_texts("name_prefix") {
        to.push(Condition::span_name().starts_with(prefixes));
    }
    if let Some(regex) = regex(section, "name_regex") {
        to.push(Condition::span_name().matches(regex));
    }
    if let Some(routes) = section.some_texts("route") {
        to.push(Condition::route().one_of(routes));
    }
    if let Some(prefixes) = section.some_texts("route_prefix") {
        to.push(Condition::route().starts_with(prefixes));
    }
    if let Some(regex) = regex(section, "route_regex") {
        to.push(Condition::route().matches(regex));
    }
}

fn attribute(section: &Section<'_>) -> Vec<Condition> {
    let Some(item) = section.get("attribute") else {
        for name in ["on", "is", "prefix", "regex", "at_least", "at_most"] {
            if let Some(item) = section.get(name) {
                item.fault(
                    "needs `attribute` beside it",
                    "add `attribute = \"its.key\"`",
                );
            }
        }
        return Vec::new();
    };
    let Some(key) = item.filled_as_it_is() else {
        return Vec::new();
    };
    let places = [("any", 0), ("span", 1), ("resource", 2)];
    let on = section.choice("on", &places).unwrap_or_default();
    let begin = || -> AttributeCondition {
        let begun = Condition::attribute(key.clone());
        match on {
            1 => begun.on_span(),
            2 => begun.on_resource(),
            _ => begun,
        }
    };
    let mut conditions = Vec::new();
    if let Some(values) = section.get("is").and_then(|item| scalars(&item)) {
        conditions.push(begin().one_of(values));
    }
    if let Some(prefixes) = section.some_texts("prefix") {
        conditions.push(begin().starts_with(prefixes));
    }
    if let Some(regex) = regex(section, "regex") {
        conditions.push(begin().matches(regex));
    }
    let number = |name| section.get(name).and_then(|item| item.number());
    match (number("at_least"), number("at_most")) {
        (Some(least), Some(most)) if most < least => {
            section.fault("`at_most` is less than `at_least`", "make `at_most` larger");
        }
        (Some(least), Some(most)) => conditions.push(begin().number(least..=most)),
        (Some(least), None) => conditions.push(begin().number(least..)),
        (None, Some(most)) => conditions.push(begin().number(..=most)),
        (None, None) => {}
    }
    let says = ["is", "prefix", "regex", "at_least", "at_most"];
    if conditions.is_empty() && says.iter().all(|name| section.get(name).is_none()) {
        conditions.push(begin().exists());
    }
    conditions
}

fn scalars(item: &Item<'_>) -> Option<Vec<Scalar>> {
    if !item.is_list() {
        return Some(vec![item.scalar()?]);
    }
    let scalars: Vec<_> = item.items()?.iter().filter_map(Item::scalar).collect();
    if scalars.is_empty() {
        item.fault("has no value", "add at least one value");
        return None;
    }
    Some(scalars)
}

fn regex(section: &Section<'_>, name: &str) -> Option<String> {
    let item = section.get(name)?;
    let text = item.text()?;
    check_regex(&item, &text).then_some(text)
}

/// Returns whether an expression can be matched in linear time and within the size bound; reports a
/// fault if not.
fn check_regex(item: &Item<'_>, text: &str) -> bool {
    if !item.document.is_each_regex_checked {
        return true;
    }
    let built = regex::bytes::RegexBuilder::new(text)
        .size_limit(MOST_REGEX)
        .build();
    match built {
        Ok(_) => return true,
        Err(regex::Error::CompiledTooBig(_)) => item.fault(
            "is a regular expression that needs more than 1 MiB",
            "use fewer repetitions, or split it into several conditions",
        ),
        Err(error) => {
            // The regex engine's message points at the place over several lines and ends with the
            // reason.
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or_default();
            let reason = reason.trim_start_matches("error: ");
            item.fault(
                &format!("is not a valid regular expression: {reason}"),
                remedy_of(reason),
            );
        }
    }
    false
}

/// Returns the remedy for an expression that is refused for this reason.
pub(super) fn remedy_of(reason: &str) -> &'static str {
    let is_of_others = ["look-around", "backreference"];
    match is_of_others.iter().any(|what| reason.contains(what)) {
        true => LINEAR,
        false => "see https://docs.rs/regex/latest/regex/#syntax",
    }
}

fn trace(section: &Section<'_>, to: &mut Vec<Condition>) {
    let longer = section.duration("trace_longer_than", ANY);
    let shorter = section.duration("trace_shorter_than", ANY);
    range(
        section,
        ("trace_longer_than", longer),
        ("trace_shorter_than", shorter),
        to,
        Measured::Trace,
    );
    let Some(item) = section.get("span_count") else {
        return;
    };
    let Some(count) = item.section(&SPAN_COUNT) else {
        return;
    };
    let number = |name| {
        let number = count.integer(name, 0..=10_000_000);
        number.map(|number| number as u32)
    };
    let (least, most) = (number("at_least"), number("at_most"));
    if count.names().is_empty() {
        item.fault("has no bounds", "write `{ at_least = 2 }`");
        return;
    }
    if least.unwrap_or(0) > most.unwrap_or(u32::MAX) {
        item.fault("leaves an empty range", "make `at_most` larger");
        return;
    }
    to.push(Condition::span_count(
        least.unwrap_or(0)..=most.unwrap_or(u32::MAX),
    ));
}

fn nested(section: &Section<'_>, of: Test, depth: usize, to: &mut Vec<Condition>) {
    let list = |name: &str| {
        let item = section.get(name)?;
        let items = item.items()?;
        if items.is_empty() {
            item.fault("is empty", "add at least one condition, or remove it");
            return None;
        }
        let conditions = items.iter().map(|item| read_within(item, of, depth + 1));
        // All are read first, so that all faults are reported.
        let conditions: Vec<_> = conditions.collect();
        conditions.into_iter().collect::<Option<Vec<_>>>()
    };
    to.extend(list("all").map(Condition::all));
    to.extend(list("any").map(Condition::any));
    if let Some(item) = section.get("not") {
        to.extend(read_within(&item, of, depth + 1).map(Condition::not));
    }
}
