//! Reading of tables. Each key is read by its name and form; faults are recorded with their place,
//! so that all of them are reported at once.

use std::{collections::BTreeSet, ops::RangeInclusive, time::Duration};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::config::{
    document::Document,
    fault::nearest,
    item::{Item, kind},
    keys::Table,
};

/// Maximum length of a name, in bytes.
const MOST_NAME: usize = 128;

/// A table of the document.
#[derive(Clone)]
pub(super) struct Section<'d> {
    document: &'d Document<'d>,
    table: Option<&'d DeTable<'d>>,
    known: &'static Table,
    /// Byte offset of the table.
    at: usize,
    /// Its name in fault messages: `sink[2].clean`.
    path: String,
}

impl<'d> Document<'d> {
    /// Reports unknown tables of the document.
    pub(super) fn whole(&'d self, root: &'d DeTable<'d>, known: &'static Table) {
        self.table(root, known, 0, String::new());
    }

    /// Returns the table `known` of the document; it is empty if absent.
    pub(super) fn section(&'d self, root: &'d DeTable<'d>, known: &'static Table) -> Section<'d> {
        let Some((key, value)) = root.get_key_value(known.name) else {
            return self.empty(known);
        };
        match value.get_ref() {
            DeValue::Table(table) => {
                self.table(table, known, key.span().start, known.name.to_owned())
            }
            other => {
                let problem = format!("is {}, but must be a table", kind(other));
                let remedy = format!("write `[{}]` with its keys below", known.name);
                self.fault(value.span().start, known.name, problem, &remedy);
                self.empty(known)
            }
        }
    }

    /// Returns the tables of the list `known`.
    pub(super) fn sections(
        &'d self,
        root: &'d DeTable<'d>,
        known: &'static Table,
    ) -> Vec<Section<'d>> {
        let Some(value) = root.get(known.name) else {
            return Vec::new();
        };
        let DeValue::Array(array) = value.get_ref() else {
            let problem = format!("is {}, but must be a list of tables", kind(value.get_ref()));
            let remedy = format!("write `[[{}]]` above each of them", known.name);
            self.fault(value.span().start, known.name, problem, &remedy);
            return Vec::new();
        };
        let numbered = array.iter().enumerate();
        let section = |(index, value): (usize, &'d Spanned<DeValue<'d>>)| {
            let (number, at) = (index + 1, value.span().start);
            match value.get_ref() {
                DeValue::Table(table) => {
                    let path = format!("{}[{number}]", known.name);
                    Some(self.table(table, known, at, path))
                }
                other => {
                    let key = format!("{}[{number}]", known.name);
                    let problem = format!("is {}, but must be a table", kind(other));
                    self.fault(at, &key, problem, "write `{ key = value, .. }`");
                    None
                }
            }
        };
        numbered.filter_map(section).collect()
    }

    fn empty(&'d self, known: &'static Table) -> Section<'d> {
        Section {
            document: self,
            table: None,
            known,
            at: 0,
            path: known.name.to_owned(),
        }
    }

    pub(super) fn table(
        &'d self,
        table: &'d DeTable<'d>,
        known: &'static Table,
        at: usize,
        path: String,
    ) -> Section<'d> {
        let section = Section {
            document: self,
            table: Some(table),
            known,
            at,
            path,
        };
        section.refuse_unknown();
        section
    }
}

impl<'d> Section<'d> {
    /// Reports a fault of the whole table.
    pub(super) fn fault(&self, problem: &str, remedy: &str) {
        self.document
            .fault(self.at, &self.path, problem.to_owned(), remedy);
    }

    /// Returns whether the table is present.
    pub(super) fn is_there(&self) -> bool {
        self.table.is_some()
    }

