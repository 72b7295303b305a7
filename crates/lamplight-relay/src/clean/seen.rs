//! Span ids that occurred in a trace.

use std::collections::HashMap;

/// Number of ids that are searched one by one, which is faster than hashing. Most traces of a
/// record have fewer.
const FEW: usize = 32;

/// Ids of spans, with the first span of each.
#[derive(Debug, Default)]
pub(super) struct Seen<'p> {
    few: Vec<([u8; 8], &'p [u8])>,
    many: HashMap<[u8; 8], &'p [u8]>,
}

impl<'p> Seen<'p> {
    /// Returns the earlier span with this id, if there is one.
    pub(super) fn first(&mut self, id: [u8; 8], message: &'p [u8]) -> Option<&'p [u8]> {
        if self.many.is_empty() {
            if let Some((_, first)) = self.few.iter().find(|(other, _)| *other == id) {
                return Some(first);
            }
            if self.few.len() < FEW {
                self.few.push((id, message));
                return None;
            }
            self.many.extend(self.few.drain(..));
        }
        match self.many.get(&id) {
            Some(first) => Some(first),
            None => {
                self.many.insert(id, message);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_an_id_is_told_however_many_there_are() {
        let mut seen = Seen::default();
        for number in 0..100_u64 {
            assert_eq!(seen.first(number.to_be_bytes(), b"first"), None);
            for other in 0..=number {
                let first = seen.first(other.to_be_bytes(), b"second");
                assert_eq!(first, Some(&b"first"[..]));
            }
        }
    }
}
