//! Filters of queries.

use lamplight_clickhouse::literal;
use lamplight_semconv::faas;

use super::{
    expression::{function, is_cold, is_invocation, is_outcome},
    parameters::Parameters,
    span::DURATION,
};
use crate::store::{Condition, Query, Window};

/// The first and the last start of spans, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) first: i64,
    pub(super) last: i64,
}

impl Range {
    /// Returns the range of a window; `None` if it is empty.
    pub(super) fn of(window: Window, before: Option<u64>) -> Option<Self> {
        let end = match (window.to, before) {
            (Some(to), Some(before)) => Some(to.min(before)),
            (to, before) => to.or(before),
        };
        let last = end.map_or(Some(u64::MAX), |end| end.checked_sub(1))?;
        let range = Self {
            first: i64::try_from(window.from.unwrap_or_default()).ok()?,
            last: i64::try_from(last).unwrap_or(i64::MAX),
        };
        (range.first <= range.last).then_some(range)
    }

    /// Returns the range with more time on both sides.
    pub(super) const fn widened(self, before: i64, after: i64) -> Self {
        Self {
            first: self.first.saturating_sub(before),
            last: self.last.saturating_add(after),
        }
    }

    /// Returns the condition for spans that start in it. It uses the key and the partitions.
    pub(super) fn condition(self, parameters: &mut Parameters) -> String {
        let mut both = Vec::new();
        if self.first > 0 {
            both.push(format!("Timestamp >= {}", parameters.time(self.first)));
        }
        if self.last < i64::MAX {
            both.push(format!("Timestamp <= {}", parameters.time(self.last)));
        }
        match both.is_empty() {
            true => "1".to_owned(),
            false => both.join(" AND "),
        }
    }
}

/// Returns the condition for invocations that match a query, apart from its window.
pub(super) fn invocations(query: &Query, parameters: &mut Parameters) -> String {
    let mut all = vec![is_invocation()];
    all.extend(of_span(query, parameters));
    all.extend(duration(query, DURATION, parameters));
    all.join(" AND ")
}

/// Returns the conditions for a duration.
pub(super) fn duration(
    query: &Query,
    expression: &str,
    parameters: &mut Parameters,
) -> Vec<String> {
    let least = query.at_least.map(|it| (">=", it));
    let most = query.at_most.map(|it| ("<=", it));
    let both = least.into_iter().chain(most);
    both.map(|(operator, it)| format!("{expression} {operator} {}", parameters.count(it)))
        .collect()
}

/// Returns the conditions for a single span.
pub(super) fn of_span(query: &Query, parameters: &mut Parameters) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(name) = &query.function {
        all.push(format!("{} = {}", function(), parameters.text(name)));
    }
    if let Some(outcome) = query.outcome {
        all.push(is_outcome(outcome));
    }
    if let Some(trigger) = &query.trigger {
        all.push(is_equal(
            "SpanAttributes",
            &literal(faas::TRIGGER),
            trigger,
            parameters,
        ));
    }
    if let Some(is_wanted) = query.cold {
        let not = if is_wanted { "" } else { "NOT " };
        all.push(format!("{} AND {not}{}", is_invocation(), is_cold()));
    }
    for condition in &query.conditions {
        all.push(fits(condition, parameters));
    }
    all
}

/// Returns the expression for [`Condition::fits`]. All values are text, so text that is a number is
/// compared as one.
fn fits(condition: &Condition, parameters: &mut Parameters) -> String {
    match condition {
        Condition::Equal(key, text) => {
            let key = parameters.text(key);
            any(|map| is_equal(map, &key, text, parameters))
        }
        Condition::NotEqual(key, text) => {
            let key = parameters.text(key);
            format!("NOT {}", any(|map| is_equal(map, &key, text, parameters)))
        }
        Condition::Greater(key, number) => compared(key, ">", *number, parameters),
        Condition::Less(key, number) => compared(key, "<", *number, parameters),
        // Every span has a name, which contains it.
        Condition::Text(text) if text.is_empty() => "1".to_owned(),
        Condition::Text(text) => {
            let text = parameters.text(text);
            let has = |column: &str| format!("positionCaseInsensitive({column}, {text}) > 0");
            let in_names = format!("arrayExists(it -> {}, Events.Name)", has("it"));
            let in_values =
                any(|map| format!("arrayExists(value -> {}, mapValues({map}))", has("value")));
            format!(
                "({} OR {} OR {in_names} OR {in_values})",
                has("SpanName"),
                has("StatusMessage")
            )
        }
    }
}

/// Returns the expression for attributes of the span, of its resource, or of one of its events.
fn any(mut fits: impl FnMut(&str) -> String) -> String {
    format!(
        "({} OR {} OR arrayExists(event -> {}, Events.Attributes))",
        fits("SpanAttributes"),
        fits("ResourceAttributes"),
        fits("event")
    )
}

fn is_equal(map: &str, key: &str, text: &str, parameters: &mut Parameters) -> String {
    let equal = format!("{map}[{key}] = {}", parameters.text(text));
    // The value of a missing key is an empty text.
    match text.is_empty() {
        true => format!("(mapContains({map}, {key}) AND {equal})"),
        false => equal,
    }
}

fn compared(key: &str, operator: &str, number: f64, parameters: &mut Parameters) -> String {
    let (key, number) = (parameters.text(key), parameters.number(number));
    any(|map| format!("ifNull(toFloat64OrNull({map}[{key}]) {operator} {number}, 0)"))
}
