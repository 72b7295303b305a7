//! Every key that is not ours is a published one, of its type and deprecated where that is; every
//! span that says which published one it `refines` asks for at least what that asks for.
//!
//! The published release is in `published/`, reduced to facts. Of a checkout it is written anew by
//!
//! `LAMPLIGHT_RELEASES=DIR cargo test -p lamplight-semconv --test it upstream -- --ignored`
//!
//! where DIR has a folder named after the tag, with the release in it.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use lamplight_codegen::{Attribute, Details, Literal, Registry, RequirementLevel, Signal};

/// The release this registry follows.
const RELEASE: &str = "1.44.0";
/// Namespaces whose names are additions of this registry.
const OURS: [&str; 2] = ["app.", "lamplight."];
/// Names of others than the conventions: what the Collector's connector of span metrics calls its dimensions,
/// and what the specification of the metrics SDK calls the series that stands for all others.
const BORROWED: [&str; 4] = [
    "otel.metric.overflow",
    "span.kind",
    "span.name",
    "status.code",
];
/// Deprecated names that were dropped from the published registry.
const DROPPED: [&str; 1] = ["faas.execution"];

/// Where a span of ours, or those whose names begin so, ask for less than the one they refine, and why.
const DEVIATIONS: [(&str, &str, &str); 10] = [
    (
        "aws.client",
        "server.address",
        "the SDK resolves the endpoint after the start",
    ),
    (
        "aws.client",
        "server.port",
        "the SDK resolves the endpoint after the start",
    ),
    (
        "aws.client.messaging",
        "messaging.destination.partition.id",
        "the service chooses it, and answers which",
    ),
    (
        "aws.client.messaging",
        "messaging.destination.template",
        "a call names its destination, and no template",
    ),
    (
        "aws.client.dynamodb",
        "db.namespace",
        "DynamoDB has no namespaces",
    ),
    (
        "messaging.process.consumer",
        "messaging.destination.template",
        "no event of Lambda tells a template",
    ),
    (
        "faas.server.http",
        "network.protocol.name",
        "it is for protocols other than HTTP, and nothing else invokes a function over a URL",
    ),
    (
        "http.client",
        "network.protocol.name",
        "it is for protocols other than HTTP, and the client speaks no other",
    ),
    (
        "faas.server.datasource",
        "faas.document.collection",
        "a batch may have changes of several collections",
    ),
    (
        "faas.server.datasource",
        "faas.document.operation",
        "a batch may have several operations",
    ),
];

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn facts_file() -> PathBuf {
    here().join(format!("tests/published/v{RELEASE}.txt"))
}

fn registry() -> Registry {
    Registry::load(here().join("../../semconv")).unwrap()
}

/// What is known of a published span.
#[derive(Default)]
struct Span {
    kind: String,
    /// Level of each attribute, and whether it has to be there at the start.
    attributes: BTreeMap<String, (String, bool)>,
}

#[derive(Default)]
struct Published {
    /// Type, and what became of it, by key.
    attributes: BTreeMap<String, (String, String)>,
    spans: BTreeMap<String, Span>,
}

fn published() -> Published {
    let text = std::fs::read_to_string(facts_file()).unwrap();
    let mut published = Published::default();
    let mut span = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["attribute", key, r#type, fate] => {
                let facts = (r#type.to_owned(), fate.to_owned());
                published.attributes.insert(key.to_owned(), facts);
            }
            ["span", id, kind] => {
                span = id.to_owned();
                published.spans.entry(span.clone()).or_default().kind = kind.to_owned();
            }
            [level, key, ref rest @ ..] => {
                let attributes = &mut published.spans.get_mut(&span).unwrap().attributes;
                attributes.insert(key.to_owned(), (level.to_owned(), rest == ["start"]));
            }
            _ => panic!("{line}"),
        }
    }
    published
}

/// `-` if it is in use, else the name that replaces it or `deprecated`.
fn fate(attribute: &Attribute) -> String {
    match &attribute.deprecated {
        None => "-".to_owned(),
        Some(deprecation) => deprecation.successor().unwrap_or("deprecated").to_owned(),
    }
}

/// The type of the values; one with known values may be told without them.
fn type_of(attribute: &Attribute) -> String {
    attribute.r#type.value_type().to_string()
}

fn level(level: &RequirementLevel) -> &'static str {
    match level {
        RequirementLevel::Required => "required",
        RequirementLevel::ConditionallyRequired(_) => "conditionally",
        _ => "recommended",
    }
}