    /// Returns the value of a key, if set.
    pub(super) fn get(&self, name: &str) -> Option<Item<'d>> {
        debug_assert!(self.known.has(name), "{name} is not in the list of keys");
        let value = self.table?.get(name)?;
        Some(Item {
            document: self.document,
            key: self.key(name),
            value: value.get_ref(),
            at: value.span().start,
        })
    }

    /// Returns the value of a key; reports a fault if it is not set.
    pub(super) fn required(&self, name: &str, remedy: &str) -> Option<Item<'d>> {
        let item = self.get(name);
        if item.is_none() {
            let problem = format!("`{name}` is missing");
            self.fault(&problem, remedy);
        }
        item
    }

    /// Returns the table that is the value of a key; it is empty if not set.
    pub(super) fn section(&self, known: &'static Table) -> Section<'d> {
        let name = known.name.rsplit('.').next().unwrap_or(known.name);
        match self.get(name) {
            Some(item) => item.section(known).unwrap_or(self.document.empty(known)),
            None => self.document.empty(known),
        }
    }

    /// Returns a text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.text()
    }

    /// Returns a text with its environment variables replaced.
    pub(super) fn secret(&self, name: &str) -> Option<String> {
        self.get(name)?.secret()
    }

    /// Returns the name of a table in a list; reports a fault if another table has the same name.
    pub(super) fn name(
        &self,
        of: &str,
        remedy: &str,
        others: &mut BTreeSet<&'d str>,
    ) -> Option<String> {
        let item = self.required("name", remedy)?;
        let name = item.text()?;
        let is_new = item.as_text().is_none_or(|text| others.insert(text));
        let taken = format!("{name:?} is already the name of another {of}");
        let (problem, remedy) = match name.trim().len() {
            0 => ("is empty", "give it a name"),
            _ if name.len() > MOST_NAME => ("is longer than 128 bytes", "give it a shorter name"),
            _ if name.contains(char::is_control) => ("contains a control character", "remove it"),
            _ if !is_new => (&*taken, "give it a name of its own"),
            _ => return Some(name),
        };
        item.fault(problem, remedy);
        None
    }

    /// Returns a nonempty text with its environment variables replaced.
    pub(super) fn filled(&self, name: &str) -> Option<String> {
        self.get(name)?.filled()
    }

    /// Returns a list of at least one string.
    pub(super) fn some_texts(&self, name: &str) -> Option<Vec<String>> {
        self.get(name)?.some_texts()
    }

    /// Returns a list of strings; a single string is a list of one.
    pub(super) fn texts(&self, name: &str) -> Option<Vec<String>> {
        self.get(name)?.texts()
    }

    /// Returns `true` or `false`.
    pub(super) fn bool(&self, name: &str) -> Option<bool> {
        self.get(name)?.bool()
    }

    /// Returns an integer.
    pub(super) fn integer(&self, name: &str, allowed: RangeInclusive<u64>) -> Option<u64> {
        self.get(name)?.integer(allowed)
    }

    /// Returns a duration.
    pub(super) fn duration(
        &self,
        name: &str,
        allowed: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        self.get(name)?.duration(allowed)
    }

    /// Returns a number of bytes.
    pub(super) fn size(&self, name: &str, allowed: RangeInclusive<u64>) -> Option<u64> {
        self.get(name)?.size(allowed)
    }

    /// Returns one of several choices by its name.
    pub(super) fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        self.get(name)?.choice(choices)
    }

    /// Returns the names of the keys that are set, in alphabetical order.
    pub(super) fn names(&self) -> Vec<&'d str> {
        let keys = self.table.into_iter().flat_map(|table| table.keys());
        keys.map(|key| key.get_ref().as_ref()).collect()
    }

    /// Returns all keys that are set, with their values, for tables whose keys the user chooses.
    pub(super) fn entries(&self) -> Vec<(&'d str, Item<'d>)> {
        let entries = self.table.into_iter().flat_map(|table| table.iter());
        let entry = |(key, value): (&'d Spanned<_>, &'d Spanned<DeValue<'d>>)| {
            let name: &'d std::borrow::Cow<'d, str> = key.get_ref();
            let item = Item {
                document: self.document,
                key: self.key(name),
                value: value.get_ref(),
                at: value.span().start,
            };
            (name.as_ref(), item)
        };
        entries.map(entry).collect()
    }

    fn key(&self, name: &str) -> String {
        if self.path.is_empty() {
            return name.to_owned();
        }
        format!("{}.{name}", self.path)
    }

    fn refuse_unknown(&self) {
        if self.known.open {
            return;
        }
        let entries = self.table.into_iter().flat_map(|table| table.keys());
        for key in entries.filter(|key| !self.known.has(key.get_ref())) {
            let name = key.get_ref().as_ref();
            let remedy = match nearest(name, self.known.names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    let names: Vec<_> = self.known.names().collect();
                    format!("known keys are `{}`", names.join("`, `"))
                }
            };
            let at = key.span().start;
            let problem = "is not a key of the relay".to_owned();
            self.document.fault(at, &self.key(name), problem, &remedy);
        }
    }
}

impl<'d> Item<'d> {
    /// Returns the value as a table.
    pub(super) fn section(&self, known: &'static Table) -> Option<Section<'d>> {
        match self.value {
            DeValue::Table(table) => {
                Some(self.document.table(table, known, self.at, self.key.clone()))
            }
            _ => self.wrong_kind("a table", "write `{ key = value, .. }`"),
        }
    }
}
