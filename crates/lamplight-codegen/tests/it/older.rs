//! Older forms of the format mean what they meant to the tools of their time.

use lamplight_codegen::{
    AttributeType, Deprecation, Literal, Registry, RequirementLevel, Stability, ValueType,
};

use crate::common;

fn v1(text: &str) -> Registry {
    let loaded = common::load(&[("registry.yaml", text)]);
    loaded.unwrap()
}

fn level(registry: &Registry, span: &str, key: &str) -> RequirementLevel {
    let uses = &registry.span(span).unwrap().attributes;
    let used = uses.iter().find(|used| used.key == key).unwrap();
    used.requirement_level.clone()
}

#[test]
fn every_level_may_come_with_words() {
    let registry = v1("\
groups:
  - id: shop
    type: span
    span_kind: internal
    brief: X
    attributes:
      - {id: shop.a, type: int, brief: X, requirement_level: {opt_in: If cheap.}}
      - {id: shop.b, type: int, brief: X, requirement_level: {recommended: If known.}}
      - {id: shop.c, type: int, brief: X, requirement_level: {conditionally_required: If set.}}
      - {id: shop.d, type: int, brief: X, requirement_level: opt_in}
");
    let of = |key| level(&registry, "shop", key);
    assert_eq!(of("shop.a"), RequirementLevel::OptIn("If cheap.".into()));
    assert_eq!(
        of("shop.b"),
        RequirementLevel::Recommended("If known.".into())
    );
    assert_eq!(
        of("shop.c"),
        RequirementLevel::ConditionallyRequired("If set.".into())
    );
    assert_eq!(of("shop.d"), RequirementLevel::OptIn(String::new()));
    assert!(registry.to_markdown().contains("| opt-in: If cheap |"));
}

#[test]
fn members_have_values_of_any_plain_type() {
    let members = |list: &str| {
        let registry = common::v2(&format!(
            "attributes:\n  - {{key: a.b, brief: X, type: {{members: [{list}]}}}}\n"
        ));
        match registry.unwrap().attribute("a.b").unwrap().r#type.clone() {
            AttributeType::Enum(members) => (
                members.value_type,
                members
                    .members
                    .into_iter()
                    .map(|member| member.value)
                    .collect::<Vec<_>>(),
            ),
            other => panic!("{other}"),
        }
    };
    assert_eq!(
        members("{id: card}, {id: x, value: null}, {id: y, value: z}"),
        (
            ValueType::String,
            ["card", "x", "z"]
                .map(|text| Literal::String(text.into()))
                .into()
        )
    );
    assert_eq!(
        members("{id: a, value: 1}, {id: b, value: 2.5}"),
        (
            ValueType::Double,
            vec![Literal::Double(1.0), Literal::Double(2.5)]
        )
    );
    assert_eq!(
        members("{id: a, value: true}, {id: b, value: false}").0,
        ValueType::Boolean
    );
    assert_eq!(members("{id: a, value: 0x10}").1, [Literal::Int(16)]);
    // A number with leading zeros is a text.
    assert_eq!(
        members("{id: a, value: 007}").1,
        [Literal::String("007".into())]
    );
}

