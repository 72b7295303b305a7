//! Rendering of a single view.

use maud::html;

use super::{
    Page, Site, View, differences, functions, invocations, journeys,
    layout::document,
    map,
    parts::{Content, link},
    trace::TraceOptions,
    traces,
};
use crate::store::{Store, StoreError, Window};

/// Returns the page of a view, with its content from the store and the frame around it.
///
/// # Errors
///
/// Returns an error if the store cannot be read, or does not understand a condition of the view;
/// [`failure`] makes a page of it.
pub fn render(store: &dyn Store, view: &View, site: &Site) -> Result<Page, StoreError> {
    let state = store.state()?;
    let content = content(store, view, site)?;
    let html = document(
        &content.title,
        Some(view),
        &content.body,
        Some(&state),
        site,
    );
    Ok(Page {
        title: content.title,
        html,
        found: content.found,
    })
}

/// Returns a page that shows the text of an error.
#[must_use]
pub fn failure(title: &str, error: &str, site: &Site) -> Page {
    let body = html! {
        h1 { (title) }
        div.failure role="alert" { p { (error) } }
        p { (link(&View::Functions(Window::default()), site.addresses, "All functions")) }
    };
    Page {
        title: title.to_owned(),
        html: document(title, None, &body, None, site),
        found: false,
    }
}

/// Returns the content of a view.
pub(super) fn content(store: &dyn Store, view: &View, site: &Site) -> Result<Content, StoreError> {
    let addresses = site.addresses;
    Ok(match view {
        View::Functions(window) => Content::new(
            "Functions",
            functions::functions(&store.functions(*window)?, *window, addresses),
        ),
        View::Invocations(query) => Content::new(
            titled("Invocations", query.function.as_deref()),
            invocations::invocations(&store.invocations(query)?, query, addresses),
        ),
        View::Traces(query) => Content::new(
            "Traces",
            traces::traces(&store.traces(query)?, query, addresses),
        ),
        View::Map(window) => {
            Content::new("Map", map::map(&store.map(*window)?, *window, addresses))
        }
        View::Differences { query, side } => Content::new(
            titled("Differences", query.function.as_deref()),
            differences::differences(&store.differences(query, *side)?, query, *side, addresses),
        ),
        View::Trace {
            id,
            span,
            scale,
            critical,
        } => {
            let mut options = TraceOptions::new(addresses);
            (options.selected, options.scale, options.critical) = (*span, *scale, *critical);
            journeys::trace(&journeys::journey(store, *id)?, &options)
        }
        View::Invocation(id) => {
            let journey = journeys::journey(store, id.trace)?;
            journeys::invocation(&journey, *id, &TraceOptions::new(addresses))
        }
        View::Message(id) => journeys::message(store, id, &TraceOptions::new(addresses))?,
    })
}

fn titled(title: &str, function: Option<&str>) -> String {
    match function {
        Some(function) => format!("{title} of {function}"),
        None => title.to_owned(),
    }
}
