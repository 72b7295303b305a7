//! The ends of strings, objects and arrays, found without reading their content.

use memchr::memchr;

use super::{
    blocks::Blocks,
    mask::{CHUNK, marks},
    scan::{Scan, Token},
};

/// The number of chunks of a string that are compared before a search is started. Almost all keys and most
/// values are shorter.
const SHORT: usize = 4;

/// The opening and closing characters of an object or an array.
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

/// The end of a string.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    /// The position after the closing quote.
    pub(super) after: usize,
    /// True if the string has no escapes.
    pub(super) plain: bool,
}

impl<'a> Scan<'a> {
    /// Returns the contents of the string from `start`, after its opening quote, up to `end`.
    #[inline(always)]
    pub(super) fn contents(&self, start: usize, end: usize) -> Option<&'a [u8]> {
        if self.has_unicode_escaped_delimiters {
            // The closing quote may be written as `\u0022`.
            return self
                .bytes
                .get(start..self.string_end_by_character(start)?.0);
        }
        self.bytes.get(start..end.checked_sub(self.escapes() + 1)?)
    }

    /// Returns the end of the string whose contents start at `pos`.
    pub(super) fn string_end(&self, pos: usize) -> Option<End> {
        if self.has_unicode_escaped_delimiters {
            let (_, after) = self.string_end_by_character(pos)?;
            return Some(End {
                after,
                plain: false,
            });
        }
        let rest = self.bytes.get(pos..)?;
        let length = plain_length(rest);
        // Almost all strings have no special character before their end.
        match self.bare_quote(pos + length) {
            Some(after) => Some(End { after, plain: true }),
            None => self.long_string_end(pos, pos + length),
        }
    }

    /// Returns the end of a string that starts at `start`, searching from `from`.
    #[inline(never)]
    pub(super) fn long_string_end(&self, start: usize, mut from: usize) -> Option<End> {
        if self.level == 0 && self.bytes.get(from) != Some(&b'\\') {
            // A string without quotes in it, such as base64, ends at the first one. This saves a third of a
            // Kinesis batch.
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

    /// Returns where the contents of a string end, and the position after the closing quote.
    #[cold]
    fn string_end_by_character(&self, mut pos: usize) -> Option<(usize, usize)> {
        // A quote of this level is escaped in the bytes, so the search stops only at backslashes.
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

    /// Returns the position after the value whose first character is at `start`.
    #[inline]
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

    /// Returns the position after the closing bracket of the object or array that contains `pos`.
    pub(super) fn container_end(&self, pos: usize, kind: Brackets) -> Option<usize> {
        match kind {
            _ if self.has_unicode_escaped_delimiters => self.container_end_by_character(pos),
            Brackets::OBJECT => self.end_of::<b'{', b'}'>(pos),
            _ => self.end_of::<b'[', b']'>(pos),
        }
    }

    #[inline(never)]
    fn end_of<const OPEN: u8, const CLOSE: u8>(&self, pos: usize) -> Option<usize> {
        let mut open = 1_usize;
        let mut blocks = Blocks::new(*self, pos, pos);
        loop {
            let (start, mut brackets) = blocks.next_bracketed::<OPEN, CLOSE>()?;
            while brackets != 0 {
                let at = start + brackets.trailing_zeros() as usize;
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
    fn container_end_by_character(&self, mut pos: usize) -> Option<usize> {
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

/// Returns the number of bytes before the first quote or backslash, or the number of compared bytes if there
/// is none.
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
