//! Recommendations on registries that are sound.

use lamplight_codegen::Registry;

use crate::common;

fn advice(text: &str) -> Vec<String> {
    let registry = common::v2(text).unwrap();
    let advice = registry.advice();
    let told = advice.iter().map(ToString::to_string);
    // The folder of the file differs between runs.
    told.map(|line| line.split_once("registry.yaml:").unwrap().1.to_owned())
        .collect()
}

const ATTRIBUTES: &str = "
attributes:
  - {key: shop.id, type: string, stability: stable, brief: Order.}
  - {key: shop.mood, type: int, stability: development, brief: Mood.}
  - {key: event.name, type: string, stability: stable, brief: Name.}
";

#[test]
fn stable_signals_promise_what_is_stable() {
    let signal = |level: &str, stability: &str| {
        format!(
            "{ATTRIBUTES}
spans:
  - type: shop.sell
    kind: server
    name: {{note: sell}}
    brief: A sale.
    stability: {stability}
    attributes:
      - {{ref: shop.id}}
      - {{ref: shop.mood, requirement_level: {level}}}
"
        )
    };
    assert_eq!(
        advice(&signal("recommended", "stable")),
        [
            "16:9: `shop.sell`: is stable and promises `shop.mood`, which is in development; make \
             the attribute opt-in there, or stable"
        ]
    );
    let excepted = signal("recommended", "stable")
        + "    annotations: {stability: {policy_exceptions: [lower_stability_attribute]}}\n";
    assert_eq!(advice(&excepted), [""; 0]);
    assert_eq!(advice(&signal("opt_in", "stable")), [""; 0]);
    assert_eq!(advice(&signal("recommended", "development")), [""; 0]);
}

#[test]
fn successors_are_current_and_of_the_same_type() {
    let renamed = |to: &str| {
        format!(
            "{ATTRIBUTES}
  - key: shop.number
    type: int
    stability: stable
    brief: Former name.
    deprecated: {{reason: renamed, renamed_to: {to}}}
  - key: shop.old
    type: int
    stability: stable
    brief: Former name.
    deprecated: {{reason: obsoleted}}
"
        )
    };
    assert_eq!(advice(&renamed("shop.mood")), [""; 0]);
    assert_eq!(
        advice(&renamed("shop.id")),
        [
            "8:5: `shop.number`: is of type `int`, and `shop.id`, which replaces it, of type `string`; \
             deprecate it as `uncategorized`, with a note on how to convert it"
        ]
    );
    assert_eq!(
        advice(&renamed("shop.old")),
        [
            "8:5: `shop.number`: is replaced by `shop.old`, which is deprecated itself; name the \
             one to use in the end"
        ]
    );
}

#[test]
fn successors_of_members_are_members() {
    let way = |to: &str| {
        format!(
            "
attributes:
  - key: shop.way
    stability: stable
    brief: Way.
    type:
      members:
        - {{id: web, value: web, stability: stable}}
        - {{id: www, value: www, stability: stable, deprecated: {{reason: renamed, renamed_to: {to}}}}}
"
        )
    };
    assert_eq!(advice(&way("web")), [""; 0]);
    assert_eq!(
        advice(&way("till")),
        [
            "4:5: `shop.way.www`: is replaced by `till`, which is no current member; name the id of \
          another member"
        ]
    );
}

#[test]
fn events_do_not_repeat_their_name() {
    let text = format!(
        "{ATTRIBUTES}
events:
  - name: shop.sold
    brief: Sold.
    stability: stable
    attributes: [{{ref: event.name}}]
"
    );
    assert_eq!(
        advice(&text),
        [
            "12:18: `shop.sold`: has `event.name` as an attribute; leave it out: an event is known \
             by its name"
        ]
    );
}

#[test]
fn the_projects_own_registry_needs_none() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../semconv");
    let registry = Registry::load(folder).unwrap();
    assert_eq!(registry.advice(), []);
}
