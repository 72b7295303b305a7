//! What an attribute must be like, as a user says it.

use std::ops::{Bound, RangeBounds};

use super::value::Scalar;

/// Where an attribute is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Holder {
    /// On the span, or on its resource.
    #[default]
    Any,
    Span,
    Resource,
}

/// An attribute, and what it must be like.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    pub(super) key: String,
    pub(super) holder: Holder,
    pub(super) test: Test,
}

/// What a value must be like.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Exists,
    OneOf(Vec<Scalar>),
    Prefix(Vec<String>),
    Regex(String),
    Range(Range),
}

/// A range of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    pub(super) from: Bound<f64>,
    pub(super) to: Bound<f64>,
}

impl Range {
    pub(super) fn new(range: &impl RangeBounds<f64>) -> Self {
        Self {
            from: range.start_bound().cloned(),
            to: range.end_bound().cloned(),
        }
    }
}
