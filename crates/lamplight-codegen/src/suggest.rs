//! Suggestions for misspelled names.

use strsim::levenshtein;

/// The maximum length of a name for which another is suggested, in bytes: the search takes the product of
/// both lengths.
const MAX_LENGTH: usize = 200;
/// The maximum number of letters by which a suggestion may differ.
const MAX_DISTANCE: usize = 2;
/// The maximum number of bytes of a letter.
const MAX_LETTER: usize = 4;

/// Returns the known name that differs from `name` by the fewest letters: at most two, and at most half of a
/// short name.
pub(crate) fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    if name.len() > MAX_LENGTH {
        return None;
    }
    let (distance, nearest) = known
        .iter()
        // Cheaper than the distance, which is at least the difference in length.
        .filter(|known| known.len().abs_diff(name.len()) <= MAX_DISTANCE * MAX_LETTER)
        .map(|known| (levenshtein(name, known), *known))
        .min()?;
    (distance <= MAX_DISTANCE.min(name.chars().count() / 2)).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_finds_its_neighbour() {
        assert_eq!(
            nearest("stabilty", &["brief", "stability"]),
            Some("stability")
        );
        assert_eq!(nearest("breif", &["brief", "stability"]), Some("brief"));
        assert_eq!(nearest("color", &["brief", "stability"]), None);
    }

    #[test]
    fn short_and_very_long_names_find_none() {
        assert_eq!(nearest("id", &["ok"]), None);
        assert_eq!(nearest("idx", &["id"]), Some("id"));
        let long = "a".repeat(MAX_LENGTH);
        let longer = "a".repeat(MAX_LENGTH + 1);
        assert_eq!(nearest(&long, &[&longer]), Some(longer.as_str()));
        assert_eq!(nearest(&longer, &[&long]), None);
    }

    #[test]
    fn letters_are_counted_and_not_bytes() {
        assert_eq!(nearest("größe", &["grosse"]), None);
        assert_eq!(nearest("größe", &["gröse"]), Some("gröse"));
        assert_eq!(nearest("größe", &["grö𝄞𝄞e"]), Some("grö𝄞𝄞e"));
    }
}
