//! Reading characters through layers of escapes, and skipping over what nobody asked for.

use memchr::memchr;

/// Bytes looked at together when searching the end of a string.
const BLOCK: usize = 64;

/// Text that is escaped `level` times: `0` is a document as it came over the wire.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) level: u8,
}

impl Scan<'_> {
    /// The character at `pos` and where the next one starts. Characters outside ASCII come as
    /// their bytes, or as `0xff` where they were escaped: no structure depends on them.
    #[inline]
    pub(super) fn next(&self, pos: usize) -> Option<(u8, usize)> {
        match *self.bytes.get(pos)? {
            b'\\' if self.level > 0 => self.unescape(pos, self.level),
            byte => Some((byte, pos + 1)),
        }
    }

    #[cold]
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

    /// Skips white space.
    #[inline]
    pub(super) fn space(&self, mut pos: usize) -> usize {
        while let Some((b' ' | b'\t' | b'\n' | b'\r', after)) = self.next(pos) {
            pos = after;
        }
        pos
    }

    /// From behind the opening quote: where the closing quote is, and what is behind it.
    pub(super) fn string_end(&self, pos: usize) -> Option<(usize, usize)> {
        if self.level == 0 {
            let end = plain_string_end(self.bytes, pos)?;
            return Some((end, end + 1));
        }
        // A quote of this level is escaped in the bytes, so only backslashes are worth a stop.
        let mut pos = pos;
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
        let (first, mut pos) = self.next(start)?;
        match first {
            b'"' => self.string_end(pos).map(|(_, after)| after),
            b'{' | b'[' => {
                let mut open = 1_usize;
                loop {
                    let (byte, after) = self.next(pos)?;
                    pos = after;
                    match byte {
                        b'"' => pos = self.string_end(pos)?.1,
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
            b',' | b':' | b'}' | b']' => None,
            _ => loop {
                match self.next(pos) {
                    None => return Some(pos),
                    Some((b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r', _)) => {
                        return Some(pos);
                    }
                    Some((_, after)) => pos = after,
                }
            },
        }
    }
}

/// The first quote at or after `pos` with an even number of backslashes before it.
///
/// Bodies in bodies have a `\"` every few bytes, so stopping at each quote is slow. A quote with
/// exactly one backslash before it cannot be the end: whole blocks are tested for any other kind
/// first, in a form the compiler turns into vector instructions.
fn plain_string_end(bytes: &[u8], pos: usize) -> Option<usize> {
    let mut at = pos;
    // Two bytes before a block are read with it, and they must belong to the string.
    while at < pos + 2 {
        match bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    loop {
        let before = bytes.get(at - 1..)?.as_chunks::<BLOCK>().0;
        let two_before = bytes.get(at - 2..)?.as_chunks::<BLOCK>().0;
        let here = bytes.get(at..)?.as_chunks::<BLOCK>().0;
        let quiet = here
            .iter()
            .zip(before)
            .zip(two_before)
            .take_while(|((here, before), two_before)| {
                let mut hit = 0_u8;
                for ((a, b), c) in here.iter().zip(before.iter()).zip(two_before.iter()) {
                    hit |= u8::from(*a == b'"') & (u8::from(*b != b'\\') | u8::from(*c == b'\\'));
                }
                hit == 0
            })
            .count();
        at += quiet * BLOCK;
        // One quote of this block, or of the rest that is no block, may be the end.
        let window = bytes.get(at..bytes.len().min(at + BLOCK))?;
        if window.is_empty() {
            return None;
        }
        for (offset, _) in window.iter().enumerate().filter(|(_, byte)| **byte == b'"') {
            let quote = at + offset;
            let text = bytes.get(pos..quote)?;
            let backslashes = text.iter().rev().take_while(|byte| **byte == b'\\').count();
            if backslashes.is_multiple_of(2) {
                return Some(quote);
            }
        }
        at += window.len();
    }
}
