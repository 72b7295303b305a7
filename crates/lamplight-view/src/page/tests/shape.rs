//! A strict parser of pages: anything other than a tag or an attribute is text.

use std::collections::BTreeSet;

/// Returns the names of elements, and the names of attributes after a space, as they occur in a
/// document.
///
/// # Panics
///
/// Panics if a tag is not in the form `<name attribute="value">`.
#[track_caller]
pub(crate) fn shape(html: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut rest = html.strip_prefix("<!DOCTYPE html>").unwrap();
    while let Some((_, tag)) = rest.split_once('<') {
        let tag = tag.strip_prefix('/').unwrap_or(tag);
        let (name, mut inside) = tag.split_at(end(tag));
        assert!(!name.is_empty(), "a `<` that is no tag: {tag:.40}");
        names.insert(name.to_owned());
        while let Some(attribute) = inside.strip_prefix(' ') {
            let (name, value) = attribute.split_at(end(attribute));
            names.insert(format!(" {name}"));
            inside = match value.strip_prefix("=\"") {
                Some(value) => value.split_once('"').unwrap().1,
                None => value,
            };
        }
        rest = inside
            .strip_prefix('>')
            .unwrap_or_else(|| panic!("in a tag: {inside:.40}"));
        if let "style" | "script" = name {
            rest = rest
                .split_once(&format!("</{name}>"))
                .map_or(rest, |it| it.1);
        }
    }
    names
}

fn end(text: &str) -> usize {
    let is_name = |it: char| it.is_ascii_alphanumeric() || it == '-';
    text.find(|it| !is_name(it)).unwrap()
}
