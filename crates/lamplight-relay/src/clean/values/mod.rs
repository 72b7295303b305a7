//! What is searched for in values.

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

/// Returns from where to where there are places, which are in their order.
fn places(mut places: impl Iterator<Item = Range<usize>>) -> Option<Range<usize>> {
    let first = places.next()?;
    Some(first.start..places.fold(first.end, |_, place| place.end))
}

pub(super) use numbers::whole;
pub(super) use search::{Scratch, Search, Suspects};

/// A ready-made set of values that are not told.
///
/// They are searched for
///
/// * in names of spans and events, and in status messages;
/// * in values of attributes, down to arrays and maps: in text with its percent-encoded parameters of URLs, in
///   bytes as far as they are text, and in the digits of whole numbers, which become the mask as a whole;
/// * in keys of maps that are values.
///
/// They are not searched for in keys of attributes, in names and versions of scopes, in a `tracestate`, nor
/// in what is encoded otherwise, such as in base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueSet {
    /// Numbers of payment cards: 13 to 19 digits, alone or in groups, with the first digits of an issuer
    /// and a right check digit (ISO/IEC 7812).
    CardNumbers,
    /// E-mail addresses.
    Emails,
    /// Credentials: bearer tokens and basic authentication, JSON Web Tokens, access keys of AWS, tokens of
    /// GitHub, GitLab, npm, Slack, Stripe and Google, private keys; and in URLs the parameters in which
    /// such are passed (`access_token`, `X-Amz-Signature`, `sig`, ..).
    Tokens,
    /// IPv4 addresses. A version number of four parts looks like one.
    Ipv4,
}

/// A pattern of a user's own for what is not told.
#[derive(Debug, Clone)]
pub struct ValuePattern {
    regex: Regex,
    literal: Option<Finder<'static>>,
}

impl ValuePattern {
    /// Returns the pattern of what a regular expression finds. It is matched in linear time, whatever it
    /// is.
    ///
    /// # Errors
    ///
    /// Where it is none, or needs look-around or back-references.
    pub fn new(expression: &str) -> Result<Self, CleanError> {
        match Regex::new(expression) {
            Ok(regex) => Ok(Self {
                regex,
                literal: None,
            }),
            Err(error) => Err(CleanError::regex(expression, &error)),
        }
    }

    /// Says that whatever it finds has this in it, letter for letter, in a text: spans without it are then not
    /// searched, which is some twenty times as fast. Numbers are searched only for patterns that do not say
    /// it.
    #[must_use]
    pub fn containing(mut self, literal: &str) -> Self {
        let literal = Finder::new(literal.as_bytes()).into_owned();
        self.literal = Some(literal);
        self
    }

    /// Returns the first place at which it may find something.
    fn suspect(&self, text: &[u8]) -> Option<usize> {
        let literal = self.literal.as_ref();
        literal.map_or(Some(0), |literal| literal.find(text))
    }
}
