//! Reading characters through layers of escapes, and skipping over what nobody asked for.
//!
//! A quote that delimits a string of a document escaped `level` times has `2^level - 1`
//! backslashes before it, or that many more than a multiple of `2^(level + 1)` when the string
//! itself ends in backslashes. So a string's end can be found by counting backslashes, many bytes
//! at a time. That does not hold where a quote, bracket or backslash is written `\u0022`, which is
//! legal and nearly never done: in such a document every character is read for what it is.

use std::sync::LazyLock;

use memchr::{memchr, memmem::Finder};

use super::{
    blocks::Blocks,
    mask::{CHUNK, marks},
};

/// Chunks of a string looked at before a search is worth its start: nearly all keys and most values
/// are shorter.
const SHORT: usize = 4;

/// What an object or an array begins and ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Brackets {
    pub(super) open: u8,
    pub(super) close: u8,
}

impl Brackets {
    pub(super) const OBJECT: Self = Self {
        open: b'{',
        close: b'}',
    };
    pub(super) const ARRAY: Self = Self {
        open: b'[',
        close: b']',
    };
}

/// Text that is escaped `level` times: `0` is a document as it came over the wire.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) level: u8,
    /// There are escapes by number that stand for characters with a meaning.
    pub(super) careful: bool,
}

/// A character with a meaning, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) byte: u8,
    pub(super) at: usize,
    /// Where the next character starts.
    pub(super) after: usize,
}

/// The end of a string.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    /// Behind the closing quote.
    pub(super) after: usize,
    /// There is no escape in it.
    pub(super) plain: bool,
}

