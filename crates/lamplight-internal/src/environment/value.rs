//! Parsing and display of values.

use crate::names::listed;

/// The maximum number of characters of a value that are shown.
const MOST_SHOWN: usize = 64;

/// The spellings of Booleans; the first two are valid for all variables.
const BOOLEANS: [(&str, bool); 8] = [
    ("true", true),
    ("false", false),
    ("1", true),
    ("0", false),
    ("yes", true),
    ("no", false),
    ("on", true),
    ("off", false),
];

/// Returns the spellings of a Boolean in the variable `name`.
pub(super) fn booleans(name: &str) -> &'static [(&'static str, bool)] {
    match name.starts_with("LAMPLIGHT_") {
        true => &BOOLEANS,
        false => BOOLEANS.split_at(2).0,
    }
}

/// Returns the meaning of a value that must be one of a few names, in any case.
pub(super) fn named<T: Clone>(value: &str, allowed: &[(&str, T)]) -> Option<T> {
    let mut all = allowed.iter();
    let found = all.find(|(known, _)| value.eq_ignore_ascii_case(known));
    found.map(|(_, meaning)| meaning.clone())
}

/// Returns a value in quotes, on one line, truncated if it is long.
#[must_use]
pub fn shown(value: &str) -> String {
    match value.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{:?}..", value.get(..end).unwrap_or_default()),
        None => format!("{value:?}"),
    }
}

/// Returns the names of choices as a list in a sentence.
#[must_use]
pub fn names<T>(allowed: &[(&str, T)]) -> String {
    let names: Vec<_> = allowed.iter().map(|(name, _)| *name).collect();
    listed(&names)
}
