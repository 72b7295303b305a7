//! A reader of maps field by field, which records every fault with its line.

use std::{path::Path, sync::Arc};

use crate::{
    error::{Diagnostic, MAX_FAULTS, Position},
    model::Literal,
    suggest::nearest,
    yaml::{Mark, Node, Yaml},
};

/// The maximum length of a name, in bytes. Published names stay below 80.
const MAX_NAME: usize = 256;
/// The maximum number of parts of a name, which become nested modules. Published names have up to 7.
const MAX_PARTS: usize = 32;

/// Collector of the faults of one file.
#[derive(Debug)]
pub(crate) struct Sink {
    file: Arc<Path>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Sink {
    pub(crate) fn new(file: &Path) -> Self {
        Self {
            file: Arc::from(file),
            diagnostics: Vec::new(),
        }
    }

    pub(crate) fn position(&self, at: Mark) -> Position {
        Position {
            file: Arc::clone(&self.file),
            line: at.line,
            column: at.column,
        }
    }

    pub(crate) fn report(
        &mut self,
        at: Mark,
        subject: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        if self.diagnostics.len() < MAX_FAULTS {
            let position = self.position(at);
            self.diagnostics
                .push(Diagnostic::new(position, subject, problem, remedy));
        }
    }
}

/// A map whose fields are read one by one; [`finish`](Self::finish) reports the unread ones.
pub(crate) struct Fields<'n> {
    entries: &'n [(Node, Node)],
    known: Vec<&'static str>,
    pub(crate) at: Mark,
    /// The subject of reported faults.
    pub(crate) subject: String,
}

impl<'n> Fields<'n> {
    pub(crate) fn of(node: &'n Node, subject: &str, sink: &mut Sink) -> Option<Self> {
        match &node.value {
            Yaml::Map(entries) => {
                let subject = subject.to_owned();
                Some(Self {
                    entries,
                    known: Vec::new(),
                    at: node.at,
                    subject,
                })
            }
            Yaml::Scalar { .. } | Yaml::List(_) => {
                let problem = "something else stands where a map is needed";
                sink.report(node.at, subject, problem, "write it as `name: value` lines");
                None
            }
        }
    }

    /// Returns the field, unless it is absent or null.
    pub(crate) fn get(&mut self, name: &'static str) -> Option<&'n Node> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        let found = self
            .entries
            .iter()
            .find(|(key, _)| key.text() == Some(name));
        found
            .map(|(_, value)| value)
            .filter(|value| !value.is_null())
    }

    /// Returns the first of these fields that is a string, without marking it as read.
    pub(crate) fn peek(&self, names: &[&str]) -> Option<&'n str> {
        let is_named = |key: &Node| key.text().is_some_and(|key| names.contains(&key));
        let mut found = self.entries.iter().filter(|(key, _)| is_named(key));
        found.find_map(|(_, value)| value.text())
    }

    pub(crate) fn text(&mut self, name: &'static str, sink: &mut Sink) -> Option<String> {
        let node = self.get(name)?;
        match node.text() {
            Some(text) => Some(text.trim_end().to_owned()),
            None => {
                let problem = format!("`{name}` is not a text");
                sink.report(node.at, &self.subject, problem, "write it as one text");
                None
            }
        }
    }

    /// Returns the field; its absence is a fault.
    pub(crate) fn required(&mut self, name: &'static str, sink: &mut Sink) -> Option<String> {
        match self.text(name, sink) {
            Some(text) if !text.is_empty() => Some(text),
            _ => {
                self.missing(name, sink);
                None
            }
        }
    }

    /// Returns the field as an identifier; its absence is a fault.
    pub(crate) fn identifier(&mut self, name: &'static str, sink: &mut Sink) -> Option<String> {
        let text = self.required(name, sink)?;
        self.bounded(&text, sink).then_some(text)
    }

    /// Returns whether a name is short enough to become a key and a path of modules; reports one that is not.
    pub(crate) fn bounded(&self, name: &str, sink: &mut Sink) -> bool {
        let fits = name.len() <= MAX_NAME && name.split('.').count() <= MAX_PARTS;
        if !fits {
            let start: String = name.chars().take(40).collect();
            let problem =
                format!("`{start}...` has more than {MAX_NAME} letters or {MAX_PARTS} parts");
            sink.report(self.at, "", problem, "choose a shorter name");
        }
        fits
    }

    pub(crate) fn missing(&self, name: &str, sink: &mut Sink) {
        let problem = format!("`{name}` is missing");
        sink.report(
            self.at,
            &self.subject,
            problem,
            format!("add `{name}: ...`"),
        );
    }

    pub(crate) fn flag(&mut self, name: &'static str, sink: &mut Sink) -> Option<bool> {
        let node = self.get(name)?;
        match literal(node) {
            Literal::Boolean(value) => Some(value),
            _ => {
                let problem = format!("`{name}` is neither `true` nor `false`");
                sink.report(node.at, &self.subject, problem, "write one of the two");
                None
            }
        }
    }

    pub(crate) fn list(&mut self, name: &'static str, sink: &mut Sink) -> &'n [Node] {
        match self.get(name) {
            Some(Node {
                value: Yaml::List(items),
                ..
            }) => items,
            Some(node) => {
                let problem = format!("`{name}` is not a list");
                sink.report(
                    node.at,
                    &self.subject,
                    problem,
                    "write it as `- item` lines",
                );
                &[]
            }
            None => &[],
        }
    }

    /// Returns the field as one of `names`.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        names: &[(&'static str, T)],
        sink: &mut Sink,
    ) -> Option<T> {
        let node = self.get(name)?;
        let text = node.text().unwrap_or_default();
        let found = names
            .iter()
            .find(|(known, _)| *known == text)
            .map(|(_, value)| *value);
        if found.is_none() {
            let all: Vec<&str> = names.iter().map(|(known, _)| *known).collect();
            let problem = format!("`{text}` is not a value of `{name}`");
            sink.report(
                node.at,
                &self.subject,
                problem,
                format!("use one of {}", all.join(", ")),
            );
        }
        found
    }

    /// Reports fields that are known, but not allowed here.
    pub(crate) fn misplaced(&mut self, names: &[&'static str], why: &str, sink: &mut Sink) {
        for name in names {
            if self.known.contains(name) {
                continue;
            }
            match self.get(name) {
                Some(node) => {
                    let problem = format!("`{name}` {why}");
                    sink.report(node.at, &self.subject, problem, "remove it");
                }
                // It must not be suggested either.
                None => self.known.retain(|known| known != name),
            }
        }
    }

    /// Reports the unread fields, so that a misspelled name is not silently ignored.
    pub(crate) fn finish(self, sink: &mut Sink) {
        for (key, _) in self.entries {
            let name = key.text().unwrap_or_default();
            if !self.known.contains(&name) {
                let remedy = match nearest(name, &self.known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("remove it, or use one of {}", self.known.join(", ")),
                };
                sink.report(
                    key.at,
                    &self.subject,
                    format!("unknown field `{name}`"),
                    remedy,
                );
            }
        }
    }
}

