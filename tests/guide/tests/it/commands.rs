//! Shell commands are run, or somebody has said why not.

use std::{collections::BTreeSet, path::PathBuf, process::Command};

use lamplight_guide::{
    PAGES,
    commands::{COMMANDS, Proof, of_page},
    markdown::Page,
    page, root,
};

#[test]
fn every_command_of_the_pages_is_known_and_every_known_one_is_on_a_page() {
    let mut found = BTreeSet::new();
    for file in PAGES {
        for command in of_page(&Page::of(&page(file).unwrap())) {
            let is_known = COMMANDS.iter().any(|(known, _)| *known == command);
            assert!(
                is_known,
                "{file}: `{command}` is not in tests/guide/src/commands.rs"
            );
            found.insert(command);
        }
    }
    for (known, _) in COMMANDS {
        assert!(found.contains(*known), "`{known}` is on no page any more");
    }
}

/// A folder that is removed with the value.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// From an empty directory, as the README says: the commands in their order, with the clone beside it.
#[cfg(unix)]
#[test]
fn a_function_of_ones_own_can_be_made_as_the_readme_says() {
    let folder = std::env::temp_dir().join(format!("lamplight-guide-{}", std::process::id()));
    let scratch = Scratch(folder);
    std::fs::create_dir_all(&scratch.0).unwrap();
    std::os::unix::fs::symlink(root().canonicalize().unwrap(), scratch.0.join("lamplight"))
        .unwrap();
    let run_here = COMMANDS
        .iter()
        .filter(|(_, proof)| *proof == Proof::RunHere);
    let mut script = String::new();
    for (command, _) in run_here {
        script += command;
        script.push('\n');
        if *command == "cd hello" {
            // What was downloaded for these tests is all there is, and only for this platform.
            script += "cp ../lamplight/Cargo.lock .\n";
        }
    }
    script += "host=$(rustc -vV | sed -n 's/^host: //p')\n\
               cargo metadata --format-version 1 --filter-platform \"$host\" >metadata.json\n";
    let ran = Command::new("sh")
        .args(["-e", "-c", &script])
        .current_dir(&scratch.0)
        .env("CARGO_NET_OFFLINE", "true")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");

    let manifest = std::fs::read_to_string(scratch.0.join("hello/Cargo.toml")).unwrap();
    assert!(
        manifest.contains(r#"features = ["exporter-otlp-http"]"#),
        "{manifest}"
    );
    let resolved = std::fs::read_to_string(scratch.0.join("hello/metadata.json")).unwrap();
    let resolved: serde_json::Value = serde_json::from_str(&resolved).unwrap();
    let nodes = resolved["resolve"]["nodes"].as_array().unwrap();
    let of = |name: &str| {
        let node = nodes
            .iter()
            .find(|node| node["id"].as_str().unwrap().contains(name));
        node.unwrap_or_else(|| panic!("{name}"))["features"].to_string()
    };
    assert!(of("crates/lamplight#").contains("exporter-otlp-http"));
    assert!(of("#tokio@").contains("\"macros\""));
}