impl<'a> Scan<'a> {
    /// Text that is not escaped.
    pub(super) fn document(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            level: 0,
            careful: false,
        }
    }

    /// Text that is escaped `level` times. With `calm`, somebody knows that nothing in it is
    /// escaped by number that has a meaning.
    pub(super) fn nested(bytes: &'a [u8], level: u8, calm: bool) -> Self {
        Self {
            bytes,
            level,
            careful: level > 0 && !calm && has_meaningful_escape(bytes),
        }
    }

    /// Whether strings within are known to have no escape by number with a meaning.
    #[inline]
    pub(super) fn is_calm(&self) -> bool {
        self.level > 0 && !self.careful
    }

    /// The character at `pos` and where the next one starts. Characters outside ASCII come as
    /// their bytes, or as `0xff` where they were escaped: no structure depends on them.
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

    /// The next character that is not white space.
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

    /// Behind the quote that delimits, where there is nothing but one at `pos`.
    #[inline]
    fn bare_quote(&self, pos: usize) -> Option<usize> {
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

    /// How many backslashes there are before a quote that delimits.
    #[inline]
    pub(super) fn escapes(&self) -> usize {
        (1 << self.level) - 1
    }

    /// The contents of the string between `start`, behind its opening quote, and `end`.
    #[inline(always)]
    pub(super) fn contents(&self, start: usize, end: usize) -> Option<&'a [u8]> {
        if self.careful {
            // The closing quote may be escaped by number.
            return self.bytes.get(start..self.careful_string_end(start)?.0);
        }
        self.bytes.get(start..end.checked_sub(self.escapes() + 1)?)
    }

    /// The end of the string whose contents start at `pos`.
    pub(super) fn string_end(&self, pos: usize) -> Option<End> {
        if self.careful {
            let (_, after) = self.careful_string_end(pos)?;
            return Some(End {
                after,
                plain: false,
            });
        }
        let rest = self.bytes.get(pos..)?;
        let length = plain_length(rest);
        // Nearly all strings have nothing special before their end.
        match self.bare_quote(pos + length) {
            Some(after) => Some(End { after, plain: true }),
            None => self.long_string_end(pos, pos + length),
        }
    }

    /// The end of a string that starts at `start`, looked for from `from`.
    #[inline(never)]
    pub(super) fn long_string_end(&self, start: usize, mut from: usize) -> Option<End> {
        if self.level == 0 && self.bytes.get(from) != Some(&b'\\') {
            // Without any quote in it, such as base64, it ends at the first one.
            from += memchr(b'"', self.bytes.get(from..)?)?;
            if self.delimits(start, from) {
                let (after, plain) = (from + 1, false);
                return Some(End { after, plain });
            }
        }
        let mut blocks = Blocks::new(*self, start, from);
        loop {
            let (at, quotes) = blocks.next_quotes()?;
            if quotes != 0 {
                let after = at + quotes.trailing_zeros() as usize + 1;
                let plain = false;
                return Some(End { after, plain });
            }
        }
    }

    /// Whether the quote at `quote` delimits; the string started at `start` or before.
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

    /// Where the contents of a string end, and what is behind it.
    #[cold]
    fn careful_string_end(&self, mut pos: usize) -> Option<(usize, usize)> {
        // A quote of this level is escaped in the bytes, so only backslashes are worth a stop.
        loop {
            let stop = pos + memchr(b'\\', self.bytes.get(pos..)?)?;
            let (byte, after) = self.next(stop)?;
            match byte {
                b'"' => return Some((stop, after)),
                b'\\' => pos = self.next(after)?.1,
                _ => pos = after,
            }
        }
    }

    /// From the first character of a value to behind its last.
    pub(super) fn skip(&self, start: usize) -> Option<usize> {
        let Token { byte, after, .. } = self.token(start)?;
        match byte {
            b'"' => self.string_end(after).map(|end| end.after),
            b'{' => self.container_end(after, Brackets::OBJECT),
            b'[' if self.bytes.get(after) == Some(&b']') => Some(after + 1),
            b'[' => self.container_end(after, Brackets::ARRAY),
            b',' | b':' | b'}' | b']' => None,
            _ => Some(self.scalar_end(after)),
        }
    }

    fn scalar_end(&self, mut pos: usize) -> usize {
        loop {
            match self.next(pos) {
                None | Some((b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r', _)) => return pos,
                Some((_, after)) => pos = after,
            }
        }
    }

    /// Behind the bracket that closes the object or array which `pos` is in.
    pub(super) fn container_end(&self, pos: usize, kind: Brackets) -> Option<usize> {
        match kind {
            _ if self.careful => self.careful_container_end(pos),
            Brackets::OBJECT => self.end_of::<b'{', b'}'>(pos),
            _ => self.end_of::<b'[', b']'>(pos),
        }
    }

    #[inline(never)]
    fn end_of<const OPEN: u8, const CLOSE: u8>(&self, pos: usize) -> Option<usize> {
        let mut open = 1_usize;
        let mut blocks = Blocks::new(*self, pos, pos);
        loop {
            let block = blocks.next_bracketed::<OPEN, CLOSE>()?;
            if block.goes_on {
                // In the middle of a long string: its end is all that matters.
                let end = self.long_string_end(pos, blocks.at)?;
                blocks = Blocks::new(*self, pos, end.after);
                continue;
            }
            let mut brackets = block.brackets;
            while brackets != 0 {
                let at = block.at + brackets.trailing_zeros() as usize;
                match *self.bytes.get(at)? == OPEN {
                    true => open += 1,
                    false => open -= 1,
                }
                if open == 0 {
                    return Some(at + 1);
                }
                brackets &= brackets - 1;
            }
        }
    }

    #[cold]
    fn careful_container_end(&self, mut pos: usize) -> Option<usize> {
        let mut open = 1_usize;
        loop {
            let (byte, after) = self.next(pos)?;
            pos = after;
            match byte {
                b'"' => pos = self.string_end(pos)?.after,
                b'{' | b'[' => open += 1,
                b'}' | b']' => {
                    open -= 1;
                    if open == 0 {
                        return Some(pos);
                    }
                }
                _ => {}
            }
        }
    }
}

/// How many bytes there are before the first quote or backslash, or what has been looked at.
#[inline(always)]
pub(super) fn plain_length(text: &[u8]) -> usize {
    let mut length = 0;
    for chunk in text.as_chunks().0.iter().take(SHORT) {
        let marks = marks(chunk);
        if marks != 0 {
            return length + marks.trailing_zeros() as usize;
        }
        length += CHUNK;
    }
    length
}

/// Returns whether a quote, bracket or backslash is escaped by number. White space and scalars are of no
/// concern: those are read character by character.
fn has_meaningful_escape(bytes: &[u8]) -> bool {
    has_numbered(bytes, |digits| {
        matches!(
            digits,
            [b'2', b'2'] | [b'5' | b'7', b'b'..=b'd' | b'B'..=b'D']
        )
    })
}

/// Returns whether a letter or `_` is escaped by number, which hardly anybody does: a search for a word in
/// the bytes of a document finds the word only where this is not so.
pub(crate) fn has_escaped_letter(bytes: &[u8]) -> bool {
    has_numbered(bytes, |digits| {
        let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
        let Some(code) = high.zip(low).map(|(high, low)| high << 4 | low) else {
            return false;
        };
        char::from_u32(code).is_some_and(|it| it.is_ascii_alphabetic() || it == '_')
    })
}

/// Returns whether some `\u00` is followed by such digits.
fn has_numbered(bytes: &[u8], mut is: impl FnMut([u8; 2]) -> bool) -> bool {
    static ESCAPE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br"\u00"));

    ESCAPE
        .find_iter(bytes)
        .filter_map(|at| bytes.get(at + 4..)?.first_chunk())
        .any(|digits| is(*digits))
}
