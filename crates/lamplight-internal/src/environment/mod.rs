//! The reader of environment variables that all crates use.
//!
//! Values are trimmed, empty values count as unset, and names of choices may be in any case. An invalid value
//! is always reported, once per process and in one form ([`Environment::reject`]): the variable and its
//! value, the allowed values, and the value used instead.

mod value;

use std::{fmt::Display, str::FromStr, time::Duration};

use self::value::{booleans, named};
pub use self::value::{names, shown};
use crate::diagnostics::{LogLevel, set_default_level, set_level, warn_once};

const OTEL_LOG_LEVEL: &str = "OTEL_LOG_LEVEL";

type Lookup<'a> = dyn Fn(&str) -> Option<String> + Send + Sync + 'a;
type Report<'a> = dyn Fn(&str, String) + Send + Sync + 'a;

/// Environment variables by name: those of the process, or substitutes.
pub struct Environment<'a> {
    lookup: Box<Lookup<'a>>,
    report: Box<Report<'a>>,
}

impl Environment<'static> {
    /// Returns the variables of the process.
    ///
    /// The first call in a process applies `OTEL_LOG_LEVEL`, unless a level is already set, so that faults of
    /// other variables are reported at the right level, whichever crate reads them.
    #[must_use]
    pub fn of_process() -> Self {
        let environment = Self::new(of_process);
        if set_default_level(LogLevel::default())
            && let Some(level) = environment.parse(OTEL_LOG_LEVEL, "`info`")
        {
            set_level(level);
        }
        environment
    }
}

impl<'a> Environment<'a> {
    /// Returns variables whose values are returned by `lookup`.
    pub fn new(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'a) -> Self {
        Self {
            lookup: Box::new(lookup),
            report: Box::new(|name, line| warn_once(name, || line)),
        }
    }

    /// Sends log lines to `report` instead, with the name of the variable, each time.
    #[must_use]
    pub fn with_report(mut self, report: impl Fn(&str, String) + Send + Sync + 'a) -> Self {
        self.report = Box::new(report);
        self
    }

    /// Returns the value of a variable, trimmed. An empty value counts as unset, as the OpenTelemetry
    /// specification requires.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        let value = (self.lookup)(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// Returns the parts between the commas of a value, without empty ones.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        let list = self.get(name).unwrap_or_default();
        let items = list.split(',').map(str::trim);
        items
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Returns a Boolean: `true` or `false` in any case.
    ///
    /// Lamplight's own variables also accept the common spellings `1` and `0`, `yes` and `no`, `on` and
    /// `off`. Those of OpenTelemetry do not: its specification forbids other names for true, and makes
    /// unknown values false, whatever the default
    /// (<https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#boolean>). Those
    /// of AWS do not either, since its SDKs do not.
    #[must_use]
    pub fn boolean(&self, name: &str, default: impl Display) -> Option<bool> {
        let allowed = booleans(name);
        if !name.starts_with("OTEL_") {
            return self.choice(name, allowed, default);
        }
        let value = self.get(name)?;
        let understood = named(&value, allowed);
        if understood.is_none() {
            self.reject(name, &value, &unknown(allowed), "`false`");
        }
        Some(understood.unwrap_or(false))
    }

    /// Returns a whole number of at least `least`.
    #[must_use]
    pub fn number(&self, name: &str, least: u64, default: impl Display) -> Option<u64> {
        self.whole(name, "number", least, default)
    }

    /// Returns a duration, written as a whole number of milliseconds of at least `least`.
    #[must_use]
    pub fn millis(&self, name: &str, least: u64, default: impl Display) -> Option<Duration> {
        let millis = self.whole(name, "number of milliseconds", least, default);
        millis.map(Duration::from_millis)
    }

    fn whole(&self, name: &str, unit: &str, least: u64, default: impl Display) -> Option<u64> {
        let expected = format!("a {unit} of at least {least}");
        self.read(name, &expected, default, |value| {
            value.parse().ok().filter(|number| *number >= least)
        })
    }

    /// Returns the meaning of a value that must be one of a few names, in any case.
    #[must_use]
    pub fn choice<T: Clone>(
        &self,
        name: &str,
        allowed: &[(&str, T)],
        default: impl Display,
    ) -> Option<T> {
        let value = self.get(name)?;
        let understood = named(&value, allowed);
        if understood.is_none() {
            self.reject_for_default(name, &value, &unknown(allowed), default);
        }
        understood
    }

    /// Returns a value of a type whose names are in lower case; any case is accepted. The type's parse error
    /// must list the allowed names, as in "unknown level; allowed are `a` and `b`".
    #[must_use]
    pub fn parse<T: FromStr<Err: Display>>(&self, name: &str, default: impl Display) -> Option<T> {
        let value = self.get(name)?;
        match value.to_ascii_lowercase().parse() {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                self.reject_for_default(
                    name,
                    &value,
                    &format!("is not understood: {error}"),
                    default,
                );
                None
            }
        }
    }

    /// Returns the result of `read` for a value. `expected` describes valid values, as in "a number from 0 to
    /// 1".
    #[must_use]
    pub fn read<T>(
        &self,
        name: &str,
        expected: &str,
        default: impl Display,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.get(name)?;
        let understood = read(&value);
        if understood.is_none() {
            self.reject_for_default(name, &value, &format!("is not {expected}"), default);
        }
        understood
    }

    fn reject_for_default(&self, name: &str, value: &str, problem: &str, default: impl Display) {
        self.reject(name, value, problem, format_args!("the default, {default}"));
    }

    /// Reports an invalid value: the `problem`, which includes the allowed values, and the value `used`
    /// instead.
    pub fn reject(&self, name: &str, value: &str, problem: &str, used: impl Display) {
        let value = shown(value);
        self.say(name, format!("{name}={value} {problem}; using {used}"));
    }

    /// Reports a fault of a variable, once, in the caller's words.
    pub fn say(&self, name: &str, line: String) {
        (self.report)(name, line);
    }
}

impl std::fmt::Debug for Environment<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Environment")
    }
}

/// Returns the names of the variables of the process.
pub fn names_of_process() -> impl Iterator<Item = String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
}

/// Returns the problem text for a value that is not one of these.
fn unknown<T>(allowed: &[(&str, T)]) -> String {
    format!("is unknown; allowed are {}", names(allowed))
}

/// Returns a variable of the process. A value that is not Unicode counts as unset, and is reported.
fn of_process(name: &str) -> Option<String> {
    match std::env::var(name) {
        Ok(value) => Some(value),
        Err(std::env::VarError::NotPresent) => None,
        Err(std::env::VarError::NotUnicode(_)) => {
            warn_once(name, || {
                format!("{name} is not UTF-8 and counts as not set; allowed is UTF-8")
            });
            None
        }
    }
}

#[cfg(test)]
mod tests;
