//! Reading characters through layers of escapes, and skipping over what nobody asked for.
//!
//! A quote that delimits a string of a document escaped `level` times has `2^level - 1`
//! backslashes before it, or that many more than a multiple of `2^(level + 1)` when the string
//! itself ends in backslashes. So a string's end can be found by counting backslashes, 64 bytes at
//! a time. That does not hold where a quote, bracket or backslash is written `\u0022`, which is
//! legal and nearly never done: there every character is read for what it is.

use memchr::memchr;

use super::mask::{BLOCK, Words, as_braces, equal, inside, words};

/// Bytes looked at one by one before blocks are worth it: most keys and many values are shorter.
const SHORT: usize = 32;

/// Text that is escaped `level` times: `0` is a document as it came over the wire.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) level: u8,
}

impl<'a> Scan<'a> {
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

    /// Skips white space.
    #[inline]
    pub(super) fn space(&self, mut pos: usize) -> usize {
        while let Some((b' ' | b'\t' | b'\n' | b'\r', after)) = self.next(pos) {
            pos = after;
        }
        pos
    }

    /// From behind the opening quote: where the closing quote is, and what is behind it.
    #[inline]
    pub(super) fn string_end(&self, pos: usize) -> Option<(usize, usize)> {
        match self.quick_string_end(pos, pos) {
            Quick::Found(quote) => Some((quote.checked_sub(self.escapes())?, quote + 1)),
            Quick::Absent => None,
            Quick::Careful => self.careful_string_end(pos),
        }
    }

    /// How many backslashes there are before a quote that delimits.
    #[inline]
    fn escapes(&self) -> usize {
        (1 << self.level) - 1
    }

    /// Whether the quote at `quote` delimits; the string started at `start` or before.
    #[inline]
    fn delimits(&self, start: usize, quote: usize) -> bool {
        let before = self.bytes.get(start..quote).unwrap_or_default();
        let backslashes = before
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\\')
            .count();
        backslashes & ((2 << self.level) - 1) == self.escapes()
    }

    /// Whether the `u` at `pos` is of an escape that stands for a character with a meaning.
    fn is_meaningful_escape(&self, pos: usize) -> bool {
        let escaped = pos.checked_sub(1).and_then(|before| self.bytes.get(before)) == Some(&b'\\');
        let digits = self.bytes.get(pos + 1..pos + 5).unwrap_or_default();
        escaped
            && matches!(
                digits,
                [b'0', b'0', b'2', b'2']
                    | [b'0', b'0', b'5' | b'7', b'b'..=b'd' | b'B'..=b'D']
                    // White space and scalars are of no concern, brackets and backslashes are.
            )
    }

    /// The quote that ends a string, looked for from `pos`; the string started at `start`.
    fn quick_string_end(&self, start: usize, pos: usize) -> Quick {
        let short = self
            .bytes
            .get(pos..self.bytes.len().min(pos + SHORT))
            .unwrap_or_default();
        // Nearly all strings have nothing special before their end.
        let plain = first_mark(short);
        let end = pos + plain + self.escapes();
        if (plain > 0 || start == pos) && self.is_bare_end(pos + plain, end) {
            return Quick::Found(end);
        }
        for (offset, byte) in short.iter().enumerate().skip(plain) {
            match byte {
                b'"' if self.delimits(start, pos + offset) => return Quick::Found(pos + offset),
                b'u' if self.level > 0 && self.is_meaningful_escape(pos + offset) => {
                    return Quick::Careful;
                }
                _ => {}
            }
        }
        let mut at = pos + SHORT;
        if self.level == 0 {
            // A long string without any quote in it, such as base64, ends at the first one.
            let rest = self.bytes.get(at..).unwrap_or_default();
            let Some(quote) = memchr(b'"', rest) else {
                return Quick::Absent;
            };
            if self.delimits(start, at + quote) {
                return Quick::Found(at + quote);
            }
            at += quote;
        }
        loop {
            let quiet = match self.level {
                0 => quiet_blocks::<false>(self.bytes, at),
                1 => quiet_blocks::<true>(self.bytes, at),
                _ => 0,
            };
            at += quiet * BLOCK;
            let Some(block) = Blocks::new(*self, start, at).next() else {
                return Quick::Absent;
            };
            if block.careful {
                return Quick::Careful;
            }
            if block.quotes != 0 {
                return Quick::Found(block.at + block.quotes.trailing_zeros() as usize);
            }
            at += BLOCK;
        }
    }

