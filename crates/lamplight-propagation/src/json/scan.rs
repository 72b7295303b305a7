//! Characters and tokens, read through levels of escapes.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// Text that is escaped `level` times; `0` is a document as it was received.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) level: u8,
    /// True if some quote, bracket or backslash is written as `\uXXXX`.
    pub(super) has_unicode_escaped_delimiters: bool,
}

/// A structural character and its position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) byte: u8,
    pub(super) at: usize,
    /// The position of the next character.
    pub(super) after: usize,
}

impl<'a> Scan<'a> {
    /// Returns text that is not escaped.
    pub(super) fn document(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            level: 0,
            has_unicode_escaped_delimiters: false,
        }
    }

    /// Returns text that is escaped `level` times. The text is searched for delimiters written as `\uXXXX` if
    /// it may have any.
    pub(super) fn nested(
        bytes: &'a [u8],
        level: u8,
        may_have_unicode_escaped_delimiters: bool,
    ) -> Self {
        let may_have = level > 0 && may_have_unicode_escaped_delimiters;
        Self {
            bytes,
            level,
            has_unicode_escaped_delimiters: may_have && has_unicode_escaped_delimiters(bytes),
        }
    }

    /// Returns whether strings within this text may have delimiters written as `\uXXXX`: always in a
    /// document, which has not been searched, and never in text that was searched without a match.
    #[inline]
    pub(super) fn may_have_unicode_escaped_delimiters(&self) -> bool {
        self.level == 0 || self.has_unicode_escaped_delimiters
    }

    /// Returns the character at `pos` and the position of the next one. Characters outside ASCII are returned
    /// as their bytes, or as `0xff` if they were escaped: no structure depends on them.
    #[inline]
    pub(super) fn next(&self, pos: usize) -> Option<(u8, usize)> {
        match *self.bytes.get(pos)? {
            b'\\' if self.level > 0 => self.unescape(pos, self.level),
            byte => Some((byte, pos + 1)),
        }
    }

    fn unescape(&self, pos: usize, level: u8) -> Option<(u8, usize)> {
        let Some(below) = level.checked_sub(1) else {
            return Some((*self.bytes.get(pos)?, pos + 1));
        };
        let (byte, pos) = self.unescape(pos, below)?;
        if byte != b'\\' {
            return Some((byte, pos));
        }
        let (kind, mut pos) = self.unescape(pos, below)?;
        let byte = match kind {
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let mut code = 0;
                for _ in 0..4 {
                    let (digit, after) = self.unescape(pos, below)?;
                    code = code << 4 | char::from(digit).to_digit(16)?;
                    pos = after;
                }
                u8::try_from(code).ok().filter(u8::is_ascii).unwrap_or(0xff)
            }
            other => other,
        };
        Some((byte, pos))
    }

    /// Returns the next character that is not white space.
    #[inline(always)]
    pub(super) fn token(&self, pos: usize) -> Option<Token> {
        let (at, byte) = (pos, *self.bytes.get(pos)?);
        if byte > b' ' && byte != b'\\' {
            let after = pos + 1;
            return Some(Token { byte, at, after });
        }
        if self.level == 1 && self.bytes.get(pos..pos + 2) == Some(b"\\\"") {
            let (byte, after) = (b'"', pos + 2);
            return Some(Token { byte, at, after });
        }
        self.rare_token(pos)
    }

    #[inline(never)]
    fn rare_token(&self, mut at: usize) -> Option<Token> {
        if let Some(after) = self.bare_quote(at) {
            let byte = b'"';
            return Some(Token { byte, at, after });
        }
        loop {
            let (byte, after) = self.next(at)?;
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(Token { byte, at, after });
            }
            at = after;
        }
    }

    /// Returns the position after the delimiting quote, if there is one directly at `pos`.
    #[inline]
    pub(super) fn bare_quote(&self, pos: usize) -> Option<usize> {
        let quote = match self.level {
            0 => pos,
            1 if self.bytes.get(pos) == Some(&b'\\') => pos + 1,
            _ => {
                let quote = pos + self.escapes();
                let escapes = self.bytes.get(pos..quote)?;
                if escapes.iter().any(|byte| *byte != b'\\') {
                    return None;
                }
                quote
            }
        };
        (self.bytes.get(quote) == Some(&b'"')).then_some(quote + 1)
    }

    /// Returns the number of backslashes before a delimiting quote.
    #[inline]
    pub(super) fn escapes(&self) -> usize {
        (1 << self.level) - 1
    }

    /// Returns whether the quote at `quote` delimits; the string starts at or before `start`.
    #[inline]
    pub(super) fn delimits(&self, start: usize, quote: usize) -> bool {
        let before = self.bytes.get(start..quote).unwrap_or_default();
        let backslashes = before
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\\')
            .count();
        backslashes & ((2 << self.level) - 1) == self.escapes()
    }
}

/// Returns whether a quote, bracket or backslash is written as `\uXXXX`. White space and scalars do not
/// matter, because they are read character by character.
fn has_unicode_escaped_delimiters(bytes: &[u8]) -> bool {
    has_numbered(bytes, |digits| {
        matches!(
            digits,
            [b'2', b'2'] | [b'5' | b'7', b'b'..=b'd' | b'B'..=b'D']
        )
    })
}

/// Returns whether a word may be written in other bytes than its letters, so that a search for the bytes may
/// miss it: that is, whether letters, or the escapes of a deeper level, are written as `\uXXXX`. That is
/// rare; the common escapes of `=`, `'` or `é` hide no word.
pub(crate) fn may_hide_words(bytes: &[u8]) -> bool {
    has_numbered(bytes, |digits| {
        let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
        let code = high.zip(low).map(|(high, low)| high << 4 | low);
        let character = code.and_then(char::from_u32);
        character.is_some_and(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '\\'))
    })
}

/// Returns whether some `\u00` is followed by digits for which `is` holds.
fn has_numbered(bytes: &[u8], mut is: impl FnMut([u8; 2]) -> bool) -> bool {
    static ESCAPE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br"\u00"));

    ESCAPE
        .find_iter(bytes)
        .filter_map(|at| bytes.get(at + 4..)?.first_chunk())
        .any(|digits| is(*digits))
}
