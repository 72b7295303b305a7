//! The type of an error, for `error.type` and `exception.type`.
//!
//! Both must have few values, and never a word of a message, which may be anything. A type known at compile
//! time is represented by its name. A type behind `dyn Error` is represented by its name if it is a common
//! one, otherwise by its `Debug` output if that has the form of a derived implementation.

use std::{
    any::{Any, type_name},
    error::Error,
};

/// The maximum number of causes that are followed: chains are short, but one may be endless.
pub(super) const DEEPEST: usize = 32;

/// The maximum length of a name, in bytes.
const LONGEST_NAME: usize = 100;

/// Returns whether the name of a type does not identify an error: it is the type of any error, or of a text.
pub(crate) fn is_opaque(type_name: &str) -> bool {
    let name = type_name.trim_start_matches('&');
    name.starts_with("alloc::boxed::Box<dyn ")
        || name.starts_with("dyn ")
        || name.starts_with("alloc::borrow::Cow<") && name.ends_with("str>")
        || matches!(name, "str" | "alloc::string::String")
}

/// Returns the error in a value that is a boxed error.
pub(super) fn unboxed<E: 'static>(error: &E) -> Option<&(dyn Error + 'static)> {
    let any: &dyn Any = error;
    if let Some(error) = any.downcast_ref::<lambda_runtime::Error>() {
        return Some(&**error);
    }
    let error = any.downcast_ref::<Box<dyn Error>>()?;
    Some(&**error)
}

/// Returns the type of a value used as an error.
#[cfg(any(test, feature = "_records"))]
pub(crate) fn type_of<E: 'static>(error: &E) -> Option<String> {
    match is_opaque(type_name::<E>()) {
        true => boxed_type(error),
        false => Some(type_name::<E>().to_owned()),
    }
}

/// Returns the type of a boxed error.
pub(crate) fn boxed_type<E: 'static>(error: &E) -> Option<String> {
    type_in_chain(unboxed(error)?)
}

/// Returns the type of an error. For a text, or a report with a human-readable `Debug` output, it is the type
/// of the first cause with a known type.
pub(crate) fn type_in_chain(error: &(dyn Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    for _ in 0..DEEPEST {
        let error = next?;
        if let Some(name) = usual(error) {
            return Some(name.to_owned());
        }
        if let Some(name) = derived(error) {
            return Some(name);
        }
        next = error.source();
    }
    None
}

/// Returns the type of an error, determined from its texts.
pub(crate) fn type_of_any<E: Error + ?Sized>(error: &E) -> Option<String> {
    let name = type_name::<E>().trim_start_matches('&');
    if !is_opaque(name) {
        return Some(name.to_owned());
    }
    derived(error).or_else(|| type_in_chain(error.source()?))
}

/// Returns the name of a common error, whose `Debug` output may have a different name, or none.
fn usual(error: &(dyn Error + 'static)) -> Option<&'static str> {
    fn name<E: Error + 'static>(error: &(dyn Error + 'static)) -> Option<&'static str> {
        error.is::<E>().then(type_name::<E>)
    }
    let names = [
        name::<std::io::Error>,
        name::<serde_json::Error>,
        name::<std::fmt::Error>,
        name::<std::num::ParseIntError>,
        name::<std::num::ParseFloatError>,
        name::<std::str::ParseBoolError>,
        name::<std::num::TryFromIntError>,
        name::<std::str::Utf8Error>,
        name::<std::string::FromUtf8Error>,
        name::<std::net::AddrParseError>,
        name::<std::env::VarError>,
        name::<std::time::SystemTimeError>,
        name::<tokio::task::JoinError>,
        name::<tokio::time::error::Elapsed>,
    ];
    names.iter().find_map(|name| name(error))
}