#[test]
fn a_prefix_stands_before_what_a_group_defines() {
    let registry = v1("\
groups:
  - id: geo
    prefix: geo
    type: attribute_group
    brief: X
    attributes: [{id: lat, type: double, brief: Latitude., stability: stable}]
  - id: client
    prefix: client
    type: attribute_group
    brief: X
    attributes: [{ref: geo.lat, prefix: true, brief: Own.}, {ref: geo.lat}]
  - id: deep
    prefix: deep
    type: span
    brief: X
    attributes: [{ref: client.geo.lat, prefix: true, requirement_level: required}]
");
    let keys: Vec<&str> = registry
        .attributes()
        .map(|found| found.key.as_str())
        .collect();
    assert_eq!(keys, ["client.geo.lat", "deep.client.geo.lat", "geo.lat"]);
    let own = registry.attribute("client.geo.lat").unwrap();
    assert_eq!(
        (own.brief.as_str(), own.stability),
        ("Own.", Stability::Stable)
    );
    assert_eq!(
        level(&registry, "deep", "deep.client.geo.lat"),
        RequirementLevel::Required
    );
}

#[test]
fn stability_once_said_deprecated() {
    let registry = v1("\
groups:
  - id: a
    type: attribute_group
    brief: X
    attributes:
      - {id: a.b, type: int, brief: X, stability: deprecated, deprecated: 'Use `a.c`.'}
      - id: a.d
        brief: X
        stability: experimental
        type: {members: [{id: x, stability: deprecated}, {id: y}]}
");
    let note = |note: &str| {
        Some(Deprecation::Uncategorized {
            note: note.to_owned(),
        })
    };
    let attribute = |key| registry.attribute(key).unwrap();
    assert_eq!(attribute("a.b").stability, Stability::Deprecated);
    assert_eq!(attribute("a.b").deprecated, note("Use `a.c`."));
    assert_eq!(attribute("a.d").stability, Stability::Development);
    let AttributeType::Enum(members) = &attribute("a.d").r#type else {
        panic!("no enum");
    };
    assert_eq!(members.members[0].deprecated, note(""));
    assert_eq!(members.members[1].deprecated, None);
}

#[test]
fn an_included_group_adds_what_is_missing() {
    let registry = v1("\
groups:
  - id: base
    type: span
    brief: X
    attributes:
      - {id: a.b, type: int, brief: X, requirement_level: required}
      - {id: a.c, type: int, brief: X, requirement_level: required}
  - id: top
    type: span
    brief: X
    constraints: [{any_of: [a.b, a.c]}, {include: base}]
    attributes: [{ref: a.b, requirement_level: opt_in}]
");
    assert_eq!(
        level(&registry, "top", "a.b"),
        RequirementLevel::OptIn(String::new())
    );
    assert_eq!(level(&registry, "top", "a.c"), RequirementLevel::Required);
}

#[test]
fn groups_of_one_name_are_one_signal() {
    let text = "\
groups:
  - id: sold
    prefix: sold
    type: event
    brief: First.
    attributes: [{id: x, type: int, brief: X, requirement_level: required}]
  - id: log-sold
    name: sold
    type: event
    brief: Second.
    attributes: [{ref: sold.x, requirement_level: recommended}, {id: y.z, type: int, brief: X}]
  - {id: user, type: event, name: user, brief: X, extends: log-sold}
";
    let registry = v1(text);
    assert_eq!(registry.signals().count(), 2);
    let sold = registry.event("sold").unwrap();
    assert_eq!(sold.brief, "First.");
    let keys: Vec<&str> = sold
        .attributes
        .iter()
        .map(|used| used.key.as_str())
        .collect();
    assert_eq!(keys, ["sold.x", "y.z"]);
    // Of two levels the weaker: a record may follow either.
    let weaker = RequirementLevel::Recommended(String::new());
    assert_eq!(sold.attributes[0].requirement_level, weaker);
    let advice = registry.advice();
    assert_eq!(advice.len(), 1);
    let told = advice[0].to_string();
    assert!(
        told.contains("registry.yaml:7:5: `sold`: a second event of this name, taken as one"),
        "{told}"
    );
    // Either can be inherited from.
    assert_eq!(registry.event("user").unwrap().attributes.len(), 2);
    // The newer form has no such groups.
    let event = "{name: sold, brief: X, stability: stable}";
    let twice = common::v2(&format!("events: [{event}, {event}]\n")).unwrap_err();
    assert!(
        twice.to_string().contains("a second event of this name"),
        "{twice}"
    );
}

#[test]
fn how_far_an_attribute_is_settled_may_differ_by_signal() {
    let advice = |stability: &str| {
        let text = format!(
            "\
groups:
  - id: a
    type: attribute_group
    brief: X
    attributes: [{{id: a.b, type: int, brief: X, stability: development}}]
  - id: s
    type: span
    span_kind: internal
    stability: stable
    brief: X
    attributes: [{{ref: a.b, stability: {stability}}}]
"
        );
        v1(&text).advice().len()
    };
    assert_eq!((advice("stable"), advice("development")), (0, 1));
}

#[test]
fn entities_are_known_by_the_identifiers_of_their_groups() {
    let text = |entity: &str| {
        format!(
            "groups:\n  - {{id: resource.device, type: resource, name: device, brief: X}}\n  \
             - {{id: s, type: span, name: For documents., brief: X, entity_associations: [{entity}]}}\n"
        )
    };
    for entity in ["device", "entity.device", "resource.device"] {
        assert_eq!(v1(&text(entity)).signals().count(), 2, "{entity}");
    }
    let error = common::load(&[("registry.yaml", &text("resource.devices"))]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("unknown entity `resource.devices`"),
        "{error}"
    );
}

#[test]
fn the_form_of_a_file_may_be_named() {
    let groups = "groups: [{id: a, type: attribute_group, brief: X}]\n";
    let spans = "attribute_groups: [{id: a, visibility: internal}]\n";
    for (form, body) in [
        ("file_format: definition/1\n", groups),
        ("version: '1'\n", groups),
        ("file_format: definition/2\n", spans),
        ("version: 2\n", spans),
    ] {
        assert_eq!(v1(&format!("{form}{body}")).signals().count(), 1, "{form}");
    }
}

#[test]
fn files_that_are_no_registry_are_left_alone() {
    let file = "groups: [{id: a, type: attribute_group, brief: X}]\n";
    let registry = common::load(&[
        ("a.yaml", file),
        (".hidden.yaml", "odd: 1\n"),
        (".github/workflows/ci.yml", "odd: 1\n"),
        ("schema-next.yaml", "odd: 1\n"),
    ]);
    assert_eq!(registry.unwrap().signals().count(), 1);
}

#[test]
fn a_manifest_may_give_its_url_in_parts() {
    let url = |manifest: &str| {
        let registry = common::load(&[("registry_manifest.yaml", manifest)]).unwrap();
        registry.schema_url().to_owned()
    };
    let parts = |base: &str| {
        url(&format!(
            "schema_base_url: {base}\nsemconv_version: 1.0.0\n"
        ))
    };
    assert_eq!(parts("https://a.example/x/"), "https://a.example/x/1.0.0");
    assert_eq!(parts("a.example/x"), "https://a.example/x/1.0.0");
}

#[test]
fn imports_name_signals_as_their_authors_know_them() {
    let count = |pattern: &str| {
        let registry = common::load(&[
            (
                "manifest.yaml",
                "schema_url: https://a.example/1\ndependencies: [{name: up, registry_path: up}]\n",
            ),
            ("own.yaml", &format!("imports: {pattern}\n")),
            ("up/manifest.yaml", "schema_url: https://b.example/1\n"),
            (
                "up/registry.yaml",
                "groups:\n  - {id: span.a.b, type: span, brief: X}\n  \
                 - {id: registry.a, type: attribute_group, brief: X}\n",
            ),
        ]);
        registry.map_or(0, |registry| registry.signals().count())
    };
    for pattern in [
        "{spans: [span.a.*]}",
        "{spans: [a.b]}",
        "{attribute_groups: [a]}",
        "{attribute_groups: [registry.*]}",
    ] {
        assert_eq!(count(pattern), 1, "{pattern}");
    }
    assert_eq!(count("{spans: [b]}"), 0);
}
