//! Every field supported by weaver 0.25 is supported here, in both forms of the format.

use crate::common;

/// `SemConvSpecV1`: groups of every type with every field it may have.
const V1: &str = "\
file_format: definition/1
imports: {metrics: [up.*], events: [up.*], entities: [up.*], spans: ['up.*'], attribute_groups: [up.*]}
groups:
  - id: registry.shop
    type: attribute_group
    display_name: Shop
    name: shop
    brief: Attributes.
    note: All of them.
    prefix: ''
    stability: stable
    deprecated: {reason: uncategorized, note: Old.}
    annotations: {a: {b: [1, 2.5, x, true, null]}}
    attributes:
      - id: shop.a
        type: boolean
        brief: X
        examples: true
        tag: t
        requirement_level: required
        sampling_relevant: true
        note: X
        stability: alpha
        deprecated: {reason: renamed, renamed_to: shop.b, note: X}
        annotations: {a: 1}
        role: identifying
      - {id: shop.b, type: int, brief: X, examples: [1, 2], stability: beta, requirement_level: recommended}
      - {id: shop.c, type: double, brief: X, examples: [1.5], stability: release_candidate, requirement_level: opt_in}
      - {id: shop.d, type: string, brief: X, examples: x, stability: development, requirement_level: {conditionally_required: X}}
      - {id: shop.e, type: any, brief: X, examples: [1, x], requirement_level: {recommended: X}}
      - {id: shop.f, type: 'string[]', brief: X, examples: [[x]], requirement_level: {opt_in: X}}
      - {id: shop.g, type: 'int[]', brief: X, examples: [1, 2]}
      - {id: shop.h, type: 'double[]', brief: X, examples: [[1.5]]}
      - {id: shop.i, type: 'boolean[]', brief: X, examples: [[true]]}
      - {id: shop.j, type: 'template[boolean]', brief: X, examples: true}
      - {id: shop.k, type: 'template[int]', brief: X}
      - {id: shop.l, type: 'template[double]', brief: X}
      - {id: shop.m, type: 'template[string]', brief: X, examples: [x]}
      - {id: shop.n, type: 'template[any]', brief: X}
      - {id: shop.o, type: 'template[string[]]', brief: X, examples: [[x]]}
      - {id: shop.p, type: 'template[int[]]', brief: X}
      - {id: shop.q, type: 'template[double[]]', brief: X}
      - {id: shop.r, type: 'template[boolean[]]', brief: X}
      - id: shop.s
        brief: X
        type:
          members:
            - id: one
              value: a
              brief: X
              note: X
              stability: stable
              deprecated: {reason: obsoleted, note: X}
              annotations: {a: 1}
            - {id: two}
      - {id: shop.t, brief: X, type: {members: [{id: a, value: 1}]}}
      - {id: shop.u, brief: X, type: {members: [{id: a, value: 1.5}]}}
      - {id: shop.v, brief: X, type: {members: [{id: a, value: true}]}}
  - id: span.shop
    type: span
    span_kind: producer
    name: Shop
    events: [shop.sold]
    brief: X
    extends: registry.shop
    entity_associations: [shop, {one_of: [shop, {all_of: [shop]}]}]
    attributes:
      - ref: shop.a
        brief: X
        examples: [false]
        tag: t
        requirement_level: opt_in
        sampling_relevant: false
        note: X
        stability: stable
        deprecated: Gone.
        prefix: false
        annotations: {a: 1}
        role: descriptive
  - id: event.shop.sold
    type: event
    name: shop.sold
    brief: X
    body:
      id: body
      type: map
      brief: X
      note: X
      stability: stable
      requirement_level: required
      fields:
        - {id: a, type: boolean, requirement_level: opt_in, examples: true}
        - {id: b, type: int, requirement_level: recommended}
        - {id: c, type: double, requirement_level: {opt_in: X}}
        - {id: d, type: string, requirement_level: required, examples: [x]}
        - {id: e, type: 'string[]', requirement_level: required}
        - {id: f, type: 'int[]', requirement_level: required}
        - {id: g, type: 'double[]', requirement_level: required}
        - {id: h, type: 'boolean[]', requirement_level: required}
        - {id: i, type: 'map[]', requirement_level: required, fields: []}
        - {id: j, type: bytes, requirement_level: required}
        - {id: k, type: undefined, requirement_level: required}
        - {id: l, type: enum, requirement_level: required, members: [{id: x}]}
  - {id: metric.shop.sales, type: metric, metric_name: shop.sales, instrument: updowncounter, unit: '1', brief: X}
  - {id: metric.shop.a, type: metric, metric_name: shop.a, instrument: counter, unit: s, brief: X}
  - {id: metric.shop.b, type: metric, metric_name: shop.b, instrument: gauge, unit: s, brief: X}
  - {id: metric.shop.c, type: metric, metric_name: shop.c, instrument: histogram, unit: s, brief: X}
  - {id: metric.shop, type: metric_group, brief: X, attributes: [{ref: shop.b}]}
  - {id: entity.shop, type: entity, name: shop, brief: X, attributes: [{ref: shop.b, role: identifying}]}
  - {id: resource.till, type: resource, name: till, brief: X, attributes: [{ref: shop.b}]}
  - {id: shop.library, type: scope, brief: X, attributes: [{ref: shop.b}]}
