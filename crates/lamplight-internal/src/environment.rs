//! Numbers in environment variables, for every crate that reads some.

use crate::diagnostics::warn_once;
use std::fmt::Display;
use std::time::Duration;

/// The value of a variable of the process's environment. Empty counts as unset, as the
/// OpenTelemetry specification has it, and so does what is not Unicode.
pub fn variable(name: &str) -> Option<String> {
    let value = std::env::var(name).ok()?;
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// The number in `value`, the value of the variable `name`. What is no number, or less than `least`,
/// is reported once and gives `None`, for the default, which `default` tells.
pub fn number(
    name: &'static str,
    value: Option<String>,
    least: u64,
    default: impl Display,
) -> Option<u64> {
    parse(name, value?.trim(), least, "number", default)
}

/// As [`number`], of milliseconds.
pub fn millis(
    name: &'static str,
    value: Option<String>,
    least: u64,
    default: impl Display,
) -> Option<Duration> {
    let what = "number of milliseconds";
    parse(name, value?.trim(), least, what, default).map(Duration::from_millis)
}

fn parse(
    name: &'static str,
    value: &str,
    least: u64,
    what: &str,
    default: impl Display,
) -> Option<u64> {
    let number = value.parse().ok().filter(|number| *number >= least);
    if number.is_none() {
        warn_once(name, || {
            format!(
                "{name}={value:?} is not a {what} of at least {least}; using the default, {default}"
            )
        });
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_forgive_spaces_and_refuse_nonsense() {
        let number = |value: &str| number("N", Some(value.to_owned()), 1, 5);
        assert_eq!(number(" 12 "), Some(12));
        for nonsense in ["0", "-1", "1.5", "many", "99999999999999999999", ""] {
            assert_eq!(number(nonsense), None, "{nonsense:?}");
        }
        assert_eq!(millis("N", None, 0, ""), None);
        let zero = millis("N", Some("0".to_owned()), 0, "");
        assert_eq!(zero, Some(Duration::ZERO));
    }

    #[test]
    fn what_is_not_set_is_none() {
        assert_eq!(variable("LAMPLIGHT_NOT_SET"), None);
        assert!(variable("PATH").is_some());
    }
}
