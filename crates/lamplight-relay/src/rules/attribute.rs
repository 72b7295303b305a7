//! Conditions on attributes, as configured.

use std::ops::{Bound, RangeBounds};

use super::value::Scalar;

/// The place of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Holder {
    /// On the span, or on its resource.
    #[default]
    Any,
    Span,
    Resource,
}

/// An attribute, and the test of its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    pub(super) key: String,
    pub(super) holder: Holder,
    pub(super) test: Test,
}

/// A test of a value.
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
