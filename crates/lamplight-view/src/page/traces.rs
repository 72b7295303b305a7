//! Traces, newest first.

use maud::{Markup, html};

use super::{
    Addresses, View,
    invocations::{chips, filter},
    parts::{bar, nothing, only_served, scrolling},
    text::{count, counted, share, time},
    time::duration,
};
use crate::store::{Query, TraceRow};

/// Maximum number of functions named in a row.
const NAMED: usize = 6;

/// Returns a filter form and a table.
pub(super) fn traces(rows: &[TraceRow], query: &Query, addresses: Addresses) -> Markup {
    let mut names: Vec<_> = rows
        .iter()
        .flat_map(|it| &it.functions)
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names.dedup();
    html! {
        h1 { "Traces" }
        @if addresses == Addresses::Paths {
            (filter("/traces", query, &names, &html! {}))
            (chips(&View::Traces(Query::default()), query))
        }
        div.live id=[only_served("rows", addresses)] {
            @if rows.is_empty() {
                (nothing(query, &View::Traces(Query::default()), "traces", addresses))
            } @else {
                (table(rows, addresses))
                (pages(rows, query, addresses))
            }
        }
    }
}

fn table(rows: &[TraceRow], addresses: Addresses) -> Markup {
    let length = |row: &TraceRow| row.end.saturating_sub(row.start);
    let longest = rows.iter().map(length).max().unwrap_or_default();
    let table = html! {
        table.traces {
            thead { tr {
                th scope="col" { "Started (UTC)" }
                th scope="col" { "Trace" }
                th.grow scope="col" { "Through" }
                th.number scope="col" { "Spans" }
                th.number scope="col" { "Errors" }
                th.number scope="col" { "From start to end" }
            } }
            tbody {
                @for row in rows {
                    tr class=[(row.errors > 0).then_some("error")] {
                        td.when { a.row href=(View::of_trace(row.id).address(addresses)) { (time(row.start)) } }
                        th.name scope="row" { (row.name) " " code.dim title=(row.id) { (start_of(row)) } }
                        td.grow { (through(&row.functions)) }
                        td.number { (count(row.spans)) }
                        td.number { @if row.errors > 0 { span.error { (count(row.errors)) } } @else { span.none { "\u{2013}" } } }
                        td { div.length { (bar(share(length(row), longest), if row.errors > 0 { "error" } else { "" })) span { (duration(length(row))) } } }
                    }
                }
            }
        }
    };
    scrolling("Traces", &table)
}

/// Returns the first digits of its id, enough to distinguish it from its neighbors.
fn start_of(row: &TraceRow) -> String {
    row.id.to_string().chars().take(8).collect()
}

fn through(functions: &[String]) -> Markup {
    let more = functions.len().saturating_sub(NAMED);
    html! {
        ol.through {
            @for function in functions.iter().take(NAMED) { li { (function) } }
            @if more > 0 { li title=(functions.join(", ")) { (more) " more" } }
        }
    }
}

fn pages(rows: &[TraceRow], query: &Query, addresses: Addresses) -> Markup {
    // A full page may be the last one, in which case the next one shows that there are no more.
    let is_full = rows.len() >= query.rows();
    let older = is_full.then(|| View::Traces(query.next_page_of_traces(rows)));
    let newest = View::Traces(Query {
        before: None,
        skip: 0,
        ..query.clone()
    });
    html! {
        p.pages {
            span { (counted(rows.len() as u64, "trace")) }
            @if addresses == Addresses::Paths {
                @if query.before.is_some() { a rel="first" href=(newest.address(addresses)) { "Newest" } }
                @if let Some(older) = older { a rel="next" href=(older.address(addresses)) { "Older" } }
            }
        }
    }
}
