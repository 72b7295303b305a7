//! The documented values of `error.type` are all there are.

use std::{fs, path::Path};

/// Registry, `error.type`: "Instrumentations SHOULD document the list of errors they report."
#[test]
fn every_value_of_our_own_is_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let registry = read("../../semconv/error.yaml");
    let documented = [
        read("src/lib.rs"),
        read("../lamplight-aws-sdk/src/lib.rs"),
        read("../lamplight-export/src/queue/builder.rs"),
    ];
    let values: Vec<_> = registry
        .lines()
        .filter_map(|line| line.trim().strip_prefix("value: "))
        .collect();
    assert!(values.len() > 10, "{values:?}");
    for value in values {
        let is_told = |text: &String| {
            let mut docs = text
                .lines()
                .filter(|line| line.trim_start().starts_with("//"));
            docs.any(|line| {
                line.contains(&format!("`{value}`"))
                    || line.contains(&format!("`error.type={value}`"))
            })
        };
        assert!(
            documented.iter().any(is_told),
            "{value} is documented nowhere"
        );
    }
}

/// The same: no value is in use that is not in the registry.
#[test]
fn every_value_in_use_is_in_the_registry() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let spelled = text.contains("ErrorType::from_value(\"");
            assert!(!spelled, "{}: use a member of ErrorType", path.display());
        }
    }
}
