//! Faults of a configuration.

use std::{error, fmt};

/// A fault of a configuration: its place, the problem, and the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The line, starting at 1.
    pub line: usize,
    /// The character in the line, starting at 1.
    pub column: usize,
    /// The key, such as `sampling.decision_wait` or `sink[2].endpoint`; empty if the text is not
    /// valid TOML.
    pub key: String,
    /// The problem.
    pub problem: String,
    /// The remedy; empty if the problem already includes it.
    pub remedy: String,
}

/// All faults of a configuration, in the order of its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The name of the text, as shown in the message.
    name: String,
    faults: Vec<Fault>,
    /// Number of further faults that are not listed.
    more: usize,
}

impl ConfigError {
    pub(super) fn new(name: &str, (mut faults, more): (Vec<Fault>, usize)) -> Self {
        faults.sort_by_key(|fault| (fault.line, fault.column));
        faults.dedup();
        Self {
            name: name.to_owned(),
            faults,
            more,
        }
    }

    /// Returns the error of a configuration that cannot be read at all.
    pub(super) fn unread(name: &str, problem: String, remedy: &str) -> Self {
        let fault = Fault {
            line: 0,
            column: 0,
            key: String::new(),
            problem,
            remedy: remedy.to_owned(),
        };
        Self::new(name, (vec![fault], 0))
    }

    /// Returns the faults, in the order of the lines.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.faults.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            f.write_str(&self.name)?;
            if fault.line > 0 {
                write!(f, ":{}:{}", fault.line, fault.column)?;
            }
            f.write_str(": ")?;
            if !fault.key.is_empty() {
                write!(f, "{}: ", fault.key)?;
            }
            f.write_str(&fault.problem)?;
            if !fault.remedy.is_empty() {
                write!(f, "; {}", fault.remedy)?;
            }
        }
        match self.more {
            0 => Ok(()),
            more => write!(f, "\n{}: and {more} more", self.name),
        }
    }
}

impl error::Error for ConfigError {}

/// The lines of a text.
pub(super) struct Lines<'t> {
    text: &'t str,
    /// The byte offset at which each line begins.
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let newlines = text.match_indices('\n');
        let starts = std::iter::once(0).chain(newlines.map(|(at, _)| at + 1));
        let starts = starts.collect();
        Self { text, starts }
    }

    /// Returns the line and column, both starting at 1, of a byte offset of the text.
    pub(super) fn position(&self, byte: usize) -> (usize, usize) {
        let byte = match self.text.is_char_boundary(byte) {
            true => byte,
            false => self.text.len(),
        };
        let line = self.starts.partition_point(|start| *start <= byte);
        let start = self.starts.get(line.saturating_sub(1)).copied();
        let before = self.text.get(start.unwrap_or_default()..byte);
        (line, before.unwrap_or_default().chars().count() + 1)
    }
}

/// Returns the one of `names` that was most likely meant by `written`.
pub(super) fn nearest<'n>(written: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    // A prefix of a name most likely means that name.
    let near = names.map(|name| match name.strip_prefix(written) {
        Some(_) if written.len() > 2 => (1, name),
        _ => (distance(written, name), name),
    });
    let (distance, name) = near.min_by_key(|(distance, _)| *distance)?;
    let length = written.chars().count().max(name.chars().count());
    (distance * 2 <= length).then_some(name)
}

/// Returns the number of characters to change, insert or delete to turn one text into the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (number, character) in one.chars().take(64).enumerate() {
        let mut next = vec![number + 1];
        let pairs = row.iter().zip(row.iter().skip(1));
        for ((above_left, above), wanted) in pairs.zip(&other) {
            let left = next.last().copied().unwrap_or_default();
            let changed = above_left + usize::from(!character.eq_ignore_ascii_case(wanted));
            next.push(changed.min(left + 1).min(above + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_in_lines_and_characters() {
        let text = "a = 1\nä = ü\n";
        let position = |byte| Lines::new(text).position(byte);
        assert_eq!(position(0), (1, 1));
        assert_eq!(position(5), (1, 6));
        assert_eq!(position(6), (2, 1));
        assert_eq!(position(text.find('ü').unwrap()), (2, 5));
        assert_eq!(position(999), (3, 1));
    }

    #[test]
    fn the_nearest_name_is_found_unless_none_is_near() {
        let names = || ["decision_wait", "max_wait", "late_window"].into_iter();
        assert_eq!(nearest("decison_wait", names()), Some("decision_wait"));
        assert_eq!(nearest("maxwait", names()), Some("max_wait"));
        assert_eq!(nearest("Late-Window", names()), Some("late_window"));
        assert_eq!(nearest("decision", names()), Some("decision_wait"));
        assert_eq!(nearest("color", names()), None);
    }
}
