//! A lazy reader of JSON text: it finds members and elements by skipping, and builds no tree.
//!
//! # Purpose
//!
//! An extraction needs about twenty short strings of an event that may have 6 MB, and many of them are in
//! documents within strings: EventBridge in SNS in SQS is a document in a string of a document in a string of
//! a document. A parser would read everything, character by character, and read each string within a string
//! once more, after copying it without its escapes. This reader reads a nested document in place, and skips
//! unneeded text 64 bytes at a time. ARCHITECTURE.md has figures for the alternatives.
//!
//! The reader is lenient: it finds the members of well-formed text, and stops without a result in malformed
//! text. It never recurses into the document, and allocates only in [`Text::to_str`] and [`Text::to_bytes`].
//!
//! # Levels of escapes
//!
//! Text is escaped once for each string around it. Each time, every quote and backslash gets a backslash
//! before it, so that `n` backslashes and a quote become `2n + 1` backslashes and a quote:
//!
//! ```text
//! level 0   {"a":"b\\"}                     a document with a string that ends in a backslash
//! level 1   {\"a\":\"b\\\\\"}               the same in a string
//! level 2   {\\\"a\\\":\\\"b\\\\\\\\\\\"}   and that in a string
//! ```
//!
//! So on level `l`, the quotes around a string of the document have `2^l - 1` backslashes before them, and
//! the quotes within it have more. A backslash at the end of such a string adds `2^(l + 1)`: the string's own
//! backslash and the one that escapes it, both escaped `l` times. Therefore **a quote delimits if and only if
//! the number of backslashes before it, modulo `2^(l + 1)`, is `2^l - 1`**; for `l = 0`, that is the
//! well-known even number. The end of a string is found without unescaping anything.
//!
//! This holds if delimiters are escaped by backslashes. Within a string, a quote may also be written as
//! `\u0022`. [`scan`] checks for that where a string becomes a document
//! ([`Scan::has_unicode_escaped_delimiters`]), and if so decodes every character from there on.
//!
//! # Sixty-four bytes at a time
//!
//! An object ends where its brackets are balanced, not counting brackets in strings. As in simdjson, a block
//! of 64 bytes is compared with each character of interest. The result is a word with one bit per byte, and
//! all further steps work on all bits at once. With the first byte on the left, for the text after the brace
//! of `{"k":"\\\"}","n":1}`:
//!
//! ```text
//! text          "k":"\\\"}","n":1}
//! backslashes   .....111..........
//! behind        ......111.........   the same, shifted by one
//! odd starts    .....1............   a run begins at an odd position
//! carried       ........1.........   backslashes + odd starts: the carry leaves the run
//! flipped       .........1........   that, shifted by one: even and odd exchange their roles from here
//! escaped       ......1.1.........   behind & (even positions ^ flipped)
//! quotes        1.1.1...1.1.1.1...
//! delimiting    1.1.1.....1.1.1...   quotes & !escaped
//! inside        11..111111..11....   the parity of delimiting quotes up to here
//! brackets      .........1.......1
//! structure     .................1   brackets & !inside: the end
//! ```
//!
//! Three values carry over from one block to the next: whether its first byte is escaped, whether it begins
//! in a string, and the number of open brackets. On levels 1 and 2, runs of exactly one and three backslashes
//! are found by shifting; longer runs are rare and are counted ([`blocks`]).
//!
//! Differences from simdjson: the parity is computed by shifts instead of a carry-less multiplication, which
//! not every processor has; only brackets of the kind that is open are searched, since those of the other
//! kind are balanced between them; and for blocks without brackets and backslashes, only the parity of their
//! quotes is computed. [`mask`] compares with SSE2 where available, through safe functions, and in plain
//! words elsewhere; the two versions are tested against each other.
//!
//! Source: Geoff Langdale, Daniel Lemire, [Parsing Gigabytes of JSON per Second][paper], VLDB Journal 28(6),
//! 2019, sections 3.1.1 and 3.1.2.
//!
//! # Members
//!
//! AWS writes its events without white space and without escapes in names. [`Members`] first tries to read a
//! member in this form (`compact`), with two comparisons of 16 bytes for most members, and otherwise goes
//! from token to token. The value of a member is skipped when the next member is requested, unless the reader
//! of the value has already found its end and sets it (`resume_at`), so that no text is traversed twice.
//!
//! [paper]: https://arxiv.org/abs/1902.08318