/// Returns the value of a node, by the rules of the YAML core schema. A number with leading zeros is a
/// string, as in weaver: version `007` is not version 7.
pub(crate) fn literal(node: &Node) -> Literal {
    match &node.value {
        Yaml::Scalar { text, plain: false } => Literal::String(text.clone()),
        Yaml::Scalar { text, plain: true } => plain(text),
        Yaml::List(items) => Literal::List(items.iter().map(literal).collect()),
        Yaml::Map(entries) => Literal::Map(
            entries
                .iter()
                .map(|(key, value)| (key.text().unwrap_or_default().to_owned(), literal(value)))
                .collect(),
        ),
    }
}

fn plain(text: &str) -> Literal {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Literal::Null,
        "true" | "True" | "TRUE" => return Literal::Boolean(true),
        "false" | "False" | "FALSE" => return Literal::Boolean(false),
        _ => {}
    }
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if let ".inf" | ".Inf" | ".INF" = unsigned {
        return Literal::Double(if negative {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        });
    }
    if let ".nan" | ".NaN" | ".NAN" = text {
        return Literal::Double(f64::NAN);
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        let digits = unsigned
            .strip_prefix(prefix)
            .filter(|digits| !digits.starts_with(['+', '-']));
        let value = digits.map(|digits| i64::from_str_radix(digits, radix));
        if let Some(Ok(value)) = value {
            return Literal::Int(if negative { -value } else { value });
        }
    }
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let padded = unsigned.starts_with('0') && unsigned.as_bytes().get(1).is_some_and(is_digit);
    // Rust also parses `inf` and `nan`, which are strings in YAML.
    let numeric = !padded && text.bytes().all(|byte| b"0123456789.eE+-".contains(&byte));
    if !numeric {
        return Literal::String(text.to_owned());
    }
    if let Ok(value) = text.parse::<i64>() {
        return Literal::Int(value);
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Literal::Double(value),
        _ => Literal::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_follow_the_core_schema() {
        let cases = [
            ("12", Literal::Int(12)),
            ("-1", Literal::Int(-1)),
            ("0x1F", Literal::Int(31)),
            ("-0o17", Literal::Int(-15)),
            ("0b101", Literal::Int(5)),
            ("007", Literal::String("007".into())),
            ("00.5", Literal::String("00.5".into())),
            ("0.5", Literal::Double(0.5)),
            ("-.inf", Literal::Double(f64::NEG_INFINITY)),
            (
                "18446744073709551616",
                Literal::Double(18446744073709551616.0),
            ),
            ("1.5", Literal::Double(1.5)),
            ("1e3", Literal::Double(1000.0)),
            ("true", Literal::Boolean(true)),
            ("~", Literal::Null),
            ("inf", Literal::String("inf".into())),
            ("1.1.1", Literal::String("1.1.1".into())),
            ("yes", Literal::String("yes".into())),
        ];
        for (text, expected) in cases {
            assert_eq!(plain(text), expected, "{text}");
        }
    }
}
