//! Query strings, without the secrets that are known to stand in them.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::json::{Text, Value};

/// Parameters whose values sign requests; names are case-sensitive. The list of the semantic
/// conventions for `url.query`, with the parameters of presigned S3 requests.
const SECRET: &[&str] = &[
    "AWSAccessKeyId",
    "Signature",
    "X-Amz-Credential",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Goog-Signature",
    "sig",
];

const REDACTED: &str = "REDACTED";

/// The characters encoded in names and values that were decoded: all that has a meaning in a query.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b';')
    .remove(b':')
    .remove(b'@')
    .remove(b'/')
    .remove(b'?');

/// The characters encoded in those that still are: nothing but what is not ASCII, which always is.
const NOTHING: &AsciiSet = &AsciiSet::EMPTY;

/// More parameters than this are not written out.
const MAX_PARAMETERS: usize = 256;

/// A query string in the form the source gives it.
#[derive(Debug, Default)]
pub(in crate::inbound) enum Query<'a> {
    #[default]
    None,
    /// As the client sent it.
    Raw(Text<'a>),
    /// Parameters still percent-encoded.
    Encoded(Value<'a>),
    /// Parameters already decoded.
    Decoded(Value<'a>),
}

impl<'a> Query<'a> {
    /// Returns the query as a client would send it, secrets redacted. Parameters that are members of an
    /// object, which has no order, stand in the order of their names.
    ///
    /// `more` are parameters which are secret beside those that are known to be.
    pub(super) fn into_text(self, more: &[String]) -> Option<Cow<'a, str>> {
        let (parameters, decoded) = match self {
            Self::None => return None,
            Self::Raw(text) => {
                return Some(match text.to_str()? {
                    Cow::Borrowed(text) => redact(text, more),
                    Cow::Owned(text) => Cow::Owned(redact(&text, more).into_owned()),
                });
            }
            Self::Encoded(parameters) => (parameters, false),
            Self::Decoded(parameters) => (parameters, true),
        };
        let members = parameters.members().take(MAX_PARAMETERS);
        let members = members.map(|(name, value)| Some((name.to_str()?, value)));
        let mut members = members.collect::<Option<Vec<_>>>()?;
        members.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut out = String::new();
        for (name, value) in members {
            let single = value.text();
            for value in single
                .into_iter()
                .chain(value.elements().filter_map(|it| it.text()))
            {
                if !out.is_empty() {
                    out.push('&');
                }
                let value = value.to_str()?;
                let value = if is_secret(&name, more) {
                    REDACTED
                } else {
                    &value
                };
                push(&mut out, &name, decoded);
                out.push('=');
                push(&mut out, value, decoded);
            }
        }
        (!out.is_empty()).then_some(Cow::Owned(out))
    }
}

/// Returns whether this is the name of a secret parameter, however it is encoded.
fn is_secret(name: &str, more: &[String]) -> bool {
    let name = match name.contains('%') {
        true => percent_decode_str(name).decode_utf8_lossy(),
        false => Cow::Borrowed(name),
    };
    SECRET.contains(&&*name) || more.iter().any(|secret| *secret == name)
}

/// Replaces the values of the secret parameters.
pub(super) fn redact<'q>(query: &'q str, more: &[String]) -> Cow<'q, str> {
    let has_secret = |part: &str| {
        part.split_once('=')
            .is_some_and(|(name, _)| is_secret(name, more))
    };
    if !query.split('&').any(has_secret) {
        return Cow::Borrowed(query);
    }
    let mut out = String::with_capacity(query.len());
    for (i, part) in query.split('&').enumerate() {
        if i > 0 {
            out.push('&');
        }
        match part.split_once('=') {
            Some((name, _)) if is_secret(name, more) => {
                out.push_str(name);
                out.push('=');
                out.push_str(REDACTED);
            }
            _ => out.push_str(part),
        }
    }
    Cow::Owned(out)
}

/// Appends a name or value, percent-encoding what a query does not take.
fn push(out: &mut String, text: &str, decoded: bool) {
    let encoded = if decoded { RESERVED } else { NOTHING };
    out.extend(utf8_percent_encode(text, encoded));
}

#[cfg(test)]
mod tests {
    use super::push;

    #[test]
    fn what_has_a_meaning_is_encoded_once() {
        let encode = |text, decoded| {
            let mut out = String::new();
            push(&mut out, text, decoded);
            out
        };
        let plain = "AZaz09-._~!$'()*,;:@/?";
        assert_eq!(encode(plain, true), plain);
        let decoded = "a b+c&d=e%f#\"<>[]\\^`{|}\n\x7f\u{e9}";
        let encoded = "a%20b%2Bc%26d%3De%25f%23%22%3C%3E%5B%5D%5C%5E%60%7B%7C%7D%0A%7F%C3%A9";
        assert_eq!(encode(decoded, true), encoded);
        // As it came, but for what is not ASCII.
        assert_eq!(encode(encoded, false), encoded);
        assert_eq!(encode("a+b c\u{e9}", false), "a+b c%C3%A9");
    }
}
