//! The contents of strings.

use std::{borrow::Cow, str};

use memchr::memchr;

use super::{MAX_LEVEL, Value, scan::Scan};

/// The longest string that is copied, in bytes; headers and attributes are far shorter.
const MAX_COPY: usize = 64 * 1024;

/// A buffer for a name with escapes, on the stack of the function that iterates over an object.
#[derive(Debug)]
pub(crate) struct NameBuffer([u8; 48]);

impl Default for NameBuffer {
    fn default() -> Self {
        Self([0; 48])
    }
}

/// The contents of a string, escaped `level` times.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a> {
    pub(super) raw: &'a [u8],
    pub(super) level: u8,
    /// True if the string is known to have no escapes.
    pub(super) plain: bool,
    /// True if a document in the string may have structural characters written as `\uXXXX`.
    pub(super) may_have_unicode_escaped_delimiters: bool,
}

impl<'a> Text<'a> {
    /// Returns a string without any remaining escape level.
    pub(crate) fn plain(text: &'a str) -> Self {
        Self {
            raw: text.as_bytes(),
            level: 0,
            plain: true,
            may_have_unicode_escaped_delimiters: false,
        }
    }

    /// Returns the bytes as they are in the document.
    pub(crate) fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Returns the unescaped name of a key, for a `match` over many names. A name without escapes, the usual
    /// case, costs one test of a flag; any other is written into `buffer`. A name longer than the buffer, and
    /// so than all known names, is returned with its escapes.
    #[inline(always)]
    pub(crate) fn name<'b>(&self, buffer: &'b mut NameBuffer) -> &'b [u8]
    where
        'a: 'b,
    {
        match self.plain {
            true => self.raw,
            false => self.escaped_name(buffer).unwrap_or(self.raw),
        }
    }

    #[cold]
    fn escaped_name<'b>(&self, buffer: &'b mut NameBuffer) -> Option<&'b [u8]> {
        let scan = Scan::nested(self.raw, self.level, false);
        let (mut pos, mut length) = (0, 0);
        while pos < self.raw.len() {
            let (byte, after) = scan.next(pos)?;
            *buffer.0.get_mut(length)? = byte;
            (pos, length) = (after, length + 1);
        }
        buffer.0.get(..length)
    }

    /// Returns whether the unescaped text equals `name`, byte for byte.
    #[inline]
    pub(crate) fn is(&self, name: &str) -> bool {
        self.raw == name.as_bytes() || self.may_be(name) && self.unescapes_to(name, |a, b| a == b)
    }

    /// Returns whether the unescaped text equals `name` in any case of ASCII letters, like names in HTTP.
    #[inline]
    pub(crate) fn is_ignoring_case(&self, name: &str) -> bool {
        self.raw == name.as_bytes()
            || self.raw.eq_ignore_ascii_case(name.as_bytes())
            || self.may_be(name) && self.unescapes_to(name, |a, b| a.eq_ignore_ascii_case(&b))
    }

    /// Returns whether the text may equal `name`: text with escapes is longer than the unescaped text.
    #[inline]
    fn may_be(&self, name: &str) -> bool {
        !self.plain && self.raw.len() > name.len()
    }

    #[inline(never)]
    fn unescapes_to(&self, name: &str, same: impl Fn(u8, u8) -> bool) -> bool {
        let scan = Scan::nested(self.raw, self.level, false);
        let mut pos = 0;
        for expected in name.bytes() {
            match scan.next(pos) {
                Some((byte, after)) if same(byte, expected) => pos = after,
                _ => return false,
            }
        }
        pos == self.raw.len()
    }

    /// Returns the number of characters after unescaping, if all are ASCII.
    #[inline]
    pub(crate) fn length(&self) -> Option<usize> {
        if !self.is_escaped() {
            return Some(self.raw.len());
        }
        let scan = Scan::nested(self.raw, self.level, false);
        let (mut pos, mut count) = (0, 0);
        while pos < self.raw.len() {
            pos = scan.next(pos)?.1;
            count += 1;
        }
        Some(count)
    }

    /// Returns whether the unescaped text may differ from the bytes.
    #[inline]
    pub(crate) fn is_escaped(&self) -> bool {
        !self.plain && memchr(b'\\', self.raw).is_some()
    }

    /// Returns the document in this string, if it may be an object or an array and is not nested too deeply.
    pub(crate) fn document(&self) -> Option<Value<'a>> {
        if self.level > MAX_LEVEL {
            return None;
        }
        let scan = Scan::nested(
            self.raw,
            self.level,
            self.may_have_unicode_escaped_delimiters,
        );
        let value = Value::at(scan, 0);
        matches!(value.first(), Some(b'{' | b'[')).then_some(value)
    }

    /// Returns the unescaped string, copied only if it has escapes. Invalid UTF-8 becomes U+FFFD. `None` for
    /// strings that are too long to be anything but payload.
    pub(crate) fn to_str(self) -> Option<Cow<'a, str>> {
        Some(match self.to_bytes()? {
            Cow::Borrowed(bytes) => match str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => String::from_utf8_lossy(bytes),
            },
            Cow::Owned(bytes) => Cow::Owned(match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(invalid) => String::from_utf8_lossy(invalid.as_bytes()).into_owned(),
            }),
        })
    }

    /// Returns the same as bytes, for callers that validate UTF-8 themselves.
    pub(crate) fn to_bytes(self) -> Option<Cow<'a, [u8]>> {
        if self.raw.len() > MAX_COPY {
            return None;
        }
        if !self.is_escaped() {
            return Some(Cow::Borrowed(self.raw));
        }
        let mut bytes = self.raw.to_vec();
        for _ in 0..self.level {
            if memchr(b'\\', &bytes).is_none() {
                break;
            }
            bytes = unescape(&bytes);
        }
        Some(Cow::Owned(bytes))
    }
}

/// Removes one level of escapes. Malformed escapes become U+FFFD.
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

/// Returns the character after `\u`, which may be a surrogate pair.
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
