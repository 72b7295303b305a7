//! Values that all spans of a block have: none of those spans fits a condition that says otherwise.

use std::mem;

/// Values that all spans of a block have, by their hashes. Those of resources are not among them.
#[derive(Debug, Default)]
pub(super) struct Common {
    /// `None` before the first span.
    values: Option<Vec<u64>>,
    /// Of these, those of the span that is being added.
    own: Vec<u64>,
    /// Keys so far of the attributes that are being added.
    keys: Vec<u64>,
}

impl Common {
    /// Begins with attributes of a span, or of an event of it.
    pub(super) fn begin(&mut self) {
        self.keys.clear();
    }

    /// Adds a value, by the hashes of its key and of both.
    pub(super) fn add(&mut self, key: u64, value: u64) {
        let known = self.values.as_ref();
        // Of several values of one key the first counts.
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

    /// Returns them as bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let values = self.values.iter().flatten();
        values.flat_map(|value| value.to_le_bytes()).collect()
    }
}

/// Returns whether a value is among those that [`Common::bytes`] returned.
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
