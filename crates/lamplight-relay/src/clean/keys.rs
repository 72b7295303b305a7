//! Selection of attributes.

use std::fmt;

use regex::bytes::Regex;

use super::error::CleanError;

/// The kinds of messages to whose attributes a setting applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct On(u8);

impl On {
    /// Attributes of spans.
    pub const SPANS: Self = Self(1);
    /// Attributes of resources.
    pub const RESOURCES: Self = Self(2);
    /// Attributes of span events.
    pub const EVENTS: Self = Self(4);
    /// Attributes of links.
    pub const LINKS: Self = Self(8);
    /// Attributes of instrumentation scopes.
    pub const SCOPES: Self = Self(16);
    /// All of them.
    pub const ALL: Self = Self(31);

    /// Returns the union of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns whether these include all of `other`.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(super) const fn bits(self) -> u8 {
        self.0
    }
}

/// A pattern of attribute keys.
#[derive(Debug, Clone)]
pub struct KeyPattern(Pattern);

#[derive(Debug, Clone)]
enum Pattern {
    Exact(Box<[u8]>),
    Prefix(Box<[u8]>),
    Regex(Regex),
}

impl KeyPattern {
    /// Returns the pattern of a single key.
    pub fn exact(key: &str) -> Self {
        Self(Pattern::Exact(key.as_bytes().into()))
    }

    /// Returns the pattern of all keys with this prefix.
    pub fn prefix(start: &str) -> Self {
        Self(Pattern::Prefix(start.as_bytes().into()))
    }

    /// Returns the pattern of all keys with a match of a regular expression; `^` and `$` anchor it
    /// to the ends of the key. Matching always takes linear time.
    ///
    /// # Errors
    ///
    /// Returns an error if the expression is invalid, or needs look-around or back-references.
    pub fn regex(expression: &str) -> Result<Self, CleanError> {
        match Regex::new(expression) {
            Ok(regex) => Ok(Self(Pattern::Regex(regex))),
            Err(error) => Err(CleanError::regex(expression, &error)),
        }
    }

    /// Parses a pattern as written in settings: `/expression/` is a [regular
    /// expression](Self::regex), `start*` a [prefix](Self::prefix), anything else a
    /// [key](Self::exact).
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`regex`](Self::regex).
    pub fn parse(text: &str) -> Result<Self, CleanError> {
        let inside = text
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'));
        match (inside, text.strip_suffix('*')) {
            (Some(expression), _) => Self::regex(expression),
            (None, Some(start)) => Ok(Self::prefix(start)),
            (None, None) => Ok(Self::exact(text)),
        }
    }

    /// Returns whether the pattern matches this key.
    pub fn matches(&self, key: &[u8]) -> bool {
        match &self.0 {
            Pattern::Exact(exact) => **exact == *key,
            Pattern::Prefix(prefix) => key.starts_with(prefix),
            Pattern::Regex(regex) => regex.is_match(key),
        }
    }
}

/// Returns the pattern of a single key.
impl From<&str> for KeyPattern {
    fn from(key: &str) -> Self {
        Self::exact(key)
    }
}

/// Writes the pattern in the syntax of [`parse`](KeyPattern::parse).
impl fmt::Display for KeyPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Pattern::Exact(key) => f.write_str(&String::from_utf8_lossy(key)),
            Pattern::Prefix(start) => write!(f, "{}*", String::from_utf8_lossy(start)),
            Pattern::Regex(regex) => write!(f, "/{regex}/"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_read_as_it_is_written() {
        for (text, yes, no) in [
            ("http.url", "http.url", "http.urls"),
            ("http.*", "http.url", "https.url"),
            ("/(?i)password/", "db.Password.hash", "passwd"),
            ("/^a$/", "a", "ab"),
        ] {
            let pattern = KeyPattern::parse(text).unwrap();
            assert!(pattern.matches(yes.as_bytes()), "{text} {yes}");
            assert!(!pattern.matches(no.as_bytes()), "{text} {no}");
            assert_eq!(pattern.to_string(), text);
        }
    }

    #[test]
    fn an_expression_that_is_none_is_refused_and_said() {
        let error = KeyPattern::parse("/(/").unwrap_err();
        assert!(error.to_string().contains("`(`"), "{error}");
        assert!(KeyPattern::regex(r"(a)\1").is_err());
    }
}
