//! Iteration over array elements and object members.

use std::num::NonZeroUsize;

use super::{
    Text, Value,
    scan::{Scan, Token},
    skip::{Brackets, plain_length},
};

/// The members of an object, in order.
#[derive(Debug)]
pub(crate) struct Members<'a>(Items<'a>);

impl<'a> Members<'a> {
    pub(super) fn of(object: &Value<'a>) -> Self {
        Self(Items::of(object, Brackets::OBJECT))
    }

    /// Sets the end of the last returned value, so that it is not searched again.
    #[inline]
    pub(crate) fn resume_at(&mut self, end: usize) {
        self.0.resume_at(end);
    }

    /// Returns where the object ends, skipping the members that have not been returned.
    pub(crate) fn end(&self) -> Option<usize> {
        self.0.end()
    }

    /// Returns [`Members::end`], immediately if `expected` is all that is left of the object.
    #[inline]
    pub(crate) fn end_behind(&self, expected: &[u8]) -> Option<usize> {
        match self.0.state {
            State::Behind(pos)
                if self.0.scan.level == 0
                    && self.0.scan.bytes.get(pos..)?.starts_with(expected) =>
            {
                Some(pos + expected.len())
            }
            _ => self.0.end(),
        }
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (Text<'a>, Value<'a>);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.skip_unread_value();
        match self.0.scan.level {
            0 => self.compact(b"\"").or_else(|| self.any()),
            _ => self.nested(),
        }
    }
}

impl<'a> Members<'a> {
    /// Returns the next member if it is written as serializers write it: without white space, and without
    /// escapes in its name. Without this function, a request costs 17 % more, an SQS message 12 %, and
    /// batches 20 %; for documents in strings, it saves 10 % of SNS in SQS.
    #[inline(always)]
    fn compact<const N: usize>(&mut self, quote: &[u8; N]) -> Option<(Text<'a>, Value<'a>)> {
        let scan = &self.0.scan;
        let (pos, rest) = match self.0.state {
            State::Start(pos) => (pos, scan.bytes.get(pos..)?),
            State::Behind(pos) => match scan.bytes.get(pos..)? {
                [b',', rest @ ..] => (pos + 1, rest),
                _ => return None,
            },
            _ => return None,
        };
        let rest = rest.strip_prefix(quote)?;
        let (name, rest) = rest.split_at_checked(plain_length(rest))?;
        let [b':', rest @ ..] = rest.strip_prefix(quote)? else {
            return None;
        };
        let mut value = Value {
            scan: *scan,
            start: pos + name.len() + 2 * N + 1,
            end: None,
            plain: false,
        };
        if let Some(rest) = rest.strip_prefix(quote) {
            let contents = value.start + N;
            let length = plain_length(rest);
            let is_short = rest.get(length..)?.starts_with(quote);
            let end = match is_short {
                true => contents + length + N,
                false => scan.long_string_end(contents, contents + length)?.after,
            };
            value.end = NonZeroUsize::new(end);
            value.plain = is_short;
        } else if !matches!(rest, [b'!'..=b'[' | b']'..=b'~', ..]) {
            return None;
        }
        let name = Text {
            raw: name,
            level: scan.level + 1,
            plain: true,
            may_have_unicode_escaped_delimiters: scan.may_have_unicode_escaped_delimiters(),
        };
        self.0.given(&value);
        Some((name, value))
    }

    #[inline(never)]
    fn nested(&mut self) -> Option<(Text<'a>, Value<'a>)> {
        let scan = self.0.scan;
        if scan.level == 1 && !scan.has_unicode_escaped_delimiters {
            let member = self.compact(b"\\\"");
            if member.is_some() {
                return member;
            }
        }
        self.any()
    }

    #[inline(never)]
    fn any(&mut self) -> Option<(Text<'a>, Value<'a>)> {
        let scan = self.0.scan;
        let Token {
            byte: b'"', after, ..
        } = self.0.next()?
        else {
            return None;
        };
        let end = scan.string_end(after)?;
        let name = Text {
            raw: scan.contents(after, end.after)?,
            level: scan.level + 1,
            plain: end.plain,
            may_have_unicode_escaped_delimiters: scan.may_have_unicode_escaped_delimiters(),
        };
        let Token {
            byte: b':', after, ..
        } = scan.token(end.after)?
        else {
            return None;
        };
        let value = Value::at(scan, after);
        self.0.given(&value);
        Some((name, value))
    }
}

/// The elements of an array, in order.
#[derive(Debug)]
pub(crate) struct Elements<'a>(Items<'a>);

impl<'a> Elements<'a> {
    pub(super) fn of(array: &Value<'a>) -> Self {
        Self(Items::of(array, Brackets::ARRAY))
    }

    /// Sets the end of the last returned element, so that it is not searched again.
    #[inline]
    pub(crate) fn resume_at(&mut self, end: usize) {
        self.0.resume_at(end);
    }

    /// Returns where the array ends, skipping the elements that have not been returned.
    pub(crate) fn end(&self) -> Option<usize> {
        self.0.end()
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Value<'a>> {
        self.0.skip_unread_value();
        let token = self.0.next()?;
        let value = Value::at(self.0.scan, token.at);
        self.0.given(&value);
        Some(value)
    }
}

#[derive(Debug)]
struct Items<'a> {
    scan: Scan<'a>,
    kind: Brackets,
    state: State,
}

/// The position to continue from.
#[derive(Debug, Clone, Copy)]
enum State {
    /// After the opening bracket.
    Start(usize),
    /// After an item.
    Behind(usize),
    /// At an item whose end is not known yet.
    At(usize),
    /// After the closing bracket.
    End(usize),
    /// In malformed text.
    Broken,
}

impl<'a> Items<'a> {
    fn of(of: &Value<'a>, kind: Brackets) -> Self {
        Self {
            scan: of.scan,
            kind,
            state: match of.token() {
                Some(token) if token.byte == kind.open => State::Start(token.after),
                _ => State::Broken,
            },
        }
    }

    /// Advances past the last returned item, unless its reader has set its end.
    #[inline(always)]
    fn skip_unread_value(&mut self) {
        if let State::At(start) = self.state {
            self.state = self.scan.skip(start).map_or(State::Broken, State::Behind);
        }
    }

    /// Returns the start of the next item, or `None` after the last one. [`Items::skip_unread_value`] must be
    /// called first.
    #[inline(always)]
    fn next(&mut self) -> Option<Token> {
        let (pos, first) = match self.state {
            State::Start(pos) => (pos, true),
            State::Behind(pos) => (pos, false),
            _ => return None,
        };
        self.state = State::Broken;
        let mut token = self.scan.token(pos)?;
        match token.byte {
            b']' | b'}' => {
                self.state = State::End(token.after);
                return None;
            }
            b',' if !first => token = self.scan.token(token.after)?,
            _ if !first => return None,
            _ => {}
        }
        (!matches!(token.byte, b',' | b']' | b'}')).then_some(token)
    }

    #[inline(always)]
    fn given(&mut self, value: &Value<'a>) {
        self.state = match value.end {
            Some(end) => State::Behind(end.get()),
            None => State::At(value.start),
        };
    }

    #[inline]
    fn resume_at(&mut self, end: usize) {
        self.state = State::Behind(end);
    }

    fn end(&self) -> Option<usize> {
        match self.state {
            State::Start(pos) | State::Behind(pos) | State::At(pos) => {
                self.scan.container_end(pos, self.kind)
            }
            State::End(end) => Some(end),
            State::Broken => None,
        }
    }
}
