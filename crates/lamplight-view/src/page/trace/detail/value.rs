//! Values: short ones in full, long ones folded, huge ones truncated.

use std::{
    cell::Cell,
    fmt::{self, Write as _},
};

use maud::{Markup, html};

use crate::{page::trace::text::count, span::Value};

/// Maximum size of a displayed value, in bytes.
const MOST: usize = 64 * 1024;
/// Maximum size of a value once the panel is full, in bytes.
const LEAST: usize = 256;
/// Size of a list entry in addition to its value: its key and its tags.
const ENTRY: usize = 300;
/// Number of characters above which a value is folded.
const LONG: usize = 400;
/// Number of visible characters of a folded value.
const START: usize = 160;

/// The remaining size for values in a panel, in bytes.
pub(super) struct Room(Cell<usize>);

impl Room {
    pub(super) const fn of(bytes: usize) -> Self {
        Self(Cell::new(bytes))
    }

    /// Returns whether there is room for one more list entry, and reserves it.
    pub(super) fn enter(&self) -> bool {
        let left = self.0.get().checked_sub(ENTRY);
        self.0.set(left.unwrap_or_default());
        left.is_some()
    }

    /// Returns the available size for a value of this length, and reserves it.
    fn take(&self, wanted: usize) -> usize {
        let given = wanted.min(MOST).min(self.0.get().max(LEAST));
        self.0.set(self.0.get().saturating_sub(given));
        given
    }

    /// Returns as much of the text as fits, and its total size if that is more.
    pub(super) fn cut(&self, text: &str) -> Markup {
        let shown = start(text, self.take(text.len()));
        html! {
            (shown)
            @if shown.len() < text.len() { (rest(shown.len(), text.len())) }
        }
    }
}

fn rest(shown: usize, all: usize) -> Markup {
    html! {
        span.t-warn { " … " (count(shown as u64)) " of " (count(all as u64)) " bytes" }
    }
}

/// Returns the start of a text, of at most `bytes`.
fn start(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Returns a value.
pub(super) fn value(value: &Value, room: &Room) -> Markup {
    match value {
        Value::Empty => html! { span.t-dim { "(none)" } },
        Value::String(string) if string.is_empty() => html! { span.t-dim { "(empty)" } },
        Value::String(string) => text(string, room),
        Value::Bool(flag) => html! { span.t-num { (flag) } },
        Value::Int(number) => html! { span.t-num { (number) } },
        Value::Double(number) => html! { span.t-num { (number) } },
        Value::Bytes(_) | Value::Array(_) | Value::Map(_) => {
            let mut written = Bounded::default();
            // Writing into it cannot fail.
            let _ = write!(written, "{value}");
            folded(&written.text, written.length, room)
        }
    }
}

/// Returns a text.
pub(super) fn text(text: &str, room: &Room) -> Markup {
    folded(text, text.len(), room)
}

/// Returns the start of a text whose full length is `length` bytes.
fn folded(text: &str, length: usize, room: &Room) -> Markup {
    let shown = start(text, room.take(text.len()));
    let is_long = shown.chars().nth(LONG).is_some() || shown.lines().nth(4).is_some();
    let left = (shown.len() < length).then(|| rest(shown.len(), length));
    if !is_long {
        return html! { span.t-v { (shown) } (left.unwrap_or_default()) };
    }
    let first: String = shown
        .chars()
        .take(START)
        .map(|it| if it == '\n' { ' ' } else { it })
        .collect();
    html! {
        details.t-long {
            summary { span.t-v { (first.trim_end()) "…" } " " span.t-all { "show all " (count(length as u64)) " bytes" } }
            pre { (shown) (left.unwrap_or_default()) }
        }
    }
}

/// The start of the written text, and its full length.
#[derive(Default)]
struct Bounded {
    text: String,
    length: usize,
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let left = MOST.saturating_sub(self.text.len());
        // Nothing is appended after truncation.
        if self.text.len() == self.length {
            self.text.push_str(start(text, left));
        }
        self.length += text.len();
        Ok(())
    }
}
