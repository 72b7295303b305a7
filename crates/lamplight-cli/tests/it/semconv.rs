//! `lamplight semconv` works as its usage describes, and reports its result by its exit code.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::common;

const REGISTRY: &str = "file_format: definition/2\nattributes:\n  \
    - {key: shop.order, type: int, stability: stable, brief: Order.}\n";

/// Returns the exit code, and both outputs as one text.
fn run(arguments: &[&str]) -> (i32, String) {
    let (code, out, error) = common::lamplight(arguments, &[]);
    (code, out + &error)
}

fn semconv(arguments: &[&str]) -> (i32, String) {
    run(&[&["semconv"], arguments].concat())
}

/// Returns a new folder with one file.
fn folder(name: &str, text: &str) -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("semconv-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), text).unwrap();
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_registry_becomes_code_and_a_reference() {
    let registry = folder("shop.yaml", REGISTRY);
    let out = folder("left-over.rs", "");

    assert_eq!(
        semconv(&["generate", text(&registry), text(&out)]),
        (0, String::new())
    );
    let code = fs::read_to_string(out.join("shop.rs")).unwrap();
    assert!(code.contains("pub const ORDER"), "{code}");

    let reference = out.join("shop.md");
    assert_eq!(
        semconv(&["markdown", text(&registry), text(&reference)]),
        (0, String::new())
    );
    let written = fs::read_to_string(&reference).unwrap();
    assert!(written.contains("| `shop.order` | `int` |"), "{written}");
    assert_eq!(semconv(&["markdown", text(&registry)]), (0, written));
}

#[test]
fn faults_and_breaking_changes_are_found() {
    let old = folder("shop.yaml", REGISTRY);
    let new = folder("shop.yaml", &REGISTRY.replace("int", "string"));
    let broken = folder("shop.yaml", &REGISTRY.replace("int", "intt"));

    assert_eq!(
        semconv(&["check", text(&old)]),
        (0, "1 attributes and 0 signals, no faults\n".to_owned())
    );
    let (code, told) = semconv(&["check", text(&broken)]);
    assert_eq!(code, 1);
    assert!(
        told.contains("shop.yaml:3:29: `shop.order`: unknown type `intt`"),
        "{told}"
    );

    assert_eq!(
        semconv(&["check", text(&old), "--against", text(&old)]).0,
        0
    );
    let (code, told) = semconv(&["check", "--against", text(&old), text(&new)]);
    assert_eq!(code, 1);
    assert!(
        told.contains("its type changed from `int` to `string`"),
        "{told}"
    );
}

#[test]
fn a_released_version_is_compared_with_as_it_is() {
    // In the format of the published conventions up to 1.26, with a name that is no longer allowed.
    let released = "groups:\n  - {id: shop, prefix: shop, type: attribute_group, attributes: \
                    [{id: order, type: int, stability: deprecated}]}\n  \
                    - {id: bare, type: attribute_group, attributes: [{id: state, type: string}]}\n";
    let released = folder("shop.yml", released);
    let new = folder("shop.yaml", REGISTRY);
    let (code, told) = semconv(&["check", text(&released)]);
    assert_eq!(code, 1);
    assert!(told.contains("`state`: has no namespace"), "{told}");
    let (code, told) = semconv(&["check", text(&new), "--against", text(&released)]);
    assert_eq!(code, 1);
    assert!(told.contains("1 breaking changes\n"), "{told}");
    assert!(told.contains("`state`: was removed"), "{told}");

    // An unreadable file is named, and the rest is checked nonetheless.
    let broken = folder("shop.yaml", "groups: 1\n");
    let (code, told) = semconv(&[
        "check",
        text(&new),
        "--against",
        text(&broken),
        "--otlp",
        "none",
    ]);
    assert_eq!(code, 1);
    for part in ["`groups` is not a list", text(&broken), "none: "] {
        assert!(told.contains(part), "{part} not in {told}");
    }
}

#[test]
fn recorded_spans_are_compared() {
    let registry = folder("shop.yaml", REGISTRY);
    let other = folder("shop.yaml", &REGISTRY.replace("int", "string"));
    let span = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"","spanId":"","name":"a",
        "kind":1,"attributes":[{"key":"shop.order","value":{"stringValue":"1"}}]}]}]}]}"#;
    let otlp = folder("traces.json", span).join("traces.json");
    let otlp = text(&otlp);
    let garbage = folder("garbage", "{").join("garbage");

    let (code, told) = semconv(&["check", text(&other), "--otlp", otlp]);
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("1 spans checked"), "{told}");

    // The unreadable one does not prevent the others from being checked.
    let (code, told) = semconv(&[
        "check",
        text(&registry),
        "--otlp",
        text(&garbage),
        "--otlp",
        otlp,
    ]);
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("line 1 is not OTLP traces in JSON"), "{told}");
    assert!(
        told.contains("`shop.order` is declared as `int`, recorded as `string`"),
        "{told}"
    );
}

