//! Every fault of a registry is told with its file, line, key and remedy.

use lamplight_codegen::{Error, Registry};

use crate::common;

/// One fault: the text, the line, what it concerns, and words of the problem and the remedy.
struct Case(
    &'static str,
    usize,
    &'static str,
    &'static str,
    &'static str,
);

fn told(error: &Error) -> String {
    error
        .diagnostics()
        .iter()
        .map(|fault| format!("{fault}\n"))
        .collect()
}

fn check(cases: &[Case], load: impl Fn(&str) -> Result<Registry, Error>) {
    for Case(text, line, subject, problem, remedy) in cases {
        let error = load(text).expect_err(text);
        let found = error.diagnostics().iter().any(|fault| {
            fault.position.line == *line
                && fault.subject == *subject
                && fault.problem.contains(problem)
                && fault.remedy.contains(remedy)
                && fault.position.file.ends_with("registry.yaml")
        });
        assert!(
            found,
            "wanted line {line}, `{subject}`, {problem:?}, {remedy:?} for\n{text}\ngot\n{}",
            told(&error)
        );
    }
}

/// Files begin with the line `file_format: definition/2`.
const V2: &[Case] = &[
    // Everything weaver reads that is not read here, with the reason.
    Case(
        "attributes:\n  - {key: a.b, type: {members: [{id: x, value: 1}, {id: y, value: z}]}, brief: X}\n",
        3,
        "a.b.y",
        "the value \"z\" does not fit the other members",
        "members texts, or all numbers",
    ),
    Case(
        "attributes:\n  - {key: a.b, type: {members: [{id: x, value: .inf}]}, brief: X}\n",
        3,
        "a.b.x",
        "the value inf does not fit",
        "`.inf` and `.nan` are none",
    ),
    Case(
        "attributes:\n  - {key: a.b, type: {members: [{id: x, value: 0.0}, {id: y, value: -0.0}]}, brief: X}\n",
        3,
        "a.b.y",
        "repeats the member `x`",
        "remove one of the two",
    ),
    Case(
        "attributes:\n  - {key: a.b, type: {members: []}, brief: X}\n",
        3,
        "a.b",
        "an enum without members",
        "add at least one",
    ),
    Case(
        "attributes:\n  - {key: a.b, type: 'template[int', brief: X}\n",
        3,
        "a.b",
        "unknown type `template[int`",
        "template[...]",
    ),
    Case(
        "attributes:\n  - {key: a.b, type: int, brief: X, deprecated: true}\n",
        3,
        "a.b",
        "`deprecated` does not say why",
        "write a note",
    ),
    Case(
        "events:\n  - {name: a.e, brief: X, stability: stable, attributes: [{ref: a.b, requirement_level: {}}]}\n",
        3,
        "a.e",
        "`requirement_level` is not exactly one level",
        "opt_in",
    ),
    Case(
        "events:\n  - {name: a.e, brief: X, stability: stable, attributes: [{ref: a.b, requirement_level: {opt_in: x, recommended: y}}]}\n",
        3,
        "a.e",
        "`requirement_level` is not exactly one level",
        "write one",
    ),
    Case(
        "events:\n  - {name: a.e, brief: X, stability: stable, attributes: [{ref: a.b, requirement_level: {required: x}}]}\n",
        3,
        "a.e",
        "unknown field `required`",
        "conditionally_required",
    ),
    Case(
        "imports: {spans: ['http.{client,server}']}\n",
        2,
        "imports",
        "stand for themselves",
        "a pattern for each name",
    ),
    // Broken YAML.
    Case("attributes: [\n", 2, "", "", "correct the YAML"),
    Case(
        "attributes:\n  - key: a.b\n    key: a.c\n",
        4,
        "",
        "given twice, first in line 3",
        "correct the YAML",
    ),
    Case(
        "attributes: nothing\n",
        2,
        "",
        "`attributes` is not a list",
        "`- item` lines",
    ),
    Case(
        "attributes:\n  - nothing\n",
        3,
        "",
        "something else stands where a map",
        "`name: value`",
    ),
    // Fields.
    Case(
        "attributs: []\n",
        2,
        "",
        "unknown field `attributs`",
        "did you mean `attributes`?",
    ),
    Case(
        "attributes:\n  - {key: a.b, type: int, breif: X, stability: stable}\n",
        3,
        "a.b",
        "unknown field `breif`",
        "did you mean `brief`?",
    ),
    Case(
        "attributes:\n  - {type: int, brief: X}\n",
        3,
        "",
        "`key` is missing",
        "add `key: ...`",
    ),
    Case(
        "attributes:\n  - {key: a.b, brief: X}\n",
        3,
        "a.b",
        "`type` is missing",
        "add `type: ...`",
    ),
    Case(
        "attributes:\n  - {key: a.b, type: int}\n",
        3,
        "a.b",
        "`brief` is missing",
        "add `brief: ...`",
    ),
    Case(
        "attributes:\n  - {key: a.b, type: integer, brief: X}\n",
        3,
        "a.b",
        "unknown type `integer`",
        "string, int, double",
    ),
    Case(
        "attributes:\n  - {key: a.b, type: int, brief: X, stability: solid}\n",
        3,
        "a.b",
        "`solid` is not a value of `stability`",
        "development, alpha",
    ),
    Case(
        "attributes:\n  - {key: a.b, type: int, brief: X, deprecated: {reason: renamed}}\n",
        3,
        "a.b",
        "renamed, but not to what",
        "renamed_to",
    ),
    Case(
        "attributes:\n  - {key: a.b, type: int, brief: X, deprecated: {reason: bored}}\n",
        3,
        "a.b",
        "`bored` is not a reason",
        "obsoleted",
    ),
    Case(
        "attributes:\n  - {key: a.b, type: int, brief: X, deprecated: {reason: renamed, renamed_to: a.c}}\n",
        3,
        "a.b",
        "renamed to unknown `a.c`",
        "define the successor",
    ),
    // Names.
    Case(
        "attributes:\n  - {key: a.B, type: int, brief: X}\n",
        3,
        "a.B",
        "is not a name",
        "rename it",
    ),
    Case(
        "attributes:\n  - {key: a..b, type: int, brief: X}\n",
        3,
        "a..b",
        "is not a name",
        "rename it",
    ),
    Case(
        "attributes:\n  - {key: a.größe, type: int, brief: X}\n",
        3,
        "a.größe",
        "is not a name",
        "rename it",
    ),
    Case(
        "attributes:\n  - {key: size, type: int, brief: X}\n",
        3,
        "size",
        "has no namespace",
        "shop.size",
    ),
    Case(
        "attributes:\n  - {key: spans.count, type: int, brief: X}\n",
        3,
        "spans.count",
        "needs the namespace `spans`",
        "another namespace",
    ),
    Case(
        "attributes:\n  - {key: a.b, type: int, brief: X}\n  - {key: a.b, type: int, brief: Y}\n",
        4,
        "a.b",
        "is defined twice, first at",
        "`ref: a.b`",
    ),
    // Collisions, whichever comes first.
    Case(
        "attributes:\n  - {key: a.b, type: int, brief: X}\n  - {key: a.b.c, type: int, brief: X}\n",
        4,
        "a.b.c",
        "its namespace `a.b` is itself an attribute",
        "`a.b_c`",
    ),
    Case(
        "attributes:\n  - {key: a.b.c.d, type: int, brief: X}\n  - {key: a.b, type: int, brief: X}\n",
        3,
        "a.b.c.d",
        "its namespace `a.b` is itself an attribute",
        "`a.b_c_d`",
    ),
    Case(
        "attributes:\n  - {key: app.screen.id, type: string, brief: X}\n",
        3,
        "app.screen.id",
        "is a published name",
        "com.example",
    ),
    Case(
        "attributes:\n  - {key: app.screen, type: string, brief: X}\n",
        3,
        "app.screen",
        "is the namespace of `app.screen",
        "com.example",
    ),
    Case(
        "attributes:\n  - {key: app.build_id.hash, type: string, brief: X}\n",
        3,
        "app.build_id.hash",
        "lies inside `app.build_id`",
        "com.example",
    ),
    // Examples.
    Case(
        "attributes:\n  - {key: a.b, type: string, brief: X, examples: [1]}\n",
        3,
        "a.b",
        "the example 1 is not of the type `string`",
        "need quotes",
    ),
    Case(
        "attributes:\n  - {key: a.b, type: 'int[]', brief: X, examples: [[x]]}\n",
        3,
        "a.b",
        "is not of the type `int[]`",
        "correct the example",
    ),
    // Enums.
    Case(
        "attributes:\n  - {key: a.b, brief: X, type: {members: []}}\n",
        3,
        "a.b",
        "an enum without members",
        "add at least one",
    ),
    Case(
        "attributes:\n  - key: a.b\n    brief: X\n    type:\n      members:\n        - {id: x, value: x}\n        - {id: y, value: 1}\n",
        8,
        "a.b.y",
        "does not fit the other members",
        "all numbers",
    ),
    Case(
        "attributes:\n  - key: a.b\n    brief: X\n    type:\n      members:\n        - {id: x, value: x}\n        - {id: y, value: x}\n",
        8,
        "a.b.y",
        "repeats the member `x`",
        "tell them apart",
    ),
    Case(
        "attributes:\n  - {key: a.b, brief: X, type: {members: [{id: x.y, value: 1}, {id: x_y, value: 2}]}}\n",
        3,
        "a.b.x_y",
        "is called `XY` in Rust",
        "exclude: true",
    ),
    Case(
        "attributes:\n  - {key: a.b, brief: X, type: {members: [{id: '*', value: x}]}}\n",
        3,
        "a.b.*",
        "cannot become a name in Rust",
        "ASCII letters",
    ),
    Case(
        "attributes:\n  - {key: a.b, brief: X, type: {members: [{id: größe, value: x}]}}\n",
        3,
        "a.b.größe",
        "cannot become a name in Rust",
        "ASCII letters",
    ),
    Case(
        "attributes:\n  - {key: a.b1, brief: X, type: {members: [{id: x, value: x}]}}\n  - {key: a.b_1, brief: X, type: {members: [{id: x, value: x}]}}\n",
        4,
        "a.b_1",
        "are called `AB1` in Rust",
        "exclude: true",
    ),
    // References.
    Case(
        "attributes:\n  - {key: a.count, type: int, brief: X}\nevents:\n  - name: a.event\n    brief: X\n    stability: stable\n    attributes:\n      - ref: a.cuont\n",
        9,
        "a.event",
        "unknown attribute `a.cuont`",
        "did you mean `a.count`?",
    ),
    Case(
        "events:\n  - name: a.event\n    brief: X\n    stability: stable\n    attributes:\n      - ref_group: a.group\n",
        7,
        "a.event",
        "inherits from unknown `a.group`",
        "define it",
    ),
    Case(
        "span_refinements:\n  - id: a.b\n    ref: a.c\n",
        4,
        "a.b",
        "inherits from unknown `a.c`",
        "define it",
    ),
    Case(
        "span_refinements:\n  - id: a.b\n    ref: a.c\n  - id: a.c\n    ref: a.b\n",
        3,
        "a.b",
        "inherits from itself: a.b > a.c > a.b",
        "remove one link",
    ),
    Case(
        "attribute_groups:\n  - {id: g, visibility: internal, attributes: [{ref_group: g}]}\n",
        3,
        "g",
        "inherits from itself",
        "remove one link",
    ),
    Case(
        "attributes:\n  - {key: a.b, type: int, brief: X}\nattribute_groups:\n  - {id: g, visibility: internal, attributes: [{ref: a.b}]}\n  - {id: h, visibility: internal, attributes: [{ref: a.b}]}\nevents:\n  - name: a.e\n    brief: X\n    stability: stable\n    attributes:\n      - ref_group: g\n      - ref_group: h\n",
        13,
        "a.e",
        "both `g` and `h` bring `a.b`",
        "leave one",
    ),
    Case(
        "events:\n  - {name: a.e, brief: X, stability: stable}\n  - {name: a.e, brief: X, stability: stable}\n",
        4,
        "a.e",
        "a second event of this name",
        "rename one",
    ),
    Case(
        "events:\n  - {name: a.e, brief: X, stability: stable, entity_associations: [ghost]}\n",
        3,
        "a.e",
        "unknown entity `ghost`",
        "define the entity",
    ),
    Case(
        "events:\n  - {name: A Event, brief: X, stability: stable}\n",
        3,
        "A Event",
        "is not a name",
        "rename it",
    ),
    Case(
        "imports:\n  spans: [http.*]\n",
        3,
        "imports",
        "`http.*` matches nothing",
        "leave it out",
    ),
    // Signals.
    Case(
        "spans:\n  - {type: a.b, kind: clinet, name: {note: x}, brief: X, stability: stable}\n",
        3,
        "a.b",
        "`clinet` is not a value of `kind`",
        "client, server",
    ),
    Case(
        "spans:\n  - {type: a.b, kind: client, brief: X, stability: stable}\n",
        3,
        "a.b",
        "`name` is missing",
        "add `name",
    ),
    Case(
        "metrics:\n  - {name: a.b, instrument: meter, unit: s, brief: X, stability: stable}\n",
        3,
        "a.b",
        "`meter` is not a value of `instrument`",
        "counter",
    ),
    Case(
        "metrics:\n  - {name: a.b, instrument: gauge, brief: X, stability: stable}\n",
        3,
        "a.b",
        "`unit` is missing",
        "add `unit",
    ),
    Case(
        "attribute_groups:\n  - {id: g, attributes: []}\n",
        3,
        "g",
        "`visibility` is missing",
        "add `visibility",
    ),
];