mod blocks;
mod items;
mod mask;
mod scan;
mod skip;
mod text;

#[cfg(test)]
mod tests;

use std::{borrow::Cow, num::NonZeroUsize};

pub(crate) use self::{
    items::{Elements, Members},
    scan::may_hide_words,
    text::{NameBuffer, Text},
};

use self::scan::{Scan, Token};

/// The maximum number of strings around a document that is read.
pub(crate) const MAX_LEVEL: u8 = 4;

/// A value somewhere in the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value<'a> {
    scan: Scan<'a>,
    /// The first character of the value.
    start: usize,
    /// The position after a string, whose end is found together with its start. For any other value, the end
    /// is searched only when it is needed.
    end: Option<NonZeroUsize>,
    /// True for a string without escapes.
    plain: bool,
}

impl<'a> Value<'a> {
    /// Returns the document `bytes`.
    pub(crate) fn document(bytes: &'a [u8]) -> Self {
        Self::at(Scan::document(bytes), 0)
    }

    /// Returns the value at `pos`, after white space.
    #[inline(always)]
    fn at(scan: Scan<'a>, pos: usize) -> Self {
        let mut value = Self {
            scan,
            start: pos,
            end: None,
            plain: false,
        };
        let Some(token) = scan.token(pos) else {
            return value;
        };
        value.start = token.at;
        if token.byte == b'"'
            && let Some(end) = scan.string_end(token.after)
        {
            value.end = NonZeroUsize::new(end.after);
            value.plain = end.plain;
        }
        value
    }

    /// Returns the first character, which determines the type.
    #[inline]
    pub(crate) fn first(&self) -> Option<u8> {
        self.token().map(|token| token.byte)
    }

    #[inline]
    fn token(&self) -> Option<Token> {
        self.scan.token(self.start)
    }

    #[inline]
    pub(crate) fn is_object(&self) -> bool {
        self.first() == Some(b'{')
    }

    /// Returns where the value starts in the bytes.
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// Returns the number of bytes from its start to the end of the document.
    pub(crate) fn rest(&self) -> usize {
        self.scan.bytes.len().saturating_sub(self.start)
    }

    /// Returns where the value ends in the bytes.
    #[inline]
    pub(crate) fn end(&self) -> Option<usize> {
        match self.end {
            Some(end) => Some(end.get()),
            None => self.scan.skip(self.start),
        }
    }

