//! Links lead somewhere.

use std::{
    collections::BTreeMap,
    path::{Component, Path, PathBuf},
};

use lamplight_guide::{markdown::Page, root};

/// Returns the pages whose links are looked at: all of the repository that people read.
fn pages() -> BTreeMap<PathBuf, Page> {
    let mut pages = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(root().join(&folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let file = folder.join(&name);
            let is_skipped = ["target", "node_modules", "tests"].contains(&&*name)
                || (name.starts_with('.') && name != ".github");
            if is_skipped {
                continue;
            }
            let path = root().join(&file);
            // A link of the file system would be walked through for ever.
            if path.is_dir() && !path.is_symlink() {
                folders.push(file);
            } else if name.ends_with(".md") {
                pages.insert(file, Page::of(&std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    for file in [
        "README.md",
        "CONTRIBUTING.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "deploy/README.md",
        "docs/guide/start.md",
    ] {
        assert!(
            pages.contains_key(Path::new(file)),
            "{file} {:?}",
            pages.keys()
        );
    }
    pages
}

/// Returns a path without `..`, or `None` where it leaves the repository.
fn flat(path: &Path) -> Option<PathBuf> {
    let mut flat = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => flat.push(name),
            Component::ParentDir => flat.pop().then_some(())?,
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(flat)
}

/// Returns what is wrong with a link of a page, if anything is.
fn fault(pages: &BTreeMap<PathBuf, Page>, file: &Path, link: &str) -> Option<String> {
    if let Some((scheme, rest)) = link.split_once(':') {
        let host = rest
            .strip_prefix("//")
            .and_then(|it| it.split(['/', '#', '?']).next());
        // A page on the reader's own machine has no certificate.
        let is_local = host.is_some_and(|it| it.starts_with("127.0.0.1:"));
        let is_sound = (scheme == "https" || scheme == "http" && is_local)
            && host.is_some_and(|it| it.contains('.'))
            && !link.contains(char::is_whitespace);
        return (!is_sound).then(|| "it is not an https URL".to_owned());
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match path {
        "" => Some(file.to_owned()),
        path => flat(&file.parent()?.join(path)),
    };
    let Some(target) = target else {
        return Some("it leads out of the repository".to_owned());
    };
    if !root().join(&target).exists() {
        return Some(format!("{} is not there", target.display()));
    }
    if anchor.is_empty() {
        return None;
    }
    let Some(page) = pages.get(&target) else {
        return Some(format!("{} is no page with headings", target.display()));
    };
    let is_there = page.anchors.iter().any(|it| it == anchor);
    (!is_there).then(|| format!("no such heading; there are {:?}", page.anchors))
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let pages = pages();
    let mut faults = Vec::new();
    let mut looked_at = 0;
    for (file, page) in &pages {
        for link in &page.links {
            looked_at += 1;
            if let Some(fault) = fault(&pages, file, link) {
                faults.push(format!("{}: [..]({link}): {fault}", file.display()));
            }
        }
    }
    assert!(looked_at > 100, "{looked_at}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn broken_links_are_seen() {
    let file = Path::new("docs/guide/start.md");
    let page = Page::of("# Head, and `code`\n\n# Twice\n\n# Twice");
    assert_eq!(page.anchors, ["head-and-code", "twice", "twice-1"]);
    let pages = BTreeMap::from([(file.to_owned(), page)]);
    for sound in [
        "#twice-1",
        "start.md#head-and-code",
        "../../README.md",
        "../../crates",
        "https://a.example/b",
    ] {
        assert_eq!(fault(&pages, file, sound), None, "{sound}");
    }
    for broken in [
        "#once",
        "stop.md",
        "../../../etc",
        "http://a.example",
        "https://here",
        "../../Cargo.toml#x",
    ] {
        assert!(fault(&pages, file, broken).is_some(), "{broken}");
    }
}