    /// Whether from `mark` to `quote` there are only backslashes, and then a quote.
    #[inline]
    fn is_bare_end(&self, mark: usize, quote: usize) -> bool {
        let escapes = self.bytes.get(mark..quote).unwrap_or_default();
        self.bytes.get(quote) == Some(&b'"') && escapes.iter().all(|byte| *byte == b'\\')
    }

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
        let (first, mut pos) = self.next(start)?;
        match first {
            b'"' => self.string_end(pos).map(|(_, after)| after),
            b'{' | b'[' => match self.quick_container_end(start) {
                Quick::Found(end) => Some(end),
                Quick::Absent => None,
                Quick::Careful => self.careful_container_end(pos),
            },
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

    /// Behind the bracket that closes the one at `start`.
    fn quick_container_end(&self, start: usize) -> Quick {
        let mut blocks = Blocks::new(*self, start, start);
        let mut open = 0_u64;
        // All ones while a string goes on from the block before.
        let mut carried = 0;
        loop {
            let Some(block) = blocks.next() else {
                return Quick::Absent;
            };
            if block.careful {
                return Quick::Careful;
            }
            if carried != 0 && block.quotes == 0 {
                // In the middle of a long string: its end is all that matters.
                match self.quick_string_end(start, block.at + BLOCK) {
                    Quick::Found(quote) => {
                        blocks = Blocks::new(*self, start, quote + 1);
                        carried = 0;
                        continue;
                    }
                    other => return other,
                }
            }
            let strings = inside(block.quotes) ^ carried;
            carried = 0_u64.wrapping_sub(strings >> 63);
            let braces = as_braces(&block.words);
            let opening = equal(&braces, b'{') & !strings;
            let mut closing = equal(&braces, b'}') & !strings;
            if u64::from(closing.count_ones()) < open {
                open = open + u64::from(opening.count_ones()) - u64::from(closing.count_ones());
                continue;
            }
            // The end may be in this block: bracket by bracket, counting those before each.
            let mut seen = 0;
            while closing != 0 {
                let bit = closing.trailing_zeros();
                let before = u64::from((opening & ((1 << bit) - 1)).count_ones());
                seen += 1;
                if open + before <= seen {
                    return Quick::Found(block.at + bit as usize + 1);
                }
                closing &= closing - 1;
            }
            open = open + u64::from(opening.count_ones()) - seen;
        }
    }

    fn careful_container_end(&self, mut pos: usize) -> Option<usize> {
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
}

/// How many bytes there are before the first quote or backslash.
#[inline]
fn first_mark(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const TOPS: u64 = u64::from_ne_bytes([0x80; 8]);

    let (words, rest) = bytes.as_chunks::<8>();
    for (i, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // The lowest byte this marks is zero; those above it may be marked by the borrow.
        let zero = |word: u64| word.wrapping_sub(ONES) & !word & TOPS;
        let quotes = zero(word ^ u64::from_ne_bytes([b'"'; 8]));
        let backslashes = zero(word ^ u64::from_ne_bytes([b'\\'; 8]));
        let marks = quotes | backslashes;
        if marks != 0 {
            return i * 8 + marks.trailing_zeros() as usize / 8;
        }
    }
    let is_mark = |byte: &u8| *byte == b'"' || *byte == b'\\';
    words.len() * 8 + rest.iter().position(is_mark).unwrap_or(rest.len())
}

/// How many blocks from `at` have nothing but quotes that cannot be the end of a string: those with
/// three or seven backslashes before them, and on the outermost level those with one. In nested
/// text there is no escape by number either.
///
/// All of it is comparing bytes with their neighbours, which the compiler turns into vector
/// instructions. Eight bytes before `at` belong to the string.
fn quiet_blocks<const NESTED: bool>(bytes: &[u8], at: usize) -> usize {
    let before = |back: usize| {
        bytes
            .get(at - back..)
            .unwrap_or_default()
            .as_chunks::<BLOCK>()
            .0
    };
    let near = before(1)
        .iter()
        .zip(before(2))
        .zip(before(3).iter().zip(before(4)));
    let far = before(5)
        .iter()
        .zip(before(6))
        .zip(before(7).iter().zip(before(8)));
    before(0)
        .iter()
        .zip(near.zip(far))
        .take_while(
            |(here, (((one, two), (three, four)), ((five, six), (seven, eight))))| {
                let mut hit = 0;
                for i in 0..BLOCK {
                    let is = |block: &[u8; BLOCK], byte| u8::from(block.get(i) == Some(&byte));
                    let is_escape = |block| is(block, b'\\');
                    let (one, four) = (is_escape(one), is_escape(four));
                    let to_two = one & is_escape(two);
                    let to_three = to_two & is_escape(three);
                    let to_seven =
                        to_three & four & is_escape(five) & is_escape(six) & is_escape(seven);
                    let inner = to_three & !four | to_seven & !is_escape(eight);
                    hit |= if NESTED {
                        is(here, b'"') & !inner | is(here, b'u') & one
                    } else {
                        is(here, b'"') & !(inner | one & !to_two)
                    };
                }
                hit & 1 == 0
            },
        )
        .count()
}

/// What looking at bytes instead of characters gives.
enum Quick {
    /// Where it is.
    Found(usize),
    /// Not in this text.
    Absent,
    /// Characters have to be looked at.
    Careful,
}

/// The marks of one block, a bit a byte.
struct Block {
    at: usize,
    /// Quotes that delimit strings of this level.
    quotes: u64,
    words: Words,
    careful: bool,
}

/// Goes over the text block by block; the last one is filled up with zeros.
struct Blocks<'a> {
    scan: Scan<'a>,
    start: usize,
    at: usize,
    /// The backslashes of the block before.
    before: u64,
}

impl<'a> Blocks<'a> {
    /// Blocks from `at`, in a value that begins at `start`.
    fn new(scan: Scan<'a>, start: usize, at: usize) -> Self {
        let known = scan.bytes.get(start..at).unwrap_or_default();
        let last = known.iter().rev().take(BLOCK);
        let before = last.enumerate().fold(0, |mask, (i, byte)| {
            mask | u64::from(*byte == b'\\') << (BLOCK - 1 - i)
        });
        Self {
            scan,
            start,
            at,
            before,
        }
    }

