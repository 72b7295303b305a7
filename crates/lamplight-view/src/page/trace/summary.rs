//! The header of a trace: its summary, and the distribution of its time.

use maud::{Markup, html};

use super::{
    bar::Percent,
    drawing::Drawing,
    shares::{Share, What, shares},
    text::{count, counted, cut, percent},
};
use crate::{
    journey::{Node, names},
    page::{text::time, time::duration},
};

/// Maximum number of named shares and functions.
const MOST: usize = 8;

/// Returns the header of a trace.
pub(super) fn header(drawing: &Drawing<'_>) -> Markup {
    let Drawing {
        journey, survey, ..
    } = drawing;
    let total = survey.end - survey.begin;
    let shares = shares(journey, survey);
    let waiting: u64 = shares
        .iter()
        .filter(|share| matches!(share.what, What::Wait(_)))
        .map(|share| share.time)
        .sum();
    let root = journey.nodes.iter().find_map(Node::span);
    let name = root.map_or("", |root| root.name.as_str());
    html! {
        div.t-head {
            h1 { span { "Trace" } " " (cut(name, 200)) }
            p.t-sub {
                span { (time(journey.begin)) " UTC" }
                span { "trace " code { (journey.trace) } }
            }
            dl.t-stats {
                (stat("Duration", &duration(total), ""))
                @if waiting > 0 { (stat("Waiting", &duration(waiting), &percent(waiting, total))) }
                (stat("Spans", &count(survey.spans), &in_store(journey.left_out)))
                (stat("Functions", &count(survey.functions.len() as u64), ""))
                @if survey.errors > 0 { (failed(survey.errors)) }
                @if survey.missing > 0 { (stat("Missing", &counted(survey.missing, "parent"), "")) }
                @if survey.copies > 0 { (stat("Duplicates", &counted(survey.copies, "span"), "")) }
            }
            div.t-blocks {
                @if total > 0 { (where_it_went(drawing, &shares, total)) }
                (functions(drawing))
            }
        }
    }
}

fn stat(name: &str, value: &str, note: &str) -> Markup {
    html! {
        div { dt { (name) } dd { (value) @if !note.is_empty() { " " span.t-dim { (note) } } } }
    }
}

/// Returns a note on the number of further spans.
fn in_store(left_out: u64) -> String {
    match left_out {
        0 => String::new(),
        _ => format!("and {} more in the store", count(left_out)),
    }
}

fn failed(number: u64) -> Markup {
    html! { div.t-bad-text { dt { "Failed" } dd { (counted(number, "span")) } } }
}

/// Returns a summary of the critical path.
fn where_it_went(drawing: &Drawing<'_>, shares: &[Share<'_>], total: u64) -> Markup {
    // Shares below a thousandth are not listed.
    let is_worth = |share: &&Share<'_>| share.time >= total / 1_000;
    let worth = shares.iter().take(MOST).take_while(is_worth).count();
    let (named, rest) = shares.split_at_checked(worth).unwrap_or((shares, &[]));
    let rest: u64 = rest.iter().map(|share| share.time).sum();
    let mut left = 0.0;
    let mut segments = Vec::new();
    for share in named {
        let width = share.time as f64 / total as f64;
        segments.push((left, width, share));
        left += width;
    }
    html! {
        section.t-block {
            h2 { "Where the time went" }
            svg.t-stack aria-hidden="true" {
                @for (x, width, share) in segments {
                    @match share.what {
                        What::Function(index) => rect class={ "t-b t-f" (color(drawing, index)) }
                            x=(Percent(x)) width=(Percent(width)) height="100%" {},
                        What::Wait(_) => line.t-wait x1=(Percent(x)) x2=(Percent(x + width)) y1="50%" y2="50%" {},
                        What::Unknown => line.t-void x1=(Percent(x)) x2=(Percent(x + width)) y1="50%" y2="50%" {},
                    }
                }
            }
            ul {
                @for share in named {
                    li {
                        @match share.what {
                            What::Function(index) => { (swatch(color(drawing, index))) span.t-what { (function(drawing, index)) } },
                            What::Wait(place) => { (hatch()) span.t-what { (waited(place)) } },
                            What::Unknown => { span.t-sw {} span.t-what { "not recorded" } },
                        }
                        span.t-num { (duration(share.time)) }
                        span.t-num.t-dim { (percent(share.time, total)) }
                    }
                }
                @if rest > 0 {
                    li { span.t-sw {} span.t-what { "everything else" } span.t-num { (duration(rest)) } span.t-num.t-dim { (percent(rest, total)) } }
                }
            }
        }
    }
}

fn waited(place: &str) -> Markup {
    let word = match place {
        names::COLD_START | names::IN_TRANSIT => "",
        names::EARLIER_RECORDS => "behind ",
        _ => "in ",
    };
    html! { (word) (cut(place, 80)) }
}

fn color(drawing: &Drawing<'_>, index: usize) -> usize {
    drawing
        .survey
        .functions
        .get(index)
        .map_or(0, |function| function.color)
}

fn function<'a>(drawing: &'a Drawing<'_>, index: usize) -> std::borrow::Cow<'a, str> {
    let name = drawing
        .survey
        .functions
        .get(index)
        .map_or("", |function| function.name);
    cut(name, 80)
}

/// Returns a swatch with the color of a function.
pub(super) fn swatch(color: usize) -> Markup {
    html! { svg.t-sw aria-hidden="true" { rect class={ "t-b t-f" (color) } width="100%" height="100%" rx="2" {} } }
}

/// Returns a swatch with the pattern of waits.
fn hatch() -> Markup {
    html! { svg.t-sw aria-hidden="true" { line.t-wait x1="0" x2="100%" y1="50%" y2="50%" {} } }
}

fn functions(drawing: &Drawing<'_>) -> Markup {
    let functions = &drawing.survey.functions;
    let left = functions.len().saturating_sub(MOST);
    html! {
        section.t-block {
            h2 { "Functions" }
            ul.t-functions {
                @for function in functions.iter().take(MOST) {
                    li {
                        (swatch(function.color))
                        span.t-what { (cut(function.name, 80)) }
                        span.t-bad-text { @if function.errors > 0 { (count(function.errors)) " failed" } }
                        span.t-dim.t-num { @if function.invocations > 0 { (counted(function.invocations, "invocation")) } }
                        span.t-dim.t-num { (counted(function.spans, "span")) }
                        span.t-num title="Time in which any of its spans was running" { (duration(function.busy)) }
                    }
                }
                @if left > 0 { li.t-dim { (count(left as u64)) " more" } }
            }
        }
    }
}
