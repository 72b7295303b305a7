//! Values in a registry, and the switches among its annotations.

use std::fmt;

/// A value in a registry: an example, an enum member, an annotation.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Literal {
    /// Nothing.
    Null,
    /// Truth value.
    Boolean(bool),
    /// Integer.
    Int(i64),
    /// Floating point number.
    Double(f64),
    /// Text.
    String(String),
    /// List.
    List(Vec<Literal>),
    /// Map, in the order of the file.
    Map(Vec<(String, Literal)>),
}

impl Literal {
    /// Returns the entry of a map.
    pub fn get(&self, name: &str) -> Option<&Literal> {
        match self {
            Self::Map(entries) => entries.iter().find(|(key, _)| key == name).map(|(_, v)| v),
            _ => None,
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Double(value) => write!(f, "{value:?}"),
            Self::String(value) => write!(f, "{value:?}"),
            Self::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::Map(entries) => {
                f.write_str("{")?;
                for (index, (key, item)) in entries.iter().enumerate() {
                    write!(f, "{}{key}: {item}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
        }
    }
}

/// Returns whether an item is hidden from dependent registries (`annotations: {dependency_resolution:
/// {exclude: true}}`).
pub(crate) fn is_private(annotations: &[(String, Literal)]) -> bool {
    switch(annotations, "dependency_resolution", "exclude")
}

/// Returns whether a switch under `annotations: {code_generation: ...}` is on.
pub(crate) fn code_generation(annotations: &[(String, Literal)], name: &str) -> bool {
    switch(annotations, "code_generation", name)
}

fn switch(annotations: &[(String, Literal)], group: &str, name: &str) -> bool {
    annotations
        .iter()
        .find(|(annotation, _)| annotation == group)
        .and_then(|(_, value)| value.get(name))
        .is_some_and(|value| *value == Literal::Boolean(true))
}