#[test]
fn faults_of_the_newer_form() {
    check(V2, common::v2);
}

const V1: &[Case] = &[
    Case(
        "groups:\n  - {type: span, brief: X}\n",
        2,
        "",
        "`id` is missing",
        "add `id: ...`",
    ),
    Case(
        "groups:\n  - {id: a, type: spam, brief: X}\n",
        2,
        "a",
        "`spam` is not a value of `type`",
        "attribute_group, span",
    ),
    Case(
        "groups:\n  - {id: a, type: attribute_group, brief: X, extends: b}\n",
        2,
        "a",
        "inherits from unknown `b`",
        "define it",
    ),
    Case(
        "groups:\n  - {id: a, type: attribute_group, brief: X, extends: b}\n  - {id: b, type: attribute_group, brief: X, extends: a}\n",
        2,
        "a",
        "inherits from itself: a > b > a",
        "remove one link",
    ),
    Case(
        "groups:\n  - {id: a, type: undefined, brief: X}\n",
        2,
        "a",
        "`undefined` is not a value of `type`",
        "attribute_group, span",
    ),
    Case(
        "groups:\n  - {id: a, type: metric_group, brief: X, span_kind: client}\n",
        2,
        "a",
        "`span_kind` says nothing in a group of this type",
        "remove it",
    ),
    Case(
        "groups:\n  - {id: a, type: span, brief: X, visibility: public}\n",
        2,
        "a",
        "unknown field `visibility`",
        "remove it",
    ),
    Case(
        "groups:\n  - {id: a, type: span, brief: X, constraints: [{include: b}]}\n",
        2,
        "a",
        "inherits from unknown `b`",
        "define it",
    ),
    Case(
        "groups:\n  - {id: a, type: span, brief: X, constraints: [{include: b}]}\n  - {id: b, type: span, brief: X, constraints: [{include: a}]}\n",
        2,
        "a",
        "inherits from itself: a > b > a",
        "remove one link",
    ),
    Case(
        "groups:\n  - {id: a, type: span, brief: X, constraints: [{any_of: [{b: c}]}]}\n",
        2,
        "a",
        "not an attribute",
        "name one, or list several",
    ),
    Case(
        "groups:\n  - {id: a, type: span, brief: X, attributes: [{ref: b.c, prefix: true}]}\n",
        2,
        "a",
        "`prefix` in a group that has none",
        "give the group a `prefix`",
    ),
    Case(
        "groups:\n  - {id: a, type: span, brief: X, prefix: x, attributes: [{ref: b.c, prefix: true}]}\n",
        2,
        "x.b.c",
        "is made of unknown attribute `b.c`",
        "define that one",
    ),
    Case(
        "groups:\n  - {id: a, type: span, brief: X, attributes: [{ref: b.c, role: main}]}\n",
        2,
        "a",
        "`main` is not a value of `role`",
        "identifying, descriptive",
    ),
    Case(
        "groups:\n  - {id: a, type: event, name: b, brief: X, body: {id: c, type: text}}\n",
        2,
        "a",
        "`text` is not a value of `type`",
        "boolean, int",
    ),
    Case(
        "groups:\n  - id: a\n    type: event\n    name: b\n    body: {id: c, type: map, fields: [{id: d, type: enum, members: [{value: 1}]}, {type: int}]}\n",
        5,
        "a",
        "`id` is missing",
        "add `id: ...`",
    ),
    Case(
        "groups:\n  - {id: event.a, type: event, brief: X}\n",
        2,
        "event.a",
        "`name` is missing",
        "add `name",
    ),
    Case(
        "groups:\n  - {id: a, type: metric, brief: X, metric_name: a.b, unit: s}\n",
        2,
        "a",
        "`instrument` is missing",
        "add `instrument",
    ),
    Case(
        "groups:\n  - {id: a, type: attribute_group, brief: X, attributes: [{ref: x.y}]}\n",
        2,
        "a",
        "unknown attribute `x.y`",
        "define it",
    ),
    Case(
        "file_format: definition/3\n",
        1,
        "",
        "unknown file format `definition/3`",
        "definition/2",
    ),
    Case(
        "version: '3'\ngroups: [{odd: 1}]\n",
        1,
        "",
        "unknown file format `3`",
        "use `2` or `1`",
    ),
];