";

/// `SemConvSpecV2`: every list, with every field of its items.
const V2: &str = "\
file_format: definition/2
imports: {metrics: [up.*], events: [up.*], entities: [up.*], spans: [up.*], attribute_groups: [up.*]}
attributes:
  - key: shop.a
    type: string
    examples: [x]
    brief: X
    note: X
    stability: stable
    deprecated: {reason: unspecified, note: X}
    annotations: {a: 1}
  - {key: shop.b, type: int, brief: X, stability: development}
attribute_groups:
  - {id: inner, visibility: internal, attributes: [{ref: shop.a}]}
  - id: outer
    visibility: public
    attributes: [{ref: shop.b}, {ref_group: inner}]
    brief: X
    note: X
    stability: stable
    deprecated: {reason: obsoleted, note: X}
    annotations: {a: 1}
entities:
  - type: shop
    identity: [{ref: shop.a}]
    description: [{ref: shop.b}]
    requirement_level: opt_in
    brief: X
    note: X
    stability: stable
    deprecated: {reason: uncategorized, note: X}
    annotations: {a: 1}
spans:
  - type: shop.sell
    kind: consumer
    name: {note: X}
    attributes:
      - ref: shop.a
        brief: X
        examples: [x]
        requirement_level: {conditionally_required: X}
        note: X
        stability: beta
        deprecated: {reason: obsoleted, note: X}
        annotations: {a: 1}
        sampling_relevant: true
      - ref_group: outer
    entity_associations: [shop]
    requirement_level: recommended
    brief: X
    stability: stable
events:
  - {name: shop.sold, attributes: [{ref: shop.a}], entity_associations: [shop], requirement_level: opt_in, brief: X, note: X, stability: stable}
metrics:
  - {name: shop.sales, instrument: histogram, unit: s, attributes: [{ref: shop.a}], entity_associations: [shop], requirement_level: opt_in, brief: X, stability: stable}
span_refinements:
  - id: shop.sell.web
    ref: shop.sell
    name: {note: X}
    attributes: [{ref: shop.b, sampling_relevant: false}]
    entity_associations: [shop]
    brief: X
    note: X
    stability: beta
    deprecated: {reason: obsoleted, note: X}
    annotations: {a: 1}
event_refinements:
  - {id: shop.sold.web, ref: shop.sold, attributes: [{ref: shop.b}], entity_associations: [shop], brief: X, note: X, stability: beta, annotations: {a: 1}}
metric_refinements:
  - {id: shop.sales.web, ref: shop.sales, attributes: [{ref: shop.b}], entity_associations: [shop], brief: X, note: X, stability: beta, annotations: {a: 1}}
entity_refinements:
  - {id: shop.web, ref: shop, identity: [{ref: shop.a}], description: [{ref: shop.b}], brief: X, note: X, stability: beta, annotations: {a: 1}}
";

/// A dependency with something for every sort of import.
const UPSTREAM: &str = "\
groups:
  - {id: up.group, type: attribute_group, brief: X, attributes: [{id: up.x, type: int, brief: X}]}
  - {id: up.span, type: span, span_kind: client, brief: X, attributes: [{ref: up.x}]}
  - {id: event.up, type: event, name: up.event, brief: X}
  - {id: metric.up, type: metric, metric_name: up.metric, instrument: gauge, unit: s, brief: X}
  - {id: entity.up, type: entity, name: up.entity, brief: X, attributes: [{ref: up.x}]}
";

/// `DefinitionRegistryManifest`, as it is now and as it was.
const MANIFESTS: [&str; 2] = [
    "schema_url: https://a.example/x/1.0.0\ndescription: X\nstability: release_candidate\n\
     dependencies: [{schema_url: https://b.example/x/1.0.0, registry_path: up}]\n",
    "name: x\ndescription: X\nschema_base_url: https://a.example/x/\nsemconv_version: 1.0.0\n\
     dependencies: [{name: up, registry_path: up}]\n",
];

#[test]
fn every_field_is_read() {
    for manifest in MANIFESTS {
        for (own, signals) in [(V1, 11), (V2, 10)] {
            let loaded = common::load(&[
                ("manifest.yaml", manifest),
                ("registry.yaml", own),
                (
                    "up/manifest.yaml",
                    "schema_url: https://b.example/x/1.0.0\n",
                ),
                ("up/registry.yaml", UPSTREAM),
            ]);
            let registry = loaded.unwrap();
            assert_eq!(registry.schema_url(), "https://a.example/x/1.0.0");
            assert_eq!(registry.description(), "X");
            // The imported ones are its own too.
            assert_eq!(registry.signals().count(), signals + 5);
            assert!(registry.attribute("up.x").is_some());
            for (name, text) in registry.to_rust().to_files() {
                syn::parse_file(&text)
                    .map_err(|e| format!("{name}: {e}"))
                    .unwrap();
            }
        }
    }
}
