//! Attribute values that are more frequent among failed or slow invocations than among the others.

use maud::{Markup, html};

use super::{
    Addresses, View,
    invocations::{chips, filter},
    parts::{bar, empty, link, only_served, scrolling},
    text::{count, percent, share, shortened},
};
use crate::store::{Condition, Difference, Query, Side};

/// Returns a table of values with their shares on both sides.
pub(super) fn differences(
    found: &[Difference],
    query: &Query,
    side: Side,
    addresses: Addresses,
) -> Markup {
    let view = |side| View::Differences {
        query: query.clone(),
        side,
    };
    let sides = [
        (Side::Failed, "Failed compared to the others"),
        (Side::Slow, "Slowest 5 % compared to the others"),
    ];
    html! {
        h1 { "Differences" @if let Some(function) = &query.function { " in " em { (function) } } }
        nav.tabs aria-label="Compared" {
            @for (other, name) in sides {
                a href=(view(other).address(addresses)) aria-current=[(other == side).then_some("true")] { (name) }
            }
        }
        @if addresses == Addresses::Paths {
            (form(query, side))
        }
        div.live id=[only_served("rows", addresses)] {
            @if found.is_empty() {
                (nothing(query, side, addresses))
            } @else {
                (table(found, query, side, addresses))
            }
        }
    }
}

fn form(query: &Query, side: Side) -> Markup {
    let view = View::Differences {
        query: Query::default(),
        side,
    };
    let also = html! { @if side == Side::Slow { input type="hidden" name="side" value="slow"; } };
    html! {
        (filter("/differences", query, &[], &also))
        (chips(&view, query))
    }
}

fn nothing(query: &Query, side: Side, addresses: Addresses) -> Markup {
    let all = View::Invocations(query.clone());
    let advice = html! {
        p {
            @match side {
                Side::Failed => "Either no invocation failed, or no attribute value is more frequent among failed invocations than among the others. ",
                Side::Slow => "No attribute value is more frequent among the slowest invocations than among the others, or there are too few to compare. ",
            }
            "See " (link(&all, addresses, "the invocations")) "."
        }
    };
    empty("No difference found", &advice)
}

fn table(found: &[Difference], query: &Query, side: Side, addresses: Addresses) -> Markup {
    let name = match side {
        Side::Failed => "failed",
        Side::Slow => "slow",
    };
    let of = found
        .first()
        .map(|it| (it.inside_of, it.outside_of))
        .unwrap_or_default();
    let table = html! {
        table.differences {
            thead { tr {
                th scope="col" { "Attribute" }
                th.grow scope="col" { "Value" }
                th.wide scope="col" { "Of " (count(of.0)) " " (name) }
                th.wide scope="col" { "Of " (count(of.1)) " others" }
            } }
            tbody {
                @for row in found {
                    tr {
                        th.name scope="row" { code { (row.key) } }
                        td.grow {
                            a.row href=(with(query, row).address(addresses)) { (shortened(&row.value, 120)) }
                        }
                        td.wide { (side_of(row.inside, row.inside_of, "inside")) }
                        td.wide { (side_of(row.outside, row.outside_of, "outside")) }
                    }
                }
            }
        }
    };
    html! {
        (scrolling("Differences", &table))
        p.dim { "A row links to the invocations with this value. A value that is more frequent "
            "here is not necessarily the cause." }
    }
}

fn with(query: &Query, row: &Difference) -> View {
    let mut query = query.clone();
    let condition = Condition::Equal(row.key.clone(), row.value.clone());
    query.conditions.push(condition);
    View::Invocations(query)
}

fn side_of(part: u64, of: u64, class: &str) -> Markup {
    html! {
        span.figure { (percent(part, of)) " " small { "(" (count(part)) ")" } }
        (bar(share(part, of), class))
    }
}
