//! A lazy look at JSON text: members and elements are found by skipping, nothing is built.
//!
//! A JSON document inside a string inside a JSON document (SNS in SQS, EventBridge in SNS in SQS)
//! is read where it lies: a [`Value`] knows how many times its text is escaped, and reads the
//! characters through that many layers. So a nested body costs no copy however deep it is.
//!
//! The reader is lenient: it finds what is there in well-formed text and stops without a result in
//! anything else. It never recurses into the document and never allocates but for
//! [`Text::to_str`].

mod mask;
mod scan;
mod text;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub(crate) use self::text::Text;

use self::scan::Scan;

/// How many strings within strings are looked into.
pub(crate) const MAX_LEVEL: u8 = 4;

/// A value somewhere in the text. Its end is not known until somebody asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value<'a> {
    scan: Scan<'a>,
    /// First character of the value.
    start: usize,
}

impl<'a> Value<'a> {
    /// The document `bytes`.
    pub(crate) fn document(bytes: &'a [u8]) -> Self {
        Self::at(Scan { bytes, level: 0 }, 0)
    }

    fn at(scan: Scan<'a>, pos: usize) -> Self {
        Self {
            scan,
            start: scan.space(pos),
        }
    }

    /// The first character: tells the type.
    pub(crate) fn first(&self) -> Option<u8> {
        self.scan.next(self.start).map(|(b, _)| b)
    }

    pub(crate) fn is_object(&self) -> bool {
        self.first() == Some(b'{')
    }

    /// Where the value starts in the bytes.
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// The value that starts elsewhere in the same document.
    pub(crate) fn beside(&self, start: usize) -> Self {
        Self {
            scan: self.scan,
            start,
        }
    }

    /// Where the value ends in the bytes.
    pub(crate) fn end(&self) -> Option<usize> {
        self.scan.skip(self.start)
    }

    /// The members of an object; none for anything else.
    pub(crate) fn members(&self) -> Members<'a> {
        Members(Items::new(*self, b'{'))
    }

    /// The elements of an array; none for anything else.
    pub(crate) fn elements(&self) -> Elements<'a> {
        Elements(Items::new(*self, b'['))
    }

    /// A string's contents.
    pub(crate) fn text(&self) -> Option<Text<'a>> {
        self.string().map(|(text, _)| text)
    }

    /// A string's contents and where the string ends in the bytes.
    pub(crate) fn string(&self) -> Option<(Text<'a>, usize)> {
        let (b'"', content) = self.scan.next(self.start)? else {
            return None;
        };
        let (end, after) = self.scan.string_end(content)?;
        let raw = self.scan.bytes.get(content..end)?;
        Some((
            Text {
                raw,
                level: self.scan.level + 1,
            },
            after,
        ))
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

/// The contents of a value that is there and is a string.
pub(crate) fn text_of(value: Option<Value<'_>>) -> Option<Text<'_>> {
    value?.text()
}

/// The members of an object, in order.
#[derive(Debug)]
pub(crate) struct Members<'a>(Items<'a>);

impl Members<'_> {
    /// Tells where the value given last ends, to save looking for it once more.
    pub(crate) fn resume_at(&mut self, end: usize) {
        self.0.resume_at(end);
    }

    /// Where the object ends, once all its members have been given.
    pub(crate) fn end(&self) -> Option<usize> {
        self.0.end
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (Text<'a>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.0.next()?;
        let (name, after) = key.string()?;
        let scan = key.scan;
        let colon = scan.space(after);
        let (b':', after) = scan.next(colon)? else {
            return None;
        };
        let value = Value::at(scan, after);
        self.0.pending = Some(value);
        Some((name, value))
    }
}

/// The elements of an array, in order.
#[derive(Debug)]
pub(crate) struct Elements<'a>(Items<'a>);

impl Elements<'_> {
    /// Tells where the element given last ends, to save looking for it.
    pub(crate) fn resume_at(&mut self, end: usize) {
        self.0.resume_at(end);
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        let value = self.0.next()?;
        self.0.pending = Some(value);
        Some(value)
    }
}

/// What stands between commas.
#[derive(Debug)]
struct Items<'a> {
    scan: Scan<'a>,
    /// Where to go on; `None` at the end.
    pos: Option<usize>,
    /// The value given out last, not skipped yet.
    pending: Option<Value<'a>>,
    first: bool,
    /// Behind the closing bracket, once that has been seen.
    end: Option<usize>,
}

impl<'a> Items<'a> {
    fn new(of: Value<'a>, open: u8) -> Self {
        let pos = of
            .scan
            .next(of.start)
            .and_then(|(b, pos)| (b == open).then_some(pos));
        Self {
            scan: of.scan,
            pos,
            pending: None,
            first: true,
            end: None,
        }
    }

    /// The start of the next item, or `None` behind the last one.
    fn next(&mut self) -> Option<Value<'a>> {
        let mut pos = match self.pending.take() {
            Some(value) => value.end(),
            None => self.pos,
        };
        self.pos = None;
        let mut at = self.scan.space(pos.take()?);
        let first = std::mem::take(&mut self.first);
        match self.scan.next(at)? {
            (b']' | b'}', after) => {
                self.end = Some(after);
                return None;
            }
            (b',', after) if !first => at = self.scan.space(after),
            _ if !first => return None,
            _ => {}
        }
        match self.scan.next(at)? {
            (b',' | b']' | b'}', _) => None,
            _ => Some(Value {
                scan: self.scan,
                start: at,
            }),
        }
    }

    fn resume_at(&mut self, end: usize) {
        self.pos = Some(end);
        self.pending = None;
    }
}
