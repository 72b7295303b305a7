//! The reading of a table: each key is taken by its name and form, and what is wrong is noted beside its
//! place, so that everything that is wrong is told at once.

use std::{cell::RefCell, ops::RangeInclusive, time::Duration};

use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

use crate::{
    config::{
        environment::{Lookup, substitute},
        fault::{Fault, nearest, position},
        keys::Table,
        units,
    },
    rules::Scalar,
};

/// What is read, and what has been found wrong with it.
pub(super) struct Document<'d> {
    text: &'d str,
    lookup: &'d Lookup<'d>,
    faults: RefCell<Vec<Fault>>,
}

/// A table of the document.
#[derive(Clone)]
pub(super) struct Section<'d> {
    document: &'d Document<'d>,
    table: Option<&'d DeTable<'d>>,
    known: &'static Table,
    /// Where the table begins.
    at: usize,
    /// Its name as faults call it: `sink[2].clean`.
    path: String,
}

/// The value of a key.
#[derive(Clone)]
pub(super) struct Item<'d> {
    document: &'d Document<'d>,
    key: String,
    value: &'d DeValue<'d>,
    at: usize,
}

impl<'d> Document<'d> {
    pub(super) fn new(text: &'d str, lookup: &'d Lookup<'d>) -> Self {
        Self {
            text,
            lookup,
            faults: RefCell::default(),
        }
    }

    pub(super) fn into_faults(self) -> Vec<Fault> {
        self.faults.into_inner()
    }

    /// Notes a fault at a byte of the text.
    pub(super) fn fault(&self, at: usize, key: &str, problem: String, remedy: &str) {
        let (line, column) = position(self.text, at);
        self.faults.borrow_mut().push(Fault {
            line,
            column,
            key: key.to_owned(),
            problem,
            remedy: remedy.to_owned(),
        });
    }

    /// Notes what is unknown among the tables of the document.
    pub(super) fn whole(&'d self, root: &'d DeTable<'d>, known: &'static Table) {
        self.table(root, known, 0, String::new());
    }

    /// Returns the table `known` in a table, empty where it is not there.
    pub(super) fn section(&'d self, root: &'d DeTable<'d>, known: &'static Table) -> Section<'d> {
        let Some((key, value)) = root.get_key_value(known.name) else {
            return self.empty(known);
        };
        match value.get_ref() {
            DeValue::Table(table) => {
                self.table(table, known, key.span().start, known.name.to_owned())
            }
            other => {
                let problem = format!("is {}, and must be a table", kind(other));
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
            let problem = format!("is {}, and must be a list of tables", kind(value.get_ref()));
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
                    let problem = format!("is {}, and must be a table", kind(other));
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

    fn table(
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
    /// Notes a fault of the whole table.
    pub(super) fn fault(&self, problem: &str, remedy: &str) {
        self.document
            .fault(self.at, &self.path, problem.to_owned(), remedy);
    }

    /// Returns whether the table is there.
    pub(super) fn is_there(&self) -> bool {
        self.table.is_some()
    }

    /// Returns the value of a key, where it is set.
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

    /// Returns the value of a key, and notes where it is not set.
    pub(super) fn required(&self, name: &str, remedy: &str) -> Option<Item<'d>> {
        let item = self.get(name);
        if item.is_none() {
            let problem = format!("`{name}` is missing");
            self.fault(&problem, remedy);
        }
        item
    }

    /// Returns the table that is the value of a key, empty where it is not set.
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

    /// Returns a text with what stands in the environment.
    pub(super) fn secret(&self, name: &str) -> Option<String> {
        self.get(name)?.secret()
    }

    /// Returns a list of texts; one text is a list of one.
    pub(super) fn texts(&self, name: &str) -> Option<Vec<String>> {
        self.get(name)?.texts()
    }

    /// Returns `true` or `false`.
    pub(super) fn bool(&self, name: &str) -> Option<bool> {
        self.get(name)?.bool()
    }

    /// Returns a whole number.
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

    /// Returns one of several names.
    pub(super) fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        self.get(name)?.choice(choices)
    }

    /// Returns the names of the keys that are set, in the order of their names.
    pub(super) fn names(&self) -> Vec<&'d str> {
        let keys = self.table.into_iter().flat_map(|table| table.keys());
        keys.map(|key| key.get_ref().as_ref()).collect()
    }

