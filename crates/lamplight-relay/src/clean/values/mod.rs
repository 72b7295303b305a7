//! Search for sensitive values.

mod cards;
mod emails;
mod ipv4;
mod numbers;
mod search;
mod tokens;
mod urls;

use std::ops::Range;

use memchr::memmem::Finder;
use regex::bytes::Regex;

use super::error::CleanError;

/// Returns the range that contains all of these places, which must be in order.
fn places(mut places: impl Iterator<Item = Range<usize>>) -> Option<Range<usize>> {
    let first = places.next()?;
    Some(first.start..places.fold(first.end, |_, place| place.end))
}

pub(super) use numbers::whole;
pub(super) use search::{Scratch, Search, Suspects};

/// A built-in set of sensitive values.
///
/// Values are searched for
///
/// * in names of spans and events, and in status messages;
/// * in values of attributes, including arrays and maps: in strings, including percent-encoded URL
///   parameters; in bytes, as far as they are text; and in the digits of integers, which are masked
///   as a whole;
/// * in keys of maps that are values.
///
/// They are not searched for in keys of attributes, in names and versions of scopes, in a
/// `tracestate`, or in data with another encoding, such as base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueSet {
    /// Payment card numbers: 13 to 19 digits, alone or in groups, that start with the digits of an
    /// issuer and have a correct check digit (ISO/IEC 7812).
    CardNumbers,
    /// Email addresses.
    Emails,
    /// Credentials: bearer tokens and basic authentication; JSON Web Tokens; AWS access keys;
    /// tokens of GitHub, GitLab, npm, Slack, Stripe and Google; private keys; and URL parameters
    /// that usually contain credentials (`access_token`, `X-Amz-Signature`, `sig`, ..).
    Tokens,
    /// IPv4 addresses. A version number of four parts looks like one.
    Ipv4,
}

/// A custom pattern of sensitive values.
#[derive(Debug, Clone)]
pub struct ValuePattern {
    regex: Regex,
    literal: Option<Finder<'static>>,
}

impl ValuePattern {
    /// Returns the pattern of all matches of a regular expression. Matching always takes linear
    /// time.
    ///
    /// # Errors
    ///
    /// Returns an error if the expression is invalid, or needs look-around or back-references.
    pub fn new(expression: &str) -> Result<Self, CleanError> {
        match Regex::new(expression) {
            Ok(regex) => Ok(Self {
                regex,
                literal: None,
            }),
            Err(error) => Err(CleanError::regex(expression, &error)),
        }
    }

    /// Declares that every match contains this literal. Spans without it are then skipped, which is
    /// about twenty times as fast. Integers are only searched for patterns without a literal.
    #[must_use]
    pub fn containing(mut self, literal: &str) -> Self {
        let literal = Finder::new(literal.as_bytes()).into_owned();
        self.literal = Some(literal);
        self
    }

    /// Returns the first place of a possible match.
    fn suspect(&self, text: &[u8]) -> Option<usize> {
        let literal = self.literal.as_ref();
        literal.map_or(Some(0), |literal| literal.find(text))
    }
}
