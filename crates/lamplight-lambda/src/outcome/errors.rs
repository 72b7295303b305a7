//! What an error says of itself: its type, its text, its causes.

use crate::panics;
use std::any::Any;
use std::error::Error;
use std::fmt::Debug;

/// The longest text of causes, in bytes: a `Debug` output can hold a whole payload.
const LONGEST_CAUSES: usize = 8 << 10;

/// The type of an error for `error.type`, from what the runtime knows of it.
///
/// A boxed error has forgotten its type. Its `Debug` output usually begins with the name, which
/// says more than the name of the box.
pub(crate) fn error_type(runtime_name: &str, debug: &str) -> String {
    if !runtime_name.contains("Box<dyn ") {
        return runtime_name.to_owned();
    }
    name_in(debug).unwrap_or("Error").to_owned()
}

/// The name that a `Debug` output begins with, if it is one of a type or a variant.
fn name_in(debug: &str) -> Option<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = debug.find(|c| !is_name(c)).unwrap_or(debug.len());
    let (name, rest) = debug.split_at_checked(end)?;
    let is_type = name.starts_with(|c: char| c.is_ascii_uppercase());
    // What goes on with words is a sentence.
    let is_all = rest.is_empty() || rest.starts_with(['(', '\n']) || rest.starts_with(" {");
    (is_type && is_all).then_some(name)
}

/// The type of an error, if it can be known: a `dyn Error` tells only by its `Debug` output, which
/// begins with it as a rule.
pub(crate) fn exception_type<E: Error + ?Sized>(error: &E) -> Option<String> {
    let name = std::any::type_name::<E>().trim_start_matches('&');
    if !name.contains("dyn ") {
        return Some(name.to_owned());
    }
    name_in(&format!("{error:?}")).map(str::to_owned)
}

/// The error and its causes, a line each; `None` without a cause. Chains are short; one without an
/// end is cut.
pub(crate) fn causes<E: Error + ?Sized>(error: &E) -> Option<String> {
    const DEEPEST: usize = 32;
    let mut cause = error.source();
    cause?;
    let mut text = error.to_string();
    for _ in 0..DEEPEST {
        let Some(error) = cause else { break };
        text.push_str("\ncaused by: ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    Some(shortened(text))
}

/// What is known of the causes of an error of any type.
///
/// A boxed error and an `io::Error` give their chain. Of another type nobody can tell whether it is
/// an [`Error`]; its `Debug` output stands in, which holds the causes for derived types, and is a
/// report of them for `anyhow` and `eyre`.
pub(crate) fn causes_of<E: Debug + 'static>(error: &E, debug: &str) -> Option<String> {
    let any: &dyn Any = error;
    if let Some(error) = any.downcast_ref::<lambda_runtime::Error>() {
        return causes(&**error);
    }
    if let Some(error) = any.downcast_ref::<Box<dyn Error>>() {
        return causes(&**error);
    }
    if let Some(error) = any.downcast_ref::<std::io::Error>() {
        return causes(error);
    }
    // A text or a unit type says nothing that the message does not say.
    let plain = debug.starts_with('"') || !debug.contains(['\n', '(', '{']);
    (!plain).then(|| shortened(debug.to_owned()))
}

/// What an error says of itself. Should that panic, the error is still one to record.
pub(crate) fn text_of(say: impl FnOnce() -> String) -> String {
    panics::catch(say).unwrap_or_else(|_| "the error's text panicked".to_owned())
}

fn shortened(mut text: String) -> String {
    let fits = (0..=LONGEST_CAUSES.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    text.truncate(fits.unwrap_or(0));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boxed_error_is_named_by_its_debug_output() {
        let boxed = std::any::type_name::<Box<dyn Error + Send + Sync>>();
        assert_eq!(
            error_type(boxed, "ParseIntError { kind: InvalidDigit }"),
            "ParseIntError"
        );
        assert_eq!(error_type(boxed, "Timeout"), "Timeout");
        assert_eq!(error_type(boxed, "\"db down\""), "Error");
        assert_eq!(error_type(boxed, ""), "Error");
        assert_eq!(
            error_type("orders::Rejected", "whatever"),
            "orders::Rejected"
        );
    }

    #[test]
    fn causes_are_listed_and_bounded() {
        let cause = Outer(None);
        assert_eq!(causes(&cause), None);
        let error = Outer(Some(Box::new(cause)));
        assert_eq!(causes(&error).unwrap(), "outer\ncaused by: outer");
        assert!(causes(&Endless).unwrap().lines().count() < 64);
    }

    #[test]
    fn causes_come_from_the_chain_where_the_type_has_one_and_else_from_debug() {
        let boxed = |error: Outer| -> lambda_runtime::Error { Box::new(error) };
        let chain = boxed(Outer(Some(Box::new(Outer(None)))));
        assert_eq!(
            causes_of(&chain, "irrelevant(").as_deref(),
            Some("outer\ncaused by: outer")
        );
        assert_eq!(causes_of(&boxed(Outer(None)), "irrelevant("), None);
        let own = Outer(Some(Box::new(Outer(None))));
        let debug = format!("{own:?}");
        assert_eq!(causes_of(&own, &debug), Some(debug.clone()));
        assert_eq!(causes_of(&"text", "\"text\""), None);
        let long = format!("Long(\"{}\")", "é".repeat(LONGEST_CAUSES));
        assert!(causes_of(&own, &long).unwrap().len() <= LONGEST_CAUSES);
    }

    #[derive(Debug)]
    struct Outer(Option<Box<Outer>>);

    impl std::fmt::Display for Outer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("outer")
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.0.as_deref().map(|inner| inner as _)
        }
    }

    #[derive(Debug)]
    struct Endless;

    impl std::fmt::Display for Endless {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("endless")
        }
    }

    impl Error for Endless {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(self)
        }
    }
}