    /// Returns the members of an object; empty for any other value.
    pub(crate) fn members(&self) -> Members<'a> {
        Members::of(self)
    }

    /// Returns the elements of an array; empty for any other value.
    pub(crate) fn elements(&self) -> Elements<'a> {
        Elements::of(self)
    }

    /// Returns a string's contents.
    #[inline]
    pub(crate) fn text(&self) -> Option<Text<'a>> {
        let end = self.end?.get();
        let start = if self.scan.has_unicode_escaped_delimiters {
            self.token()?.after
        } else {
            self.start + self.scan.escapes() + 1
        };
        Some(Text {
            raw: self.scan.contents(start, end)?,
            level: self.scan.level + 1,
            plain: self.plain,
            may_have_unicode_escaped_delimiters: self.scan.may_have_unicode_escaped_delimiters(),
        })
    }

    /// Returns the text of a number, `true` or `false`.
    pub(crate) fn scalar(&self) -> Option<Cow<'a, str>> {
        match self.first()? {
            b'"' | b'{' | b'[' | b'n' => None,
            _ => {
                let raw = self.scan.bytes.get(self.start..self.end()?)?;
                Text {
                    raw,
                    level: self.scan.level,
                    plain: false,
                    may_have_unicode_escaped_delimiters: self
                        .scan
                        .may_have_unicode_escaped_delimiters(),
                }
                .to_str()
            }
        }
    }

    /// Returns the value of the first member named `name`.
    pub(crate) fn get(&self, name: &str) -> Option<Value<'a>> {
        self.members()
            .find(|(key, _)| key.is(name))
            .map(|(_, value)| value)
    }

    /// Returns the member named `name`, if there is one; `Err` if there are several, because readers differ
    /// in which one they use.
    pub(crate) fn only(&self, name: &str) -> Result<Option<Value<'a>>, ()> {
        let mut named = self.members().filter(|(key, _)| key.is(name));
        let found = named.next().map(|(_, value)| value);
        match named.next() {
            None => Ok(found),
            Some(_) => Err(()),
        }
    }

    /// Returns the values of several members, in one pass that ends when all have been found.
    pub(crate) fn get_all<const N: usize>(&self, names: [&str; N]) -> [Option<Value<'a>>; N] {
        let mut found = [None; N];
        let mut missing = N;
        for (key, value) in self.members() {
            for (name, slot) in names.iter().zip(&mut found) {
                if slot.is_none() && key.is(name) {
                    *slot = Some(value);
                    missing -= 1;
                }
            }
            if missing == 0 {
                break;
            }
        }
        found
    }

    /// Returns the value at a JSON pointer (RFC 6901) through objects only.
    pub(crate) fn pointer<S: AsRef<str>>(&self, path: &[S]) -> Option<Value<'a>> {
        path.iter()
            .try_fold(*self, |value, name| value.get(name.as_ref()))
    }
}

/// The position of a value without its text: a fifth of the size.
///
/// There are 70 of them per event and 20 per record, and most are absent, which is represented by all zeros.
/// The alternatives cost more: with three fields (`Option<NonZeroU32>` twice and `plain`), SNS in SQS and one
/// SQS message cost 2 % more; as an option of three values, 1 %; without `plain`, a request and 1000 SQS
/// messages cost 1.5 %.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    start: u32,
    /// Twice the position after a string, plus one if it has no escapes; zero for any other value.
    end: u32,
}

impl Place {
    /// Returns the position of a value; absent beyond 2 GB.
    #[inline]
    pub(crate) fn of(value: &Value<'_>) -> Self {
        let end = value.end.map_or(0, NonZeroUsize::get) << 1 | usize::from(value.plain);
        match (u32::try_from(value.start), u32::try_from(end)) {
            (Ok(start), Ok(end)) => Self { start, end },
            _ => Self::default(),
        }
    }

    /// Returns whether the value is absent: only the document itself starts at zero.
    #[inline]
    pub(crate) fn is_nowhere(self) -> bool {
        self.start == 0
    }

    /// Returns the contents of a string without escapes, in text that is not within a string itself.
    #[inline]
    pub(crate) fn plain_text<'a>(self, beside: &Value<'a>) -> Option<&'a [u8]> {
        let is_plain = self.end & 1 != 0 && beside.scan.level == 0;
        let (start, end) = (self.start as usize + 1, (self.end >> 1) as usize);
        beside
            .scan
            .bytes
            .get(start..end.checked_sub(1)?)
            .filter(|_| is_plain)
    }

    /// Returns the value at this position in the document of `beside`.
    #[inline]
    pub(crate) fn value<'a>(self, beside: &Value<'a>) -> Option<Value<'a>> {
        (!self.is_nowhere()).then(|| Value {
            scan: beside.scan,
            start: self.start as usize,
            end: NonZeroUsize::new((self.end >> 1) as usize),
            plain: self.end & 1 != 0,
        })
    }
}

/// Returns the contents of a value that is present and a string.
pub(crate) fn text_of(value: Option<Value<'_>>) -> Option<Text<'_>> {
    value?.text()
}
