//! Every key that is not ours is a published one, deprecated where the published one is.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use lamplight_codegen::Registry;
use opentelemetry_semantic_conventions as upstream;

/// Namespaces whose names are additions of this registry.
const OURS: [&str; 2] = ["app.", "lamplight."];
/// Deprecated names that were dropped from the published list before it became a crate.
const OLDER_THAN_THE_CRATE: [&str; 1] = ["faas.execution"];

fn registry() -> Registry {
    Registry::load(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../semconv")).unwrap()
}

/// Published keys with the reason and successor of those that are deprecated, read from the
/// source of the crate: its constants tell neither.
fn published() -> BTreeMap<String, Option<String>> {
    let source = std::fs::read_to_string(crate_folder().join("src/attribute.rs")).unwrap();
    let mut keys = BTreeMap::new();
    let mut deprecation = None;
    for line in source.lines() {
        let line = line.trim();
        if let Some((_, note)) = line.split_once("note = \"") {
            deprecation = Some(note.to_owned());
        } else if line.starts_with("pub const ") {
            let key = line.split('"').nth(1).unwrap_or_default();
            keys.insert(key.to_owned(), deprecation.take());
        } else if line.starts_with('"') {
            // The value of a constant that did not fit on one line; its key follows below.
            let key = line.trim_matches(['"', ';']);
            let deprecation = keys.remove("").flatten();
            keys.insert(key.to_owned(), deprecation);
        }
    }
    keys
}

/// Asks cargo, which downloads what it has to know and does not have: a cache holds what was built,
/// and that is less than the whole workspace. Packages of other platforms are left out.
fn crate_folder() -> PathBuf {
    let version = cargo(&["--version", "--verbose"]);
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let metadata = cargo(&[
        "metadata",
        "--format-version=1",
        "--locked",
        "--filter-platform",
        host,
        "--manifest-path",
        manifest,
    ]);
    let end = "/Cargo.toml\"";
    let manifest = metadata
        .split("\"manifest_path\":\"")
        .filter_map(|rest| rest.split_once(end).map(|(path, _)| path))
        .find(|path| path.contains("/opentelemetry-semantic-conventions-"))
        .expect("the crate is a development dependency");
    PathBuf::from(manifest)
}

/// Returns what cargo prints, or fails with what it says.
fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "cargo {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn keys_and_deprecations_are_the_published_ones() {
    let published = published();
    assert!(
        published.len() > 900,
        "only {} published keys were read",
        published.len()
    );
    let mut compared = 0;
    for attribute in registry().attributes() {
        let key = attribute.key.as_str();
        let ours = OURS.iter().any(|namespace| key.starts_with(namespace));
        if OLDER_THAN_THE_CRATE.contains(&key) {
            assert!(!published.contains_key(key), "{key} is published after all");
            assert!(attribute.deprecated.is_some(), "{key}");
            continue;
        }
        let found = published.get(key);
        assert_eq!(
            found.is_some(),
            !ours,
            "{key} is published: {}",
            found.is_some()
        );
        let Some(deprecation) = found else { continue };
        match (&attribute.deprecated, deprecation) {
            (None, None) => {}
            (Some(ours), Some(theirs)) => match ours.successor() {
                Some(to) => {
                    assert!(
                        theirs.contains(&format!("renamed_to: {to}}}")),
                        "{key}: {theirs}"
                    );
                }
                None => assert!(!theirs.contains("renamed_to"), "{key}: {theirs}"),
            },
            (ours, theirs) => panic!("{key}: deprecated here {ours:?}, published {theirs:?}"),
        }
        compared += 1;
    }
    assert!(compared > 100, "only {compared} keys were compared");
}

#[test]
fn the_schema_is_the_published_one() {
    assert_eq!(lamplight_semconv::SCHEMA_URL, upstream::SCHEMA_URL);
}

#[test]
fn generated_constants_equal_the_published_ones() {
    use lamplight_semconv as ours;
    use upstream::attribute as theirs;
    assert_eq!(ours::faas::TRIGGER, theirs::FAAS_TRIGGER);
    assert_eq!(
        ours::http::response::STATUS_CODE,
        theirs::HTTP_RESPONSE_STATUS_CODE
    );
    assert_eq!(
        ours::messaging::operation::TYPE,
        theirs::MESSAGING_OPERATION_TYPE
    );
    assert_eq!(
        ours::aws::lambda::INVOKED_ARN,
        theirs::AWS_LAMBDA_INVOKED_ARN
    );
    assert_eq!(ours::user_agent::ORIGINAL, theirs::USER_AGENT_ORIGINAL);
}