#[test]
fn faults_of_the_older_form() {
    check(V1, |text| common::load(&[("registry.yaml", text)]));
}

#[test]
fn all_faults_are_told_at_once_and_readably() {
    let error =
        common::v2("attributes:\n  - {key: a.b, type: int}\n  - {key: c.d, type: x, brief: X}\n")
            .unwrap_err();
    assert_eq!(error.diagnostics().len(), 2);
    let text = error.to_string();
    assert!(text.starts_with("2 faults in the registry\n"), "{text}");
    assert!(
        text.contains("registry.yaml:3:5: `a.b`: `brief` is missing; add `brief: ...`"),
        "{text}"
    );
    // A build script that returns the error shows this.
    assert_eq!(format!("{error:?}"), text);
}

const ITEM: &str = "file_format: definition/2\nattributes:\n  - {key: net.peer, type: string, brief: X, stability: stable}\n";

fn depending(manifest: &str, own: &str) -> Result<Registry, Error> {
    common::load(&[
        (
            "manifest.yaml",
            &format!("schema_url: https://a.example/1.0.0\n{manifest}"),
        ),
        (
            "registry.yaml",
            &format!("file_format: definition/2\n{own}"),
        ),
        (
            "upstream/manifest.yaml",
            "schema_url: https://b.example/1.0.0\n",
        ),
        ("upstream/registry.yaml", ITEM),
        (
            "upstream/hidden.yaml",
            "file_format: definition/2\nattributes:\n  - {key: net.secret, type: int, brief: X, \
             stability: stable, annotations: {dependency_resolution: {exclude: true}}}\n",
        ),
    ])
}

