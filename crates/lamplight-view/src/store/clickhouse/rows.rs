//! Rows of an answer, in the format `RowBinaryWithNames`.

/// The rows of an answer.
#[derive(Debug)]
pub(super) struct Rows {
    answer: Vec<u8>,
    /// Start of the first row.
    start: usize,
}

impl Rows {
    /// Returns the rows of an answer, or the answer if it has other columns.
    pub(super) fn new<'a>(
        answer: Vec<u8>,
        names: impl ExactSizeIterator<Item = &'a str>,
    ) -> Result<Self, Vec<u8>> {
        let mut row = Row(&answer);
        let is_so = row.length() == Some(names.len()) && { names }
            .all(|name| row.bytes() == Some(name.as_bytes()));
        if !is_so {
            return Err(answer);
        }
        let start = answer.len() - row.0.len();
        Ok(Self { answer, start })
    }

    /// Returns what `read` returns for each row; `None` if the answer is cut. It must read all
    /// columns.
    pub(super) fn read<'a, T>(
        &'a self,
        mut read: impl FnMut(&mut Row<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut row = Row(self.answer.get(self.start..)?);
        let mut rows = Vec::new();
        while !row.0.is_empty() {
            rows.push(read(&mut row)?);
        }
        Some(rows)
    }

    /// Returns the whole answer.
    pub(super) fn answer(&self) -> &[u8] {
        &self.answer
    }
}

/// The rest of the rows, of which values are taken. Each is `None` if the answer is cut.
#[derive(Debug)]
pub(super) struct Row<'a>(&'a [u8]);

impl<'a> Row<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// Takes the length of a value. No value has more elements than bytes follow.
    fn length(&mut self) -> Option<usize> {
        let mut length = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = *self.take(1)?.first()?;
            length |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                let length = usize::try_from(length).ok()?;
                return (length <= self.0.len()).then_some(length);
            }
        }
        None
    }

    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.length()?;
        self.take(length)
    }

    /// Takes a `String`. Invalid UTF-8 in it is replaced.
    pub(super) fn text(&mut self) -> Option<String> {
        Some(String::from_utf8_lossy(self.bytes()?).into_owned())
    }

    /// Takes a `UInt64`.
    pub(super) fn count(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    /// Takes a time: an `Int64`.
    pub(super) fn time(&mut self) -> Option<u64> {
        let time = i64::from_le_bytes(self.take(8)?.try_into().ok()?);
        Some(u64::try_from(time).unwrap_or_default())
    }

    /// Takes a `Nullable(Float64)`.
    pub(super) fn number_or_null(&mut self) -> Option<Option<f64>> {
        if self.flag()? {
            return Some(None);
        }
        let number = f64::from_le_bytes(self.take(8)?.try_into().ok()?);
        Some(Some(number).filter(|it| it.is_finite()))
    }

    /// Takes a `Nullable(UInt64)`.
    pub(super) fn count_or_null(&mut self) -> Option<Option<u64>> {
        if self.flag()? {
            return Some(None);
        }
        self.count().map(Some)
    }

    /// Takes a `UInt8` that is 0 or not.
    pub(super) fn flag(&mut self) -> Option<bool> {
        Some(*self.take(1)?.first()? != 0)
    }

    /// Takes an `Array`, or a `Map` whose entries `read` takes.
    pub(super) fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let length = self.length()?;
        (0..length).map(|_| read(self)).collect()
    }

    /// Returns what `read` returns, and the bytes that it took.
    pub(super) fn spanned<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<(&'a [u8], T)> {
        let before = self.0;
        let value = read(self)?;
        let taken = before.get(..before.len() - self.0.len())?;
        Some((taken, value))
    }
}

#[cfg(test)]
mod tests {
    use super::Rows;

    #[test]
    fn only_whole_rows_of_the_requested_columns_are_read() {
        let answer = |rows: &[u8]| [b"\x02\x01a\x01b", rows].concat();
        let rows = answer(b"\x02hi\x05\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0");
        let rows = Rows::new(rows, ["a", "b"].into_iter()).unwrap();
        let read = rows.read(|row| Some((row.text()?, row.count()?)));
        let meant = vec![("hi".to_owned(), 5), (String::new(), 1)];
        assert_eq!(read, Some(meant));
        let cut = Rows::new(answer(b"\x02hi\x05\0\0"), ["a", "b"].into_iter()).unwrap();
        assert_eq!(cut.read(|row| Some((row.text()?, row.count()?))), None);
        for other in [
            &b"<html>"[..],
            b"",
            b"\x01\x01a",
            b"\x02\x01a\x01c",
            b"\xff\xff\xff",
        ] {
            assert!(Rows::new(other.to_vec(), ["a", "b"].into_iter()).is_err());
        }
        // A length beyond the end allocates nothing.
        let long = Rows::new(
            answer(b"\xff\xff\xff\xff\xff\xff\xff\x7f"),
            ["a", "b"].into_iter(),
        );
        assert_eq!(long.unwrap().read(|row| row.list(|row| row.text())), None);
    }
}