#[test]
fn how_much_is_told_and_fails_is_chosen() {
    let registry = folder("shop.yaml", &REGISTRY.replace("stable", "beta"));
    let span = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"","spanId":"","name":"a",
        "kind":1,"attributes":[{"key":"shop.order","value":{"intValue":"1"}}]}]}]}]}"#;
    let otlp = folder("traces.json", span).join("traces.json");
    let check = ["check", text(&registry), "--otlp", text(&otlp), "--fail-on"];
    for level in ["violation", "improvement"] {
        let (code, told) = semconv(&[&check[..], &[level]].concat());
        assert_eq!(code, 0, "{told}");
        assert!(!told.contains("may change"), "{told}");
    }
    let (code, told) = semconv(&[&check[..], &["information"]].concat());
    assert_eq!(code, 1);
    let line = "information: span \"a\": `shop.order` may change, it is in beta";
    assert!(told.contains(line), "{told}");
    assert_eq!(semconv(&[&check[..], &["none"]].concat()).0, 2);
}

#[test]
fn dependencies_are_gone_by_when_asked_for() {
    let library = folder("shop.yaml", REGISTRY);
    let manifest = format!(
        "schema_url: https://a.example/1\ndependencies: [{{registry_path: {:?}}}]\n",
        text(&library)
    );
    let own = folder("manifest.yaml", &manifest);
    let span = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"","spanId":"","name":"a",
        "kind":1,"attributes":[{"key":"shop.order","value":{"intValue":"1"}}]}]}]}]}"#;
    let otlp = folder("traces.json", span).join("traces.json");
    let check = ["check", text(&own), "--otlp", text(&otlp)];
    let (code, told) = semconv(&check);
    assert_eq!(code, 1);
    assert!(told.contains("`shop.order` is not declared"), "{told}");
    let (code, told) = semconv(&[&check[..], &["--include-unreferenced"]].concat());
    assert_eq!(code, 0, "{told}");
}

#[test]
fn a_sound_registry_is_given_advice() {
    let registry = folder(
        "shop.yaml",
        &format!(
            "{REGISTRY}  - {{key: shop.number, type: string, stability: stable, brief: Former name., \
             deprecated: {{reason: renamed, renamed_to: shop.order}}}}\n"
        ),
    );
    let (code, told) = semconv(&["check", text(&registry)]);
    assert_eq!(code, 1);
    assert!(
        told.contains("`shop.number`: is of type `string`, and `shop.order`"),
        "{told}"
    );
    // Code is generated nonetheless.
    let out = folder("left-over.rs", "");
    assert_eq!(semconv(&["generate", text(&registry), text(&out)]).0, 0);
}

#[test]
fn arguments_that_make_no_sense_are_answered_with_the_usage() {
    for wrong in [
        &[][..],
        &["no-such-command"],
        &["semconv"],
        &["semconv", "generate"],
        &["semconv", "check", "a", "--for", "b"],
        &["semconv", "check", "a", "--against"],
        &["semconv", "generate", "a", "b", "--otlp", "c"],
    ] {
        let (code, told) = run(wrong);
        assert_eq!(code, 2, "{wrong:?}: {told}");
        assert!(told.contains("usage: lamplight"), "{wrong:?}: {told}");
    }
    for help in [&["--help"][..], &["semconv", "--help"]] {
        let (code, told) = run(help);
        assert_eq!(code, 0);
        assert!(told.starts_with("usage: lamplight"), "{told}");
    }
}