const DEPENDS: &str = "dependencies:\n  - {name: up, registry_path: upstream}\n";

#[test]
fn faults_across_registries() {
    let cases = [
        (
            "attributes:\n  - {key: net.peer, type: string, brief: X}\n",
            "is defined twice",
        ),
        (
            "attributes:\n  - {key: net.peer.port, type: int, brief: X}\n",
            "of a registry this one depends on",
        ),
        (
            "attributes:\n  - {key: net, type: int, brief: X}\n",
            "is the namespace of `net.peer`",
        ),
        (
            "events:\n  - {name: a.e, brief: X, stability: stable, attributes: [{ref: net.secret}]}\n",
            "`net.secret` is hidden by its registry",
        ),
    ];
    for (own, problem) in cases {
        let error = depending(DEPENDS, own).unwrap_err();
        assert!(
            told(&error).contains(problem),
            "wanted {problem}, got {}",
            told(&error)
        );
    }
    // Names of a dependency are not found fault with where they are only used.
    let bare = common::load(&[
        (
            "manifest.yaml",
            "schema_url: https://a.example/1\ndependencies: [{registry_path: up}]\n",
        ),
        (
            "own.yaml",
            "groups: [{id: a, type: span, attributes: [{ref: state}]}]\n",
        ),
        ("up/manifest.yaml", "schema_url: https://b.example/1\n"),
        (
            "up/r.yaml",
            "groups: [{id: b, type: span, attributes: [{id: state, type: int}, {id: a.b, type: int, \
             deprecated: {reason: renamed, renamed_to: gone}}]}]\n",
        ),
    ]);
    assert!(bare.unwrap().attribute("state").is_some());
    // A hidden name is free to take.
    assert!(
        depending(
            DEPENDS,
            "attributes:\n  - {key: net.secret, type: int, brief: X}\n"
        )
        .is_ok()
    );
    // Without the dependency nothing collides.
    assert!(
        depending(
            "",
            "attributes:\n  - {key: net.peer, type: string, brief: X}\n"
        )
        .is_ok()
    );
}

