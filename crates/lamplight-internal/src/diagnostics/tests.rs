use std::sync::Arc;

use proptest::prelude::*;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
};

use super::*;

/// A subscriber that keeps what it is told, up to a level.
#[derive(Clone)]
struct Log {
    level: LevelFilter,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Log {
    fn up_to(level: LevelFilter) -> Self {
        let lines = Arc::default();
        Self { level, lines }
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.level
    }

    fn event(&self, event: &Event<'_>) {
        struct Text(String);
        impl Visit for Text {
            fn record_debug(&mut self, _: &Field, value: &dyn std::fmt::Debug) {
                self.0 += &format!("{value:?} ");
            }
        }
        let mut text = Text(String::new());
        event.record(&mut text);
        assert!(!text.0.contains("panic"), "a subscriber's own trouble");
        self.lines.lock().unwrap().push(text.0);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[test]
fn a_warning_goes_to_the_subscriber_that_takes_it_once() {
    let log = Log::up_to(LevelFilter::WARN);
    tracing::subscriber::with_default(log.clone(), || {
        for _ in 0..3 {
            warn_once("told-once", || "what is wrong".to_owned());
        }
        notice("good-news", || "not taken".to_owned());
    });
    let lines = log.lines.lock().unwrap();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("told-once") && lines[0].contains("what is wrong"));
}

#[test]
fn a_cause_is_told_once_of_each_thing() {
    let log = Log::up_to(LevelFilter::WARN);
    tracing::subscriber::with_default(log.clone(), || {
        for of in ["sqs", "sns", "sqs", "sns"] {
            warn_once_of("no-room", of, || format!("no room in {of}"));
            // Without a subject, the same name is another cause.
            warn_once(of, || "is a cause of its own".to_owned());
        }
    });
    let lines = log.lines.lock().unwrap();
    let of = |text: &str| lines.iter().filter(|line| line.contains(text)).count();
    assert_eq!((lines.len(), of("no room in sqs"), of("own")), (4, 1, 2));
}

#[test]
fn a_subscriber_that_panics_harms_nobody() {
    tracing::subscriber::with_default(Log::up_to(LevelFilter::TRACE), || {
        warn("trouble", || "panic".to_owned());
        notice("trouble", || "panic".to_owned());
        warn("trouble", || panic!("in a message"));
    });
}

/// Warnings that no subscriber takes are on standard error, unless errors are not wanted either. It
/// is looked at in a process of its own.
#[test]
fn a_hidden_warning_is_on_standard_error() {
    const LEVEL: &str = "LAMPLIGHT_TEST_LEVEL";
    const NAME: &str = "diagnostics::tests::a_hidden_warning_is_on_standard_error";
    if let Ok(level) = std::env::var(LEVEL) {
        let warn = || warn("hidden", || "spans are\nlost".to_owned());
        return match level.parse() {
            Ok(level) => tracing::subscriber::with_default(Log::up_to(level), warn),
            Err(_) => warn(),
        };
    }
    for (level, is_told) in [
        ("no subscriber", true),
        ("error", true),
        ("warn", false),
        ("off", false),
    ] {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([NAME, "--exact", "--nocapture"])
            .env(LEVEL, level)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        let line = "WARN lamplight [hidden] spans are lost\n";
        assert_eq!(told.contains(line), is_told, "{level}: {told}");
    }
}

/// Environment variable specification, General SDK Configuration: `OTEL_LOG_LEVEL` is the level of the SDK's
/// own lines, default "info"; Enum: in any case, which is handled by the reader of the variable.
#[test]
fn the_level_of_lamplights_own_lines_can_be_set() {
    const LEVEL: &str = "LAMPLIGHT_TEST_OWN_LEVEL";
    const NAME: &str = "diagnostics::tests::the_level_of_lamplights_own_lines_can_be_set";
    if let Ok(level) = std::env::var(LEVEL) {
        if let Ok(level) = level.parse() {
            set_level(level);
        }
        warn("wrong", || "spans are lost".to_owned());
        notice("news", || "it is back".to_owned());
        return hint_once("hint", || "spans go there".to_owned());
    }
    for (level, told) in [
        ("none", [false, false, false]),
        ("error", [false, false, false]),
        ("warn", [true, false, false]),
        ("info", [true, true, false]),
        ("not set", [true, true, false]),
        ("debug", [true, true, true]),
    ] {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([NAME, "--exact", "--nocapture"])
            .env(LEVEL, level)
            .output()
            .unwrap();
        let log = String::from_utf8_lossy(&output.stderr);
        let lines = [
            "WARN lamplight [wrong]",
            "INFO lamplight [news]",
            "DEBUG lamplight [hint]",
        ];
        assert_eq!(lines.map(|line| log.contains(line)), told, "{level}: {log}");
    }
}

proptest! {
    #[test]
    fn no_line_shows_user_and_password(
        user in "[a-z]{1,8}",
        password in "[^\\s]{1,24}",
        before in "[ -~]{0,16}",
        after in "[ -~]{0,16}",
    ) {
        let secret = format!("{user}:{password}@");
        let text = format!("{before} https://{secret}host:1/path {after}");
        let line = one_line(&text);
        prop_assert!(!line.contains(&secret), "{line}");
        prop_assert!(line.contains("https://REDACTED@host:1/path"), "{line}");
    }

    #[test]
    fn no_line_shows_the_query_of_a_url(key in "[^\\s@]{0,24}secret", after in "( [ -~]{0,16})?") {
        let text = format!("could not POST (https://user:secret@host:1/path?key={key}): no{after}");
        let line = one_line(&text);
        let expected = format!("could not POST (https://REDACTED@host:1/path?REDACTED): no{after}");
        prop_assert_eq!(line, expected);
    }

    #[test]
    fn a_line_is_one_line_and_else_what_it_was(text in "[^@?]{0,64}") {
        let line = one_line(&text);
        prop_assert_eq!(line, text.replace(char::is_control, " "));
    }
}
