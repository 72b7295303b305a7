//! Any content of a folder is read or rejected quickly, with the place of the fault.

use std::{
    fs,
    time::{Duration, Instant},
};

use lamplight_codegen::{Error, Registry};

use crate::common;

/// Far above what any of these takes, and far below what they took without a bound.
const LONG: Duration = Duration::from_secs(60);

/// The first fault, its file and line known.
fn fault(files: &[(&str, &str)]) -> String {
    let start = Instant::now();
    let error = common::load(files).unwrap_err();
    assert!(start.elapsed() < LONG, "took {:?}", start.elapsed());
    let Some(first) = error.diagnostics().first() else {
        panic!("no fault: {error}");
    };
    assert!(first.position.line > 0 && first.position.file.file_name().is_some());
    assert!(
        error.diagnostics().len() <= 1_001,
        "{}",
        error.diagnostics().len()
    );
    format!("{}; {}", first.problem, first.remedy)
}

fn file(text: &str) -> String {
    fault(&[("registry.yaml", text)])
}

#[test]
fn names_are_bounded() {
    let long = "x".repeat(300);
    let deep = vec!["a"; 100_000].join(".");
    for name in [&long, &deep] {
        for text in [
            format!("groups: [{{id: a, attributes: [{{id: {name}, type: int, brief: X}}]}}]\n"),
            format!("groups: [{{id: a, prefix: {name}, attributes: [{{id: b, type: int}}]}}]\n"),
            format!("groups: [{{id: {name}, type: span}}]\n"),
            format!("groups: [{{id: a, type: event, name: {name}}}]\n"),
            format!("groups: [{{id: a, type: entity, name: {name}}}]\n"),
            format!(
                "groups: [{{id: a, type: metric, metric_name: {name}, instrument: gauge, unit: s}}]\n"
            ),
            format!(
                "file_format: definition/2\nattributes: [{{key: {name}, type: int, brief: X}}]\n"
            ),
            format!(
                "file_format: definition/2\nevents: [{{name: {name}, brief: X, stability: stable}}]\n"
            ),
            format!("file_format: definition/2\nevent_refinements: [{{id: {name}, ref: x}}]\n"),
        ] {
            let told = file(&text);
            assert!(told.contains("more than 256 letters or 32 parts"), "{told}");
        }
    }
}

#[test]
fn what_signals_come_to_is_bounded() {
    let note = "x".repeat(2_000_000);
    let one = format!(
        "groups:\n  - {{id: all, type: attribute_group, attributes: [{{id: a.b, type: int, note: {note}}}]}}\n"
    );
    for link in [
        "extends: all",
        "attributes: [{ref: a.b}]",
        "constraints: [{include: all}]",
    ] {
        let spans: String = (0..1_000)
            .map(|number| format!("  - {{id: s{number}, type: span, {link}}}\n"))
            .collect();
        let told = file(&format!("{one}{spans}"));
        assert!(told.contains("come to more than 256 MiB"), "{told}");
    }
    let groups = "{ref_group: all}, ".repeat(10_000);
    let told = file(&format!(
        "file_format: definition/2\nattributes: [{{key: a.b, type: int, brief: X, note: {note}}}]\n\
         attribute_groups: [{{id: all, visibility: internal, attributes: [{{ref: a.b}}]}}]\n\
         events: [{{name: a.e, brief: X, stability: stable, attributes: [{groups}]}}]\n"
    ));
    assert!(told.contains("both `all` and `all` bring `a.b`"), "{told}");
}

#[test]
fn inheritance_ends() {
    let mut text = String::from("groups:\n");
    for number in 0..5_000 {
        let next = (number + 1) % 5_000;
        let link = match number % 2 {
            0 => format!("extends: s{next}"),
            _ => format!("constraints: [{{include: s{next}}}]"),
        };
        text.push_str(&format!("  - {{id: s{number}, type: span, {link}}}\n"));
    }
    assert!(file(&text).contains("inherits through more than 64 signals"));
}

#[test]
fn many_faults_are_not_all_told() {
    let told = file(&format!("groups:\n{}", "- x\n".repeat(20_000)));
    assert!(told.contains("where a map is needed"), "{told}");
    let members = "{id: a}, ".repeat(20_000);
    let text = format!(
        "groups: [{{id: a, attributes: [{{id: a.b, brief: X, type: {{members: [{members}]}}}}]}}]\n"
    );
    assert!(file(&text).contains("repeats the member `a`"));
    let patterns = "x.*, ".repeat(20_000);
    let told = file(&format!("imports: {{spans: [{patterns}]}}\n"));
    assert!(told.contains("more than 1000 patterns"), "{told}");
    let unknown: String = (0..20_000)
        .map(|number| format!("k{number}: 1\n"))
        .collect();
    assert!(file(&unknown).contains("unknown field `k0`"));
}

