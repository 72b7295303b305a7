//! Any registry is rejected or becomes Rust that can be parsed.

use std::collections::BTreeSet;

use lamplight_codegen::RustSource;
use proptest::prelude::*;

use crate::common;

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
        "5",
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

/// A group as registries up to 1.26 wrote it.
fn group() -> impl Strategy<Value = String> {
    let sort = prop::sample::select(vec![
        "",
        ", type: attribute_group",
        ", type: span, span_kind: client",
        ", type: event",
        ", type: event, name: shop.sold",
        ", type: metric, metric_name: shop.sales, instrument: counter, unit: s",
        ", type: resource",
        ", type: scope",
        ", type: metric_group",
    ]);
    let name = || prop::sample::select(vec!["a", "b", "c", "span.a", "log-d"]);
    let own = prop::sample::select(vec![
        "",
        "{id: x, type: int, brief: X}",
        "{id: y, type: {members: [{id: type}, {id: t.y, deprecated: x}, {id: t_y}]}, stability: deprecated}",
        "{id: y, type: {allow_custom_values: false, members: [{id: p, value: 1.5}, {id: q, value: 2}]}}",
        "{ref: m.x, requirement_level: {opt_in: Z}}",
        "{ref: m.x, prefix: true}",
        "{ref: m.m.x, prefix: true, requirement_level: required}",
        "{id: z, type: 'template[string[]]', brief: X, requirement_level: required}",
    ]);
    let more = prop::sample::select(vec![
        "",
        "constraints: [{any_of: [m.x, [m.y]]}]",
        "constraints: [{include: a}]",
        "constraints: [{include: b}, {include: c}]",
        "extends: a",
        "extends: b",
        "deprecated: Gone.",
    ]);
    let prefix = prop::sample::select(vec![
        "",
        ", prefix: m",
        ", prefix: n.type",
        ", prefix: self",
    ]);
    (name(), sort, prefix, prop::collection::vec(own, 0..3), more).prop_map(
        |(id, sort, prefix, own, more)| {
            let own: Vec<&str> = own.into_iter().filter(|own| !own.is_empty()).collect();
            let more = if more.is_empty() {
                String::new()
            } else {
                format!(", {more}")
            };
            format!(
                "  - {{id: {id}{sort}{prefix}, brief: X, attributes: [{}]{more}}}\n",
                own.join(", ")
            )
        },
    )
}

/// Registries of both forms, for damage.
const SOUND: [(&str, &str); 4] = [
    (
        "a.yaml",
        include_str!("../registries/older-v1/attributes.yml"),
    ),
    (
        "b.yaml",
        include_str!("../registries/older-v1/signals.yaml"),
    ),
    (
        "c.yaml",
        include_str!("../registries/refinements-v2/registry.yaml"),
    ),
    (
        "d.yaml",
        include_str!("../registries/inheritance-v1/signals.yaml"),
    ),
];

/// One change to a line: what it is done with, which line, and what else.
type Damage = (usize, prop::sample::Index, &'static str);

fn damage() -> impl Strategy<Value = Damage> {
    let texts = vec![
        "", "  ", "- ", "x: ", "&a ", "*a", "{", "}", "[", "]", "'", "\"", "|\n", "!!int ", "<<: ",
        "null", "true", "[[]]", "{a: b}", "1.5", ".nan", "-0", "\u{0}", "\t", "---\n", "# ", "? ",
    ];
    (
        0..5_usize,
        any::<prop::sample::Index>(),
        prop::sample::select(texts),
    )
}

fn damaged(text: &str, changes: &[Damage]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (what, place, with) in changes {
        if lines.is_empty() {
            break;
        }
        let at = place.index(lines.len());
        let line = lines[at].clone();
        match what {
            0 => {
                lines.remove(at);
            }
            1 => lines.insert(at, line),
            2 => lines[at] = format!("{with}{line}"),
            3 => lines[at] = format!("{line}{with}"),
            _ => {
                let key = line.split_once(": ").map_or("", |(key, _)| key);
                lines[at] = format!("{key}: {with}");
            }
        }
    }
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn older_registries_are_refused_or_become_rust(groups in prop::collection::vec(group(), 1..6)) {
        let text = format!(
            "groups:\n  - {{id: m, prefix: m, type: attribute_group, attributes: [{{id: x, type: int}}]}}\n{}",
            groups.concat()
        );
        match common::load(&[("r.yaml", &text)]) {
            Ok(registry) => {
                check(&registry.to_rust());
                prop_assert!(registry.breaking_changes_since(&registry).is_empty());
            }
            Err(error) => prop_assert!(!error.diagnostics().is_empty(), "{error}"),
        }
    }

    #[test]
    fn a_damaged_registry_is_refused_or_read(
        which in 0..SOUND.len(),
        changes in prop::collection::vec(damage(), 1..6),
    ) {
        let files: Vec<(&str, String)> = SOUND
            .iter()
            .enumerate()
            .map(|(index, (name, text))| match index == which {
                true => (*name, damaged(text, &changes)),
                false => (*name, (*text).to_owned()),
            })
            .filter(|(name, _)| SOUND[which].0 == *name || (which < 2 && *name < "c.yaml"))
            .collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        match common::load(&files) {
            Ok(registry) => {
                check(&registry.to_rust());
                prop_assert!(registry.breaking_changes_since(&registry).is_empty());
            }
            Err(error) => {
                let faults = error.diagnostics();
                prop_assert!(!faults.is_empty(), "{error:?}");
                prop_assert!(faults.iter().all(|fault| fault.position.line > 0), "{error}");
            }
        }
    }

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
