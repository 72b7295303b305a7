//! The committed code is what the registry gives.

use std::fs;
use std::path::Path;

use lamplight_codegen::Registry;

const REMEDY: &str = "run `cargo run -p lamplight-codegen --example regenerate`";

#[test]
fn regenerating_changes_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let committed = root.join("src/generated");
    let files = Registry::load(root.join("../../semconv"))
        .unwrap()
        .to_rust()
        .to_files();
    for (name, expected) in &files {
        let present = fs::read_to_string(committed.join(name)).unwrap_or_default();
        assert!(
            present == *expected,
            "{name} is not what the registry gives; {REMEDY}"
        );
    }
    let mut present: Vec<String> = fs::read_dir(&committed)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut expected: Vec<String> = files.into_iter().map(|(name, _)| name).collect();
    present.sort();
    expected.sort();
    assert_eq!(present, expected, "files are left over, or missing");
}

#[test]
fn the_descriptions_are_those_of_the_registry() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let registry = Registry::load(root.join("../../semconv")).unwrap();
    let present = fs::read_to_string(root.join("src/descriptions/table.rs")).unwrap_or_default();
    assert!(
        present == registry.to_description_table(),
        "table.rs is not what the registry gives; {REMEDY}"
    );
}

#[test]
fn the_reference_is_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../semconv");
    let expected = Registry::load(&folder).unwrap().to_markdown();
    let present = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
    assert!(
        present == expected,
        "README.md is not what the registry gives; {REMEDY}"
    );
}
