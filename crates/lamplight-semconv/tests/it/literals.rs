//! No program spells a key or an event of the registry: they all use the generated constants.

use std::{
    fs,
    path::{Path, PathBuf},
};

use lamplight_codegen::{Details, Registry};

/// Crates whose business the keys themselves are.
const EXEMPT: [&str; 2] = ["lamplight-codegen", "lamplight-semconv"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// Sources of the packages in `folder` and below it.
fn programs(folder: &Path, found: &mut Vec<PathBuf>) {
    if folder.join("Cargo.toml").is_file() && folder.join("src").is_dir() {
        sources(&folder.join("src"), found);
    }
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        let skipped = EXEMPT.iter().chain(&["src", "target"]);
        if entry.path().is_dir() && !skipped.into_iter().any(|skip| name == *skip) {
            programs(&entry.path(), found);
        }
    }
}

/// Code of a file without its comments and its tests, which may spell what they expect.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line));
    numbered
        .take_while(|(_, line)| !line.contains("#[cfg(test)]"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[test]
fn keys_are_spelt_in_the_registry_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let registry = Registry::load(root.join("semconv")).unwrap();
    let events = registry.signals().filter(|signal| {
        // A name without a dot is a word that may mean anything.
        matches!(signal.details, Details::Event) && signal.id.contains('.')
    });
    let keys: Vec<String> = registry
        .attributes()
        .map(|attribute| &attribute.key)
        .chain(events.map(|event| &event.id))
        .map(|name| format!("\"{name}\""))
        .collect();

    let mut files = Vec::new();
    // Benches spell what they expect of others, as tests do.
    for group in ["crates", "examples", "tests"] {
        programs(&root.join(group), &mut files);
    }
    assert!(files.len() > 20, "only {} files were read", files.len());

    let mut spelt = Vec::new();
    for file in files {
        let is_test = file.file_stem().is_some_and(|name| {
            let name = name.to_string_lossy();
            name == "tests" || name.ends_with("_tests")
        });
        if is_test {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for (number, line) in code(&text) {
            for key in keys.iter().filter(|key| line.contains(key.as_str())) {
                spelt.push(format!("{}:{number}: {key}", file.display()));
            }
        }
    }
    assert!(
        spelt.is_empty(),
        "use the generated constant:\n{}",
        spelt.join("\n")
    );
}
