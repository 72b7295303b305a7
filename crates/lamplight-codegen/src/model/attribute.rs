//! Attributes, the types and known values they have, and how far names may be relied on.

use std::fmt;

use super::literal::{Literal, code_generation};
use crate::error::Position;

/// Stability of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stability {
    /// Deprecated, without a word on how far it had been settled: what registries up to 1.24 say
    /// in this place.
    Deprecated,
    /// May change or vanish at any time.
    Development,
    /// Early feedback is wanted.
    Alpha,
    /// Mostly settled.
    Beta,
    /// Settled unless a fault is found.
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
    /// The same thing goes by another name.
    Renamed {
        /// The name to use instead.
        to: String,
        /// Further notes; may be empty.
        note: String,
    },
    /// Nothing takes its place.
    Obsoleted {
        /// Why; may be empty.
        note: String,
    },
    /// The remedy is given in words only.
    Uncategorized {
        /// The words; may be empty.
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
    /// Whether values beyond the members are allowed. The published format has only open
    /// enums; `annotations: {code_generation: {closed: true}}` closes one.
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
    /// Whether generated code leaves the member out.
    pub excluded: bool,
}

/// An attribute: its key, its type and what it means.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Attribute {
    /// The key, or for a template what every key starts with.
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
    /// Where it is defined.
    pub position: Position,
}

impl Attribute {
    /// Returns whether generated code leaves the attribute out
    /// (`annotations: {code_generation: {exclude: true}}`).
    pub fn excluded(&self) -> bool {
        code_generation(&self.annotations, "exclude")
    }
}
