//! The frame of every page: navigation, time window, and the content of the store.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{
    Addresses, Site, View,
    assets::{SCRIPT, STYLE, content_security_policy},
    text::{count, counted},
    time::date_time,
};
use crate::store::{Query, Side, State, Window};

/// A lamp, as the icon of the page.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M4 9 6 2h4l2 7z' fill='%23e8a33d'/%3E%3Cpath d='M7 9h2v4h3v1H4v-1h3z' fill='%23777'/%3E%3C/svg%3E";

/// Choices of the time window, in nanoseconds.
const BACK: [(&str, u64); 5] = [
    ("5 min", 5 * MINUTE),
    ("15 min", 15 * MINUTE),
    ("1 h", 60 * MINUTE),
    ("6 h", 6 * 60 * MINUTE),
    ("24 h", 24 * 60 * MINUTE),
];
const MINUTE: u64 = 60_000_000_000;

/// Returns a whole document.
pub(super) fn document(
    title: &str,
    view: Option<&View>,
    main: &Markup,
    state: Option<&State>,
    site: &Site,
) -> String {
    let live = site.live.then_some("/live");
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                @if site.addresses == Addresses::Fragments {
                    meta http-equiv="Content-Security-Policy" content=(content_security_policy(false));
                }
                @if let Some(seconds) = site.refresh {
                    noscript { meta http-equiv="refresh" content=(seconds); }
                }
                title { (title) " \u{b7} Lamplight" }
                link rel="icon" href=(ICON);
                style { (PreEscaped(STYLE)) }
            }
            body data-live=[live] data-revision=[state.map(|it| it.revision)] {
                @if site.addresses == Addresses::Paths {
                    a.skip href="#main" { "Skip to the content" }
                }
                header {
                    (navigation(view, site))
                    @if site.addresses == Addresses::Paths {
                        @if let (Some(view), Some(state)) = (view, state) { (windows(view, state)) }
                    }
                    @if site.live { span.live-badge id="badge" role="status" { "live" } }
                }
                main id="main" tabindex="-1" { (main) }
                footer id="footer" { @if let Some(state) = state { (held(state)) } }
                script type="module" { (PreEscaped(SCRIPT)) }
            }
        }
    };
    document.into_string()
}

/// Returns links to the views that have no id in their address, with the current one marked.
fn navigation(view: Option<&View>, site: &Site) -> Markup {
    let window = view.and_then(View::window).unwrap_or_default();
    let query = Query {
        window,
        ..Query::default()
    };
    let views = [
        ("f", "Functions", View::Functions(window)),
        ("i", "Invocations", View::Invocations(query.clone())),
        ("t", "Traces", View::Traces(query.clone())),
        ("m", "Map", View::Map(window)),
        (
            "d",
            "Differences",
            View::Differences {
                query,
                side: Side::Failed,
            },
        ),
    ];
    html! {
        a.brand href=(View::Functions(Window::default()).address(site.addresses)) { "Lamplight" }
        nav aria-label="Views" {
            @for (key, name, other) in views {
                a href=(other.address(site.addresses)) data-key=(key)
                    aria-current=[view.is_some_and(|it| belongs(it, &other)).then_some("page")] { (name) }
            }
        }
    }
}

/// Returns whether a view is the target of a navigation link, or belongs below it.
fn belongs(view: &View, link: &View) -> bool {
    match link {
        View::Functions(_) => matches!(view, View::Functions(_)),
        View::Invocations(_) => matches!(view, View::Invocations(_) | View::Invocation(_)),
        View::Traces(_) => matches!(
            view,
            View::Traces(_) | View::Trace { .. } | View::Message(_)
        ),
        View::Map(_) => matches!(view, View::Map(_)),
        _ => matches!(view, View::Differences { .. }),
    }
}

/// Returns links to the same view with other windows. These end at the newest span rather than now,
/// so that they also work for recordings, and mean the same to whoever receives the link.
fn windows(view: &View, state: &State) -> Markup {
    let (Some(now), Some(newest)) = (view.window(), state.newest) else {
        return html! {};
    };
    let from = |back: u64| (newest.saturating_sub(back) / MINUTE * MINUTE).max(1);
    let choice = |window| view.within(window).address(Addresses::Paths);
    let known = |it: &(&str, u64)| now.to.is_none() && now.from == Some(from(it.1));
    let other = now != Window::default() && !BACK.iter().any(known);
    html! {
        nav.window aria-label="Time" {
            @if other {
                span aria-current="true" {
                    @match now.from { Some(from) => { "since " (date_time(from)) }, None => "all" }
                    @if let Some(to) = now.to { " until " (date_time(to)) }
                }
            }
            @for it in &BACK {
                a href=(choice(Window { from: Some(from(it.1)), to: None }))
                    aria-current=[known(it).then_some("true")] title={ "The last " (it.0) } { (it.0) }
            }
            a href=(choice(Window::default())) aria-current=[(now == Window::default()).then_some("true")] { "All" }
        }
    }
}

/// Returns the content of a store, and what it has dropped.
fn held(state: &State) -> Markup {
    let parts = [
        (state.dropped_for_count, "dropped for the span limit"),
        (state.dropped_for_age, "dropped for the age limit"),
        (state.dropped_for_size, "dropped for the size limit"),
        (state.again, "duplicates"),
        (state.refused, "invalid"),
    ];
    html! {
        span { (counted(state.spans, "span")) " in " (counted(state.traces, "trace")) }
        @if let (Some(oldest), Some(newest)) = (state.oldest, state.newest) {
            span { (date_time(oldest)) " to " (date_time(newest)) " UTC" }
        }
        @for (number, what) in parts {
            @if number > 0 { span.notable { (count(number)) " " (what) } }
        }
        span.keys { kbd { "?" } " for keys" }
    }
}