    #[inline]
    fn next(&mut self) -> Option<Block> {
        let rest = self
            .scan
            .bytes
            .get(self.at..)
            .filter(|rest| !rest.is_empty())?;
        let mut filled;
        let bytes = match rest.first_chunk::<BLOCK>() {
            Some(bytes) => bytes,
            None => {
                filled = [0; BLOCK];
                for (to, from) in filled.iter_mut().zip(rest) {
                    *to = *from;
                }
                &filled
            }
        };
        let at = self.at;
        self.at += BLOCK;

        let words = words(bytes);
        let backslashes = equal(&words, b'\\');
        let quotes = equal(&words, b'"');
        // Bit `i` of `run(n)`: the byte `n` before byte `i` is a backslash.
        let before = self.before;
        self.before = backslashes;
        let run = |n: u32| backslashes << n | before >> (64 - n);
        let one = run(1);
        let (quotes, careful) = if (backslashes | one) == 0 {
            (if self.scan.level == 0 { quotes } else { 0 }, false)
        } else {
            let (quotes, odd) = self.delimiters(quotes, one, run);
            let quotes = quotes | self.odd_delimiters(at, odd);
            let escapes = if self.scan.level > 0 {
                equal(&words, b'u') & one
            } else {
                0
            };
            (quotes, self.is_careful(at, escapes))
        };
        Some(Block {
            at,
            quotes,
            words,
            careful,
        })
    }

    /// The quotes that delimit, and those which only counting can tell.
    #[inline]
    fn delimiters(&self, quotes: u64, one: u64, run: impl Fn(u32) -> u64) -> (u64, u64) {
        let two = one & run(2);
        let three = two & run(3);
        let four = three & run(4);
        let seven = four & run(5) & run(6) & run(7);
        let eight = seven & run(8);
        // Exactly none, one, three and seven backslashes: quotes of the first four levels.
        let exact = [!one, one & !two, three & !four, seven & !eight];
        let known = exact.iter().fold(0, |known, mask| known | mask);
        let delimiting = exact
            .get(usize::from(self.scan.level))
            .copied()
            .unwrap_or_default();
        (quotes & delimiting, quotes & !known)
    }

    #[inline]
    fn odd_delimiters(&self, at: usize, mut odd: u64) -> u64 {
        let mut delimiting = 0;
        while odd != 0 {
            let bit = odd.trailing_zeros();
            if self.scan.delimits(self.start, at + bit as usize) {
                delimiting |= 1 << bit;
            }
            odd &= odd - 1;
        }
        delimiting
    }

    #[inline]
    fn is_careful(&self, at: usize, mut escapes: u64) -> bool {
        while escapes != 0 {
            if self
                .scan
                .is_meaningful_escape(at + escapes.trailing_zeros() as usize)
            {
                return true;
            }
            escapes &= escapes - 1;
        }
        false
    }
}
