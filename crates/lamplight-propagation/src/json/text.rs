//! The contents of strings.

use std::borrow::Cow;

use memchr::memchr;

use super::{MAX_LEVEL, Value, scan::Scan};

/// The longest string that is ever copied; headers and attributes are far shorter.
const MAX_COPY: usize = 64 * 1024;

/// What stands between two quotes, still escaped `level` times.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a> {
    pub(super) raw: &'a [u8],
    pub(super) level: u8,
}

impl<'a> Text<'a> {
    /// A string that is escaped no more.
    #[cfg(feature = "events")]
    pub(crate) fn plain(text: &'a str) -> Self {
        Self {
            raw: text.as_bytes(),
            level: 0,
        }
    }

    /// The bytes as they stand in the document.
    pub(crate) fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Compares byte for byte, escapes resolved.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.matches(name, |a, b| a == b)
    }

    /// Compares without regard to the case of ASCII letters, as HTTP does.
    pub(crate) fn is_ignoring_case(&self, name: &str) -> bool {
        self.matches(name, |a, b| a.eq_ignore_ascii_case(&b))
    }

    fn matches(&self, name: &str, same: impl Fn(u8, u8) -> bool) -> bool {
        if self.raw.len() == name.len() {
            return self
                .raw
                .iter()
                .zip(name.as_bytes())
                .all(|(a, b)| same(*a, *b));
        }
        // An escaped text is longer than what it says. Few names begin with the same letter.
        let (Some(first), Some(expected)) = (self.raw.first(), name.as_bytes().first()) else {
            return false;
        };
        if self.raw.len() < name.len()
            || *first != b'\\' && !same(*first, *expected)
            || memchr(b'\\', self.raw).is_none()
        {
            return false;
        }
        let scan = Scan {
            bytes: self.raw,
            level: self.level,
        };
        let mut pos = 0;
        for expected in name.bytes() {
            match scan.next(pos) {
                Some((byte, after)) if same(byte, expected) => pos = after,
                _ => return false,
            }
        }
        pos == self.raw.len()
    }

    /// The document this string holds, when it may be an object or an array and is not too deep.
    pub(crate) fn document(&self) -> Option<Value<'a>> {
        if self.level > MAX_LEVEL {
            return None;
        }
        let value = Value::at(
            Scan {
                bytes: self.raw,
                level: self.level,
            },
            0,
        );
        matches!(value.first(), Some(b'{' | b'[')).then_some(value)
    }

    /// The string itself; copied only where it holds escapes. Invalid UTF-8 becomes U+FFFD.
    /// `None` for strings too long to be anything but payload.
    pub(crate) fn to_str(self) -> Option<Cow<'a, str>> {
        if self.raw.len() > MAX_COPY {
            return None;
        }
        if memchr(b'\\', self.raw).is_none() {
            return Some(String::from_utf8_lossy(self.raw));
        }
        let mut bytes = self.raw.to_vec();
        for _ in 0..self.level {
            if memchr(b'\\', &bytes).is_none() {
                break;
            }
            bytes = unescape(&bytes);
        }
        Some(Cow::Owned(match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(invalid) => String::from_utf8_lossy(invalid.as_bytes()).into_owned(),
        }))
    }
}

/// Takes off one layer of escapes. Broken ones become U+FFFD.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'\\' {
            out.push(*first);
            continue;
        }
        let [kind, tail @ ..] = rest else { break };
        rest = tail;
        match kind {
            b'b' => out.push(0x08),
            b'f' => out.push(0x0c),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'u' => {
                let (c, tail) = unicode(rest);
                rest = tail;
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => out.push(*other),
        }
    }
    out
}

/// The character behind `\u`, which may be a surrogate pair.
fn unicode(text: &[u8]) -> (char, &[u8]) {
    let Some((high, rest)) = code_unit(text) else {
        return (char::REPLACEMENT_CHARACTER, text);
    };
    if let (0xd800..=0xdbff, [b'\\', b'u', behind @ ..]) = (high, rest)
        && let Some((low @ 0xdc00..=0xdfff, rest)) = code_unit(behind)
    {
        let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        return (
            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
            rest,
        );
    }
    (
        char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER),
        rest,
    )
}

fn code_unit(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_first_chunk::<4>()?;
    let mut code = 0;
    for digit in digits {
        code = code << 4 | char::from(*digit).to_digit(16)?;
    }
    Some((code, rest))
}
