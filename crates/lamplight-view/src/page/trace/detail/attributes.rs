//! Attributes, grouped by semantic convention.

use std::collections::BTreeMap;

use lamplight_semconv::{descriptions, faas};
use maud::{Markup, html};

use super::value::{Room, value};
use crate::{
    page::{
        time::{duration, of_millis},
        trace::text::{counted, cut, or_dash},
    },
    span::{Attribute, Span, Value},
};

/// The order of conventions; others follow by name.
const ORDER: [&str; 11] = [
    "app",
    "faas",
    "messaging",
    "lamplight",
    "aws",
    "db",
    "rpc",
    "http",
    "url",
    "error",
    "cloud",
];

/// Maximum length of a key, in characters.
const KEY: usize = 200;

/// Returns the attributes of a span, grouped by convention.
pub(super) fn groups(span: &Span, room: &Room) -> Markup {
    let mut groups: BTreeMap<(usize, &str), Vec<&Attribute>> = BTreeMap::new();
    for attribute in span.attributes.iter() {
        let group = convention(&attribute.key);
        let known = ORDER.iter().position(|it| *it == group);
        let key = (
            known.unwrap_or(ORDER.len() + usize::from(group.is_empty())),
            group,
        );
        groups.entry(key).or_default().push(attribute);
    }
    html! {
        @if !groups.is_empty() {
            div.t-groups {
                @for ((_, name), attributes) in groups {
                    div.t-group { h3.t-sr { (or_dash(name, "other")) } (list(attributes, room)) }
                }
            }
        }
    }
}

/// Returns the part of a key before its first dot.
fn convention(key: &str) -> &str {
    let name = key.split_once('.').map_or("", |(name, _)| name);
    // A key may be any text.
    if name.len() <= 40 { name } else { "" }
}

/// Returns attributes sorted by key.
pub(super) fn list<'a>(attributes: impl IntoIterator<Item = &'a Attribute>, room: &Room) -> Markup {
    let mut attributes: Vec<&Attribute> = attributes.into_iter().collect();
    attributes.sort_by(|one, other| one.key.cmp(&other.key));
    let all = attributes.len();
    attributes.truncate(attributes.iter().take_while(|_| room.enter()).count());
    let left = all - attributes.len();
    html! {
        dl.t-list {
            @for Attribute { key, value: it } in attributes {
                div { (name(key)) dd { (value(it, room)) (in_words(key, it)) } }
            }
        }
        @if left > 0 { p.t-warn { (counted(left as u64, "more attribute")) ", not shown for lack of room" } }
    }
}

/// Returns a number of milliseconds or bytes in readable form.
fn in_words(key: &str, value: &Value) -> Markup {
    let number = value.number().filter(|number| *number >= 1_000.0);
    let words = number.and_then(|number| match key {
        faas::MAX_MEMORY => Some(format!("{:.0} MiB", number / 1_048_576.0)),
        _ if key.ends_with("_ms") => Some(duration(of_millis(number))),
        _ => None,
    });
    html! { @if let Some(words) = words { " " span.t-dim { (words) } } }
}

/// Returns a key, with its description from the conventions as a tooltip.
fn name(key: &str) -> Markup {
    let shown = cut(or_dash(key, "(empty key)"), KEY);
    html! {
        @match descriptions::of(key) {
            Some(text) => dt { span.t-key tabindex="0" title=(text) { (shown) } },
            None => dt { (shown) },
        }
    }
}
