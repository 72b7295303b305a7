//! The list of keys: the known keys of each table, and their reference texts.

use std::fmt::Write as _;

/// A table of the configuration.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name, with the names of its parents: `clean.attributes`.
    pub(super) name: &'static str,
    /// Its purpose.
    pub(super) about: &'static str,
    /// True if the table may occur several times.
    pub(super) list: bool,
    /// True if the user chooses its keys.
    pub(super) open: bool,
    /// Its keys.
    pub(super) keys: &'static [Key],
}

/// A key of a table.
#[derive(Debug)]
pub(super) struct Key {
    /// Its name.
    pub(super) name: &'static str,
    /// The form of its value.
    pub(super) form: &'static str,
    /// Its default, or the behavior if it is not set.
    pub(super) default: &'static str,
    /// Its meaning.
    pub(super) about: &'static str,
}

/// Returns a row of the list: name, form, default, meaning.
pub(super) const fn key(
    name: &'static str,
    form: &'static str,
    default: &'static str,
    about: &'static str,
) -> Key {
    Key {
        name,
        form,
        default,
        about,
    }
}

impl Table {
    /// Returns whether the table has this key.
    pub(super) fn has(&self, name: &str) -> bool {
        self.open || self.names().any(|known| known == name)
    }

    /// Returns the names of its keys.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.keys.iter().map(|key| key.name)
    }

    /// Writes the reference of the table.
    pub(super) fn write(&self, to: &mut String) {
        let heading = match (self.name, self.list) {
            ("", _) => "Top level".to_owned(),
            (name, true) => format!("`[[{name}]]`"),
            (name, false) => format!("`[{name}]`"),
        };
        let _ = writeln!(to, "## {heading}\n\n{}\n", self.about);
        if self.keys.is_empty() {
            return;
        }
        to.push_str("| key | value | default | |\n|---|---|---|---|\n");
        for key in self.keys {
            let Key {
                name,
                form,
                default,
                about,
            } = key;
            let _ = writeln!(to, "| `{name}` | {form} | {default} | {about} |");
        }
        to.push('\n');
    }
}
