//! Variables, and the one line about a value that is none of a variable's.

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use lamplight_internal::diagnostics;

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;
type Say = dyn Fn(&str) + Send + Sync;

/// Looks variables up, trimmed; a variable that is set and empty counts as not set.
pub(crate) struct Environment {
    lookup: Box<Lookup>,
    say: Box<Say>,
}

impl Environment {
    pub(crate) fn new(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self {
            lookup: Box::new(lookup),
            say: Box::new(say_once),
        }
    }

    /// Has `say` told what would be logged, each time.
    #[cfg(test)]
    pub(crate) fn with_log(mut self, say: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.say = Box::new(say);
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let value = (self.lookup)(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Returns the value of a variable whose values are `allowed`.
    pub(crate) fn parse<T: FromStr>(&self, name: &str, allowed: &str) -> Option<T> {
        self.parse_if(name, allowed, |_| true)
    }

    /// As [`parse`](Self::parse), where not every value of the type is one of the variable's.
    pub(crate) fn parse_if<T: FromStr>(
        &self,
        name: &str,
        allowed: &str,
        is_allowed: impl FnOnce(&T) -> bool,
    ) -> Option<T> {
        let value = self.get(name)?.to_ascii_lowercase().parse().ok();
        let value = value.filter(is_allowed);
        if value.is_none() {
            self.say_wrong(name, allowed);
        }
        value
    }

    /// Returns a URL. What cannot be one is said, and used all the same: a call that fails is better
    /// than one that goes somewhere else.
    pub(crate) fn url(&self, name: &str) -> Option<String> {
        let url = self.get(name)?;
        let scheme = url.split_once("://").map(|(scheme, _)| scheme);
        if !scheme
            .is_some_and(|s| s.eq_ignore_ascii_case("http") || s.eq_ignore_ascii_case("https"))
        {
            self.say(&format!(
                "{name} is no URL: write it with http:// or https://, for example \
                 http://localhost:4566; calls to it fail"
            ));
        }
        Some(url)
    }

    /// Says that the value of `name` is none of `allowed`. The value itself stays out of the log.
    pub(crate) fn say_wrong(&self, name: &str, allowed: &str) {
        self.say(&format!(
            "the value of {name} is not {allowed}; using the default"
        ));
    }

    pub(crate) fn say(&self, message: &str) {
        (self.say)(message);
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}

/// Logs `message` the first time. There are as many messages as variables.
fn say_once(message: &str) {
    static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
    {
        let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
        if said.iter().any(|earlier| earlier == message) {
            return;
        }
        said.push(message.to_owned());
    }
    // A subscriber may call back into this crate: no lock is held.
    diagnostics::warn("sdk_config", || message.to_owned());
}
