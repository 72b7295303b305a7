//! Values of keys, read as the type they must have.

use std::{ops::RangeInclusive, time::Duration};

use toml::de::{DeArray, DeValue};

use crate::{
    config::{document::Document, environment::substitute, fault::nearest, units},
    rules::Scalar,
};

/// The value of a key.
#[derive(Clone)]
pub(super) struct Item<'d> {
    pub(super) document: &'d Document<'d>,
    pub(super) key: String,
    pub(super) value: &'d DeValue<'d>,
    pub(super) at: usize,
}

impl<'d> Item<'d> {
    /// Reports a fault of the value.
    pub(super) fn fault(&self, problem: &str, remedy: &str) {
        self.document
            .fault(self.at, &self.key, problem.to_owned(), remedy);
    }

    pub(super) fn wrong_kind<T>(&self, wanted: &str, remedy: &str) -> Option<T> {
        let problem = format!("is {}, but must be {wanted}", kind(self.value));
        self.fault(&problem, remedy);
        None
    }

    /// Returns the value if it is a string; reports no fault otherwise.
    pub(super) fn as_text(&self) -> Option<&'d str> {
        match self.value {
            DeValue::String(text) => Some(text.as_ref()),
            _ => None,
        }
    }

    /// Returns the value if it is a number; reports no fault otherwise.
    pub(super) fn as_number(&self) -> Option<f64> {
        match self.value {
            DeValue::Integer(integer) => i128::from_str_radix(integer.as_str(), integer.radix())
                .ok()
                .map(|integer| integer as f64),
            DeValue::Float(float) => float.as_str().parse().ok(),
            _ => None,
        }
    }

    /// Returns the text of a date; reports no fault for other values.
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

    /// Returns a value to compare attributes with.
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
            _ => self.wrong_kind(
                "a string, a number, true or false",
                "use one of these types",
            ),
        }
    }

    /// Returns whether the value is a table.
    pub(super) fn is_table(&self) -> bool {
        matches!(self.value, DeValue::Table(_))
    }

    pub(super) fn text(&self) -> Option<String> {
        match self.as_text() {
            Some(text) => Some(text.to_owned()),
            None => self.wrong_kind("a string", "put it in quotation marks"),
        }
    }

    /// Returns the text with its variables replaced.
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

    /// Returns the text with its variables replaced, unless it is empty.
    pub(super) fn filled(&self) -> Option<String> {
        self.secret().filter(|text| self.is_filled(text))
    }

    /// Returns the text as written, unless it is empty.
    pub(super) fn filled_as_it_is(&self) -> Option<String> {
        self.text().filter(|text| self.is_filled(text))
    }

    fn is_filled(&self, text: &str) -> bool {
        if text.trim().is_empty() {
            self.fault("is empty", "set a value, or remove the key");
            return false;
        }
        true
    }

    /// Returns a list of at least one string.
    pub(super) fn some_texts(&self) -> Option<Vec<String>> {
        let texts = self.texts()?;
        if texts.is_empty() {
            self.fault("is empty", "add at least one string, or remove the key");
            return None;
        }
        Some(texts)
    }

    pub(super) fn texts(&self) -> Option<Vec<String>> {
        match self.value {
            DeValue::String(text) => Some(vec![text.as_ref().to_owned()]),
            DeValue::Array(_) => Some(self.items()?.iter().filter_map(Item::text).collect()),
            _ => self.wrong_kind("a list of strings", "write `[\"one\", \"two\"]`"),
        }
    }

    /// Returns the values of a list.
    pub(super) fn items(&self) -> Option<Vec<Item<'d>>> {
        let DeValue::Array(array) = self.value else {
            return self.wrong_kind("a list", "write it in brackets");
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

    pub(super) fn bool(&self) -> Option<bool> {
        match self.value {
            DeValue::Boolean(bool) => Some(*bool),
            _ => self.wrong_kind("a boolean", "write `true` or `false`"),
        }
    }

    pub(super) fn integer(&self, allowed: RangeInclusive<u64>) -> Option<u64> {
        let DeValue::Integer(integer) = self.value else {
            return self.wrong_kind("an integer", "use digits only");
        };
        let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let within = number.filter(|number| allowed.contains(number));
        if within.is_none() {
            let remedy = format!("use a value from {} to {}", allowed.start(), allowed.end());
            self.fault(&format!("is {integer}"), &remedy);
        }
        within
    }

    /// Returns a number.
    pub(super) fn number(&self) -> Option<f64> {
        match self.as_number() {
            Some(number) if number.is_finite() => Some(number),
            Some(number) => {
                self.fault(&format!("is {number}"), "use a finite number");
                None
            }
            None => self.wrong_kind("a number", "use digits only"),
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
                &format!("use a value from {least} to {most}"),
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
            let [size, least, most] =
                [size, *allowed.start(), *allowed.end()].map(units::shown_size);
            let remedy = format!("use a value from {least} to {most}");
            self.fault(&format!("is {size}"), &remedy);
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
            self.fault("is not between 0 and 1", REMEDY);
        }
        share
    }

    pub(super) fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        let chosen = choices.iter().find(|(name, _)| *name == text);
        if chosen.is_none() {
            let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
            let mut remedy = format!("use one of \"{}\"", names.join("\", \""));
            if let Some(near) = nearest(&text, names.iter().copied()) {
                remedy = format!("did you mean {near:?}? {remedy}");
            }
            self.fault(&format!("{text:?} is unknown"), &remedy);
        }
        chosen.map(|(_, value)| *value)
    }
}

/// Returns the type of a value, in the words of fault messages.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
