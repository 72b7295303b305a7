//! A lazy reader of JSON text: members and elements are found by skipping, nothing is built.
//!
//! # What it is for
//!
//! An extraction wants some twenty short strings of an event that may have 6 MB, and a good part of these
//! is in documents within strings: EventBridge in SNS in SQS is a document in a string of a document in a
//! string of a document. A parser would go over everything, character by character, and once more for each
//! string within a string, after a copy without its escapes. Here a nested document is read where it
//! lies, and what nobody asked for is skipped 64 bytes at a time. ARCHITECTURE.md has the figures of the
//! alternatives.
//!
//! The reader is lenient: it finds what is there in well-formed text, and stops without a result in
//! anything else. It never recurses into the document, and never allocates but in [`Text::to_str`] and
//! [`Text::to_bytes`].
//!
//! # Levels of escapes
//!
//! Text is escaped as many times as there are strings around it. Each time, a quote and a backslash get a
//! backslash before them, so that `n` backslashes and a quote become `2n + 1` and a quote:
//!
//! ```text
//! level 0   {"a":"b\\"}                     a document, and a string that ends in a backslash
//! level 1   {\"a\":\"b\\\\\"}               the same in a string
//! level 2   {\\\"a\\\":\\\"b\\\\\\\\\\\"}   and that in a string
//! ```
//!
//! So on level `l` the quotes around a string of the document have `2^l - 1` backslashes before them, and
//! those within it more. A backslash at the end of such a string adds `2^(l + 1)`, one of the string's own
//! and one that escapes it, both escaped `l` times. Therefore **a quote delimits if and only if the number
//! of backslashes before it, modulo `2^(l + 1)`, is `2^l - 1`**, for `l = 0` the well-known even number.
//! Nothing has to be unescaped to find a string's end.
//!
//! This holds where delimiters are escaped by backslashes. Within a string it is as legal to write a quote
//! as `\u0022`. [`scan`] looks for that where a string becomes a document
//! ([`Scan::has_unicode_escaped_delimiters`]), and from there on reads each character for what it is.
//!
//! # Sixty-four bytes at a time
//!
//! The end of an object is where its brackets are balanced, those in strings left out. As in simdjson, a
//! block of 64 bytes is compared with each character of interest, which gives a word with a bit a byte,
//! and the rest is done to all bits at once. With the first byte on the left, for what stands behind the
//! brace of `{"k":"\\\"}","n":1}`:
//!
//! ```text
//! text          "k":"\\\"}","n":1}
//! backslashes   .....111..........
//! behind        ......111.........   those, one place on
//! odd starts    .....1............   a run begins at an odd place
//! carried       ........1.........   backslashes + odd starts: the carry leaves the run
//! flipped       .........1........   that, one place on: even and odd change their roles from here
//! escaped       ......1.1.........   behind & (even places ^ flipped)
//! quotes        1.1.1...1.1.1.1...
//! delimiting    1.1.1.....1.1.1...   quotes & !escaped
//! inside        11..111111..11....   the parity of delimiting quotes up to here
//! brackets      .........1.......1
//! structure     .................1   brackets & !inside: the end
//! ```
//!
//! Three bits go from one block to the next: whether its first byte is escaped, whether it begins in a
//! string, and how many brackets are open. On level 1 and 2 the runs of exactly one and three backslashes
//! are found by shifting; longer ones are counted, since they are rare ([`blocks`]).
//!
//! Differences from simdjson: parity is made by shifts and not by a carry-less multiplication, which not
//! every processor has; only the brackets of the kind that is open are looked for, since those of the
//! other kind are balanced between them; and blocks without brackets and backslashes are only asked
//! for the parity of their quotes. [`mask`] compares in SSE2 where there is
//! SSE2, through safe functions, and in plain words elsewhere; each is tested against the other.
//!
//! Source: Geoff Langdale, Daniel Lemire, [Parsing Gigabytes of JSON per Second][paper], VLDB Journal
//! 28(6), 2019, sections 3.1.1 and 3.1.2.
//!
//! # Members
//!
//! AWS writes its events without white space and without escapes in names. [`Members`] first takes a
//! member for one of these (`compact`), with two comparisons of 16 bytes for most, and otherwise goes from
//! token to token. The value of a member is skipped when the next one is asked for, unless its reader has
//! been through it and tells where it ends (`resume_at`), so that nothing is gone over twice.
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

