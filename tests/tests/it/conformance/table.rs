//! `CONFORMANCE.md` and the counts in the README, made of what is declared and tested here.
//!
//! `GOLDEN=write cargo test -p lamplight-tests --test it conformance::table` writes them.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use crate::conformance::{
    aws_sdk, environment, errors, faas, http, http_client, messaging, otlp, sdk,
    statement::{Statement, Verdict},
};

/// Title, module and statements of each part.
const PARTS: [(&str, &str, &[Statement]); 9] = [
    ("Functions and resources", "faas", faas::STATEMENTS),
    ("HTTP", "http", http::STATEMENTS),
    ("HTTP clients", "http_client", http_client::STATEMENTS),
    ("Messaging", "messaging", messaging::STATEMENTS),
    (
        "Calls to AWS, databases, RPC",
        "aws_sdk",
        aws_sdk::STATEMENTS,
    ),
    ("Errors and exceptions", "errors", errors::STATEMENTS),
    ("Trace SDK, resource, propagators", "sdk", sdk::STATEMENTS),
    ("Variables", "environment", environment::STATEMENTS),
    ("OTLP", "otlp", otlp::STATEMENTS),
];

/// Marks of what is written between them in the README.
const BEGIN: &str = "<!-- conformance -->";
const END: &str = "<!-- /conformance -->";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn deviates(statement: &Statement) -> bool {
    matches!(statement.verdict, Verdict::Deviates { .. })
}

/// Returns statements, statements held, deviations.
fn counts<'s>(statements: impl IntoIterator<Item = &'s Statement>) -> (usize, usize, usize) {
    let (mut all, mut deviations) = (0, 0);
    for statement in statements {
        all += 1;
        deviations += usize::from(deviates(statement));
    }
    (all, all - deviations, deviations)
}

fn every() -> impl Iterator<Item = &'static Statement> {
    PARTS.iter().flat_map(|(_, _, statements)| *statements)
}

fn page() -> String {
    let (all, held, deviations) = counts(every());
    let mut page = format!(
        "# Conformance\n\n\
         What the published texts say, statement by statement, and whether Lamplight does it: the\n\
         [semantic conventions](https://github.com/open-telemetry/semantic-conventions/tree/main/docs)\n\
         (files without a prefix), the [specification](https://github.com/open-telemetry/opentelemetry-specification/tree/main/specification)\n\
         (`spec:`) and [OTLP](https://github.com/open-telemetry/opentelemetry-proto/blob/main/docs/specification.md) (`otlp:`).\n\
         Every line is a test; this page is written by them\n\
         (`GOLDEN=write cargo test -p lamplight-tests --test it conformance::table`).\n\n\
         {held} of {all} statements are held, {deviations} deviate on purpose.\n\n\
         | part | statements | held | deviate |\n|---|---|---|---|\n"
    );
    for (title, _, statements) in PARTS {
        let (all, held, deviations) = counts(statements);
        writeln!(page, "| {title} | {all} | {held} | {deviations} |").unwrap();
    }
    page.push_str(
        "\n## Where Lamplight differs\n\n\
         | section | says | Lamplight | why | setting for the literal shape |\n|---|---|---|---|---|\n",
    );
    for statement in every() {
        if let Verdict::Deviates {
            does,
            because,
            setting,
        } = statement.verdict
        {
            let (section, says) = (statement.section, statement.says);
            writeln!(
                page,
                "| {section} | {says} | {does} | {because} | {setting} |"
            )
            .unwrap();
        }
    }
    for (title, module, statements) in PARTS {
        write!(
            page,
            "\n## {title}\n\n| section | says | | test |\n|---|---|---|---|\n"
        )
        .unwrap();
        for statement in statements {
            let Statement {
                section,
                says,
                test,
                file,
                ..
            } = statement;
            let verdict = if deviates(statement) {
                "deviates"
            } else {
                "held"
            };
            let test = match file {
                Some(file) => format!("[`{test}`]({file})"),
                None => format!("[`{test}`](tests/tests/it/conformance/{module}.rs)"),
            };
            writeln!(page, "| {section} | {says} | {verdict} | {test} |").unwrap();
        }
    }
    page
}

/// Compares a file with what it should be, or writes it.
fn hold(file: &str, make: impl FnOnce(&str) -> String) {
    let path = root().join(file);
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let expected = make(&found);
    if std::env::var_os("GOLDEN").is_some_and(|value| value == "write") {
        std::fs::write(&path, expected).unwrap();
    } else {
        assert!(
            found == expected,
            "{file} is not what is tested: GOLDEN=write cargo test -p lamplight-tests --test it conformance::table"
        );
    }
}

#[test]
fn the_page_is_what_is_tested() {
    hold("CONFORMANCE.md", |_| page());
}

#[test]
fn the_readme_has_the_counts() {
    let (all, held, deviations) = counts(every());
    let line = format!(
        "{BEGIN}{held} of {all} statements of the published texts are held, {deviations} deviate on purpose: [CONFORMANCE.md](CONFORMANCE.md).{END}"
    );
    hold("README.md", |readme| {
        let (before, rest) = readme.split_once(BEGIN).expect("a place for the counts");
        let (_, after) = rest.split_once(END).expect("an end of that place");
        format!("{before}{line}{after}")
    });
}

#[test]
fn every_test_is_named_once() {
    for (title, _, statements) in PARTS {
        let names: BTreeSet<_> = statements.iter().map(|it| (it.section, it.says)).collect();
        assert_eq!(names.len(), statements.len(), "{title}: a statement twice");
    }
    // A cell that would break the page.
    for statement in every() {
        let cells = format!("{statement:?}");
        assert!(!cells.contains('|'), "{cells}");
    }
}
