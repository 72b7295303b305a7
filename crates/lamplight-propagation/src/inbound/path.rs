//! The path to a place in an event, kept on the stack until it is printed.

use std::fmt;

/// A place in a document, linked to the place that contains it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Path<'p> {
    /// The event itself.
    Root,
    /// A member of an object.
    Member(&'p Path<'p>, &'p str),
    /// An element of an array.
    Element(&'p Path<'p>, usize),
    /// The document inside a string.
    Inside(&'p Path<'p>),
}

impl<'p> Path<'p> {
    pub(super) fn member(&'p self, name: &'p str) -> Self {
        Self::Member(self, name)
    }

    pub(super) fn element(&'p self, index: usize) -> Self {
        Self::Element(self, index)
    }

    pub(super) fn inside(&'p self) -> Self {
        Self::Inside(self)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Member(around @ (Path::Root | Path::Inside(_)), name) => {
                write!(f, "{around}{name}")
            }
            Self::Member(around, name) => write!(f, "{around}.{name}"),
            Self::Element(around, index) => write!(f, "{around}[{index}]"),
            Self::Inside(around) => write!(f, "{around} > "),
        }
    }
}