/// The most strings within strings that are looked into.
pub(crate) const MAX_LEVEL: u8 = 4;

/// A value somewhere in the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value<'a> {
    scan: Scan<'a>,
    /// First character of the value.
    start: usize,
    /// Behind a string, which has to be read to its end by whoever goes on; nobody knows the end
    /// of anything else until somebody asks.
    end: Option<NonZeroUsize>,
    /// A string without an escape in it.
    plain: bool,
}

impl<'a> Value<'a> {
    /// Returns the document `bytes`.
    pub(crate) fn document(bytes: &'a [u8]) -> Self {
        Self::at(Scan::document(bytes), 0)
    }

    /// Returns the value at `pos`, behind white space.
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

    /// Returns the first character, which tells the type.
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

    /// Returns how many bytes there are from its start to the end of the document.
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

    /// Returns the members of an object; none for anything else.
    pub(crate) fn members(&self) -> Members<'a> {
        Members::of(self)
    }

    /// Returns the elements of an array; none for anything else.
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

    /// Returns the value of the first member called `name`.
    pub(crate) fn get(&self, name: &str) -> Option<Value<'a>> {
        self.members()
            .find(|(key, _)| key.is(name))
            .map(|(_, value)| value)
    }

    /// Returns the member called `name`, if there is one; `Err` if there are several, of which no two
    /// readers need to take the same.
    pub(crate) fn only(&self, name: &str) -> Result<Option<Value<'a>>, ()> {
        let mut named = self.members().filter(|(key, _)| key.is(name));
        let found = named.next().map(|(_, value)| value);
        match named.next() {
            None => Ok(found),
            Some(_) => Err(()),
        }
    }

    /// Returns the values of several members in one pass that ends when all have been seen.
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

    /// Returns the value at a JSON pointer (RFC 6901) through objects.
    pub(crate) fn pointer<S: AsRef<str>>(&self, path: &[S]) -> Option<Value<'a>> {
        path.iter()
            .try_fold(*self, |value, name| value.get(name.as_ref()))
    }
}

/// The place of a value without the text it is in: a fifth of the size.
///
/// There are 70 of them to an event and 20 to a record, most of them nowhere, and all zeros are nowhere.
/// In three fields (`Option<NonZeroU32>` twice and `plain`) this costs 2 % of SNS in SQS and of one SQS
/// message, as an option of three values 1 %, without `plain` 1.5 % of a request and of 1000 SQS messages.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    start: u32,
    /// Behind a string, twice, and one more where it has no escape; zero for anything else.
    end: u32,
}

impl Place {
    /// Returns the place of a value; nowhere beyond 2 GB.
    #[inline]
    pub(crate) fn of(value: &Value<'_>) -> Self {
        let end = value.end.map_or(0, NonZeroUsize::get) << 1 | usize::from(value.plain);
        match (u32::try_from(value.start), u32::try_from(end)) {
            (Ok(start), Ok(end)) => Self { start, end },
            _ => Self::default(),
        }
    }

    /// Returns whether there is no value: none but the document itself starts at the front.
    #[inline]
    pub(crate) fn is_nowhere(self) -> bool {
        self.start == 0
    }

    /// Returns the contents of a string here that has no escape, in the text of the document itself.
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

    /// Returns the value here, in the document `beside` is a value of.
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

/// Returns the contents of a value that is there and is a string.
pub(crate) fn text_of(value: Option<Value<'_>>) -> Option<Text<'_>> {
    value?.text()
}
