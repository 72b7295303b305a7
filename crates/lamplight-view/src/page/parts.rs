//! Common parts of pages: badges, bars, links, and notes for empty results.

use maud::{Markup, html};

use super::{Addresses, View};
use crate::{
    facts::Outcome,
    store::{Query, Window},
};

/// The body of a page, without the frame.
pub(super) struct Content {
    pub(super) title: String,
    pub(super) body: Markup,
    pub(super) found: bool,
}

impl Content {
    pub(super) fn new(title: impl Into<String>, body: Markup) -> Self {
        Self {
            title: title.into(),
            body,
            found: true,
        }
    }
}

/// Returns a link to a view.
pub(super) fn link(view: &View, addresses: Addresses, text: &str) -> Markup {
    html! { a href=(view.address(addresses)) { (text) } }
}

/// Returns the id of a part that is updated as spans arrive. In a file nothing arrives, and several
/// views have such a part, so there it has no id.
pub(super) fn only_served(id: &str, addresses: Addresses) -> Option<&str> {
    (addresses == Addresses::Paths).then_some(id)
}

/// Returns an outcome, as a word and a color.
pub(super) fn outcome(outcome: Outcome) -> Markup {
    html! { span class={ "badge " (outcome.name()) } { (outcome.name()) } }
}

/// Returns a bar whose length is a share of the whole. It is decorative: the number is beside it.
pub(super) fn bar(share: f64, class: &str) -> Markup {
    // A share above zero is always visible.
    let width = if share > 0.0 {
        (share * 100.0).clamp(1.0, 100.0)
    } else {
        0.0
    };
    html! {
        svg class={ "bar " (class) } viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" {
            rect.track width="100" height="6" {}
            rect.fill width=(format!("{width:.1}")) height="6" {}
        }
    }
}

/// Returns a table that scrolls horizontally if it is too wide, also by keyboard.
pub(super) fn scrolling(label: &str, table: &Markup) -> Markup {
    html! { div.scroll role="region" aria-label=(label) tabindex="0" { (table) } }
}

/// Returns a note for missing content.
pub(super) fn empty(title: &str, advice: &Markup) -> Markup {
    html! { div.empty { p.title { (title) } (advice) } }
}

/// Returns advice for a query without results; `all` is the view without the query.
pub(super) fn nothing(query: &Query, all: &View, what: &str, addresses: Addresses) -> Markup {
    let open = Query {
        limit: query.limit,
        ..Query::default()
    };
    if *query == open {
        return no_spans(addresses);
    }
    let advice = html! {
        p { "Nothing matches all of these filters: remove one, or see "
            (link(all, addresses, &format!("all {what}"))) "." }
    };
    empty(&format!("No {what}"), &advice)
}

/// Returns advice for an empty window; `all` is the view of all time.
pub(super) fn nothing_within(window: Window, all: &View, addresses: Addresses) -> Markup {
    if window == Window::default() {
        return no_spans(addresses);
    }
    let advice = html! {
        p { "Nothing started in this time window. See " (link(all, addresses, "all time")) "." }
    };
    empty("Nothing found", &advice)
}

/// Returns advice for an empty store.
fn no_spans(addresses: Addresses) -> Markup {
    let advice = match addresses {
        Addresses::Paths => html! {
            p { "Start a function with" }
            pre { "OTEL_TRACES_EXPORTER=otlp\nOTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318" }
            p { "and invoke it: its spans appear here immediately. Or read a stream with "
                code { "lamplight serve --stream NAME" } ", or files with "
                code { "lamplight serve FILE" } "." }
        },
        Addresses::Fragments => html! {
            p { "The input contained no traces. Supported input: records of a stream, lines of the "
                "exporter " code { "console" } ", or OTLP as JSON or protobuf." }
        },
    };
    empty("No spans yet", &advice)
}
