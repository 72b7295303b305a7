//! Parameters of URLs.

use std::ops::Range;

use memchr::{memchr, memchr2};

use super::places;

/// Parameters that usually contain credentials. The first ones are those in the conventions for
/// `url.full` and `url.query`.
pub(super) const CREDENTIALS: [&str; 22] = [
    "awsaccesskeyid",
    "signature",
    "sig",
    "x-goog-signature",
    "x-amz-signature",
    "x-amz-credential",
    "x-amz-security-token",
    "access_token",
    "refresh_token",
    "id_token",
    "token",
    "auth_token",
    "api_key",
    "apikey",
    "client_secret",
    "secret",
    "password",
    "passwd",
    "pwd",
    "code_verifier",
    "sessionid",
    "jwt",
];

/// Maximum length of a parameter name.
const LONGEST_NAME: usize = 64;

/// Names of parameters whose values are masked.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    all: Vec<Box<[u8]>>,
    /// The lengths that occur, as bits: most names have another length.
    lengths: u128,
}

impl Names {
    pub(super) fn add(&mut self, name: &str) {
        if name.len() <= LONGEST_NAME {
            self.lengths |= 1 << name.len();
            self.all.push(name.as_bytes().into());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Returns whether `before` ends with one of the names, regardless of case.
    fn end(&self, before: &[u8]) -> bool {
        let letters = before.iter().rev().take(LONGEST_NAME);
        let is_name =
            |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let length = letters.take_while(is_name).count();
        if self.lengths & 1 << length == 0 {
            return false;
        }
        let name = before.get(before.len() - length..).unwrap_or_default();
        let mut all = self.all.iter();
        all.any(|known| known.eq_ignore_ascii_case(name))
    }
}

/// Returns the range that contains all possible matches.
pub(super) fn suspect(text: &[u8], names: &Names) -> Option<Range<usize>> {
    let parameters = Parameters::new(text);
    places(
        parameters
            .filter(|parameter| parameter.is_among(names) || parameter.is_encoded())
            // Within a message, a parameter may seem to be inside the value of another one, while
            // it is separate in its own text.
            .map(|parameter| parameter.start - 1..parameter.end),
    )
}

/// Finds the values of parameters: those with one of these `names`, and those for whose decoded
/// value `is_secret` returns true.
pub(super) fn find(
    text: &[u8],
    names: &Names,
    decoded: &mut Vec<u8>,
    is_secret: impl Fn(&[u8]) -> bool,
    found: &mut Vec<Range<usize>>,
) {
    let mut done = 0;
    for parameter in Parameters::new(text) {
        let mut hides_secret = || {
            decode(parameter.value(), decoded);
            is_secret(decoded)
        };
        if parameter.start >= done
            && parameter.start < parameter.end
            && (parameter.is_among(names) || parameter.is_encoded() && hides_secret())
        {
            found.push(parameter.start..parameter.end);
            done = parameter.end;
        }
    }
}

/// The parameters in a text: a name, `=` and a value. A value may be a URL with its own parameters.
struct Parameters<'a> {
    text: &'a [u8],
    from: usize,
    /// The end of the last value: inner parameters share it, so that each byte is examined once.
    end: usize,
}

/// A parameter, with the position of its value.
struct Parameter<'a> {
    text: &'a [u8],
    start: usize,
    end: usize,
    /// True if it is in the value of another parameter.
    inner: bool,
}

impl<'a> Parameters<'a> {
    fn new(text: &'a [u8]) -> Self {
        let (from, end) = (0, 0);
        Self { text, from, end }
    }
}

impl<'a> Iterator for Parameters<'a> {
    type Item = Parameter<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let equals = memchr(b'=', self.text.get(self.from..)?)?;
        let start = self.from + equals + 1;
        let inner = start <= self.end && self.end > 0;
        if !inner {
            let rest = self.text.get(start..).unwrap_or_default();
            let length = rest.iter().position(|byte| is_end(*byte));
            self.end = start + length.unwrap_or(rest.len());
        }
        self.from = start;
        Some(Parameter {
            text: self.text,
            start,
            end: self.end,
            inner,
        })
    }
}

impl<'a> Parameter<'a> {
    fn value(&self) -> &'a [u8] {
        self.text.get(self.start..self.end).unwrap_or_default()
    }

    /// Returns whether the value must be decoded. An inner parameter is decoded with the outer one.
    fn is_encoded(&self) -> bool {
        !self.inner && memchr2(b'%', b'+', self.value()).is_some()
    }

    fn is_among(&self, names: &Names) -> bool {
        names.end(self.text.get(..self.start - 1).unwrap_or_default())
    }
}

/// Returns whether a byte ends the value of a parameter.
fn is_end(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'&' | b';' | b'#' | b'"' | b'\'' | b'<' | b'>')
}

/// Percent-decodes a value.
fn decode(value: &[u8], decoded: &mut Vec<u8>) {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    decoded.clear();
    let mut rest = value;
    while let [first, tail @ ..] = rest {
        let escaped = match (first, tail) {
            (b'%', [high, low, after @ ..]) => {
                let high_low = digit(high).zip(digit(low));
                high_low.map(|(high, low)| ((high << 4 | low) as u8, after))
            }
            _ => None,
        };
        let plain = if *first == b'+' { b' ' } else { *first };
        let (byte, after) = escaped.unwrap_or((plain, tail));
        decoded.push(byte);
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        let mut names = Names::default();
        CREDENTIALS.iter().for_each(|name| names.add(name));
        let has_at = |decoded: &[u8]| memchr(b'@', decoded).is_some();
        find(text.as_bytes(), &names, &mut Vec::new(), has_at, &mut found);
        assert!(
            found.is_empty() || suspect(text.as_bytes(), &names).is_some(),
            "{text}"
        );
        found
            .into_iter()
            .map(|range| text.get(range).unwrap())
            .collect()
    }

    #[test]
    fn parameters_with_credentials_are_found() {
        let url = "https://a.s3.amazonaws.com/k?X-Amz-Date=20261126T000000Z&X-Amz-Signature=ab12&x=1#frag";
        assert_eq!(values(url), ["ab12"]);
        assert_eq!(values("token=a&Password=b;sig=c d=e"), ["a", "b", "c"]);
        assert_eq!(values("/p?token="), [""; 0]);
        assert_eq!(values("/p?broken=1&to=2&token2=3"), [""; 0]);
    }

    #[test]
    fn what_is_encoded_is_found() {
        assert_eq!(
            values("/p?who=jan%40example.com&n=50%25"),
            ["jan%40example.com"]
        );
        assert_eq!(values("/p?who=%"), [""; 0]);
        assert_eq!(
            values("/p?next=/q?who%3Djan%40example.com"),
            ["/q?who%3Djan%40example.com"]
        );
    }
}