#[test]
fn faults_of_manifests() {
    let cases = [
        (
            "dependencies:\n  - {name: up}\n",
            "a dependency without a path",
        ),
        (
            "dependencies:\n  - {registry_path: 'https://x.example/a.git'}\n",
            "is not a folder of this machine",
        ),
        (
            "dependencies:\n  - {registry_path: up.zip}\n",
            "is not a folder of this machine",
        ),
        (
            "dependencies:\n  - {registry_path: nowhere}\n",
            "cannot open",
        ),
        (
            "dependencies:\n  - {registry_path: .}\n",
            "depends on itself",
        ),
        ("dependancies: []\n", "did you mean `dependencies`?"),
        (
            "dependencies:\n  - {registry_path: registry.yaml}\n",
            "is not a folder",
        ),
        (
            "file_format: manifest/2.0\nresolved_registry_uri: resolved.yaml\n",
            "is the manifest of a published registry",
        ),
    ];
    for (manifest, problem) in cases {
        let error = depending(manifest, "").unwrap_err();
        assert!(
            told(&error).contains(problem),
            "wanted {problem}, got {}",
            told(&error)
        );
        assert!(told(&error).contains("manifest.yaml:"), "{}", told(&error));
    }
    let error = common::load(&[("manifest.yaml", "name: x\n")]).unwrap_err();
    assert!(told(&error).contains("`schema_url` is missing"));
}

