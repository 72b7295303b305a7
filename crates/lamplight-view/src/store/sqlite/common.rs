//! Values that all spans of a block have in common, to rule out conditions that exclude them.

use std::mem;

/// Hashes of the values that all spans of a block have in common. Attributes of resources are not
/// included.
#[derive(Debug, Default)]
pub(super) struct Common {
    /// `None` before the first span.
    values: Option<Vec<u64>>,
    /// Those of them that the span being added has too.
    own: Vec<u64>,
    /// Keys of the attributes added so far.
    keys: Vec<u64>,
}

impl Common {
    /// Starts the attributes of a span, or of one of its events.
    pub(super) fn begin(&mut self) {
        self.keys.clear();
    }

    /// Adds a value, given by the hash of its key and the hash of both.
    pub(super) fn add(&mut self, key: u64, value: u64) {
        let known = self.values.as_ref();
        // The first of several values of a key counts.
        if known.is_none_or(|known| known.contains(&value))
            && !self.keys.contains(&key)
            && !self.own.contains(&value)
        {
            self.own.push(value);
        }
        self.keys.push(key);
    }

    /// Ends a span.
    pub(super) fn end(&mut self) {
        let before = self.values.replace(mem::take(&mut self.own));
        self.own = before.unwrap_or_default();
        self.own.clear();
    }

    /// Returns the values as bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let values = self.values.iter().flatten();
        values.flat_map(|value| value.to_le_bytes()).collect()
    }
}

/// Returns whether a value is among those in the output of [`Common::bytes`].
pub(super) fn has(bytes: &[u8], value: u64) -> bool {
    bytes.as_chunks::<8>().0.contains(&value.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::{Common, has};

    #[test]
    fn only_what_all_have_first_is_common() {
        let mut common = Common::default();
        for span in [
            &[(1, 10), (2, 20), (3, 30)][..],
            &[(3, 30), (2, 21), (2, 20), (1, 10)],
            &[(1, 10), (3, 30), (3, 30)],
        ] {
            common.begin();
            for (key, value) in span {
                common.add(*key, *value);
            }
            common.end();
        }
        let bytes = common.bytes();
        assert!(has(&bytes, 10) && has(&bytes, 30) && !has(&bytes, 20));
        common.end();
        assert!(common.bytes().is_empty());
        assert!(Common::default().bytes().is_empty());
    }
}
