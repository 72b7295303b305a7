//! Attributes, their types and known values, and the stability of names.

use std::fmt;

use super::literal::{Literal, code_generation};
use crate::error::Position;

/// Stability of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stability {
    /// Deprecated, without information on its previous stability: a value of registries up to 1.24.
    Deprecated,
    /// May change or vanish at any time.
    Development,
    /// Open for early feedback.
    Alpha,
    /// Mostly settled.
    Beta,
    /// Settled, unless a fault is found.
    ReleaseCandidate,
    /// Does not change.
    Stable,
}

impl Stability {
    pub(crate) const NAMES: [(&'static str, Self); 5] = [
        ("development", Self::Development),
        ("alpha", Self::Alpha),
        ("beta", Self::Beta),
        ("release_candidate", Self::ReleaseCandidate),
        ("stable", Self::Stable),
    ];
}

impl fmt::Display for Stability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deprecated => "deprecated",
            Self::Development => "development",
            Self::Alpha => "alpha",
            Self::Beta => "beta",
            Self::ReleaseCandidate => "release candidate",
            Self::Stable => "stable",
        })
    }
}

/// The deprecation of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deprecation {
    /// The name was replaced by another one.
    Renamed {
        /// The name to use instead.
        to: String,
        /// Further notes; may be empty.
        note: String,
    },
    /// The name was removed without replacement.
    Obsoleted {
        /// The reason; may be empty.
        note: String,
    },
    /// The remedy is given as text only.
    Uncategorized {
        /// The text; may be empty.
        note: String,
    },
}

impl Deprecation {
    /// Returns the name that replaces the deprecated one, if exactly one does.
    pub fn successor(&self) -> Option<&str> {
        match self {
            Self::Renamed { to, .. } => Some(to),
            Self::Obsoleted { .. } | Self::Uncategorized { .. } => None,
        }
    }
}

impl fmt::Display for Deprecation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Renamed { to, .. } => write!(f, "use `{to}` instead"),
            Self::Obsoleted { note } if note.is_empty() => f.write_str("no replacement"),
            Self::Uncategorized { note } if note.is_empty() => f.write_str("deprecated"),
            Self::Obsoleted { note } | Self::Uncategorized { note } => f.write_str(note),
        }
    }
}

/// Types a recorded value can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueType {
    /// Text.
    String,
    /// Signed 64-bit integer.
    Int,
    /// 64-bit floating point number.
    Double,
    /// Truth value.
    Boolean,
    /// List of texts.
    StringArray,
    /// List of integers.
    IntArray,
    /// List of floating point numbers.
    DoubleArray,
    /// List of truth values.
    BooleanArray,
    /// Anything.
    Any,
}

impl ValueType {
    pub(crate) const NAMES: [(&'static str, Self); 9] = [
        ("string", Self::String),
        ("int", Self::Int),
        ("double", Self::Double),
        ("boolean", Self::Boolean),
        ("string[]", Self::StringArray),
        ("int[]", Self::IntArray),
        ("double[]", Self::DoubleArray),
        ("boolean[]", Self::BooleanArray),
        ("any", Self::Any),
    ];
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES
            .iter()
            .find(|(_, value)| value == self)
            .map(|(name, _)| *name);
        f.write_str(name.unwrap_or("any"))
    }
}

/// Type of an attribute.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AttributeType {
    /// One key with values of one type.
    Value(ValueType),
    /// The key is a prefix that the rest of the recorded key is appended to.
    Template(ValueType),
    /// One key with known values.
    Enum(EnumType),
}

impl AttributeType {
    /// Returns the type of the recorded value.
    pub fn value_type(&self) -> ValueType {
        match self {
            Self::Value(value) | Self::Template(value) => *value,
            Self::Enum(members) => members.value_type,
        }
    }
}

impl fmt::Display for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => value.fmt(f),
            Self::Template(value) => write!(f, "template[{value}]"),
            Self::Enum(members) => write!(f, "enum of {}", members.value_type),
        }
    }
}

/// The known values of an attribute.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EnumType {
    /// Type of every member's value: string, int, double or boolean.
    pub value_type: ValueType,
    /// True if values other than the members are allowed. The published format has only open enums;
    /// `annotations: {code_generation: {closed: true}}` closes one.
    pub open: bool,
    /// The members, in the order of the file.
    pub members: Vec<Member>,
}

/// A known value of an attribute.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Member {
    /// Name of the member.
    pub id: String,
    /// The recorded value.
    pub value: Literal,
    /// Its meaning; may be empty.
    pub brief: String,
    /// Further notes; may be empty.
    pub note: String,
    /// Its stability.
    pub stability: Stability,
    /// The deprecation, if the value should not be used.
    pub deprecated: Option<Deprecation>,
    /// True if the member is excluded from generated code.
    pub excluded: bool,
}

/// An attribute: its key, its type and its meaning.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Attribute {
    /// The key, or for a template the prefix of its keys.
    pub key: String,
    /// Type of its values.
    pub r#type: AttributeType,
    /// Its meaning, in a sentence.
    pub brief: String,
    /// Further notes; may be empty.
    pub note: String,
    /// Example values; may be empty.
    pub examples: Vec<Literal>,
    /// Its stability.
    pub stability: Stability,
    /// The deprecation, if the key should not be used.
    pub deprecated: Option<Deprecation>,
    /// Settings for tools.
    pub annotations: Vec<(String, Literal)>,
    /// The place of the definition.
    pub position: Position,
}

impl Attribute {
    /// Returns whether the attribute is excluded from generated code (`annotations: {code_generation:
    /// {exclude: true}}`).
    pub fn excluded(&self) -> bool {
        code_generation(&self.annotations, "exclude")
    }
}
