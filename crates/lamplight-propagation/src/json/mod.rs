//! A lazy look at JSON text: members and elements are found by skipping, nothing is built.
//!
//! A JSON document inside a string inside a JSON document (SNS in SQS, EventBridge in SNS in SQS)
//! is read where it lies: a [`Value`] knows how many times its text is escaped, and reads the
//! characters through that many layers. So a nested body costs no copy however deep it is.
//!
//! The reader is lenient: it finds what is there in well-formed text and stops without a result in
//! anything else. It never recurses into the document and never allocates but for
//! [`Text::to_str`].

mod blocks;
mod items;
mod mask;
mod scan;
mod text;

#[cfg(test)]
mod tests;

use std::{borrow::Cow, num::NonZeroUsize};

pub(crate) use self::{
    items::{Elements, Members},
    scan::has_escaped_letter,
    text::{NameBuffer, Text},
};

use self::scan::{Scan, Token};

/// How many strings within strings are looked into.
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
    /// The document `bytes`.
    pub(crate) fn document(bytes: &'a [u8]) -> Self {
        Self::at(Scan::document(bytes), 0)
    }

    /// The value at `pos`, behind white space.
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

    /// The first character: tells the type.
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

    /// Where the value starts in the bytes.
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// How many bytes there are from its start to the end of the document.
    pub(crate) fn rest(&self) -> usize {
        self.scan.bytes.len().saturating_sub(self.start)
    }

    /// Where the value ends in the bytes.
    #[inline]
    pub(crate) fn end(&self) -> Option<usize> {
        match self.end {
            Some(end) => Some(end.get()),
            None => self.scan.skip(self.start),
        }
    }

    /// The members of an object; none for anything else.
    pub(crate) fn members(&self) -> Members<'a> {
        Members::of(self)
    }

    /// The elements of an array; none for anything else.
    pub(crate) fn elements(&self) -> Elements<'a> {
        Elements::of(self)
    }

    /// A string's contents.
    #[inline]
    pub(crate) fn text(&self) -> Option<Text<'a>> {
        let end = self.end?.get();
        let start = if self.scan.careful {
            self.token()?.after
        } else {
            self.start + self.scan.escapes() + 1
        };
        Some(Text {
            raw: self.scan.contents(start, end)?,
            level: self.scan.level + 1,
            plain: self.plain,
            calm: self.scan.is_calm(),
        })
    }

    /// The text of a number, `true` or `false`.
    pub(crate) fn scalar(&self) -> Option<Cow<'a, str>> {
        match self.first()? {
            b'"' | b'{' | b'[' | b'n' => None,
            _ => {
                let raw = self.scan.bytes.get(self.start..self.end()?)?;
                Text {
                    raw,
                    level: self.scan.level,
                    plain: false,
                    calm: self.scan.is_calm(),
                }
                .to_str()
            }
        }
    }

    /// The value of the first member called `name`.
    pub(crate) fn get(&self, name: &str) -> Option<Value<'a>> {
        self.members()
            .find(|(key, _)| key.is(name))
            .map(|(_, value)| value)
    }

    /// The member called `name`, if there is one; `Err` if there are several, of which no two
    /// readers need to take the same.
    pub(crate) fn only(&self, name: &str) -> Result<Option<Value<'a>>, ()> {
        let mut named = self.members().filter(|(key, _)| key.is(name));
        let found = named.next().map(|(_, value)| value);
        match named.next() {
            None => Ok(found),
            Some(_) => Err(()),
        }
    }

    /// The values of several members in one pass that ends when all have been seen.
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

    /// The value at a JSON pointer (RFC 6901) through objects.
    pub(crate) fn pointer<S: AsRef<str>>(&self, path: &[S]) -> Option<Value<'a>> {
        path.iter()
            .try_fold(*self, |value, name| value.get(name.as_ref()))
    }
}

/// Where a value is, without the text it is in: a fifth of the size.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    start: u32,
    /// Behind a string, twice, and one more where it has no escape; zero for anything else.
    end: u32,
}

impl Place {
    /// The place of a value; nowhere beyond 2 GB.
    #[inline]
    pub(crate) fn of(value: &Value<'_>) -> Self {
        let end = value.end.map_or(0, NonZeroUsize::get) << 1 | usize::from(value.plain);
        match (u32::try_from(value.start), u32::try_from(end)) {
            (Ok(start), Ok(end)) => Self { start, end },
            _ => Self::default(),
        }
    }

    /// Whether there is no value: none but the document itself starts at the front.
    #[inline]
    pub(crate) fn is_nowhere(self) -> bool {
        self.start == 0
    }

    /// The contents of a string here that has no escape, in the text of the document itself.
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

    /// The value here, in the document `beside` is a value of.
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

/// The contents of a value that is there and is a string.
pub(crate) fn text_of(value: Option<Value<'_>>) -> Option<Text<'_>> {
    value?.text()
}
