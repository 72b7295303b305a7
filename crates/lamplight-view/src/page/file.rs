//! All views in one file.

use std::collections::HashSet;

use maud::{Markup, PreEscaped, html};

use super::{
    Site, View, journeys,
    layout::document,
    parts::Content,
    render::content,
    text::{count, counted},
    trace::TraceOptions,
    view::nearest,
};
use crate::{
    span::TraceId,
    store::{Query, Side, Store, StoreError, Window},
};

/// Maximum number of rows of a table in a file.
const ROWS: usize = 1000;
/// Maximum number of rows for the invocations of one function.
const ROWS_OF_ONE: usize = 200;

/// Settings of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileSettings {
    /// Title of the page. Default: `Traces`.
    pub title: String,
    /// Draws only traces whose id begins with this text; `None` for all. If only one does, the file
    /// opens with it. Default: `None`.
    pub trace: Option<String>,
    /// Maximum size of the views, in bytes. Views that do not fit are left out, the oldest traces
    /// first, and the file notes that. Default: 20 MB.
    pub max_bytes: usize,
}

impl Default for FileSettings {
    fn default() -> Self {
        Self {
            title: "Traces".to_owned(),
            trace: None,
            max_bytes: 20_000_000,
        }
    }
}

/// Returns one HTML file with all views, which opens without a server or a network.
///
/// A view is an element with an id, and is shown while the address has that id; this needs no
/// script. In print all of them follow each other.
///
/// # Errors
///
/// Returns an error if the store cannot be read.
pub fn file(store: &dyn Store, settings: &FileSettings) -> Result<String, StoreError> {
    let site = Site::in_file();
    let state = store.state()?;
    let rows = store.traces(&limited(ROWS))?;
    let begins = |id: &TraceId| match &settings.trace {
        Some(start) => id.to_string().starts_with(&start.to_ascii_lowercase()),
        None => true,
    };
    // The newest first: most of those fit.
    let traces: Vec<TraceId> = rows.iter().map(|it| it.id).filter(begins).collect();
    let mut views = Views {
        store,
        site: &site,
        room: settings.max_bytes,
        sections: Vec::new(),
        ids: HashSet::new(),
        left_out: 0,
    };
    for view in overviews(store)? {
        views.add(&view)?;
    }
    let options = TraceOptions::new(site.addresses);
    let mut messages = Vec::new();
    for id in &traces {
        // Once there is no room, no further views are made.
        if views.room == 0 {
            break;
        }
        let journey = journeys::journey(store, *id)?;
        if !views.put(&View::of_trace(*id), journeys::trace(&journey, &options)) {
            continue;
        }
        for batch in &journey.batches {
            let view = View::Invocation(batch.id);
            if !views.has(&view) {
                views.put(&view, journeys::invocation(&journey, batch.id, &options));
            }
        }
        messages.extend(journey.attempts.into_iter().map(|it| it.message_id));
    }
    for id in messages {
        let view = View::Message(id);
        if !views.has(&view) {
            views.add(&view)?;
        }
    }
    let drawn = if settings.trace.is_some() {
        traces.len() as u64
    } else {
        state.traces
    };
    let undrawn = drawn.saturating_sub(views.number("trace-"));
    let first = match traces.as_slice() {
        [only] if settings.trace.is_some() => View::of_trace(*only).id(),
        _ => "functions".to_owned(),
    };
    let main = html! {
        @if undrawn > 0 || views.left_out > 0 {
            (left_out(undrawn, &views, settings))
        }
        @for (id, section) in &views.sections {
            section id=(id) class={ "view" @if *id == first { " first" } } { (PreEscaped(section)) }
        }
    };
    let html = document(&settings.title, None, &main, Some(&state), &site);
    Ok(settle(&html))
}