/// Returns the name of the type or variant at the beginning of a derived `Debug` output. If the output equals
/// the error's message, it is not used, because what looks like a name is a word of the message.
fn derived<E: Error + ?Sized>(error: &E) -> Option<String> {
    let debug = format!("{error:?}");
    let name = name_in(&debug)?;
    let message = error.to_string();
    let is_message = !message.is_empty() && debug.starts_with(&message);
    (!is_message).then(|| name.to_owned())
}

/// Returns the name in `Name`, `Name(...)` and `Name { ... }`; it may have a path. `Error` alone is not
/// specific, and is used by layers of reports for themselves.
fn name_in(debug: &str) -> Option<&str> {
    let is_of_path = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let end = debug.find(|c| !is_of_path(c)).unwrap_or(debug.len());
    let (name, rest) = debug.split_at_checked(end)?;
    let is_derived = rest.is_empty()
        || rest.starts_with('(') && rest.ends_with(')')
        || rest.starts_with(" {") && rest.ends_with('}');
    let begins_like = |segment: &str, check: fn(&char) -> bool| {
        segment.chars().next().is_some_and(|first| check(&first))
    };
    let (path, last) = name.rsplit_once("::").unwrap_or(("a", name));
    let is_type = !last.contains(':') && begins_like(last, char::is_ascii_uppercase);
    let is_path = path.split("::").all(|module| {
        !module.contains(':') && begins_like(module, |first| !first.is_ascii_digit())
    });
    let is_name = is_type && is_path && name != "Error" && name.len() <= LONGEST_NAME;
    (is_derived && is_name).then_some(name)
}

#[cfg(test)]
mod tests {
    use std::fmt::{self, Debug};

    use super::*;

    /// An error with these texts.
    struct Texts {
        debug: &'static str,
        display: &'static str,
        cause: Option<Box<Self>>,
    }

    impl Texts {
        fn new(debug: &'static str, display: &'static str) -> Self {
            let cause = None;
            Self {
                debug,
                display,
                cause,
            }
        }
    }

