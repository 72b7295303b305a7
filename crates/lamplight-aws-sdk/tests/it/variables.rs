//! Reports about invalid values of variables: one line, at the level of `OTEL_LOG_LEVEL`. The environment
//! belongs to the process, so each case runs in a process of its own.

use std::process::Command;

use lamplight_aws_sdk::LamplightInterceptor;

const CHILD: &str = "TEST_OF_VARIABLES";

/// Is no test, but the process of one.
#[test]
fn program() {
    if std::env::var_os(CHILD).is_some() {
        for _ in 0..3 {
            let _ = LamplightInterceptor::new();
        }
    }
}

/// Returns the lines of the log of a process with these variables.
fn log(variables: &[(&str, &str)]) -> Vec<String> {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["variables::program", "--exact", "--nocapture"])
        .env_clear()
        .env(CHILD, "1")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let log = String::from_utf8(output.stderr).unwrap();
    let lines = log.lines().filter(|line| line.contains(" lamplight ["));
    lines.map(str::to_owned).collect()
}

#[test]
fn a_wrong_value_is_one_line_with_what_is_allowed_and_what_is_used() {
    for (name, value, allowed, used) in [
        (
            "LAMPLIGHT_INJECT",
            "everything",
            "`default`, `none`",
            "the default choice",
        ),
        ("LAMPLIGHT_INJECT", "kinesis,sqz", "`sqs`", "the others"),
        (
            "LAMPLIGHT_INJECT_LIMITS",
            "sqs=1KB",
            "`carrier=bytes`",
            "the others, and the default",
        ),
        (
            "LAMPLIGHT_INJECT_LIMITS",
            "pigeon=9",
            "`eventbridge` (up to",
            "the others, and the default",
        ),
        (
            "OTEL_PROPAGATORS",
            "b3",
            "`tracecontext`, `baggage`",
            "the default, `tracecontext,baggage`",
        ),
    ] {
        let lines = log(&[(name, value)]);
        let [line] = lines.as_slice() else {
            panic!("{name}={value}: {lines:?}");
        };
        assert!(
            line.starts_with(&format!("WARN lamplight [{name}] {name}")),
            "{line}"
        );
        assert!(line.contains(allowed), "{line}");
        assert!(line.contains(&format!("; using {used}")), "{line}");
    }
    assert!(
        log(&[
            ("LAMPLIGHT_INJECT", "Default,-sqs"),
            ("OTEL_PROPAGATORS", "xray")
        ])
        .is_empty()
    );
}

#[test]
fn the_level_of_lamplights_own_lines_holds_here_too() {
    let wrong = ("LAMPLIGHT_INJECT", "everything");
    for (level, lines) in [
        ("none", 0),
        ("ERROR", 0),
        ("warn", 1),
        ("info", 1),
        ("loud", 2),
    ] {
        let said = log(&[("OTEL_LOG_LEVEL", level), wrong]);
        assert_eq!(said.len(), lines, "{level}: {said:?}");
    }
}
