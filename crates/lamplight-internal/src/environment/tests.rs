use std::sync::Mutex;

use super::*;

/// Returns the result of `read` for a variable, and the log lines about it.
fn with<T>(
    name: &str,
    value: &str,
    read: impl FnOnce(&Environment<'_>, &str) -> T,
) -> (T, Vec<String>) {
    let said = Mutex::new(Vec::new());
    let environment = Environment::new(|of| (of == name).then(|| value.to_owned()))
        .with_report(|_, line| said.lock().unwrap().push(line));
    let read = read(&environment, name);
    drop(environment);
    (read, said.into_inner().unwrap())
}

fn boolean(environment: &Environment<'_>, name: &str) -> Option<bool> {
    environment.boolean(name, "`true`")
}

/// SDK environment variables, Boolean: "only by the case-insensitive string `"true"`", an implementation
/// "MUST NOT extend this definition".
#[test]
fn a_boolean_is_what_people_write_and_in_variables_of_others_what_they_say() {
    for (value, meaning) in [
        ("true", true),
        ("TRUE", true),
        (" False\n", false),
        ("1", true),
        ("0", false),
        ("Yes", true),
        ("no", false),
        ("on", true),
        ("OFF", false),
    ] {
        let (read, said) = with("LAMPLIGHT_X", value, boolean);
        assert_eq!(read, Some(meaning), "{value:?}");
        assert!(said.is_empty(), "{said:?}");
        let is_a_name = ["true", "false"].contains(&&*value.trim().to_ascii_lowercase());
        let (read, said) = with("OTEL_X", value, boolean);
        assert_eq!(read, Some(meaning && is_a_name), "{value:?}");
        assert_eq!(said.is_empty(), is_a_name, "{value:?} {said:?}");
        let (read, said) = with("AWS_X", value, boolean);
        assert_eq!(read, is_a_name.then_some(meaning), "{value:?}");
        assert_eq!(said.is_empty(), is_a_name, "{value:?} {said:?}");
    }
    assert_eq!(with("OTEL_X", " ", boolean), (None, Vec::new()));
}

/// The common form of reports, for each kind of value.
#[test]
fn a_value_that_is_not_understood_is_said_with_what_is_allowed_and_what_is_used() {
    let choices = [("all", 1), ("some", 2), ("none", 3)];
    for (read, value, line) in [
        (
            with("LAMPLIGHT_X", "maybe", |env, name| {
                env.boolean(name, "`false`").is_none()
            }),
            "maybe",
            "is unknown; allowed are `true`, `false`, `1`, `0`, `yes`, `no`, `on` and `off`; using the \
             default, `false`",
        ),
        (
            with("LAMPLIGHT_X", "-3", |env, name| {
                env.number(name, 1, 512).is_none()
            }),
            "-3",
            "is not a number of at least 1; using the default, 512",
        ),
        (
            with("LAMPLIGHT_X", "2s", |env, name| {
                env.millis(name, 0, 1000).is_none()
            }),
            "2s",
            "is not a number of milliseconds of at least 0; using the default, 1000",
        ),
        (
            with("LAMPLIGHT_X", "most", |env, name| {
                env.choice(name, &choices, "`all`").is_none()
            }),
            "most",
            "is unknown; allowed are `all`, `some` and `none`; using the default, `all`",
        ),
        (
            with("LAMPLIGHT_X", "Loud", |env, name| {
                env.parse::<LogLevel>(name, "`info`").is_none()
            }),
            "Loud",
            "is not understood: unknown log level; allowed are `none`, `error`, `warn`, `info` and `debug`; using \
             the default, `info`",
        ),
        (
            with("LAMPLIGHT_X", "2", |env, name| {
                let share = |text: &str| text.parse().ok().filter(|it| (0.0..=1.0).contains(it));
                env.read::<f64>(name, "a number from 0 to 1", 1, share)
                    .is_none()
            }),
            "2",
            "is not a number from 0 to 1; using the default, 1",
        ),
    ] {
        let (is_none, said) = read;
        assert!(is_none, "{value}");
        assert_eq!(said, [format!("LAMPLIGHT_X={value:?} {line}")]);
    }
}

#[test]
fn what_is_understood_is_not_said() {
    let (number, said) = with("N", " 12 ", |env, name| env.number(name, 1, 5));
    assert_eq!((number, said.len()), (Some(12), 0));
    let (zero, said) = with("N", "0", |env, name| env.millis(name, 0, 5));
    assert_eq!((zero, said.len()), (Some(Duration::ZERO), 0));
    let (level, said) = with("N", "WARN", |env, name| env.parse::<LogLevel>(name, ""));
    assert_eq!((level, said.len()), (Some(LogLevel::Warn), 0));
    let (list, said) = with("N", " a,,b c , ", |env, name| env.list(name));
    assert_eq!((list.len(), said.len()), (2, 0), "{list:?}");
}

#[test]
fn numbers_refuse_nonsense() {
    for nonsense in ["0", "-1", "1.5", "many", "99999999999999999999", "0x10"] {
        let (number, said) = with("N", nonsense, |env, name| env.number(name, 1, 5));
        assert_eq!((number, said.len()), (None, 1), "{nonsense:?}");
    }
}

#[test]
fn what_is_empty_is_not_set() {
    for nothing in ["", " ", "\t\n"] {
        let (read, said) = with("N", nothing, |env, name| {
            (
                env.get(name),
                env.number(name, 1, 5),
                env.boolean(name, ""),
                env.list(name).len(),
            )
        });
        assert_eq!(read, (None, None, None, 0));
        assert!(said.is_empty(), "{said:?}");
    }
}

/// A value ends in a log, whatever was pasted into it.
#[test]
fn a_long_value_is_shown_in_part_and_on_one_line() {
    let value = format!("a\nb{}", "\u{e9}".repeat(5000));
    let (_, said) = with("N", &value, |env, name| env.number(name, 1, 5));
    let [line] = said.try_into().unwrap();
    assert!(line.len() < 300 && !line.contains('\n'), "{line}");
    assert!(line.contains("\u{e9}\".. is not a number"), "{line}");
}

/// The variables of the process are tested in a separate process.
#[cfg(unix)]
#[test]
fn variables_of_the_process_are_said_once_at_the_level_of_the_environment() {
    use std::os::unix::ffi::OsStrExt as _;

    const CHILD: &str = "TEST_OF_PROCESS";
    const NAME: &str = concat!(
        "environment::tests::",
        "variables_of_the_process_are_said_once_at_the_level_of_the_environment"
    );
    if std::env::var_os(CHILD).is_some() {
        for _ in 0..3 {
            let environment = Environment::of_process();
            assert_eq!(environment.number("TEST_NUMBER", 1, 5), None);
            assert_eq!(environment.get("TEST_SET").as_deref(), Some("text"));
            assert_eq!(environment.get("TEST_BYTES"), None);
            assert_eq!(environment.get("TEST_NOT_SET"), None);
        }
        return;
    }
    for (level, lines) in [("", 2), ("Info", 2), ("NONE", 0), ("error", 0), ("loud", 3)] {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([NAME, "--exact", "--nocapture"])
            .envs([
                (CHILD, "1"),
                ("TEST_NUMBER", "x"),
                ("TEST_SET", " text "),
                (OTEL_LOG_LEVEL, level),
            ])
            .env("TEST_BYTES", std::ffi::OsStr::from_bytes(b"\xff"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let log = String::from_utf8(output.stderr).unwrap();
        assert_eq!(log.matches(" lamplight [").count(), lines, "{level}: {log}");
        let is_said = lines > 0;
        assert_eq!(
            log.contains("lamplight [TEST_BYTES] TEST_BYTES is not UTF-8"),
            is_said,
            "{log}"
        );
        assert_eq!(
            log.contains("lamplight [TEST_NUMBER] TEST_NUMBER=\"x\""),
            is_said,
            "{log}"
        );
    }
}
