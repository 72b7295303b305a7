//! Every release of the published conventions is read, compared and made code of.
//!
//! They are not here: check the releases out, each into a folder named after its tag, and name the
//! folder of folders.
//!
//! `LAMPLIGHT_RELEASES=DIR cargo test -p lamplight-codegen --test it releases -- --ignored`

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use lamplight_codegen::Registry;

/// Folders of the releases in their order.
fn releases() -> BTreeMap<Vec<u32>, PathBuf> {
    let folder = env::var_os("LAMPLIGHT_RELEASES");
    let Some(folder) = folder else {
        panic!("LAMPLIGHT_RELEASES names no folder");
    };
    let entries = fs::read_dir(Path::new(&folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let named = paths.filter_map(|path| {
        let name = path.file_name()?.to_str()?.strip_prefix('v')?.to_owned();
        let numbers: Result<Vec<u32>, _> = name.split('.').map(str::parse).collect();
        Some((numbers.ok()?, path.join("model")))
    });
    named.collect()
}

#[test]
#[ignore = "needs the releases of the published conventions"]
fn every_release_is_read_and_compared() {
    let releases = releases();
    assert!(releases.len() > 1, "only {} releases", releases.len());
    let mut before: Option<&PathBuf> = None;
    for folder in releases.values() {
        let name = folder.display();
        let registry = Registry::load(folder).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(registry.attributes().count() > 300, "{name}");
        for (file, text) in registry.to_rust().to_files() {
            if let Err(error) = syn::parse_file(&text) {
                panic!("{name}: {file}: {error}");
            }
        }
        let changes = match before {
            Some(before) => registry.breaking_changes_since_release(before).unwrap(),
            None => Vec::new(),
        };
        // A release changes a little; what was misread would change nearly all.
        assert!(changes.len() < 60, "{name}: {} changes", changes.len());
        println!(
            "{name}: {} attributes, {} signals, {} breaking changes, {} pieces of advice",
            registry.attributes().count(),
            registry.signals().count(),
            changes.len(),
            registry.advice().len()
        );
        before = Some(folder);
    }
}
