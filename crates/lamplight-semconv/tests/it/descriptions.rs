//! Descriptions are found by the keys that are recorded.

use std::path::Path;

use lamplight_codegen::{AttributeType, Registry};
use lamplight_semconv::descriptions;

#[test]
fn every_key_of_the_registry_is_described() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../semconv");
    let registry = Registry::load(root).unwrap();
    let mut templates = 0;
    for attribute in registry.attributes().filter(|it| !it.excluded()) {
        let key = match attribute.r#type {
            AttributeType::Template(_) => {
                templates += 1;
                format!("{}.content-type", attribute.key)
            }
            _ => attribute.key.clone(),
        };
        let text = descriptions::of(&key).unwrap_or_else(|| panic!("{key} is not described"));
        let start: String = attribute.brief.split_whitespace().take(3).collect();
        let words: String = text.split_whitespace().take(3).collect();
        assert_eq!(words, start, "{key}");
    }
    assert!(templates > 0);
}

#[test]
fn other_keys_have_no_description() {
    for key in [
        "",
        ".",
        "faas",
        "faas.",
        "http.request.header",
        "ünknown.key",
        "a.b.c.d",
    ] {
        assert_eq!(descriptions::of(key), None, "{key}");
    }
}
