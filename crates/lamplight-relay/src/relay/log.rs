//! The log of the relay's programs: one line per event, on standard error.
//!
//! A full `tracing` subscriber would add some hundred kilobytes to a relay's function, and time to
//! its cold start. The relay needs none of its other features: it has no spans, and the environment
//! of the process adds the time of each line.

use std::{
    fmt::{self, Write as _},
    io::Write as _,
};

use lamplight_internal::environment::Environment;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::set_global_default,
};

/// Starts the log of this process, unless one exists. `OTEL_LOG_LEVEL` takes precedence over
/// `level`.
pub fn start(level: Level) {
    let set = Environment::of_process().get("OTEL_LOG_LEVEL");
    let level = match set.as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("none") => return,
        Some("error") => Level::ERROR,
        Some("warn") => Level::WARN,
        Some("info") => Level::INFO,
        Some("debug") => Level::DEBUG,
        _ => level,
    };
    // An existing subscriber is the user's own.
    let _ = set_global_default(Lines { level });
}

struct Lines {
    level: Level,
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let is_ours = metadata.target().starts_with("lamplight");
        // Debug messages of libraries would flood the log.
        *metadata.level() <= self.level && (is_ours || *metadata.level() <= Level::WARN)
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let line = line(event);
        // A closed log must not stop the relay.
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

fn line(event: &Event<'_>) -> String {
    let mut text = Text::default();
    event.record(&mut text);
    let metadata = event.metadata();
    let mut line = format!(
        "{} {}: {}",
        metadata.level(),
        metadata.target(),
        text.message
    );
    line.push_str(&text.fields);
    // An event is one line, whatever its content.
    let mut line = line.replace('\n', "\\n").replace('\r', "\\r");
    line.push('\n');
    line
}

/// The fields of an event.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            // Records of the `log` crate.
            name if name.starts_with("log.") => Ok(()),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = match field.name() {
            "message" => write!(self.message, "{value}"),
            name if name.starts_with("log.") => Ok(()),
            name if value.contains([' ', '"', '=']) => write!(self.fields, " {name}={value:?}"),
            name => write!(self.fields, " {name}={value}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    struct Keep(Arc<Mutex<Vec<String>>>);

    impl Subscriber for Keep {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }
        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
        fn event(&self, event: &Event<'_>) {
            self.0.lock().unwrap().push(line(event));
        }
        fn enter(&self, _: &span::Id) {}
        fn exit(&self, _: &span::Id) {}
    }

    #[test]
    fn an_event_is_one_line() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        tracing::subscriber::with_default(Keep(lines.clone()), || {
            tracing::info!(target: "lamplight", shard = "a b", count = 3, "two\nlines");
        });
        let lines = lines.lock().unwrap();
        assert_eq!(
            *lines,
            ["INFO lamplight: two\\nlines shard=\"a b\" count=3\n"]
        );
    }
}
