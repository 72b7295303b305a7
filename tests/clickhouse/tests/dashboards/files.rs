//! The files of the dashboards.

use std::process::Command;

use crate::{DASHBOARDS, dashboard, folder, panels};
use serde_json::Value;

#[test]
fn dashboards_are_what_the_generator_writes() {
    let generator = folder().join("generate.py");
    let output = Command::new("python3")
        .arg(generator)
        .arg("--check")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn panels_are_complete() {
    for name in DASHBOARDS {
        let dashboard = dashboard(name);
        let mut ids = Vec::new();
        let mut titles = Vec::new();
        for panel in panels(&dashboard) {
            let text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
            for value in [
                &panel["title"],
                &panel["description"],
                &panel["fieldConfig"]["defaults"]["unit"],
                &panel["datasource"]["type"],
                &panel["datasource"]["uid"],
            ] {
                assert!(text(value), "{name}: {panel}");
            }
            assert_eq!(panel["targets"][0]["datasource"], panel["datasource"]);
            ids.push(panel["id"].as_u64().unwrap());
            titles.push(panel["title"].clone());
        }
        let number = ids.len();
        assert!(number >= 12);
        ids.dedup();
        titles.sort_by_key(ToString::to_string);
        titles.dedup();
        assert_eq!((ids.len(), titles.len()), (number, number));
    }
}
