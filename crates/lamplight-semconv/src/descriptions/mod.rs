//! Descriptions of attributes, in the words of the registry.

mod table;

use table::TABLE;

/// Returns the registry's description of a key; `None` for unknown keys.
///
/// Keys that begin with the prefix of a template have the description of the template.
///
/// ```
/// use lamplight_semconv::{descriptions, faas};
///
/// let text = descriptions::of(faas::COLDSTART);
/// assert!(text.is_some_and(|text| text.contains("first invocation")));
/// assert_eq!(descriptions::of("com.acme.shop.basket.size"), None);
/// ```
#[must_use]
pub fn of(key: &str) -> Option<&'static str> {
    let mut prefix = key;
    let mut found = exactly(key);
    while found.is_none() {
        let (shorter, _) = prefix.rsplit_once('.')?;
        let with_dot = key.get(..=shorter.len())?;
        found = exactly(with_dot);
        prefix = shorter;
    }
    found
}

fn exactly(key: &str) -> Option<&'static str> {
    let place = TABLE.binary_search_by_key(&key, |(key, _)| key).ok()?;
    TABLE.get(place).map(|(_, brief)| *brief)
}