#[test]
fn wrong_types_are_told_where_they_stand() {
    let fields = [
        "id",
        "type",
        "brief",
        "note",
        "prefix",
        "extends",
        "stability",
        "deprecated",
        "attributes",
        "constraints",
        "span_kind",
        "events",
        "metric_name",
        "instrument",
        "unit",
        "name",
        "display_name",
        "body",
        "annotations",
        "entity_associations",
    ];
    let values = [
        "[]", "[[]]", "{}", "{a: b}", "[{}]", "[{a: b}]", "''", "1", "true", "'\\0'", "null",
    ];
    for sort in ["span", "event", "metric", "entity", "attribute_group"] {
        for field in fields {
            for value in values {
                let mut lines = vec![format!("  - {field}: {value}\n")];
                for (name, text) in [
                    ("id", "a.b"),
                    ("type", sort),
                    ("brief", "X"),
                    ("name", "a.b"),
                    ("metric_name", "a.b"),
                    ("instrument", "gauge"),
                    ("unit", "s"),
                ] {
                    if name != field {
                        lines.push(format!("    {name}: {text}\n"));
                    }
                }
                // Read or refused.
                let text = format!("groups:\n{}", lines.concat());
                match common::load(&[("registry.yaml", &text)]) {
                    Ok(registry) => assert!(!registry.to_markdown().is_empty()),
                    Err(error) => {
                        let faults = error.diagnostics();
                        assert!(
                            !faults.is_empty() && faults.iter().all(|f| f.position.line > 1),
                            "{error}\n{text}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn texts_of_brackets_alone_become_comments() {
    for text in [
        "[".repeat(40_000),
        "[".repeat(20_000) + &"]".repeat(20_000),
        "<https://".repeat(20_000),
        "x ".to_owned() + &"# ".repeat(50_000),
        "`a``b```c".repeat(10_000),
    ] {
        let text = format!(
            "file_format: definition/2\nattributes: [{{key: a.b, type: int, brief: '{text}'}}]\n"
        );
        let start = Instant::now();
        let registry = common::load(&[("registry.yaml", &text)]).unwrap();
        assert!(!registry.to_rust().to_single_file().is_empty());
        assert!(start.elapsed() < LONG, "took {:?}", start.elapsed());
    }
}

#[test]
fn registries_that_share_nothing_are_compared() {
    let registry = |name: &str| {
        let mut text = String::from("file_format: definition/2\nattributes:\n");
        for number in 0..10_000 {
            text.push_str(&format!(
                "  - {{key: {name}.n{number}, type: int, brief: {name}{number}}}\n"
            ));
        }
        common::load(&[("registry.yaml", &text)]).unwrap()
    };
    let (old, new) = (registry("a"), registry("b"));
    let start = Instant::now();
    assert_eq!(new.breaking_changes_since(&old).len(), 10_000);
    assert!(start.elapsed() < LONG, "took {:?}", start.elapsed());
}

#[test]
fn dependencies_end() {
    let mut files = vec![];
    for number in 0..8 {
        let items = format!("  - {{registry_path: ../r{}}}\n", number + 1).repeat(9);
        files.push((
            format!("r{number}/manifest.yaml"),
            format!("schema_url: https://a.example/{number}\ndependencies:\n{items}"),
        ));
    }
    files.push((
        "r8/manifest.yaml".to_owned(),
        "schema_url: https://a.example/8\n".to_owned(),
    ));
    files.push((
        "manifest.yaml".to_owned(),
        "schema_url: https://a.example/1\ndependencies: [{registry_path: r0}]\n".to_owned(),
    ));
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    assert!(fault(&files).contains("more than 100 registries in all"));
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let folder = common::scratch("large");
    let file = fs::File::create(folder.join("registry.yaml")).unwrap();
    file.set_len(1 << 40).unwrap();
    let error = Registry::load(&folder).unwrap_err();
    assert!(
        format!("{error:?}").contains("registry.yaml: larger than 16 MiB"),
        "{error:?}"
    );
    fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[test]
fn links_and_devices_end() {
    use std::os::unix::fs::symlink;
    let folder = common::folder(&[(
        "a/registry.yaml",
        "groups: [{id: a, type: attribute_group}]\n",
    )]);
    for name in ["one", "two", "a/one", "a/two"] {
        symlink(&folder, folder.join(name)).unwrap();
    }
    assert_eq!(Registry::load(&folder).unwrap().signals().count(), 1);
    symlink("/dev/zero", folder.join("zero.yaml")).unwrap();
    let error = Registry::load(&folder).unwrap_err();
    assert!(matches!(&error, Error::Read { path, .. } if path.ends_with("zero.yaml")));
    assert!(format!("{error:?}").contains("not a file"), "{error:?}");
    fs::remove_dir_all(folder).unwrap();
}
