//! The common input of all parts of a journey.

use std::sync::Arc;

use super::Place;
use crate::{facts::Role, span::Span};

/// The common input of all parts of a journey.
pub(super) struct Material {
    /// The spans of the trace, followed by the related ones, each once.
    pub(super) spans: Vec<Arc<Span>>,
    /// The role of each span.
    pub(super) roles: Vec<Role>,
    /// The place in the journey of each span of the trace.
    pub(super) places: Vec<Place>,
}

impl Material {
    pub(super) fn span(&self, index: usize) -> Option<&Arc<Span>> {
        self.spans.get(index)
    }

    pub(super) fn role(&self, index: usize) -> Role {
        self.roles.get(index).copied().unwrap_or(Role::Internal)
    }
}

/// A span of the trace, with its place.
pub(super) struct Placed {
    pub(super) index: usize,
    pub(super) place: usize,
}

/// Returns the spans of the trace in the order of their places.
pub(super) fn by_place(material: &Material) -> Vec<Placed> {
    let places = material.places.iter().enumerate();
    let mut placed: Vec<_> = places
        .map(|(index, place)| Placed {
            index,
            place: *place,
        })
        .collect();
    placed.sort_by_key(|it| it.place);
    placed
}