#[test]
fn published_names_may_be_used_by_who_follows_the_published_schema() {
    let own = (
        "r.yaml",
        "file_format: definition/2\nattributes:\n  - {key: app.screen.id, type: string, brief: X}\n",
    );
    let follows = "schema_url: https://opentelemetry.io/schemas/1.42.0\n";
    assert!(common::load(&[("manifest.yaml", follows), own]).is_ok());
    assert!(
        common::load(&[
            ("manifest.yaml", "schema_url: https://shop.example/1\n"),
            own
        ])
        .is_err()
    );
}

#[test]
fn long_chains_and_many_attributes_are_no_trouble() {
    let mut text = "spans:\n  - {type: a.s0, kind: client, name: {note: x}, brief: X, stability: stable}\nspan_refinements:\n".to_owned();
    for link in 1..200 {
        text.push_str(&format!("  - {{id: a.s{link}, ref: a.s{}}}\n", link - 1));
    }
    // In file order each link finds the one before it done.
    assert_eq!(common::v2(&text).unwrap().signals().count(), 200);
    let mut text = "span_refinements:\n".to_owned();
    for link in (1..200).rev() {
        text.push_str(&format!("  - {{id: a.s{link}, ref: a.s{}}}\n", link - 1));
    }
    text.push_str(
        "spans:\n  - {type: a.s0, kind: client, name: {note: x}, brief: X, stability: stable}\n",
    );
    let error = common::v2(&text).map(|registry| registry.signals().count());
    // The other way round it is refused rather than followed down the stack.
    assert!(error.is_ok() || told(&error.unwrap_err()).contains("more than 64 signals"));

    let mut text = "attributes:\n".to_owned();
    for number in 0..10_000 {
        text.push_str(&format!(
            "  - {{key: a.n{}.k{number}, type: int, brief: X}}\n",
            number % 100
        ));
    }
    let registry = common::v2(&text).unwrap();
    assert_eq!(registry.attributes().count(), 10_000);
    assert_eq!(
        registry
            .to_rust()
            .to_single_file()
            .matches("pub const ")
            .count(),
        10_000
    );
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let error = Registry::load("no/such/folder").unwrap_err();
    assert!(matches!(&error, Error::Read { path, .. } if path.ends_with("no/such/folder")));
    assert!(format!("{error:?}").contains("no/such/folder"));
}