fn left_out(undrawn: u64, views: &Views<'_>, settings: &FileSettings) -> Markup {
    html! {
        p.note role="note" {
            @if undrawn > 0 { (counted(undrawn, "trace")) " that were read " @if undrawn == 1 { "is" } @else { "are" } " not shown here. " }
            "The file is limited to " (count(settings.max_bytes as u64 / 1_000_000)) " MB"
            @if views.left_out > 0 { ", in which " (counted(views.left_out, "view")) " did not fit" }
            ", and its tables to " (count(ROWS as u64)) " rows. "
            code { "lamplight serve" } " shows everything."
        }
    }
}

/// Returns the views that exist once.
fn overviews(store: &dyn Store) -> Result<Vec<View>, StoreError> {
    let functions = store.functions(Window::default())?;
    let mut views = vec![
        View::Functions(Window::default()),
        View::Invocations(limited(ROWS)),
        View::Traces(limited(ROWS)),
        View::Map(Window::default()),
    ];
    for side in [Side::Failed, Side::Slow] {
        views.push(View::Differences {
            query: Query::default(),
            side,
        });
    }
    views.extend(functions.iter().map(|function| {
        View::Invocations(Query {
            function: Some(function.name.clone()),
            ..limited(ROWS_OF_ONE)
        })
    }));
    Ok(views)
}

fn limited(limit: usize) -> Query {
    Query {
        limit,
        ..Query::default()
    }
}

/// Views being collected for a file.
struct Views<'a> {
    store: &'a dyn Store,
    site: &'a Site,
    /// Number of bytes left.
    room: usize,
    /// The views, each with its id.
    sections: Vec<(String, String)>,
    ids: HashSet<String>,
    /// Number of views that did not fit.
    left_out: u64,
}

impl Views<'_> {
    /// Adds a view, and returns whether it fit.
    fn add(&mut self, view: &View) -> Result<bool, StoreError> {
        let content = content(self.store, view, self.site)?;
        Ok(self.put(view, content))
    }

    /// Inserts a view, and returns whether it fit.
    fn put(&mut self, view: &View, content: Content) -> bool {
        let html = content.body.into_string();
        let Some(room) = self.room.checked_sub(html.len()) else {
            // No smaller ones are added afterwards, so that the newest views are included without
            // gaps.
            self.room = 0;
            self.left_out += 1;
            return false;
        };
        self.room = room;
        self.ids.insert(view.id());
        self.sections.push((view.id(), html));
        true
    }

    fn has(&self, view: &View) -> bool {
        self.ids.contains(&view.id())
    }

    /// Returns the number of views whose ids begin with `start`.
    fn number(&self, start: &str) -> u64 {
        let begin = self.sections.iter().filter(|(id, _)| id.starts_with(start));
        begin.count() as u64
    }
}

/// Returns a document in which each link leads to an existing target: the requested view or the
/// view that contains it. Other links are removed.
fn settle(html: &str) -> String {
    // All text and all values are escaped, so quotation marks occur only in tags.
    const LINK: &str = " href=\"#";
    let ids: HashSet<&str> = html
        .split(" id=\"")
        .skip(1)
        .filter_map(|it| it.split('"').next())
        .collect();
    let mut parts = html.split(LINK);
    let mut settled = String::with_capacity(html.len());
    settled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (id, rest) = part.split_once('"').unwrap_or((part, ""));
        if let Some(id) = nearest(id, |it| ids.contains(it)) {
            settled.push_str(LINK);
            settled.push_str(&id);
            settled.push('"');
        }
        settled.push_str(rest);
    }
    settled
}

#[cfg(test)]
mod tests {
    use super::settle;

    #[test]
    fn links_to_what_is_left_out_are_no_links() {
        let html =
            r##"<a href="#trace-1">a</a><a class="b" href="#trace-2">b</a><p id="trace-1">"##;
        let settled = settle(html);
        assert_eq!(
            settled,
            r##"<a href="#trace-1">a</a><a class="b">b</a><p id="trace-1">"##
        );
    }
}
