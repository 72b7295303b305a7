//! Whatever a registry says, it is refused or becomes Rust that can be parsed.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;

use lamplight_codegen::RustSource;
use proptest::prelude::*;

/// Parts of names that tend to go wrong together.
fn segment() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "type",
        "async",
        "self",
        "crate",
        "super",
        "gen",
        "mod",
        "a",
        "b",
        "a_b",
        "a1",
        "a_1",
        "1st",
        "key",
        "value",
        "string",
        "array",
        "option",
        "some",
        "fn",
        "union",
        "spans",
        "macro",
        "try",
        "with",
        "schema",
        "url",
        "into",
        "from",
        "opentelemetry",
        "core",
        "std",
        "vec",
    ])
}

fn key() -> impl Strategy<Value = String> {
    prop::collection::vec(segment(), 1..5).prop_map(|parts| parts.join("."))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,60}",
        prop::sample::select(vec![
            "[a](b)".to_owned(),
            "```\nlet x = 1;".to_owned(),
            "*/ /* \" \\ ' # {} <x>".to_owned(),
            "\u{202e}\u{200b}\u{feff}".to_owned(),
            "https://a.example/x?y=[1]&z=`q`".to_owned(),
            "- - 1. > # |".to_owned(),
            "    deep\n\ttab\r\nline".to_owned(),
        ]),
    ]
}

fn member() -> impl Strategy<Value = String> {
    let id = prop_oneof![segment().prop_map(str::to_owned), "[a-zA-Z0-9_.-]{1,8}"];
    (id, text()).prop_map(|(id, value)| {
        format!(
            "{{id: {}, value: {}, stability: stable}}",
            quoted(&id),
            quoted(&value)
        )
    })
}

fn attribute() -> impl Strategy<Value = String> {
    let simple = prop::sample::select(vec![
        "string",
        "int",
        "double",
        "boolean",
        "'string[]'",
        "'int[]'",
        "'double[]'",
        "'boolean[]'",
        "any",
        "'template[string]'",
        "'template[string[]]'",
        "'template[any]'",
    ])
    .prop_map(str::to_owned);
    let members = prop::collection::vec(member(), 1..5)
        .prop_map(|members| format!("{{members: [{}]}}", members.join(", ")));
    let deprecated = prop_oneof![
        Just(String::new()),
        text().prop_map(|note| format!(
            ", deprecated: {{reason: obsoleted, note: {}}}",
            quoted(&note)
        )),
    ];
    (key(), prop_oneof![simple, members], text(), text(), deprecated).prop_map(
        |(key, r#type, brief, note, deprecated)| {
            let (brief, note) = (quoted(&format!("x{brief}")), quoted(&note));
            format!("  - {{key: {key}, type: {type}, stability: stable, brief: {brief}, note: {note}{deprecated}}}\n")
        },
    )
}

/// JSON strings are YAML strings.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// Parses generated code, and finds names that are given twice in one module.
fn check(rust: &RustSource) {
    for (name, text) in rust.to_files() {
        items(
            &name,
            &syn::parse_file(&text)
                .unwrap_or_else(|e| panic!("{name}: {e}\n{text}"))
                .items,
        );
    }
    let single = rust.to_single_file();
    items(
        "single file",
        &syn::parse_file(&single)
            .unwrap_or_else(|e| panic!("{e}\n{single}"))
            .items,
    );
}

fn items(module: &str, found: &[syn::Item]) {
    let (mut types, mut values) = (BTreeSet::new(), BTreeSet::new());
    for item in found {
        let fresh = match item {
            syn::Item::Mod(inner) => {
                let path = format!("{module}::{}", inner.ident);
                if let Some((_, found)) = &inner.content {
                    items(&path, found);
                }
                types.insert(inner.ident.to_string())
            }
            syn::Item::Enum(inner) => {
                let variants: BTreeSet<String> = inner
                    .variants
                    .iter()
                    .map(|variant| variant.ident.to_string())
                    .collect();
                assert_eq!(
                    variants.len(),
                    inner.variants.len(),
                    "{module}::{}",
                    inner.ident
                );
                types.insert(inner.ident.to_string())
            }
            syn::Item::Const(inner) => values.insert(inner.ident.to_string()),
            syn::Item::Fn(inner) => values.insert(inner.sig.ident.to_string()),
            _ => true,
        };
        assert!(fresh, "a name is given twice in {module}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn registries_are_refused_or_become_rust(attributes in prop::collection::vec(attribute(), 1..8)) {
        let text = format!("attributes:\n{}", attributes.concat());
        match common::v2(&text) {
            Ok(registry) => {
                check(&registry.to_rust());
                prop_assert!(registry.to_markdown().ends_with("\n"));
            }
            Err(error) => prop_assert!(!error.diagnostics().is_empty(), "{error}"),
        }
    }

    #[test]
    fn any_attribute_that_is_alone_and_well_named_becomes_rust(attribute in attribute()) {
        let text = format!("attributes:\n{attribute}");
        match common::v2(&text) {
            Ok(registry) => check(&registry.to_rust()),
            Err(error) => {
                // Only what cannot be helped: names without a namespace, and enums whose
                // members collide or cannot be named.
                for fault in error.diagnostics() {
                    let known = ["has no namespace", "for itself", "is not a name", "in Rust",
                        "repeats the member", "is not a list", "control characters", "name in Rust",
                        "is missing"];
                    prop_assert!(
                        known.iter().any(|known| fault.problem.contains(known)) || fault.subject.is_empty(),
                        "{}", fault
                    );
                }
            }
        }
    }

    #[test]
    fn any_text_is_refused_or_read(text in any::<String>()) {
        if let Ok(registry) = common::load(&[("r.yaml", &text)]) {
            check(&registry.to_rust());
        }
    }

    #[test]
    fn any_yaml_like_text_is_refused_or_read(
        lines in prop::collection::vec("( {0,6}(- )?(groups|attributes|spans|key|id|type|ref|&a|\\*a|\\[|\\]|\\{|\\}|brief|members)(:|: |,)?(string|x|\"|'|>|\\|)?)", 0..20)
    ) {
        let text = format!("file_format: definition/2\n{}", lines.join("\n"));
        if let Ok(registry) = common::load(&[("r.yaml", &text)]) {
            check(&registry.to_rust());
        }
    }
}
