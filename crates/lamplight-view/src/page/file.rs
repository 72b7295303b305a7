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

/// Rows of a table in a file, at most.
const ROWS: usize = 1000;
/// Rows of the invocations of one function, at most.
const ROWS_OF_ONE: usize = 200;

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileSettings {
    /// Title of the page. Default: `Traces`.
    pub title: String,
    /// Only traces whose id begins like this are drawn; none for all. Where only one does, the file
    /// opens with it. Default: none.
    pub trace: Option<String>,
    /// Size of the views, in bytes: those that do not fit are left out, the oldest traces first,
    /// and the file says so. Default: 20 MB.
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

/// Returns one HTML file with every view: it opens anywhere, without a server or a network.
///
/// A view is an element with an id, and shown while the address has that id: no script is needed
/// for that. On paper all of them follow each other.
///
/// # Errors
///
/// If the store cannot read.
pub fn file(store: &dyn Store, settings: &FileSettings) -> Result<String, StoreError> {
    let site = Site::in_file();
    let state = store.state()?;
    let rows = store.traces(&limited(ROWS))?;
    let begins = |id: &TraceId| match &settings.trace {
        Some(start) => id.to_string().starts_with(&start.to_ascii_lowercase()),
        None => true,
    };
    // The newest first: of those there is room for the most.
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
        // What there is no room for is not made.
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
            @if undrawn > 0 { (counted(undrawn, "trace")) " of those that were read " @if undrawn == 1 { "is" } @else { "are" } " not drawn here. " }
            "The file is bounded to " (count(settings.max_bytes as u64 / 1_000_000)) " MB"
            @if views.left_out > 0 { ", for which " (counted(views.left_out, "view")) " had no room" }
            ", and its tables to " (count(ROWS as u64)) " rows. "
            code { "lamplight serve" } " shows everything."
        }
    }
}

/// Returns the views that are there once.
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

/// Views under way into a file.
struct Views<'a> {
    store: &'a dyn Store,
    site: &'a Site,
    /// Bytes that are left.
    room: usize,
    /// Each with its id.
    sections: Vec<(String, String)>,
    ids: HashSet<String>,
    /// Views that had no room.
    left_out: u64,
}

impl Views<'_> {
    /// Adds a view, and returns whether there was room for it.
    fn add(&mut self, view: &View) -> Result<bool, StoreError> {
        let content = content(self.store, view, self.site)?;
        Ok(self.put(view, content))
    }

    /// Puts a view in, and returns whether there was room for it.
    fn put(&mut self, view: &View, content: Content) -> bool {
        let html = content.body.into_string();
        let Some(room) = self.room.checked_sub(html.len()) else {
            // Nothing smaller comes after it: what is there is the newest, without gaps.
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

    /// Returns the number of those whose ids begin in some way.
    fn number(&self, start: &str) -> u64 {
        let begin = self.sections.iter().filter(|(id, _)| id.starts_with(start));
        begin.count() as u64
    }
}

/// Returns a document in which each link leads somewhere: to the view it asks for, to what that is a
/// part of, or it is none.
fn settle(html: &str) -> String {
    // All text and all values are escaped: outside of tags there is no quotation mark.
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
