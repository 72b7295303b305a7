//! The command does what its usage says, and tells by its exit code how it went.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

const REGISTRY: &str = "file_format: definition/2\nattributes:\n  \
    - {key: shop.order, type: int, stability: stable, brief: Order.}\n";

/// Exit code, and both outputs as one text.
fn run(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_lamplight-codegen"))
        .args(arguments)
        .output()
        .unwrap();
    let told = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(told).unwrap(),
    )
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_command_generates_and_checks() {
    let old = common::folder(&[("shop.yaml", REGISTRY)]);
    let new = common::folder(&[("shop.yaml", &REGISTRY.replace("int", "string"))]);
    let broken = common::folder(&[("shop.yaml", &REGISTRY.replace("int", "intt"))]);
    let out = common::scratch("out");

    assert_eq!(
        run(&["generate", text(&old), text(&out)]),
        (0, String::new())
    );
    let names: Vec<_> = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(
        fs::read_to_string(out.join("shop.rs"))
            .unwrap()
            .contains("pub const ORDER")
    );

    let reference = out.join("shop.md");
    assert_eq!(
        run(&["markdown", text(&old), text(&reference)]),
        (0, String::new())
    );
    assert!(
        fs::read_to_string(&reference)
            .unwrap()
            .contains("| `shop.order` | `int` |")
    );

    assert_eq!(run(&["check", text(&old)]).0, 0);
    let (code, told) = run(&["check", text(&broken)]);
    assert_eq!(code, 1);
    assert!(
        told.contains("shop.yaml:3:29: `shop.order`: unknown type `intt`"),
        "{told}"
    );

    assert_eq!(run(&["check", text(&old), "--against", text(&old)]).0, 0);
    let (code, told) = run(&["check", text(&new), "--against", text(&old)]);
    assert_eq!(code, 1);
    assert!(
        told.contains("its type changed from `int` to `string`"),
        "{told}"
    );

    let otlp = out.join("traces.json");
    let span = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"","spanId":"","name":"a",
        "kind":1,"attributes":[{"key":"shop.order","value":{"stringValue":"1"}}]}]}]}]}"#;
    fs::write(&otlp, span).unwrap();
    let (code, told) = run(&["check", text(&old), "--otlp", text(&otlp)]);
    assert_eq!(code, 1, "{told}");
    assert!(
        told.contains("`shop.order` is declared as `int`, recorded as `string`"),
        "{told}"
    );
    assert_eq!(run(&["check", text(&new), "--otlp", text(&otlp)]).0, 0);

    for wrong in [&["generate"][..], &[], &["check", "a", "--for", "b"]] {
        let (code, told) = run(wrong);
        assert_eq!(code, 2);
        assert!(told.starts_with("usage: "), "{told}");
    }
}
