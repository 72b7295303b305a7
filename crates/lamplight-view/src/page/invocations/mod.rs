//! Invocations, newest first.

mod filter;

use maud::{Markup, html};

pub(super) use filter::{chips, filter};

use super::{
    Addresses, View,
    parts::{bar, nothing, only_served, outcome, scrolling},
    text::{count, counted, share, shortened, time},
    time::duration,
};
use crate::{
    facts::Outcome,
    store::{Invocation, Invocations, Query, Side},
};

/// Returns a filter form and a table.
pub(super) fn invocations(found: &Invocations, query: &Query, addresses: Addresses) -> Markup {
    let of = |title: &str| match &query.function {
        Some(function) => html! { (title) " of " em { (function) } },
        None => html! { (title) },
    };
    html! {
        h1 { (of("Invocations")) }
        @if addresses == Addresses::Paths {
            (tabs(query))
            (filter("/invocations", query, &functions_of(found), &html! {}))
            (chips(&View::Invocations(Query::default()), query))
        }
        div.live id=[only_served("rows", addresses)] {
            @if found.rows.is_empty() {
                (nothing(query, &View::Invocations(Query::default()), "invocations", addresses))
            } @else {
                (table(found, query.function.is_none(), addresses))
                (pages(found, query, addresses))
            }
        }
    }
}

/// Returns the functions of some rows without duplicates, as choices for the form.
fn functions_of(found: &Invocations) -> Vec<&str> {
    let mut names: Vec<_> = found.rows.iter().map(|it| it.function.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Links for the most frequent questions.
fn tabs(query: &Query) -> Markup {
    let plain = Query {
        outcome: None,
        cold: None,
        before: None,
        skip: 0,
        ..query.clone()
    };
    let failed = Query {
        outcome: Some(Outcome::Error),
        ..plain.clone()
    };
    let late = Query {
        outcome: Some(Outcome::Timeout),
        ..plain.clone()
    };
    let cold = Query {
        cold: Some(true),
        ..plain.clone()
    };
    let differ = View::Differences {
        query: plain.clone(),
        side: Side::Failed,
    };
    let tabs = [
        ("All", plain),
        ("Failed", failed),
        ("Timed out", late),
        ("Cold", cold),
    ];
    html! {
        nav.tabs aria-label="Invocations" {
            @for (name, other) in tabs {
                @let current = (other.outcome, other.cold) == (query.outcome, query.cold);
                a href=(View::Invocations(other).address(Addresses::Paths)) aria-current=[current.then_some("true")] { (name) }
            }
            a.aside href=(differ.address(Addresses::Paths)) { "Differences" }
        }
    }
}

fn table(found: &Invocations, of_many: bool, addresses: Addresses) -> Markup {
    let longest = found
        .rows
        .iter()
        .map(|it| it.duration)
        .max()
        .unwrap_or_default();
    let table = html! {
        table.invocations {
            thead { tr {
                th scope="col" { "Started (UTC)" }
                th scope="col" { @if of_many { "Function" } @else { "Version" } }
                th scope="col" { "Status" }
                th.grow scope="col" { "What happened" }
                th scope="col" { "Trigger" }
                th.number scope="col" { "Records" }
                th.number scope="col" { "Duration" }
            } }
            tbody {
                @for row in &found.rows {
                    tr class=(row.outcome.name()) {
                        td.when { a.row href=(view(row).address(addresses)) { (time(row.start)) } }
                        th.name scope="row" {
                            @if of_many { (row.function) " " }
                            @if let Some(version) = &row.version { span.chip { (version) } }
                        }
                        td { (outcome(row.outcome)) @if row.cold { " " span.badge.cold { "cold" } } }
                        td.grow { (happened(row)) }
                        td { @if let Some(trigger) = &row.trigger { (trigger) } }
                        td.number { (records(row)) }
                        td { div.length { (bar(share(row.duration, longest), row.outcome.name())) span { (duration(row.duration)) } } }
                    }
                }
            }
        }
    };
    scrolling("Invocations", &table)
}

/// Returns the target of a row: its records if it had a batch, else its trace.
fn view(row: &Invocation) -> View {
    if row.records.is_some() {
        View::Invocation(row.id)
    } else {
        View::of_span(row.id)
    }
}

fn happened(row: &Invocation) -> Markup {
    html! {
        span.what {
            @if let Some(kind) = &row.error_type { b { (kind) } " " }
            @match &row.message {
                Some(message) => { (shortened(message, 300)) },
                // Often it is that of the function, which is shown beside it.
                None => @if row.name != row.function { span.dim { (row.name) } },
            }
        }
    }
}

fn records(row: &Invocation) -> Markup {
    let failed = row.failed.unwrap_or_default();
    html! {
        @if let Some(records) = row.records {
            (count(records))
            @if failed > 0 { " " small.error { (count(failed)) " failed" } }
        }
    }
}

fn pages(found: &Invocations, query: &Query, addresses: Addresses) -> Markup {
    let number = counted(found.rows.len() as u64, "invocation");
    let older = found
        .more
        .then(|| View::Invocations(query.next_page(found)));
    let newest = View::Invocations(Query {
        before: None,
        skip: 0,
        ..query.clone()
    });
    html! {
        p.pages {
            span { (number) @if found.more { "; there are older ones" } }
            @if addresses == Addresses::Paths {
                @if query.before.is_some() { a rel="first" href=(newest.address(addresses)) { "Newest" } }
                @if let Some(older) = older { a rel="next" href=(older.address(addresses)) { "Older" } }
            }
        }
    }
}
