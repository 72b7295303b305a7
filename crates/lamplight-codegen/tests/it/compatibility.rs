//! Changes of a registry that break its users, and changes that do not.

use lamplight_codegen::{Error, Registry};

use crate::common;

const OLD: &str = "\
attributes:
  - {key: shop.order, type: int, stability: stable, brief: Order.}
  - key: shop.way
    stability: stable
    brief: How it is sold.
    type: {members: [{id: web, value: web, stability: stable}, {id: till, value: till, stability: stable}]}
spans:
  - type: shop.sell
    kind: server
    name: {note: x}
    brief: A sale.
    stability: stable
    attributes: [{ref: shop.order, requirement_level: required}, {ref: shop.way}]
metrics:
  - {name: shop.sales, instrument: counter, unit: '{sale}', brief: Sales., stability: stable}
events:
  - {name: shop.sold, brief: Sold., stability: stable}
";

/// The breaking changes after replacing `from` by `to` in the old registry.
fn after(from: &str, to: &str) -> Vec<String> {
    assert!(OLD.contains(from), "{from}");
    let old = common::v2(OLD).unwrap();
    let new = common::v2(&OLD.replace(from, to)).unwrap();
    new.breaking_changes_since(&old)
        .iter()
        .map(|change| format!("{}: {}; {}", change.subject, change.problem, change.remedy))
        .collect()
}

#[test]
fn what_breaks() {
    let cases = [
        (
            "{key: shop.order, type: int,",
            "{key: shop.order, type: string,",
            "shop.order: its type changed from `int` to `string`; give the new type a new name, \
             and deprecate this one",
        ),
        (
            "{key: shop.order, type: int,",
            "{key: shop.order, type: 'template[int]',",
            "shop.order: its type changed from `int` to `template[int]`; give the new type a new \
             name, and deprecate this one",
        ),
        (
            "{key: shop.order, type: int, stability: stable",
            "{key: shop.order, type: int, stability: beta",
            "shop.order: its stability fell from stable to beta; keep the promise that was made",
        ),
        (
            "{id: till, value: till, stability: stable}",
            "",
            "shop.way.till: the member was removed; keep it with `deprecated: ...`",
        ),
        (
            "{id: till, value: till,",
            "{id: till, value: desk,",
            "shop.way.till: its value changed from \"till\" to \"desk\"; add a member for the new \
             value, and deprecate this one",
        ),
        (
            "{id: till, value: till,",
            "{id: desk, value: till,",
            "shop.way.till: the member was renamed to `desk`; keep the id: programs are written \
             with it",
        ),
        (
            "    brief: How it is sold.\n",
            "    brief: How it is sold.\n    annotations: {code_generation: {closed: true}}\n",
            "shop.way: allows no values beyond its members any more; leave the enum open",
        ),
        (
            "kind: server",
            "kind: client",
            "shop.sell: its kind changed from server to client; define a new type of span",
        ),
        (
            "{ref: shop.way}",
            "{ref: shop.way, requirement_level: required}",
            "shop.sell: came to require `shop.way`; recommend it instead",
        ),
        (
            "{ref: shop.order, requirement_level: required}, ",
            "",
            "shop.sell: lost `shop.order`, which it required; keep it, as opt-in if need be",
        ),
        (
            ", {ref: shop.way}",
            "",
            "shop.sell: lost `shop.way`, which it promised; keep it, as opt-in if need be",
        ),
        (
            "{id: till, value: till, stability: stable}",
            "{id: till, value: till, stability: beta}",
            "shop.way.till: the member's stability fell from stable to beta; keep the promise that \
             was made",
        ),
        (
            "{id: till, value: till, stability: stable}",
            "{id: till, value: desk, stability: stable}, {id: desk, value: till, stability: stable}",
            "shop.way.till: its value changed from \"till\" to \"desk\"; add a member for the new \
             value, and deprecate this one",
        ),
        (
            "{id: till, value: till, stability: stable}",
            "{id: till, value: till, stability: stable, annotations: {code_generation: {exclude: true}}}",
            "shop.way.till: the member is left out of generated code; deprecate it instead: \
             programs are written with it",
        ),
        (
            "stability: stable, brief: Order.}",
            "stability: stable, brief: Order., annotations: {code_generation: {exclude: true}}}",
            "shop.order: is left out of generated code; deprecate it instead: programs are written \
             with it",
        ),
        (
            "unit: '{sale}'",
            "unit: s",
            "shop.sales: changed from a counter in {sale} to a counter in s; define a new metric",
        ),
        (
            "  - {name: shop.sold, brief: Sold., stability: stable}\n",
            "",
            "shop.sold: the event was removed; keep it with `deprecated: ...`",
        ),
    ];
    for (from, to, expected) in cases {
        assert_eq!(after(from, to), [expected], "{from} to {to}");
    }
}

