//! The filter form, and the active filters.

use maud::{Markup, html};

use crate::{
    facts::Outcome,
    page::{
        Addresses, View,
        time::date_time,
        view::{conditions, quantity},
    },
    store::{Query, Window},
};

/// Triggers in the semantic conventions.
const TRIGGERS: [&str; 5] = ["http", "pubsub", "datasource", "timer", "other"];

/// Returns the form, which submits to the address of a view.
///
/// `also` contains additional fields to submit.
pub(in crate::page) fn filter(
    action: &str,
    query: &Query,
    functions: &[&str],
    also: &Markup,
) -> Markup {
    let outcome = query.outcome.map_or("", Outcome::name);
    let cold = match query.cold {
        None => "",
        Some(true) => "true",
        Some(false) => "false",
    };
    let mut triggers = TRIGGERS.to_vec();
    let trigger = query.trigger.as_deref().unwrap_or_default();
    if !trigger.is_empty() && !triggers.contains(&trigger) {
        triggers.push(trigger);
    }
    let triggers: Vec<_> = triggers.into_iter().map(|it| (it, it)).collect();
    let outcomes = [("ok", "ok"), ("error", "error"), ("timeout", "timeout")];
    let colds = [("true", "cold"), ("false", "warm")];
    html! {
        form.filter action=(action) method="get" role="search" {
            (hidden(query.window))
            (also)
            label.where { span { "Where" }
                input type="search" name="where" value=(conditions(query))
                    placeholder="key=value key>number text" autocomplete="off" spellcheck="false"
                    title="All of: key=value, key!=value, key>number, key<number, or any text";
            }
            label { span { "Function" }
                input name="function" value=(query.function.as_deref().unwrap_or_default())
                    list="functions-known" placeholder="any" autocomplete="off" spellcheck="false";
            }
            datalist id="functions-known" { @for name in functions { option value=(name) {} } }
            // The outcome determines the sides of the comparison, so it cannot be a filter.
            @if action != "/differences" { (choice("Status", "outcome", outcome, &outcomes)) }
            (choice("Trigger", "trigger", trigger, &triggers))
            (choice("Start", "cold", cold, &colds))
            label.short { span { "At least" }
                input name="at_least" value=[query.at_least.map(quantity)] placeholder="250ms" autocomplete="off";
            }
            label.short { span { "At most" }
                input name="at_most" value=[query.at_most.map(quantity)] placeholder="3s" autocomplete="off";
            }
            button type="submit" { "Filter" }
        }
    }
}

/// Returns a window as hidden fields of a form.
pub(in crate::page) fn hidden(window: Window) -> Markup {
    html! {
        @if let Some(from) = window.from { input type="hidden" name="from" value=(from); }
        @if let Some(to) = window.to { input type="hidden" name="to" value=(to); }
    }
}

/// Returns an optional choice from a list of values.
pub(in crate::page) fn choice(
    label: &str,
    name: &str,
    now: &str,
    values: &[(&str, &str)],
) -> Markup {
    html! {
        label { span { (label) }
            select name=(name) {
                option value="" { "any" }
                @for (value, text) in values {
                    option value=(value) selected[*value == now] { (text) }
                }
            }
        }
    }
}

/// Returns the active filters of a view, each with a link that removes it.
pub(in crate::page) fn chips(view: &View, query: &Query) -> Markup {
    let mut chips: Vec<(String, Query)> = Vec::new();
    let mut chip = |text: Option<String>, take_off: &dyn Fn(&mut Query)| {
        if let Some(text) = text {
            let mut without = Query {
                before: None,
                skip: 0,
                ..query.clone()
            };
            take_off(&mut without);
            chips.push((text, without));
        }
    };
    let from = query
        .window
        .from
        .map(|it| format!("from {}", date_time(it)));
    let to = query.window.to.map(|it| format!("to {}", date_time(it)));
    let cold = query
        .cold
        .map(|it| if it { "cold" } else { "warm" }.to_owned());
    chip(from, &|it| it.window.from = None);
    chip(to, &|it| it.window.to = None);
    chip(query.function.clone(), &|it| it.function = None);
    chip(query.outcome.map(|it| it.name().to_owned()), &|it| {
        it.outcome = None;
    });
    chip(query.trigger.clone(), &|it| it.trigger = None);
    chip(cold, &|it| it.cold = None);
    chip(
        query
            .at_least
            .map(|it| format!("\u{2265} {}", quantity(it))),
        &|it| it.at_least = None,
    );
    chip(
        query.at_most.map(|it| format!("\u{2264} {}", quantity(it))),
        &|it| it.at_most = None,
    );
    chip(
        query.before.map(|it| format!("before {}", date_time(it))),
        &|it| (it.before, it.skip) = (None, 0),
    );
    for (index, condition) in query.conditions.iter().enumerate() {
        chip(Some(condition.to_string()), &|it| {
            drop(it.conditions.remove(index));
        });
    }
    html! {
        @if !chips.is_empty() {
            ul.chips aria-label="Filtered by" {
                @for (text, without) in chips {
                    li { (text) " "
                        a href=(view.with(without).address(Addresses::Paths)) aria-label={ "Without " (text) } title="Remove this filter" { "\u{d7}" }
                    }
                }
            }
        }
    }
}
