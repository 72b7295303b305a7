//! Errors for settings that are written as names.

use std::fmt;

/// Defines the error returned when parsing an unknown name. Other crates cannot construct it.
///
/// Its text is like "unknown log level; allowed are `info` and `debug`".
#[macro_export]
macro_rules! unknown_name_error {
    ($(#[$attribute:meta])* $error:ident, $what:literal, $allowed:expr) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $error {
            _private: (),
        }

        impl $error {
            const fn new() -> Self {
                Self { _private: () }
            }
        }

        impl ::std::fmt::Display for $error {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::names::fmt_unknown(f, $what, $allowed.as_ref())
            }
        }

        impl ::std::error::Error for $error {}
    };
}

/// Writes the text of an [`unknown_name_error`].
pub fn fmt_unknown(f: &mut fmt::Formatter<'_>, what: &str, allowed: &[&str]) -> fmt::Result {
    write!(f, "unknown {what}; allowed are {}", listed(allowed))
}

/// Returns names as a list in a sentence.
pub(crate) fn listed(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    unknown_name_error!(
        #[allow(unreachable_pub)]
        UnknownColor,
        "color",
        ["red", "green", "blue"]
    );

    #[test]
    fn an_unknown_name_is_told_what_is_allowed() {
        let text = UnknownColor::new().to_string();
        assert_eq!(text, "unknown color; allowed are `red`, `green` and `blue`");
    }
}