    impl Debug for Texts {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.debug)
        }
    }

    impl fmt::Display for Texts {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.display)
        }
    }

    impl Error for Texts {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.cause.as_deref().map(|cause| cause as _)
        }
    }

    fn told(error: impl Into<lambda_runtime::Error>) -> Option<String> {
        let error = error.into();
        type_of(&error)
    }

    /// Recording errors, "Recording errors on spans": `error.type` is predictable and of low
    /// cardinality.
    #[test]
    fn a_boxed_error_is_named_by_a_derived_debug_output() {
        for (debug, name) in [
            ("Timeout", "Timeout"),
            ("Timeout { after: 3s }", "Timeout"),
            ("Rejected(OutOfStock)", "Rejected"),
            ("Rejected(\n    OutOfStock,\n)", "Rejected"),
            ("reqwest::Error { kind: Connect }", "reqwest::Error"),
            ("hyper::Error(IncompleteMessage)", "hyper::Error"),
        ] {
            assert_eq!(
                told(Texts::new(debug, "no")).as_deref(),
                Some(name),
                "{debug}"
            );
        }
    }

    /// The same section: a message is no type, whatever word it begins with.
    #[test]
    fn no_word_of_a_message_is_a_type() {
        for text in [
            "Order4711 not found",
            "Order4711",
            "Order4711\n\nCaused by:\n    no",
            "Order4711, which is none",
            "Failed (again) to read",
            "S3: no",
            "Order4711: it (really) failed)",
            "Order4711(x) is none",
            "Order4711 {x} is none",
            "\"Order4711\"",
            "Order::",
            "::Order",
            "a:b::Order",
            "",
        ] {
            assert_eq!(
                told(Texts::new(text, "no")).filter(|_| text != "Order4711"),
                None,
                "{text}"
            );
            // As a report, and a `Debug` that prints the message, do.
            assert_eq!(told(Texts::new(text, text)), None, "{text}");
            assert_eq!(told(text), None, "{text}");
        }
        assert_eq!(told(Texts::new("Order4711(x)", "Order4711(x)")), None);
        assert_eq!(
            told(Texts::new("Order4711\n\nStack backtrace:", "Order4711")),
            None
        );
        let long: &'static str = "A".repeat(LONGEST_NAME + 1).leak();
        assert_eq!(told(Texts::new(long, "no")), None);
    }

    #[test]
    fn usual_errors_keep_their_type() {
        let io = || std::io::Error::other("Order4711");
        assert_eq!(told(io()).as_deref(), Some(type_name::<std::io::Error>()));
        let os = std::io::Error::from_raw_os_error(2);
        assert_eq!(told(os).as_deref(), Some(type_name::<std::io::Error>()));
        let json = serde_json::from_str::<u8>("x").unwrap_err();
        assert_eq!(told(json).as_deref(), Some("serde_json::error::Error"));
        let number = "seven".parse::<u32>().unwrap_err();
        let name = type_name::<std::num::ParseIntError>();
        assert_eq!(told(number).as_deref(), Some(name));
    }

    #[test]
    fn a_report_has_the_type_of_its_cause() {
        let mut report = Texts::new(
            "Order4711 not read\n\nCaused by:\n    no",
            "Order4711 not read",
        );
        report.cause = Some(Box::new(Texts::new("Refused { port: 1 }", "refused")));
        assert_eq!(told(report).as_deref(), Some("Refused"));
    }

    /// A type known to the compiler has its complete name.
    #[test]
    fn an_error_that_is_no_box_is_told_by_its_name() {
        let name = type_name::<Texts>();
        let error = Texts::new("Order4711", "Order4711");
        assert_eq!(type_of(&error).as_deref(), Some(name));
        assert_eq!(type_of_any(&error).as_deref(), Some(name));
        let error: &dyn Error = &error;
        assert_eq!(type_of_any(error), None);
        for text in [type_of(&"Order4711"), type_of(&"Order4711".to_owned())] {
            assert_eq!(text, None, "a text is no type of error");
        }
    }

    #[derive(Debug)]
    enum Stock {
        Short { by: u32 },
        Gone,
    }

    impl fmt::Display for Stock {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Self::Short { by } => write!(f, "short by {by}"),
                Self::Gone => f.write_str("it is gone"),
            }
        }
    }

    impl Error for Stock {}

    /// The reports that are most in use, for real.
    #[test]
    fn anyhow_and_eyre_tell_the_type_of_the_cause_and_no_message() {
        let boxed = |error: anyhow::Error| -> lambda_runtime::Error { error.into() };
        let eyre = |error: eyre::Report| -> lambda_runtime::Error { error.into() };
        assert_eq!(
            told(boxed(anyhow::anyhow!("Order{} not found", 4711))),
            None
        );
        assert_eq!(told(boxed(anyhow::anyhow!("Order{}", 4711))), None);
        assert_eq!(told(boxed(anyhow::anyhow!("Order4711"))), None);
        assert_eq!(told(eyre(eyre::eyre!("Order{} not found", 4711))), None);
        assert_eq!(told(eyre(eyre::eyre!("Order{}", 4711))), None);
        let short = || Stock::Short { by: 1 };
        let report = anyhow::Error::new(short()).context("Order4711");
        assert_eq!(told(boxed(report)).as_deref(), Some("Short"));
        let report = eyre::Report::new(short()).wrap_err("Order4711");
        assert_eq!(told(eyre(report)).as_deref(), Some("Short"));
        let report = anyhow::Error::new(short())
            .context("Order4711")
            .context("Batch7");
        assert_eq!(told(boxed(report)).as_deref(), Some("Short"));
        let io = std::io::Error::from_raw_os_error(2);
        let report = anyhow::Error::new(io).context("Order4711");
        let name = type_name::<std::io::Error>();
        assert_eq!(told(boxed(report)).as_deref(), Some(name));
        assert_eq!(told(Stock::Gone).as_deref(), Some("Gone"));
    }
}
