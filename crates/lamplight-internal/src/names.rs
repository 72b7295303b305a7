//! Errors of settings that are written as names.

use std::fmt;

/// Defines the error that is returned when parsing an unknown name. Nobody else can make one.
///
/// It reads "unknown log level name; allowed: `info`, `debug`".
#[macro_export]
macro_rules! unknown_name_error {
    ($(#[$attribute:meta])* $error:ident, $what:literal, $allowed:expr) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, PartialEq, Eq)]
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
    write!(f, "unknown {what} name; allowed: ")?;
    for (position, name) in allowed.iter().enumerate() {
        let separator = if position == 0 { "" } else { ", " };
        write!(f, "{separator}`{name}`")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    unknown_name_error!(
        #[allow(unreachable_pub)]
        UnknownColor,
        "color",
        ["red", "blue"]
    );

    #[test]
    fn an_unknown_name_is_told_what_is_allowed() {
        let text = UnknownColor::new().to_string();
        assert_eq!(text, "unknown color name; allowed: `red`, `blue`");
    }
}