/// A registry in the form of the published ones up to 1.26, with names that would be refused today.
const RELEASED: &str = "\
groups:
  - id: registry.shop
    prefix: shop
    type: attribute_group
    brief: Attributes.
    attributes:
      - {id: order, type: int, stability: stable, brief: Order.}
      - {id: order.id, type: int, stability: stable, brief: Number.}
      - {id: basket, type: int, stability: deprecated, brief: Basket.}
      - id: way
        brief: How it is sold.
        type: {members: [{id: web-1, value: a}, {id: web_1, value: b}]}
  - id: bare
    type: attribute_group
    brief: Attributes.
    attributes:
      - {id: state, type: string, brief: State., examples: [x]}
  - id: trace.shop.sell
    span_kind: server
    brief: A sale.
    attributes: [{ref: shop.order, requirement_level: required}]
    constraints: [{any_of: [shop.order, shop.way]}]
";

#[test]
fn older_forms_are_compared_with() {
    let released = common::folder(&[("model/shop.yaml", RELEASED)]);
    assert!(Registry::load(&released).is_err());
    let changes = |text: &str| -> Vec<String> {
        let new = common::v2(text).unwrap();
        let changes = new.breaking_changes_since_release(&released).unwrap();
        let told = changes.iter();
        told.map(|change| format!("{}: {}", change.subject, change.problem))
            .collect()
    };
    let kept = "\
attributes:
  - {key: shop.order_id, type: int, stability: stable, brief: New.}
  - {key: shop.order, type: int, stability: stable, brief: Order.}
  - {key: shop.order.id, type: int, stability: stable, brief: Number., deprecated: {reason: obsoleted}}
  - {key: shop.basket, type: int, stability: development, brief: Basket., deprecated: {reason: obsoleted}}
  - {key: state, type: string, stability: development, brief: State., deprecated: {reason: obsoleted}}
  - key: shop.way
    stability: development
    brief: How it is sold.
    type: {members: [{id: web-1, value: a}, {id: web_1, value: b, deprecated: {reason: obsoleted}}]}
spans:
  - {type: trace.shop.sell, kind: server, name: {note: x}, brief: A sale., stability: development, attributes: [{ref: shop.order, requirement_level: required}]}
";
    assert_eq!(changes(kept), [""; 0]);
    assert_eq!(
        changes(&kept.replace(
            "key: shop.basket, type: int",
            "key: shop.basket, type: double"
        )),
        ["shop.basket: its type changed from `int` to `double`"]
    );
    assert_eq!(
        changes(&kept.replace("{key: state, ", "{key: shop.state, ")),
        ["state: was renamed to `shop.state` without a deprecation"]
    );
    let error = common::v2(kept)
        .unwrap()
        .breaking_changes_since_release("no/such/folder");
    assert!(matches!(error, Err(Error::Read { .. })));
    std::fs::remove_dir_all(released).unwrap();
}

#[test]
fn a_stability_that_only_says_deprecated_takes_nothing_back() {
    let registry = |stability: &str| {
        let text = format!(
            "groups:\n  - {{id: a, type: attribute_group, brief: X, attributes: \
             [{{id: a.b, type: int, brief: X, stability: {stability}}}]}}\n"
        );
        common::load(&[("registry.yaml", &text)]).unwrap()
    };
    let count = |new: &str, old: &str| registry(new).breaking_changes_since(&registry(old)).len();
    assert_eq!(count("deprecated", "stable"), 0);
    assert_eq!(count("experimental", "deprecated"), 0);
    assert_eq!(count("experimental", "stable"), 1);
    let deprecated = registry("deprecated");
    assert!(deprecated.attribute("a.b").unwrap().deprecated.is_some());
}

#[test]
fn names_that_are_gone() {
    // Wherever it stands, the name is exchanged.
    assert_eq!(
        after("shop.way", "shop.channel"),
        [
            "shop.way: was renamed to `shop.channel` without a deprecation; keep it with \
          `deprecated: {reason: renamed, renamed_to: shop.channel}`"
        ]
    );
    let old = common::v2("attributes:\n  - {key: a.b, type: int, brief: X}\n").unwrap();
    let new = common::v2("attributes:\n  - {key: c.d, type: string, brief: Y}\n").unwrap();
    let changes = new.breaking_changes_since(&old);
    assert_eq!(changes.len(), 1);
    let told = changes[0].to_string();
    assert!(
        told.contains(
            "registry.yaml:3:5: `a.b`: was removed; keep it with `deprecated: {reason: obsoleted"
        ),
        "{told}"
    );
}

#[test]
fn what_does_not_break() {
    let cases = [
        ("    brief: How it is sold.\n", "    brief: In which way.\n"),
        (
            "{id: till,",
            "{id: drone, value: drone, stability: alpha}, {id: till,",
        ),
        (
            "attributes:\n  - {key: shop.order,",
            "attributes:\n  - {key: shop.new, type: int, stability: alpha, brief: New.}\n  - {key: shop.order,",
        ),
        (
            "{key: shop.order, type: int, stability: stable, brief: Order.}",
            "{key: shop.order, type: int, stability: stable, brief: Order., deprecated: {reason: obsoleted}}",
        ),
        (
            "{ref: shop.order, requirement_level: required}",
            "{ref: shop.order, requirement_level: opt_in}",
        ),
    ];
    for (from, to) in cases {
        assert_eq!(after(from, to), [""; 0], "{from} to {to}");
    }
}
