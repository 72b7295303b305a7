//! The Rust every construct of the format gives rise to, and that rustfmt has nothing to add.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test -p lamplight-codegen --test it snapshots` writes them anew. That
//! they compile, and what they do, is shown in `compiled.rs`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use lamplight_codegen::Registry;

const CONSTRUCTS: [&str; 11] = [
    "dependencies/own",
    "deprecations",
    "enums",
    "inheritance-v1",
    "keywords",
    "older-v1",
    "prose",
    "refinements-v2",
    "templates",
    "value-types-v1",
    "value-types-v2",
];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name)
}

fn load(construct: &str) -> Registry {
    Registry::load(folder("registries").join(construct)).unwrap()
}

#[test]
fn every_construct_gives_the_code_it_should() {
    let update = std::env::var_os("UPDATE_SNAPSHOTS").is_some();
    let mut wrong = Vec::new();
    for construct in CONSTRUCTS {
        let registry = load(construct);
        let name = construct.split('/').next().unwrap().replace('-', "_");
        let results = [
            (format!("{name}.rs"), registry.to_rust().to_single_file()),
            (format!("{name}.md"), registry.to_markdown()),
        ];
        for (file, text) in results {
            let path = folder("snapshots").join(&file);
            if update {
                fs::write(&path, &text).unwrap();
            }
            if fs::read_to_string(&path).unwrap_or_default() != text {
                wrong.push(file);
            }
        }
    }
    assert!(wrong.is_empty(), "not as the snapshots: {wrong:?}");
}

/// Files of both layouts, formatted by the rustfmt of the toolchain.
#[test]
fn generated_code_is_formatted() {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("formatted");
    let mut files = Vec::new();
    for construct in CONSTRUCTS {
        let folder = scratch.join(construct);
        let rust = load(construct).to_rust();
        rust.write(&folder).unwrap();
        files.push(folder.join("mod.rs"));
        let single = folder.join("single.rs");
        fs::write(&single, rust.to_single_file()).unwrap();
        files.push(single);
    }
    let output = Command::new("rustfmt")
        .args(["--edition", "2024", "--check"])
        .args(&files)
        .output()
        .expect("rustfmt is part of the toolchain");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
