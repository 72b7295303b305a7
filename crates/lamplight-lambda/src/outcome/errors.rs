//! The text of an error, and its causes.

use std::{any::Any, error::Error, fmt::Debug};

use super::names::{DEEPEST, unboxed};
use crate::panics;

/// The maximum length of the causes, in bytes: a `Debug` output may contain a whole payload.
const LONGEST_CAUSES: usize = 8 << 10;

/// Returns the error and its causes, one per line; `None` without a cause. Chains are short; an endless one
/// is cut.
pub(crate) fn causes<E: Error + ?Sized>(error: &E) -> Option<String> {
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

/// Returns the causes of a boxed error.
#[cfg(feature = "_records")]
pub(crate) fn causes_in<E: 'static>(error: &E) -> Option<String> {
    causes(unboxed(error)?)
}

/// Returns the causes of an error of any type, as far as they can be determined.
///
/// Boxed errors and `io::Error` have a chain of sources. For other types, it is unknown whether they
/// implement [`Error`]; their `Debug` output is used instead, which contains the causes for derived
/// implementations, and is a report of them for `anyhow` and `eyre`.
pub(crate) fn causes_of<E: Debug + 'static>(error: &E, debug: &str) -> Option<String> {
    if let Some(error) = unboxed(error) {
        return causes(error);
    }
    let any: &dyn Any = error;
    if let Some(error) = any.downcast_ref::<std::io::Error>() {
        return causes(error);
    }
    // A string or a unit type adds nothing to the message.
    let plain = debug.starts_with('"') || !debug.contains(['\n', '(', '{']);
    (!plain).then(|| shortened(debug.to_owned()))
}

/// Returns the text of an error. If it panics, a placeholder is returned, so that the error is still
/// recorded.
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
