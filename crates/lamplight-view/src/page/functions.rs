//! The list of functions.

use maud::{Markup, html};

use super::{
    Addresses, View,
    parts::{nothing_within, scrolling},
    text::{count, counted, percent, share, time},
    time::{duration, of_millis},
};
use crate::{
    facts::Outcome,
    store::{Count, Function, Query, Window},
};

/// Returns a table of functions.
pub(super) fn functions(functions: &[Function], window: Window, addresses: Addresses) -> Markup {
    let table = html! {
        table.functions data-sorts {
            thead { tr {
                th scope="col" { "Function" }
                th.wide scope="col" { "Over time" }
                th.number scope="col" { "Invocations" }
                th.number scope="col" { "Errors" }
                th.number scope="col" { "Timeouts" }
                th.number scope="col" { "Cold starts" }
                th.number scope="col" title="Median duration" { "p50" }
                th.number scope="col" title="95th percentile of the duration" { "p95" }
                th.number scope="col" title="99th percentile of the duration" { "p99" }
                th.number scope="col" title="Mean initialization time of cold starts" { "Init" }
                th.number scope="col" title="Mean flush time of telemetry" { "Flush" }
                th scope="col" { "Newest (UTC)" }
            } }
            tbody {
                @for function in functions { (row(function, window, addresses)) }
            }
        }
    };
    html! {
        h1 { "Functions" }
        @if functions.is_empty() {
            (nothing_within(window, &View::Functions(Window::default()), addresses))
        } @else {
            (scrolling("Functions", &table))
        }
    }
}

fn row(function: &Function, window: Window, addresses: Addresses) -> Markup {
    let all = Query {
        window,
        function: Some(function.name.clone()),
        ..Query::default()
    };
    let those = |query: Query| View::Invocations(query).address(addresses);
    let failed = those(Query {
        outcome: Some(Outcome::Error),
        ..all.clone()
    });
    let late = those(Query {
        outcome: Some(Outcome::Timeout),
        ..all.clone()
    });
    let cold = those(Query {
        cold: Some(true),
        ..all.clone()
    });
    let of = function.invocations;
    html! {
        tr {
            th.name scope="row" {
                a.row href=(those(all)) { (function.name) }
                span.under {
                    @for version in function.versions.iter().take(3) {
                        span.chip title="Version" { (version) }
                    }
                    @if function.versions.len() > 3 {
                        span.dim title=(function.versions.join(", ")) { "+" (function.versions.len() - 3) }
                    }
                    @if let Some(bytes) = function.memory {
                        span.chip title="Memory setting" { (bytes / (1024 * 1024)) " MB" }
                    }
                }
            }
            td.wide { (sparkline(&function.series)) }
            td.number data-v=(of) { (count(of)) }
            (part(function.errors, of, &failed, "error"))
            (part(function.timeouts, of, &late, "timeout"))
            (part(function.cold_starts, of, &cold, "cold"))
            td.number data-v=(function.p50) { (duration(function.p50)) }
            td.number data-v=(function.p95) { (duration(function.p95)) }
            td.number data-v=(function.p99) { (duration(function.p99)) }
            td.number data-v=[function.init_ms] { (milliseconds(function.init_ms)) }
            td.number data-v=[function.flush_ms] { (milliseconds(function.flush_ms)) }
            td.when data-v=(function.last) { (time(function.last)) }
        }
    }
}

/// Returns a number of invocations of some kind, with its share of all invocations.
fn part(part: u64, of: u64, address: &str, class: &str) -> Markup {
    html! {
        td.number data-v=(part) {
            @if part == 0 {
                (none())
            } @else {
                a class=(class) href=(address) { (count(part)) }
                " " small { (percent(part, of)) }
            }
        }
    }
}

fn none() -> Markup {
    html! { span.none { "\u{2013}" } }
}

fn milliseconds(number: Option<f64>) -> Markup {
    match number {
        Some(number) => html! { (duration(of_millis(number))) },
        None => none(),
    }
}

/// Returns bars of invocations, with the failed ones at the bottom.
fn sparkline(series: &[Count]) -> Markup {
    const HEIGHT: f64 = 24.0;
    let most = series
        .iter()
        .map(|it| it.invocations)
        .max()
        .unwrap_or_default();
    let (all, failed) = series.iter().fold((0_u64, 0_u64), |(all, failed), it| {
        (
            all.saturating_add(it.invocations),
            failed.saturating_add(it.errors),
        )
    });
    let label = format!(
        "{}, {} failed, at most {} in one bar",
        counted(all, "invocation"),
        count(failed),
        count(most)
    );
    let height = |part: u64| {
        let height = share(part, most) * HEIGHT;
        if part > 0 { height.max(1.5) } else { 0.0 }
    };
    html! {
        svg.spark viewBox=(format!("0 0 {} {HEIGHT}", series.len().max(1) * 4))
            preserveAspectRatio="none" role="img" aria-label=(label) {
            title { (label) }
            @for (index, part) in series.iter().enumerate() {
                @let (whole, red) = (height(part.invocations), height(part.errors));
                @if whole > 0.0 {
                    rect x=(index * 4) y=(format!("{:.1}", HEIGHT - whole)) width="3" height=(format!("{whole:.1}")) {}
                }
                @if red > 0.0 {
                    rect.error x=(index * 4) y=(format!("{:.1}", HEIGHT - red)) width="3" height=(format!("{red:.1}")) {}
                }
            }
        }
    }
}