#[test]
#[ignore = "needs the release of the published conventions"]
fn the_facts_are_those_of_the_release() {
    let folder = std::env::var_os("LAMPLIGHT_RELEASES").expect("LAMPLIGHT_RELEASES names a folder");
    let folder = Path::new(&folder).join(format!("v{RELEASE}/model"));
    let release = Registry::load(folder).unwrap();
    let mut text = format!("# Written by tests/upstream.rs: conventions {RELEASE}.\n");
    for attribute in release.attributes() {
        let (key, r#type) = (&attribute.key, type_of(attribute));
        writeln!(text, "attribute {key} {type} {}", fate(attribute)).unwrap();
    }
    for signal in release.signals() {
        let Details::Span { kind, .. } = &signal.details else {
            continue;
        };
        writeln!(text, "span {} {kind}", signal.id).unwrap();
        for used in &signal.attributes {
            let start = if used.sampling_relevant { " start" } else { "" };
            let level = level(&used.requirement_level);
            writeln!(text, "  {level} {}{start}", used.key).unwrap();
        }
    }
    std::fs::write(facts_file(), text).unwrap();
}

#[test]
fn the_schema_is_the_release() {
    let url = format!("https://opentelemetry.io/schemas/{RELEASE}");
    assert_eq!(lamplight_semconv::SCHEMA_URL, url);
}

#[test]
fn keys_types_and_deprecations_are_the_published_ones() {
    let published = published().attributes;
    assert!(published.len() > 900, "only {} keys", published.len());
    let mut compared = 0;
    for attribute in registry().attributes() {
        let key = attribute.key.as_str();
        let ours =
            OURS.iter().any(|namespace| key.starts_with(namespace)) || BORROWED.contains(&key);
        let Some((r#type, theirs)) = published.get(key) else {
            assert!(ours || DROPPED.contains(&key), "{key} is not published");
            assert!(ours || attribute.deprecated.is_some(), "{key}");
            continue;
        };
        assert!(!ours && !DROPPED.contains(&key), "{key} is published");
        assert_eq!(&fate(attribute), theirs, "{key}");
        assert_eq!(&type_of(attribute), r#type, "{key}");
        compared += 1;
    }
    assert!(compared > 100, "only {compared} keys were compared");
}

/// The published spans that a span of ours says it `refines`, or the `kinds` it may have.
fn listed(signal: &Signal, field: &str) -> Vec<String> {
    let conformance = signal
        .annotations
        .iter()
        .find(|(it, _)| it == "conformance");
    match conformance.and_then(|(_, value)| value.get(field)) {
        Some(Literal::List(names)) => {
            let named = |name: &Literal| match name {
                Literal::String(name) => name.clone(),
                other => panic!("{}: {field} {other}", signal.id),
            };
            names.iter().map(named).collect()
        }
        Some(other) => panic!("{}: {field} is a list, not {other}", signal.id),
        None => Vec::new(),
    }
}

#[test]
fn spans_ask_for_what_the_published_ones_ask_for() {
    let published = published().spans;
    let (mut faults, mut compared) = (Vec::new(), 0);
    for signal in registry().signals() {
        let Details::Span { kind, .. } = &signal.details else {
            continue;
        };
        let mut kinds = listed(signal, "kinds");
        if kinds.is_empty() {
            kinds.push(kind.to_string());
        }
        for name in listed(signal, "refines") {
            let Some(theirs) = published.get(&name) else {
                panic!("{}: {name} is not published", signal.id);
            };
            compared += 1;
            if !kinds.contains(&theirs.kind) {
                faults.push(format!(
                    "{}: {kinds:?}, {name} is {}",
                    signal.id, theirs.kind
                ));
            }
            for (key, (wanted, at_start)) in &theirs.attributes {
                let known =
                    |(span, it, _): &(&str, &str, &str)| signal.id.starts_with(span) && it == key;
                if DEVIATIONS.iter().any(known) {
                    continue;
                }
                let ours = signal.attributes.iter().find(|it| it.key == *key);
                let given = ours.map_or("nothing", |it| level(&it.requirement_level));
                let enough = match wanted.as_str() {
                    "required" => given == "required",
                    "conditionally" => matches!(given, "required" | "conditionally"),
                    _ => true,
                };
                if !enough {
                    faults.push(format!(
                        "{}: {key} is {given}, in {name} {wanted}",
                        signal.id
                    ));
                }
                if *at_start && ours.is_some_and(|it| !it.sampling_relevant) {
                    faults.push(format!(
                        "{}: {key} is there at the start of {name}",
                        signal.id
                    ));
                }
            }
        }
    }
    assert!(compared > 0, "nothing says what it refines");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
