//! All code of the pages is compiled, or is a file that something else reads.

use std::collections::BTreeSet;

use lamplight_guide::{PAGES, markdown::Page, page, root};

/// Blocks that rustdoc does not compile, by their first lines, with the reason.
const NOT_COMPILED: &[(&str, &str)] = &[(
    "let config = aws_config::load_defaults(BehaviorVersion::latest()).await;",
    "`aws-config` brings the default cryptography of the AWS SDK into every test of the workspace; \
         tests/real-dependencies runs it",
)];

fn pages() -> impl Iterator<Item = (&'static str, Page)> {
    PAGES
        .iter()
        .map(|file| (*file, Page::of(&page(file).unwrap())))
}

#[test]
fn every_page_is_in_the_table_of_contents_and_among_the_doctests() {
    let contents = Page::of(&page("docs/guide/SUMMARY.md").unwrap());
    let listed: BTreeSet<_> = contents
        .links
        .iter()
        .map(|it| format!("docs/guide/{it}"))
        .collect();
    assert_eq!(listed.len(), contents.links.len(), "a page twice");
    let mut files = BTreeSet::new();
    for file in std::fs::read_dir(root().join("docs/guide")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        if name != "SUMMARY.md" {
            files.insert(format!("docs/guide/{name}"));
        }
    }
    assert_eq!(listed, files);
    let tested: BTreeSet<_> = PAGES.iter().map(|it| (*it).to_owned()).collect();
    files.insert("README.md".to_owned());
    assert_eq!(tested, files);
}

#[test]
fn no_rust_is_left_out_without_a_reason() {
    let mut left_out = BTreeSet::new();
    for (file, page) in pages() {
        for block in &page.blocks {
            let words: BTreeSet<_> = block.info.split(',').collect();
            assert!(
                !words.contains(""),
                "{file}: a block without a language: {}",
                block.code
            );
            if words.contains("rust") && words.contains("ignore") {
                let first = block.code.lines().next().unwrap();
                let is_known = NOT_COMPILED.iter().any(|(known, _)| *known == first);
                assert!(is_known, "{file}: {first}");
                left_out.insert(first.to_owned());
            }
        }
    }
    assert_eq!(left_out.len(), NOT_COMPILED.len(), "{left_out:?}");
}

#[test]
fn data_in_blocks_is_well_formed() {
    for (file, page) in pages() {
        for json in page.code_in("json") {
            let read: Result<serde_json::Value, _> = serde_json::from_str(json);
            assert!(read.is_ok(), "{file}: {read:?}");
        }
    }
}

/// The doctest of that page is compiled with what a build script makes of the file.
#[test]
fn the_registry_of_the_page_is_the_one_that_its_code_is_compiled_with() {
    let conventions = Page::of(&page("docs/guide/conventions.md").unwrap());
    let shown = conventions.code_in("yaml").next().unwrap();
    assert_eq!(shown, page("tests/guide/semconv/shop.yaml").unwrap());
}

/// Whoever reads no further has seen it, and knows how to use it.
#[test]
fn the_first_screen_of_the_readme_has_the_picture_the_commands_and_the_code() {
    let readme = page("README.md").unwrap();
    let (first, _) = readme.split_once("\n## ").unwrap();
    assert!(first.lines().count() < 45, "{}", first.lines().count());
    let page = Page::of(first);
    assert_eq!(page.links, ["docs/pictures/trace.png"]);
    assert_eq!(page.code_in("sh").count(), 1);
    assert_eq!(page.code_in("rust").count(), 1);
}

#[test]
fn the_readme_has_every_feature() {
    let readme = page("README.md").unwrap();
    let (_, table) = readme.split_once("\n## Features\n").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let first_cells = table
        .lines()
        .filter_map(|row| row.strip_prefix("| `")?.split('|').next());
    let told: BTreeSet<String> = first_cells
        .flat_map(|cell| cell.split(['`', ',', ' ']))
        .map(|name| {
            name.strip_prefix('-')
                .map_or(name.to_owned(), |it| format!("aws-sdk-{it}"))
        })
        .collect();
    let manifest = page("crates/lamplight/Cargo.toml").unwrap();
    let (_, features) = manifest.split_once("\n[features]\n").unwrap();
    let (features, _) = features.split_once("\n[").unwrap();
    let names = features
        .lines()
        .filter_map(|line| line.split_once(" = ["))
        .map(|(name, _)| name);
    let mut count = 0;
    for name in names.filter(|name| *name != "default" && !name.starts_with('_')) {
        count += 1;
        assert!(told.contains(name), "{name} is not in {told:?}");
    }
    assert!(count > 20, "{count}");
}

/// Returns the library code of all crates as one text, with strings that go over lines put together.
fn sources() -> String {
    let mut text = String::new();
    let mut folders = vec![root().join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() && name != "tests" && name != "target" {
                folders.push(path);
            } else if name.ends_with(".rs") && name != "tests.rs" {
                text += &std::fs::read_to_string(path).unwrap();
            }
        }
    }
    let mut parts = text.split("\\\n");
    let first = parts.next().unwrap_or_default().to_owned();
    let joined = parts.fold(first, |joined, part| joined + part.trim_start());
    joined.replace('`', "")
}

/// A reader searches the page for the line of the log.
#[test]
fn lines_of_the_log_are_those_that_lamplight_writes() {
    let broken = page("docs/guide/broken.md").unwrap();
    let (_, table) = broken.split_once("## The log\n").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let rows: Vec<_> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    assert!(rows.len() > 12, "{rows:?}");
    let sources = sources();
    for row in rows {
        for line in row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2) {
            for part in line.split("..").map(|it| it.trim().trim_end_matches(':')) {
                assert!(
                    sources.contains(part),
                    "no line of the log has \"{part}\": {row}"
                );
            }
        }
    }
}