    /// Returns all keys that are set with their values, for tables whose keys are the user's.
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
                    format!("known here are `{}`", names.join("`, `"))
                }
            };
            let at = key.span().start;
            let problem = "is not a key of the relay".to_owned();
            self.document.fault(at, &self.key(name), problem, &remedy);
        }
    }
}

impl<'d> Item<'d> {
    /// Notes what is wrong with the value.
    pub(super) fn fault(&self, problem: &str, remedy: &str) {
        self.document
            .fault(self.at, &self.key, problem.to_owned(), remedy);
    }

    fn wrong_kind<T>(&self, wanted: &str, remedy: &str) -> Option<T> {
        let problem = format!("is {}, and must be {wanted}", kind(self.value));
        self.fault(&problem, remedy);
        None
    }

    /// Returns the value, if it is a text, without a fault where it is not.
    pub(super) fn as_text(&self) -> Option<&'d str> {
        match self.value {
            DeValue::String(text) => Some(text.as_ref()),
            _ => None,
        }
    }

    /// Returns the value, if it is a number, without a fault where it is not.
    pub(super) fn as_number(&self) -> Option<f64> {
        match self.value {
            DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
                .ok()
                .map(|integer| integer as f64),
            DeValue::Float(float) => float.as_str().parse().ok(),
            _ => None,
        }
    }

    /// Returns the text of a date, without a fault where the value is none.
    pub(super) fn datetime(&self) -> Option<String> {
        match self.value {
            DeValue::Datetime(datetime) => Some(datetime.to_string()),
            _ => None,
        }
    }

    /// Returns whether the value is a list.
    pub(super) fn is_list(&self) -> bool {
        matches!(self.value, DeValue::Array(_))
    }

    /// Returns a value that attributes are compared with.
    pub(super) fn scalar(&self) -> Option<Scalar> {
        match self.value {
            DeValue::String(text) => Some(Scalar::Text(text.as_ref().to_owned())),
            DeValue::Boolean(bool) => Some(Scalar::Bool(*bool)),
            DeValue::Integer(integer) => {
                let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
                if number.is_none() {
                    self.fault(
                        &format!("is {integer}"),
                        "write a number of at most 64 bits",
                    );
                }
                number.map(Scalar::Int)
            }
            DeValue::Float(_) => self.number().map(Scalar::Double),
            _ => self.wrong_kind("a text, a number, true or false", "write one of these"),
        }
    }

    /// Returns whether the value is a table.
    pub(super) fn is_table(&self) -> bool {
        matches!(self.value, DeValue::Table(_))
    }

    pub(super) fn text(&self) -> Option<String> {
        match self.as_text() {
            Some(text) => Some(text.to_owned()),
            None => self.wrong_kind("a text", "put it between quotation marks"),
        }
    }

    /// Returns the text with the variables it names put in.
    pub(super) fn secret(&self) -> Option<String> {
        let text = self.text()?;
        match substitute(&text, self.document.lookup) {
            Ok(text) => Some(text),
            Err((problem, remedy)) => {
                self.fault(&problem, &remedy);
                None
            }
        }
    }

    pub(super) fn texts(&self) -> Option<Vec<String>> {
        match self.value {
            DeValue::String(text) => Some(vec![text.as_ref().to_owned()]),
            DeValue::Array(_) => Some(self.items()?.iter().filter_map(Item::text).collect()),
            _ => self.wrong_kind("a list of texts", "write `[\"one\", \"two\"]`"),
        }
    }

    /// Returns the values of a list.
    pub(super) fn items(&self) -> Option<Vec<Item<'d>>> {
        let DeValue::Array(array) = self.value else {
            return self.wrong_kind("a list", "write it between `[` and `]`");
        };
        let array: &'d DeArray<'d> = array;
        let numbered = array.iter().enumerate();
        let items = numbered.map(|(index, value)| Item {
            document: self.document,
            key: format!("{}[{}]", self.key, index + 1),
            value: value.get_ref(),
            at: value.span().start,
        });
        Some(items.collect())
    }

    /// Returns the table that the value is.
    pub(super) fn section(&self, known: &'static Table) -> Option<Section<'d>> {
        match self.value {
            DeValue::Table(table) => {
                Some(self.document.table(table, known, self.at, self.key.clone()))
            }
            _ => self.wrong_kind("a table", "write `{ key = value, .. }`"),
        }
    }

    pub(super) fn bool(&self) -> Option<bool> {
        match self.value {
            DeValue::Boolean(bool) => Some(*bool),
            _ => self.wrong_kind("true or false", "write `true` or `false`"),
        }
    }

    pub(super) fn integer(&self, allowed: RangeInclusive<u64>) -> Option<u64> {
        let DeValue::Integer(integer) = self.value else {
            return self.wrong_kind("a whole number", "write digits alone");
        };
        let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let within = number.filter(|number| allowed.contains(number));
        if within.is_none() {
            let remedy = format!("allowed are {} to {}", allowed.start(), allowed.end());
            self.fault(&format!("is {integer}"), &remedy);
        }
        within
    }

    /// Returns a number.
    pub(super) fn number(&self) -> Option<f64> {
        match self.as_number() {
            Some(number) if number.is_finite() => Some(number),
            _ => self.wrong_kind("a number", "write digits alone"),
        }
    }

    pub(super) fn duration(&self, allowed: RangeInclusive<Duration>) -> Option<Duration> {
        const REMEDY: &str = "write a number and ms, s, min, h or d, such as \"30 s\"";
        let Some(text) = self.as_text() else {
            return self.wrong_kind("a duration", REMEDY);
        };
        let Some(duration) = units::duration(text) else {
            self.fault(&format!("{text:?} is not a duration"), REMEDY);
            return None;
        };
        if !allowed.contains(&duration) {
            let (least, most) = (units::shown(*allowed.start()), units::shown(*allowed.end()));
            self.fault(
                &format!("is {}", units::shown(duration)),
                &format!("allowed are {least} to {most}"),
            );
            return None;
        }
        Some(duration)
    }

    pub(super) fn size(&self, allowed: RangeInclusive<u64>) -> Option<u64> {
        const REMEDY: &str =
            "write a number and B, kB, KiB, MB, MiB, GB or GiB, such as \"64 MiB\"";
        let Some(text) = self.as_text() else {
            return self.wrong_kind("a size", REMEDY);
        };
        let Some(size) = units::size(text) else {
            self.fault(&format!("{text:?} is not a size"), REMEDY);
            return None;
        };
        if !allowed.contains(&size) {
            let remedy = format!("allowed are {} B to {} B", allowed.start(), allowed.end());
            self.fault(&format!("is {size} B"), &remedy);
            return None;
        }
        Some(size)
    }

    /// Returns a share, from 0 to 1.
    pub(super) fn share(&self) -> Option<f64> {
        const REMEDY: &str = "write a percentage such as \"10 %\", or a fraction such as 0.1";
        let share = match self.as_text() {
            Some(text) => units::share(text),
            None => self.as_number().filter(|share| (0.0..=1.0).contains(share)),
        };
        if share.is_none() {
            self.fault("is not a share of one", REMEDY);
        }
        share
    }

    pub(super) fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        let chosen = choices.iter().find(|(name, _)| *name == text);
        if chosen.is_none() {
            let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
            let mut remedy = format!("allowed are \"{}\"", names.join("\", \""));
            if let Some(near) = nearest(&text, names.iter().copied()) {
                remedy = format!("did you mean {near:?}? {remedy}");
            }
            self.fault(&format!("{text:?} is not known"), &remedy);
        }
        chosen.map(|(_, value)| *value)
    }
}

/// Returns what a value is, as a fault tells it.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
